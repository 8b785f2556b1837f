/* explain - `tocsin explain RULE FILE…`: each condition with its truth, each window with its value and threshold. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "app/inputs.h"
#include "app/loading.h"
#include "base/log.h"
#include "event/json.h"
#include "ruleset/show.h"

enum { SHOWN = 10 }; /* events that do not match, told in full, unless --all */

struct explain {
	const char *rule, *config;
	struct toc_texts rules, paths;
	bool all;
	struct toc_pipeline *pipeline;
	uint32_t number;
	struct toc_match_scratch *scratch;
	uint64_t judged, matched, shown, opened;
	uint64_t ref_hits[TOC_CORR_REFS], raised[TOC_SEVERITIES];
	bool ended;
};

static const struct toc_ruleset *set_of(const struct explain *x)
{
	return x->pipeline->generation->rules;
}

static const struct toc_corr_rule *correlation_of(const struct explain *x)
{
	const struct toc_ruleset *set = set_of(x);
	return x->number < set->ndetections ? NULL : &set->correlations[x->number - set->ndetections];
}

/* --- detections --------------------------------------------------------------------------------------------------- */

static void tell_step(void *self, const struct toc_match_step *step)
{
	(void)self;
	printf("  %s %*s%s%s%s\n", step->holds ? "yes" : "no ", (int)(2 * step->depth), "", step->what,
	       *step->detail ? " " : "", step->detail);
}

static void print_event(const struct explain *x, const struct toc_view *view)
{
	size_t room = toc_json_bound(view->ev, x->pipeline->names) +
		      (view->who ? toc_json_bound(view->who, x->pipeline->names) : 0) + 2;
	char *text = malloc(room);
	if (!text)
		abort();
	size_t n = toc_json_event(view->ev, x->pipeline->names, text);
	if (view->who)
		n += toc_json_fields(view->who, x->pipeline->names, text + n);
	printf("%.*s}\n", (int)n, text);
	free(text);
}

static const char *const levels[TOC_SEVERITIES] = { "?", "informational", "low", "medium", "high", "critical" };

/* Which of the raises the event satisfies, each with its steps. */
static void tell_raises(const struct explain *x, const struct toc_view *view)
{
	const struct toc_alert_rule *rule = &set_of(x)->alerts[x->number];
	for (unsigned i = 0; i < rule->nraises; i++) {
		bool holds = false;
		const uint32_t number = rule->raises[i].number;
		const struct toc_matcher *m = set_of(x)->matcher;
		toc_match_explain(m, x->scratch, x->pipeline->names, view, number, NULL, NULL, &holds);
		printf("%s to %s\n", holds ? "is raised" : "is not raised", levels[rule->raises[i].severity]);
		toc_match_explain(m, x->scratch, x->pipeline->names, view, number, tell_step, NULL, &holds);
	}
}

static void see_detection(struct explain *x, const struct toc_view *view)
{
	bool holds = false;
	const struct toc_matcher *m = set_of(x)->matcher;
	if (!toc_match_explain(m, x->scratch, x->pipeline->names, view, x->number, NULL, NULL, &holds))
		return;
	x->judged++;
	x->matched += holds;
	if (!holds && !x->all && x->shown == SHOWN)
		return;
	x->shown += !holds;
	printf("%s\n", holds ? "matches" : "does not match");
	print_event(x, view);
	toc_match_explain(m, x->scratch, x->pipeline->names, view, x->number, tell_step, NULL, &holds);
	if (holds)
		tell_raises(x, view);
}

/* --- correlations ------------------------------------------------------------------------------------------------- */

static void see_correlation(struct explain *x, const struct toc_view *view)
{
	const struct toc_corr_rule *c = correlation_of(x);
	for (unsigned i = 0; i < c->nrefs; i++) {
		bool holds = false;
		if (c->refs[i].rule < set_of(x)->ndetections)
			toc_match_explain(set_of(x)->matcher, x->scratch, x->pipeline->names, view, c->refs[i].rule,
					  NULL, NULL, &holds);
		x->ref_hits[i] += holds;
		for (unsigned k = 0; holds && k < c->refs[i].nraises; k++) {
			bool graver = false;
			toc_match_explain(set_of(x)->matcher, x->scratch, x->pipeline->names, view,
					  c->refs[i].raises[k].number, NULL, NULL, &graver);
			x->raised[c->refs[i].raises[k].severity] += graver;
		}
	}
}

static void see(void *user, const struct toc_view *view)
{
	struct explain *x = user;
	if (correlation_of(x))
		see_correlation(x, view);
	else
		see_detection(x, view);
}

static void tell_window(void *user, const struct toc_corr_window *w)
{
	const struct toc_corr_rule *c = correlation_of(user);
	printf("  ");
	for (unsigned k = 0; k < c->nkeys; k++)
		printf("%s%s=%.*s", k ? " " : "", c->key_names[k], (int)w->key[k].n, (const char *)w->key[k].p);
	printf("%s%" PRIu64 " hits in the last window, value %.10g%s\n", c->nkeys ? ": " : "", w->hits, w->value,
	       w->open ? ", an episode is open" : "");
}

