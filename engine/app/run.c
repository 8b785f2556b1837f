/* run - `tocsin run`: interfaces and listeners to alerts, until it is told to stop. */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/ages.h"
#include "app/blind.h"
#include "app/canary.h"
#include "app/clerk.h"
#include "app/clock_jump.h"
#include "app/command.h"
#include "app/confine.h"
#include "app/control.h"
#include "app/courier.h"
#include "app/keeper.h"
#include "app/live.h"
#include "app/loading.h"
#include "app/metrics.h"
#include "app/pulse.h"
#include "app/state.h"
#include "app/state_pressure.h"
#include "app/supervisor.h"
#include "base/log.h"
#include "deliver/file.h"

static const toc_time SAVE_EVERY = TOC_MIN;

struct run {
	const char *config_path;
	bool one_process;
	struct toc_config *config;
	struct toc_pipeline *pipeline;
	struct toc_courier *courier;
	struct toc_clerk *clerk; /* NULL: no evidence is kept */
	struct toc_control *control;
	struct toc_state *state;
	struct toc_blind *blind;
	struct toc_ages *ages;
	struct toc_state_pressure *pressure;
	struct toc_clock_jump *clock;
	bool jumped;
	struct toc_canary *canary;
	toc_time saved; /* the engine's clock then */
	struct toc_live_sources *live;
	struct toc_keeper *keeper;		  /* NULL with --one-process */
	struct toc_maintenance_file *maintenance; /* until control has it */
	struct toc_pulse *pulse;		  /* NULL with --one-process */
	int supervisor;				  /* systemd's socket; -1 = none */
	struct toc_confinement confinement;
	struct toc_fences *fences; /* NULL with --one-process, which opens by itself */
	int metrics;		   /* listening socket; negative = none */
	char journal[TOC_FOLDER_MOST];
	sigset_t signals;
};

static void stop(struct run *r)
{
	toc_pulse_say(r->pulse, TOC_PULSE_STOPPING);
	atomic_store(&r->pipeline->stop, true);
}

/* An interface that is there again is another one: only a new start opens it, and loses less than to go on blind. */
static void end_where_gone(struct run *r)
{
	if (atomic_load(&r->pipeline->stop) || !toc_live_gone(r->live, r->pipeline))
		return;
	toc_error("an interface went away; the sensor ends, so that it is started anew (docs/operating.md, Faults)");
	stop(r);
}

/* Windows that were left where they are would end all at once, or not for as long: what is kept is moved by the next
 * start. */
static void end_where_jumped(struct run *r)
{
	if (!toc_clock_jump_tick(r->clock, r->pipeline))
		return;
	toc_warn("the clock was set by %+.0f s: the run ends, and a new one begins with its windows moved by that",
		 (double)atomic_load(&r->pipeline->steady.jump) / (double)TOC_SEC);
	r->jumped = true;
	stop(r);
}

/* Every 100 ms, in the engine's thread: SIGTERM and SIGINT end the inputs; what they hold goes the whole way. SIGHUP
 * has the rules read again. */
static void watch(void *user)
{
	struct run *r = user;
	const struct timespec none = { 0, 0 };
	int came = atomic_load(&r->pipeline->stop) ? 0 : sigtimedwait(&r->signals, NULL, &none);
	if (came == SIGHUP)
		toc_control_reload(r->control);
	else if (came > 0)
		stop(r);
	toc_pulse_tick(r->pulse, r->pipeline);
	end_where_gone(r);
	end_where_jumped(r);
	if (r->courier)
		toc_courier_tick(r->courier);
	toc_control_tick(r->control);
	toc_ages_tick(r->ages, r->pipeline);
	toc_state_pressure_tick(r->pressure, r->pipeline);
	toc_blind_tick(r->blind, r->pipeline);
	toc_canary_tick(r->canary, r->pipeline);
	toc_time at = toc_engine_at(r->pipeline->engine);
	r->saved = r->saved ? r->saved : at;
	if (r->state) {
		toc_state_save_sizes(r->state, r->pipeline);
		toc_state_note_followed(r->state, r->pipeline);
	}
	if (!r->state || (at - r->saved < SAVE_EVERY && !toc_engine_ending(r->pipeline->engine)))
		return;
	toc_state_save(r->state, r->pipeline);
	r->saved = at;
}

static const struct toc_opener *opener(struct run *r, enum toc_keeper_channel channel)
{
	return r->keeper ? toc_keeper_opener(r->keeper, channel) : &toc_opener_self;
}

static int open_inputs(struct run *r)
{
	if (r->config->ninterfaces == 0 && r->config->nlisteners == 0) {
		toc_error("%s: nothing to listen to; give interfaces: or syslog: (docs/operating.md)",
			  r->config->path ? r->config->path : "run");
		return TOC_EXIT_USAGE;
	}
	if (!r->config->has_site_key)
		toc_warn("no sensor.key_file: ids and tokens are made with a key that everybody knows (openssl rand "
			 "-hex 32 "
			 "> site.key; chmod 600 site.key)");
	int status = toc_live_open(r->live, r->pipeline);
	return status < 0 ? toc_pipeline_add_listeners(r->pipeline, opener(r, TOC_KEEPER_INPUTS)) : status;
}

