/* pulse - the pipe, and who has moved. */
#define _GNU_SOURCE
#include "app/pulse.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/now.h"
#include "base/log.h"

struct toc_pulse {
	int in, out;
	bool ready;
	toc_time beaten;
	uint64_t last[TOC_PULSE_THREADS];
};

static int trap_out = -1; /* a signal's handler is given nothing; set once, before the first thread starts */

static void on_forbidden(int number, siginfo_t *info, void *context)
{
	const struct toc_pulse_message m = { TOC_PULSE_FORBIDDEN, info->si_syscall };
	sigset_t set;
	(void)context;
	(void)!write(trap_out, &m, sizeof(m));
	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
}

struct toc_pulse *toc_pulse_new(void)
{
	struct toc_pulse *p = calloc(1, sizeof(*p));
	int ends[2];
	if (!p)
		abort(); /* at start-up there is nothing to save */
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		toc_error("cannot make a pipe: %s", strerror(errno));
		free(p);
		return NULL;
	}
	p->in = ends[0];
	p->out = ends[1];
	return p;
}

void toc_pulse_free(struct toc_pulse *p)
{
	if (!p)
		return;
	close(p->in);
	close(p->out);
	free(p);
}

void toc_pulse_say(struct toc_pulse *p, enum toc_pulse_word word)
{
	const struct toc_pulse_message m = { word, 0 };
	if (p)
		(void)!write(p->out, &m, sizeof(m));
}

bool toc_pulse_moved(const struct toc_pipeline *pipeline, uint64_t last[TOC_PULSE_THREADS])
{
	uint64_t now[TOC_PULSE_THREADS];
	unsigned n = 0;
	for (unsigned i = 0; i < pipeline->nworkers; i++)
		now[n++] = atomic_load_explicit(&pipeline->workers[i].turns, memory_order_relaxed);
	for (unsigned i = 0; i < pipeline->nreceivings; i++)
		now[n++] = atomic_load_explicit(&pipeline->receivings[i].turns, memory_order_relaxed);
	for (unsigned i = 0; i < n; i++)
		if (now[i] == last[i] && now[i] != TOC_TURNS_ENDED)
			return false;
	memcpy(last, now, n * sizeof(*last));
	return true;
}

void toc_pulse_tick(struct toc_pulse *p, const struct toc_pipeline *pipeline)
{
	if (!p)
		return;
	if (!p->ready)
		toc_pulse_say(p, TOC_PULSE_READY);
	p->ready = true;
	toc_time now = toc_now_monotonic();
	if (now - p->beaten < TOC_SEC || !toc_pulse_moved(pipeline, p->last))
		return;
	p->beaten = now;
	toc_pulse_say(p, TOC_PULSE_BEAT);
}

bool toc_pulse_trap(struct toc_pulse *p)
{
	struct sigaction act = { .sa_sigaction = on_forbidden, .sa_flags = SA_SIGINFO };
	if (!p)
		return true;
	trap_out = p->out;
	return sigaction(SIGSYS, &act, NULL) == 0;
}

int toc_pulse_fd(const struct toc_pulse *p)
{
	return p ? p->in : -1;
}

bool toc_pulse_next(struct toc_pulse *p, struct toc_pulse_message *out)
{
	/* writes of this size are whole (pipe(7)) */
	return p && read(p->in, out, sizeof(*out)) == (ssize_t)sizeof(*out) && out->word < TOC_PULSE_WORDS;
}
