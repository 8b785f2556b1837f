/* replay - `tocsin replay`: stored captures and logs through the whole path, as if they came now. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/courier.h"
#include "app/inputs.h"
#include "app/loading.h"
#include "base/log.h"
#include "base/zone.h"
#include "deliver/file.h"

struct replay {
	const char *events, *config, *redis, *state, *received_at, *zone, *cache;
	char cache_folder[1024];
	struct toc_texts rules, paths, pipelines;
	bool no_rules, observe, single_slot, names, quiet;
	long workers;
};

static int read_command(int argc, char **argv, struct replay *r, struct toc_pipeline_options *o)
{
	const struct toc_option options[] = {
		{ "--events", TOC_OPT_OPTIONAL, &r->events, "[=KIND,…]  print events as NDJSON instead of alerts" },
		{ "--rules", TOC_OPT_LIST, &r->rules,
		  "PATH  rules (file or folder) instead of the configured ones; repeatable" },
		{ "--pipeline", TOC_OPT_LIST, &r->pipelines,
		  "FILE  processing pipeline of pySigma's form; repeatable" },
		{ "--no-rules", TOC_OPT_FLAG, &r->no_rules, "no rules at all" },
		{ "--workers", TOC_OPT_NUMBER, &r->workers,
		  "N  packet threads (1); the output is the same for any number" },
		{ "--redis", TOC_OPT_TEXT, &r->redis,
		  "URL  deliver alerts as `run` would: unix:///path or redis://host:port" },
		{ "--state", TOC_OPT_TEXT, &r->state, "FOLDER  of the journal with --redis (a temporary one)" },
		{ "--config", TOC_OPT_TEXT, &r->config, "FILE  tocsin.yml" },
		{ "-c", TOC_OPT_TEXT, &r->config, "FILE  the same" },
		{ "--cache", TOC_OPT_TEXT, &r->cache,
		  "FOLDER  for compiled expressions ($XDG_CACHE_HOME/tocsin, if that is set)" },
		{ "--received-at", TOC_OPT_TEXT, &r->received_at,
		  "TIME  when stored lines came (their file's mtime): 2026-03-02T08:00:00Z" },
		{ "--zone", TOC_OPT_TEXT, &r->zone,
		  "NAME  time zone of lines without one (UTC, or the configuration's)" },
		{ "--names", TOC_OPT_FLAG, &r->names, "clear names in alerts instead of tokens" },
		{ "--quiet", TOC_OPT_FLAG, &r->quiet, "no summary" },
		{ "--observe", TOC_OPT_FLAG, &r->observe,
		  "stored events are observed again: they were made without observers" },
		{ "--single-slot", TOC_OPT_FLAG, &r->single_slot, "rings of one record (for tests of the hand-over)" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, &r->paths);
	if (status >= 0)
		return status;
	if (r->paths.n == 0) {
		toc_error("replay: name at least one capture or log file (- is standard input)");
		return TOC_EXIT_USAGE;
	}
	if (r->received_at && !toc_time_read(r->received_at, &o->received_at)) {
		toc_error("replay: --received-at needs a time such as 2026-03-02T08:00:00Z");
		return TOC_EXIT_USAGE;
	}
	if (r->no_rules && r->rules.n) {
		toc_error("replay: --rules and --no-rules exclude each other");
		return TOC_EXIT_USAGE;
	}
	o->print_events = r->events != NULL;
	o->kinds = r->events && *r->events ? r->events : NULL;
	o->rules = !r->no_rules && (!r->events || r->rules.n);
	o->single_slot = r->single_slot;
	o->observe_stored = r->observe;
	o->rule_paths = r->rules.n ? r->rules.at : NULL;
	o->cache = o->rules ? toc_cache_folder(r->cache, NULL, r->cache_folder, sizeof(r->cache_folder)) : NULL;
	return -1;
}

/* Everything is loaded; opens the inputs, runs, says what happened. */
static int play(struct replay *r, struct toc_pipeline *p)
{
	struct toc_inputs inputs;
	int status = toc_inputs_open(&inputs, p, r->paths.at, r->paths.n, (unsigned)r->workers);
	if (status < 0) {
		toc_inputs_start(&inputs);
		toc_pipeline_run(p, NULL, NULL);
		status = toc_inputs_finish(&inputs, p) ? TOC_EXIT_OK : TOC_EXIT_FINDINGS;
		if (toc_pipeline_lost(p))
			status = TOC_EXIT_ENVIRONMENT;
		if (!r->quiet)
			toc_pipeline_summary(p);
	}
	toc_inputs_free(&inputs);
	return status;
}

static int play_with(struct replay *r, const struct toc_config *c, const struct toc_pipeline_options *o,
		     struct toc_diag *diag)
{
	struct toc_alert_file out = { .fd = STDOUT_FILENO };
	uint64_t unseen = 0;
	struct toc_courier *courier = NULL;
	const struct toc_outlet *outlet = r->events ? &toc_outlet_null : &toc_outlet_file;
	void *self = r->events ? (void *)&unseen : (void *)&out;
	if (c->redis_url && o->rules) {
		courier = toc_courier_new(c, r->state == NULL, &toc_opener_self);
		if (!courier || !toc_courier_start(courier, NULL))
			return TOC_EXIT_ENVIRONMENT;
		outlet = toc_courier_outlet(courier, &self);
	}
	struct toc_pipeline *p = toc_pipeline_new(c, o, outlet, self, diag);
	if (p)
		toc_courier_chain(courier, p->alerts);
	int status = p ? play(r, p) : TOC_EXIT_USAGE;
	toc_diag_print(diag, stderr);
	if (courier && !toc_courier_finish(courier, 30 * TOC_SEC) && status == TOC_EXIT_OK)
		status = TOC_EXIT_ENVIRONMENT;
	toc_pipeline_free(p);
	toc_courier_free(courier);
	return status;
}

int toc_command_replay(int argc, char **argv);
int toc_command_replay(int argc, char **argv)
{
	struct replay r = { .workers = 1 };
	struct toc_pipeline_options o = { 0 };
	char data[1024];
	int status = read_command(argc, argv, &r, &o);
	if (status >= 0)
		return status;
	struct toc_diag *diag = toc_diag_new();
	struct toc_config *c = toc_config_load(r.config, toc_data_folder(data, sizeof(data)), diag);
	toc_config_add_pipelines(c, r.pipelines.at);
	if (!toc_config_sound(c, &o, diag)) {
		toc_config_free(c);
		toc_diag_print(diag, stderr);
		toc_diag_free(diag);
		return TOC_EXIT_USAGE;
	}
	c->redis_url = r.redis; /* a replay delivers only where it is told to */
	c->state = r.state ? r.state : c->state;
	c->time_zone = r.zone ? r.zone : c->time_zone;
	if (!toc_zone_known(c->time_zone)) {
		toc_error("replay: there is no time zone \"%s\"; --zone wants one such as America/New_York",
			  c->time_zone);
		toc_config_free(c);
		toc_diag_free(diag);
		return TOC_EXIT_USAGE;
	}
	c->deliver_names = c->deliver_names || r.names;
	status = play_with(&r, c, &o, diag);
	toc_config_free(c);
	toc_diag_free(diag);
	return status;
}