static void tell_correlation(const struct explain *x)
{
	static const char *const ops[] = { [TOC_CORR_GT] = ">",	  [TOC_CORR_GTE] = ">=", [TOC_CORR_LT] = "<",
					   [TOC_CORR_LTE] = "<=", [TOC_CORR_EQ] = "==",	 [TOC_CORR_NEQ] = "!=" };
	const struct toc_ruleset *set = set_of(x);
	const struct toc_corr_rule *c = correlation_of(x);
	const struct toc_corr_counters *n =
		toc_correlate_rule_count(x->pipeline->generation->correlator, x->number - set->ndetections);
	for (unsigned i = 0; i < c->nrefs; i++)
		if (c->refs[i].rule < set->ndetections)
			printf("%s: %" PRIu64 " events match\n", set->alerts[c->refs[i].rule].title, x->ref_hits[i]);
	for (unsigned s = 0; s < TOC_SEVERITIES; s++)
		if (set->alerts[x->number].raised_by[s])
			printf("raised to %s by %" PRIu64 " of them\n", levels[s], x->raised[s]);
	printf("%s%s; the value must be", set->alerts[x->number].condition ? set->alerts[x->number].condition : "",
	       c->nkeys ? ", in each group" : "");
	for (unsigned i = 0; i < c->nbounds; i++)
		printf(" %s %.10g", ops[c->bounds[i].op], c->bounds[i].value);
	printf(c->nbounds ? "\n" : " all of its rules\n");
	printf("hits %" PRIu64 ", without a group-by field %" PRIu64 ", without the value %" PRIu64
	       ", too late %" PRIu64 ", outside its calendar %" PRIu64 ", not new %" PRIu64 ", inhibited %" PRIu64
	       ", exempted %" PRIu64 ", asleep %" PRIu64 "\n",
	       n->hits, n->missing_key, n->missing_value, n->late, n->outside, n->known, n->inhibited, n->exempted,
	       n->asleep);
	printf("windows at the end:\n");
	toc_correlate_windows(x->pipeline->generation->correlator, x->number - set->ndetections, tell_window,
			      (void *)(uintptr_t)x);
}

/* The last tick is where windows still stand. */
static void tick(void *user)
{
	struct explain *x = user;
	if (!toc_engine_ending(x->pipeline->engine) || x->ended)
		return;
	x->ended = true;
	if (correlation_of(x))
		tell_correlation(x);
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static bool count_open(void *self, const struct toc_alert *alert)
{
	struct explain *x = self;
	x->opened += alert->state == TOC_ALERT_OPEN && x->pipeline && toc_ruleset_is(set_of(x), x->number, alert->rule);
	return true;
}

static bool find_rule(struct explain *x)
{
	const struct toc_ruleset *set = set_of(x);
	for (unsigned i = 0; i < set->ndetections + set->ncorrelations; i++)
		if (toc_ruleset_is(set, i, x->rule)) {
			x->number = i;
			return true;
		}
	toc_error("explain: there is no rule with the id or name \"%s\"; `tocsin rules` lists them", x->rule);
	return false;
}

static int play(struct explain *x)
{
	struct toc_inputs inputs;
	int status = toc_inputs_open(&inputs, x->pipeline, x->paths.at + 1, x->paths.n - 1, 1);
	if (status < 0) {
		toc_inputs_start(&inputs);
		toc_pipeline_run(x->pipeline, tick, x);
		status = toc_inputs_finish(&inputs, x->pipeline) ? TOC_EXIT_OK : TOC_EXIT_FINDINGS;
		if (!correlation_of(x))
			printf("%" PRIu64 " events were judged, %" PRIu64 " match\n", x->judged, x->matched);
		printf("%" PRIu64 " alerts%s\n", x->opened,
		       set_of(x)->alerts[x->number].alerts ? "" : " (the rule only feeds correlations)");
	}
	toc_inputs_free(&inputs);
	return status;
}

int toc_command_explain(int argc, char **argv);
int toc_command_explain(int argc, char **argv)
{
	static const struct toc_outlet counting = { "explain", count_open };
	struct explain x = { 0 };
	char data[1024];
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &x.config, "FILE  tocsin.yml" },
		{ "--config", TOC_OPT_TEXT, &x.config, "FILE  the same" },
		{ "--rules", TOC_OPT_LIST, &x.rules, "PATH  rules instead of the configured ones; repeatable" },
		{ "--all", TOC_OPT_FLAG, &x.all, "every event that does not match, not only the first ten" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, &x.paths);
	if (status >= 0)
		return status;
	if (x.paths.n < 2) {
		toc_error("explain: name a rule (id or name) and at least one file of events, lines or packets");
		return TOC_EXIT_USAGE;
	}
	x.rule = x.paths.at[0];
	struct toc_diag *diag = toc_diag_new();
	struct toc_config *c = toc_config_load(x.config, toc_data_folder(data, sizeof(data)), diag);
	const struct toc_pipeline_options o = {
		.rules = true, .rule_paths = x.rules.n ? x.rules.at : NULL, .seen = see, .seen_user = &x
	};
	status = TOC_EXIT_USAGE;
	if (toc_config_sound(c, &o, diag))
		x.pipeline = toc_pipeline_new(c, &o, &counting, &x, diag);
	if (x.pipeline && find_rule(&x)) {
		x.scratch = toc_match_scratch_new(set_of(&x)->matcher);
		status = x.scratch ? play(&x) : TOC_EXIT_ENVIRONMENT;
	}
	if (!x.pipeline)
		toc_diag_print(diag, stderr);
	toc_match_scratch_free(x.scratch);
	toc_pipeline_free(x.pipeline);
	toc_config_free(c);
	toc_diag_free(diag);
	return status;
}
