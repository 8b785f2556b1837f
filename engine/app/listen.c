/* listen - builds a pipeline for the survey, and has another process run it where strangers' bytes come live. */
#include "app/listen.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/card.h"
#include "app/command.h"
#include "app/confine.h"
#include "app/inputs.h"
#include "app/live.h"
#include "app/now.h"
#include "base/log.h"
#include "deliver/file.h"

/* Copies are dropped, so that they are counted and make no connection look odd. */
static const toc_time copies_within = 3 * TOC_MS;

struct listening {
	struct toc_config *config;
	struct toc_pipeline *pipeline;
	struct toc_survey *survey;
	struct toc_interface taken;
	struct toc_mirror mirror;
	uint64_t unseen;
	toc_time until; /* of the clock that is never set */
	sigset_t signals;
};

/* names of the survey are the pipeline's, and the pipeline is given the survey: it is made in between. */
static void see(void *user, const struct toc_view *view)
{
	struct listening *l = user;
	toc_survey_see(l->survey, view);
}

static int prepare(struct listening *l, const char *interface)
{
	char data[1024];
	struct toc_diag *diag = toc_diag_new();
	l->config = toc_config_load(NULL, toc_data_folder(data, sizeof(data)), diag);
	l->taken =
		(struct toc_interface){ .name = interface, .workers = 1, .ring_mb = 64, .duplicates = copies_within };
	if (interface)
		l->config->interfaces[l->config->ninterfaces++] = l->taken;
	const struct toc_pipeline_options options = { .seen = see, .seen_user = l, .stored = &l->taken };
	l->pipeline = toc_pipeline_new(l->config, &options, &toc_outlet_null, &l->unseen, diag);
	toc_diag_print(diag, stderr);
	toc_diag_free(diag);
	if (!l->pipeline)
		return TOC_EXIT_ENVIRONMENT;
	l->survey = toc_survey_new(l->pipeline->names);
	if (!l->survey)
		abort(); /* at start-up there is nothing to save */
	return -1;
}

static void finish(struct listening *l)
{
	toc_survey_free(l->survey);
	toc_pipeline_free(l->pipeline);
	toc_config_free(l->config);
}

static void result(struct listening *l, struct toc_heard *out)
{
	toc_mirror_heard(&l->mirror, &l->pipeline->workers[0], out);
	toc_survey_result(l->survey, &out->found);
}

/* --- captures ------------------------------------------------------------------------------------------------------
 */

static int play(struct listening *l, const struct toc_texts *paths, struct toc_heard *out)
{
	struct toc_inputs inputs;
	int status = toc_inputs_open(&inputs, l->pipeline, paths->at, paths->n, 1);
	if (status < 0 && l->pipeline->nworkers == 0) {
		toc_error("%s: is no capture (pcap, pcapng)", paths->at[0]);
		status = TOC_EXIT_USAGE;
	}
	if (status < 0) {
		toc_mirror_watch(&l->mirror, &l->pipeline->workers[0], 0);
		toc_inputs_start(&inputs);
		toc_pipeline_run(l->pipeline, NULL, NULL);
		if (!toc_inputs_finish(&inputs, l->pipeline))
			status = TOC_EXIT_FINDINGS;
		result(l, out);
	}
	toc_inputs_free(&inputs);
	return status;
}

int toc_listen_captures(const struct toc_texts *paths, struct toc_heard *out)
{
	struct listening l = { 0 };
	int status = prepare(&l, NULL);
	if (status < 0)
		status = play(&l, paths, out);
	finish(&l);
	return status;
}

/* --- an interface --------------------------------------------------------------------------------------------------
 */

static void watch(void *user)
{
	struct listening *l = user;
	const struct timespec none = { 0, 0 };
	if (toc_now_monotonic() >= l->until || sigtimedwait(&l->signals, NULL, &none) > 0)
		atomic_store(&l->pipeline->stop, true);
}

/* What comes out is flat, and all that its reader takes from it are numbers, which it holds to their room. */
static int child(struct listening *l, pid_t parent, int to)
{
	struct toc_confinement confinement;
	struct toc_heard heard;
	const char *user = geteuid() == 0 ? l->config->user : NULL;
	if (!toc_confine(user, false, &confinement) || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent) {
		toc_error("init: what listens cannot be confined: %s", strerror(errno));
		return TOC_EXIT_ENVIRONMENT;
	}
	toc_pipeline_run(l->pipeline, watch, l);
	result(l, &heard);
	bool ended = l->pipeline->workers[0].ended == TOC_READ_BROKEN;
	return !ended && write(to, &heard, sizeof(heard)) == (ssize_t)sizeof(heard) ? TOC_EXIT_OK
										    : TOC_EXIT_ENVIRONMENT;
}

static bool take(int from, struct toc_heard *out)
{
	size_t n = 0;
	ssize_t got = 1;
	while (n < sizeof(*out) && (got > 0 || errno == EINTR)) {
		got = read(from, (uint8_t *)out + n, sizeof(*out) - n);
		n += got > 0 ? (size_t)got : 0;
		errno = got == 0 ? 0 : errno;
	}
	return n == sizeof(*out);
}

/* This process keeps its rights, and reads nothing but the numbers. */
static int wait_for(pid_t pid, int from, const char *interface, struct toc_heard *out)
{
	int status = 0;
	bool whole = take(from, out);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (whole && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return -1;
	if (WIFSIGNALED(status))
		toc_error("init: what listened ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		toc_error("init: %s went away, or could not be listened to", interface);
	return TOC_EXIT_ENVIRONMENT;
}

static int start(struct listening *l, const char *interface, unsigned seconds, struct toc_heard *out)
{
	int ends[2];
	pid_t parent = getpid();
	toc_mirror_watch(&l->mirror, &l->pipeline->workers[0], toc_card_mtu(interface));
	sigemptyset(&l->signals);
	sigaddset(&l->signals, SIGINT);
	sigaddset(&l->signals, SIGTERM);
	printf("listening to %s for %u s (Ctrl-C: no longer)\n", interface, seconds);
	fflush(stdout);
	if (pipe(ends) != 0)
		return TOC_EXIT_ENVIRONMENT;
	sigprocmask(SIG_BLOCK, &l->signals, NULL);
	l->until = toc_now_monotonic() + (toc_time)seconds * TOC_SEC;
	pid_t pid = fork();
	if (pid == 0)
		_exit(child(l, parent, ends[1]));
	signal(SIGINT, SIG_IGN);
	sigprocmask(SIG_UNBLOCK, &l->signals, NULL);
	close(ends[1]);
	int status = pid < 0 ? TOC_EXIT_ENVIRONMENT : wait_for(pid, ends[0], interface, out);
	close(ends[0]);
	return status;
}

int toc_listen_interface(const char *interface, unsigned seconds, struct toc_heard *out)
{
	struct listening l = { 0 };
	struct toc_live_sources *live = calloc(1, sizeof(*live));
	int64_t lost = toc_card_lost(interface);
	if (!live)
		abort(); /* at start-up there is nothing to save */
	int status = prepare(&l, interface);
	if (status < 0)
		status = toc_live_open(live, l.pipeline);
	if (status < 0)
		status = start(&l, interface, seconds, out);
	if (status < 0) {
		toc_survey_bound(&out->found);
		out->live = true;
		out->joins = toc_card_joins(interface);
		out->mbps = toc_card_mbps(interface);
		lost = toc_card_lost(interface) - lost;
		out->card_lost = lost > 0 ? (uint64_t)lost : 0;
	}
	toc_live_close(live);
	finish(&l);
	free(live);
	return status;
}