/* Root is given up, with all capabilities; without a keeper the process opens by itself and stays who it is. */
static bool confine(struct run *r)
{
	const char *user = r->keeper && geteuid() == 0 ? r->config->user : NULL;
	if (toc_confine(user, !r->keeper, &r->confinement))
		return true;
	toc_error("the engine cannot be confined (user %s, capabilities, seccomp): %s", user ? user : "unchanged",
		  strerror(errno));
	return false;
}

/* The engine: everything is open; what comes up later the keeper opens. */
static int engine(struct run *r)
{
	fprintf(stderr, "tocsin: running; %u packet threads, %u listeners, %u rules\n", r->pipeline->nworkers,
		r->config->nlisteners, r->pipeline->generation->rules->documents);
	if (r->courier && !toc_courier_start(r->courier, r->fences))
		return TOC_EXIT_ENVIRONMENT;
	if (r->clerk && !toc_clerk_start(r->clerk, r->fences))
		return TOC_EXIT_ENVIRONMENT;
	const struct toc_control_parts parts = { .pipeline = r->pipeline,
						 .courier = r->courier,
						 .opener = opener(r, TOC_KEEPER_RULES),
						 .pulse = r->pulse,
						 .confinement = &r->confinement,
						 .maintenance = r->maintenance,
						 .canary = r->canary,
						 .metrics = r->metrics };
	r->maintenance = NULL;
	if (!toc_control_start(r->control, &parts))
		return TOC_EXIT_ENVIRONMENT;
	if (r->state)
		toc_state_restore(r->state, r->pipeline);
	toc_pipeline_run(r->pipeline, watch, r);
	if (r->clerk)
		toc_clerk_finish(r->clerk);
	bool delivered = !r->courier || toc_courier_finish(r->courier, 10 * TOC_SEC);
	bool whole = toc_live_whole(r->live, r->pipeline) && !toc_pipeline_lost(r->pipeline);
	toc_live_report(r->live);
	toc_pipeline_summary(r->pipeline);
	return delivered && whole && !r->jumped ? TOC_EXIT_OK : TOC_EXIT_ENVIRONMENT;
}

/* The keeper's end is the engine's: its exit status, or a word about how it died. */
static int keep(struct run *r, pid_t child)
{
	int status = toc_keeper_serve(r->keeper, child, &r->signals, r->pulse, r->supervisor);
	toc_control_remove(r->config);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	toc_error("the engine ended by signal %d (%s); what it had not matched is lost, alerts are in the journal",
		  WTERMSIG(status), strsignal(WTERMSIG(status)));
	return TOC_EXIT_ENVIRONMENT;
}

/* A change of user clears the wish to die with the parent, so it is made after it, and the parent looked for again. */
static int engine_process(struct run *r, pid_t keeper)
{
	toc_keeper_engine(r->keeper);
	if (!toc_pulse_trap(r->pulse) || !confine(r) || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != keeper)
		return TOC_EXIT_ENVIRONMENT;
	return engine(r);
}

static int start(struct run *r)
{
	int status = open_inputs(r);
	if (status >= 0)
		return status;
	if (!r->keeper)
		return confine(r) ? engine(r) : TOC_EXIT_ENVIRONMENT;
	pid_t keeper = getpid(), child = fork();
	if (child < 0) {
		toc_error("cannot start the engine's process: %s", strerror(errno));
		return TOC_EXIT_ENVIRONMENT;
	}
	if (child > 0) /* the journal and the inputs are the engine's now: nothing of them is closed in order here */
		_exit(keep(r, child));
	return engine_process(r, keeper);
}

/* Who opens for the engine later, and what answers its operator. */
static int prepare(struct run *r)
{
	bool taken;
	if (!toc_courier_folder(r->config, r->journal)) {
		toc_error("%s: the state folder's name is too long", r->config->state);
		return TOC_EXIT_USAGE;
	}
	if (!r->one_process && (!(r->keeper = toc_keeper_new(r->config, r->journal)) || !(r->pulse = toc_pulse_new())))
		return TOC_EXIT_ENVIRONMENT;
	if (!(r->control = toc_control_new(r->config, &taken)) || (r->metrics = toc_metrics_listen(r->config)) < -1)
		return TOC_EXIT_ENVIRONMENT;
	toc_config_take_exemptions(r->config, true);
	r->state = toc_state_open(r->config);
	r->fences = r->keeper ? toc_fences_new() : NULL;
	return -1;
}

/* Where alerts go, from the end to the beginning: standard output or the courier, before it who keeps evidence of them,
 * before that the canary, who lets pass what is not its own. *self: what the last one set was given. */
static const struct toc_outlet *outlets(struct run *r, struct toc_alert_file *file, void **self)
{
	const struct toc_outlet *outlet = &toc_outlet_file;
	*self = file;
	if (r->config->redis_url) {
		r->courier = toc_courier_new(r->config, false, opener(r, TOC_KEEPER_DELIVERY));
		if (!r->courier)
			return NULL;
		outlet = toc_courier_outlet(r->courier, self);
	}
	r->clerk = r->config->evidence ? toc_clerk_new(r->config, opener(r, TOC_KEEPER_EVIDENCE)) : NULL;
	if (r->clerk)
		outlet = toc_clerk_outlet(r->clerk, outlet, self);
	r->canary = toc_canary_new(r->config);
	if (!r->canary)
		abort(); /* at start-up there is nothing to save */
	return toc_canary_outlet(r->canary, r->courier, outlet, self);
}

/* What tells the rules of the sensor itself. */
static bool add_watchers(struct run *r, const struct toc_opener *files, struct toc_diag *diag)
{
	struct toc_intern *names = r->pipeline->names;
	r->maintenance = toc_maintenance_read(files, r->config->state, diag);
	if (r->maintenance)
		toc_alerts_maintain(r->pipeline->alerts, &r->maintenance->list);
	else
		toc_warn("announced work is not known: people are told of what it causes");
	r->ages = toc_ages_new(names);
	r->pressure = toc_state_pressure_new(names);
	r->blind = toc_blind_new(names);
	r->clock = toc_clock_jump_new(names);
	toc_canary_names(r->canary, names);
	return r->ages && r->pressure && r->blind && r->clock;
}

static int load_and_start(struct run *r, struct toc_diag *diag)
{
	char cache[1024];
	struct toc_pipeline_options options = {
		.rules = true, .live = true, .cache = toc_cache_folder(NULL, r->config->state, cache, sizeof(cache))
	};
	struct toc_alert_file file = { .fd = STDOUT_FILENO };
	void *self;
	if (!toc_config_sound(r->config, &options, diag)) {
		toc_diag_print(diag, stderr);
		return TOC_EXIT_USAGE;
	}
	const int status = prepare(r);
	if (status >= 0)
		return status;
	const struct toc_outlet *outlet = outlets(r, &file, &self);
	if (!outlet)
		return TOC_EXIT_ENVIRONMENT;
	struct toc_sizes *before = toc_state_read_sizes(r->config);
	options.before = before;
	options.opener = opener(r, TOC_KEEPER_RULES);
	options.clerk = r->clerk;
	options.fences = r->fences;
	r->pipeline = toc_pipeline_new(r->config, &options, outlet, self, diag);
	if (r->pipeline)
		toc_courier_chain(r->courier, r->pipeline->alerts);
	toc_sizes_free(before);
	const bool ready = r->pipeline && add_watchers(r, options.opener, diag);
	toc_diag_print(diag, stderr);
	return ready ? start(r) : TOC_EXIT_USAGE;
}

/*
 * A large block goes back to the kernel when it is freed. Left to itself, glibc raises its limit with each such block
 * up to 32 MiB (mallopt(3)), and what was the state on its way to the disk for a moment stays with the process. Behind
 * the end of the heap 8 MiB may lie idle, so that what comes and goes costs no system calls.
 */
static void return_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	mallopt(M_TRIM_THRESHOLD, 8 << 20);
}

int toc_command_run(int argc, char **argv);
int toc_command_run(int argc, char **argv)
{
	struct run r = { 0 };
	char data[1024];
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &r.config_path, "FILE  tocsin.yml" },
		{ "--config", TOC_OPT_TEXT, &r.config_path, "FILE  the same" },
		{ "--one-process", TOC_OPT_FLAG, &r.one_process, "without the keeper (for debuggers)" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, NULL);
	if (status >= 0)
		return status;
	return_memory();
	sigemptyset(&r.signals);
	sigaddset(&r.signals, SIGTERM);
	sigaddset(&r.signals, SIGINT);
	sigaddset(&r.signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &r.signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	r.supervisor = toc_supervisor_open();
	struct toc_diag *diag = toc_diag_new();
	r.config = toc_config_load(r.config_path ? r.config_path : "/etc/tocsin/tocsin.yml",
				   toc_data_folder(data, sizeof(data)), diag);
	r.live = calloc(1, sizeof(*r.live));
	if (!r.live)
		abort();
	status = load_and_start(&r, diag);
	if (r.control && !r.keeper)
		toc_control_remove(r.config);
	toc_control_free(r.control);
	toc_state_free(r.state);
	toc_ages_free(r.ages);
	toc_state_pressure_free(r.pressure);
	toc_blind_free(r.blind);
	toc_clock_jump_free(r.clock);
	toc_canary_free(r.canary);
	toc_maintenance_free(r.maintenance);
	toc_live_close(r.live);
	toc_pipeline_free(r.pipeline);
	toc_clerk_free(r.clerk);
	toc_courier_free(r.courier);
	toc_keeper_free(r.keeper);
	toc_pulse_free(r.pulse);
	toc_fences_free(r.fences);
	toc_config_free(r.config);
	toc_diag_free(diag);
	free(r.live);
	return status < 0 ? TOC_EXIT_USAGE : status;
}
