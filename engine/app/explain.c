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

enum { SHOWN = 10 }; /* events that do not match, windows that are not open: told in full, unless --all */

struct explain {
	const char *rule, *config;
	struct toc_texts rules, paths;
	bool all, json;
	struct toc_pipeline *pipeline;
	uint32_t number;
	struct toc_match_scratch *scratch;
	uint64_t judged, matched, shown, opened, windows;
	uint64_t ref_hits[TOC_CORR_REFS], raised[TOC_SEVERITIES];
	bool ended;
};

static const struct toc_ruleset *set_of(const struct explain *x)
{
	return x->pipeline->generation->rules;
}

static bool is_correlation(const struct explain *x)
{
	return x->number >= set_of(x)->ndetections;
}

/* Of one that is a correlation. */
static const struct toc_corr_rule *correlation_of(const struct explain *x)
{
	const struct toc_ruleset *set = set_of(x);
	return &set->correlations[x->number - set->ndetections];
}

/* --- detections --------------------------------------------------------------------------------------------------- */

static void tell_step(void *self, const struct toc_match_step *step)
{
	(void)self;
	printf("  %s %*s%s%s%s\n", step->holds ? "yes" : "no ", (int)(2 * step->depth), "", step->what,
	       *step->detail ? " " : "", step->detail);
}

static void step_json(void *self, const struct toc_match_step *step)
{
	const char **comma = self;
	printf("%s{\"depth\":%u,\"what\":\"%s\",\"detail\":", *comma, step->depth, step->what);
	toc_show_string(toc_span_str(step->detail), stdout);
	printf(",\"holds\":%s}", step->holds ? "true" : "false");
	*comma = ",";
}

/* The steps of a rule, or of a raise, by its number in the matcher. */
static void tell_steps(const struct explain *x, const struct toc_view *view, uint32_t number)
{
	const char *comma = "";
	bool holds;
	printf(x->json ? ",\"steps\":[" : "");
	toc_match_explain(set_of(x)->matcher, x->scratch, x->pipeline->names, view, number,
			  x->json ? step_json : tell_step, &comma, &holds);
	printf(x->json ? "]" : "");
}

static bool holds_for(const struct explain *x, const struct toc_view *view, uint32_t number, bool *judged)
{
	bool holds = false;
	*judged =
		toc_match_explain(set_of(x)->matcher, x->scratch, x->pipeline->names, view, number, NULL, NULL, &holds);
	return *judged && holds;
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
	printf("%.*s}", (int)n, text);
	free(text);
}

static const char *const levels[TOC_SEVERITIES] = { "?", "informational", "low", "medium", "high", "critical" };

/* Which of the raises the event satisfies, each with its steps. */
static void tell_raises(const struct explain *x, const struct toc_view *view)
{
	const struct toc_alert_rule *rule = &set_of(x)->alerts[x->number];
	bool judged;
	for (unsigned i = 0; i < rule->nraises; i++) {
		const bool holds = holds_for(x, view, rule->raises[i].number, &judged);
		const char *level = levels[rule->raises[i].severity];
		if (x->json)
			printf("%s{\"level\":\"%s\",\"holds\":%s", i ? "," : "", level, holds ? "true" : "false");
		else
			printf("%s to %s\n", holds ? "is raised" : "is not raised", level);
		tell_steps(x, view, rule->raises[i].number);
		printf(x->json ? "}" : "");
	}
}

static void see_detection(struct explain *x, const struct toc_view *view)
{
	bool judged, holds = holds_for(x, view, x->number, &judged);
	x->judged += judged;
	x->matched += holds;
	if (!judged || (!holds && !x->all && x->shown == SHOWN))
		return;
	x->shown += !holds;
	printf(x->json ? "{\"matches\":%s,\"event\":" : "%s\n",
	       x->json ? (holds ? "true" : "false") : (holds ? "matches" : "does not match"));
	print_event(x, view);
	printf(x->json ? "" : "\n");
	tell_steps(x, view, x->number);
	printf(x->json ? ",\"raises\":[" : "");
	if (holds)
		tell_raises(x, view);
	printf(x->json ? "]}\n" : "");
}

/* --- correlations ------------------------------------------------------------------------------------------------- */

static void see_correlation(struct explain *x, const struct toc_view *view)
{
	const struct toc_corr_rule *c = correlation_of(x);
	bool judged;
	for (unsigned i = 0; i < c->nrefs; i++) {
		if (c->refs[i].rule >= set_of(x)->ndetections || !holds_for(x, view, c->refs[i].rule, &judged))
			continue;
		x->ref_hits[i]++;
		for (unsigned k = 0; k < c->refs[i].nraises; k++)
			x->raised[c->refs[i].raises[k].severity] +=
				holds_for(x, view, c->refs[i].raises[k].number, &judged);
	}
}

static void see(void *user, const struct toc_view *view)
{
	struct explain *x = user;
	if (is_correlation(x))
		see_correlation(x, view);
	else
		see_detection(x, view);
}

static void tell_window(void *user, const struct toc_corr_window *w)
{
	struct explain *x = user;
	const struct toc_corr_rule *c = correlation_of(x);
	if (x->windows++ >= SHOWN && !x->all && !w->open)
		return;
	printf("  ");
	for (unsigned k = 0; k < c->nkeys; k++)
		printf("%s%s=%.*s", k ? " " : "", c->key_names[k], (int)w->key[k].n, (const char *)w->key[k].p);
	printf("%s%" PRIu64 " hits in the last window, value %.10g%s\n", c->nkeys ? ": " : "", w->hits, w->value,
	       w->open ? ", an episode is open" : "");
}

static void window_json(void *user, const struct toc_corr_window *w)
{
	struct explain *x = user;
	const struct toc_corr_rule *c = correlation_of(x);
	printf("%s{\"key\":{", x->windows++ ? "," : "");
	for (unsigned k = 0; k < c->nkeys; k++) {
		printf(k ? "," : "");
		toc_show_string(toc_span_str(c->key_names[k]), stdout);
		printf(":");
		toc_show_string(w->key[k], stdout);
	}
	printf("},\"hits\":%" PRIu64 ",\"value\":%.10g,\"open\":%s}", w->hits, w->value, w->open ? "true" : "false");
}

/* What became of the events that came to it, by name. */
static void tell_counters(const struct explain *x, const struct toc_corr_counters *n)
{
	const struct {
		const char *words, *name;
		uint64_t n;
	} all[] = { { "hits", "hits", n->hits },
		    { "without a group-by field", "missing_key", n->missing_key },
		    { "without the value", "missing_value", n->missing_value },
		    { "too late", "late", n->late },
		    { "outside its calendar", "outside", n->outside },
		    { "not new", "known", n->known },
		    { "inhibited", "inhibited", n->inhibited },
		    { "exempted", "exempted", n->exempted },
		    { "asleep", "asleep", n->asleep } };
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (x->json)
			printf(",\"%s\":%" PRIu64, all[i].name, all[i].n);
		else
			printf("%s%s %" PRIu64, i ? ", " : "", all[i].words, all[i].n);
	printf(x->json ? "" : "\n");
}

/* What its rules saw, and what it wants. */
static void tell_wanted(const struct explain *x)
{
	static const char *const ops[] = { [TOC_CORR_GT] = ">",	  [TOC_CORR_GTE] = ">=", [TOC_CORR_LT] = "<",
					   [TOC_CORR_LTE] = "<=", [TOC_CORR_EQ] = "==",	 [TOC_CORR_NEQ] = "!=" };
	const struct toc_ruleset *set = set_of(x);
	const struct toc_corr_rule *c = correlation_of(x);
	for (unsigned i = 0; i < c->nrefs; i++)
		if (c->refs[i].rule < set->ndetections)
			printf("%s: %" PRIu64 " events match\n", set->alerts[c->refs[i].rule].title, x->ref_hits[i]);
	for (unsigned s = 0; s < TOC_SEVERITIES; s++)
		if (set->alerts[x->number].raised_by[s])
			printf("raised to %s by %" PRIu64 " of them\n", levels[s], x->raised[s]);
	printf("%s%s", set->alerts[x->number].condition ? set->alerts[x->number].condition : "",
	       c->nkeys ? ", in each group" : "");
	printf(c->nbounds ? "; the value must be" : c->expr.n ? "" : "; the value must be all of its rules");
	for (unsigned i = 0; i < c->nbounds; i++)
		printf(" %s %.10g", ops[c->bounds[i].op], c->bounds[i].value);
	printf("\n");
}

static void wanted_json(const struct explain *x)
{
	const struct toc_ruleset *set = set_of(x);
	const struct toc_corr_rule *c = correlation_of(x);
	const char *comma = "";
	printf("\"condition\":");
	toc_show_string(toc_span_str(set->alerts[x->number].condition ? set->alerts[x->number].condition : ""), stdout);
	printf(",\"rules\":[");
	for (unsigned i = 0; i < c->nrefs; i++) {
		if (c->refs[i].rule >= set->ndetections)
			continue;
		printf("%s{\"id\":", comma);
		toc_show_string(toc_span_str(set->alerts[c->refs[i].rule].id), stdout);
		printf(",\"matched\":%" PRIu64 "}", x->ref_hits[i]);
		comma = ",";
	}
	printf("],\"raised\":{");
	comma = "";
	for (unsigned s = 0; s < TOC_SEVERITIES; s++)
		if (set->alerts[x->number].raised_by[s]) {
			printf("%s\"%s\":%" PRIu64, comma, levels[s], x->raised[s]);
			comma = ",";
		}
	printf("}");
}

static void tell_correlation(struct explain *x)
{
	const struct toc_correlator *correlator = x->pipeline->generation->correlator;
	const unsigned place = x->number - set_of(x)->ndetections;
	printf(x->json ? "{" : "");
	if (x->json)
		wanted_json(x);
	else
		tell_wanted(x);
	tell_counters(x, toc_correlate_rule_count(correlator, place));
	printf(x->json ? ",\"windows\":[" : "windows at the end:\n");
	toc_correlate_windows(correlator, place, x->json ? window_json : tell_window, x);
	printf(x->json ? "]}\n" : "");
	if (!x->json && !x->all && x->windows > SHOWN)
		printf("  %" PRIu64 " in all (--all shows them)\n", x->windows);
}

/* The last tick is where windows still stand. */
static void tick(void *user)
{
	struct explain *x = user;
	if (!toc_engine_ending(x->pipeline->engine) || x->ended)
		return;
	x->ended = true;
	if (is_correlation(x))
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

static void tell_sum(const struct explain *x)
{
	const bool alerts = set_of(x)->alerts[x->number].alerts;
	if (x->json) {
		printf("{\"rule\":");
		toc_show_string(toc_span_str(set_of(x)->alerts[x->number].id), stdout);
		if (!is_correlation(x))
			printf(",\"judged\":%" PRIu64 ",\"matched\":%" PRIu64, x->judged, x->matched);
		printf(",\"alerts\":%" PRIu64 ",\"feeds_only\":%s}\n", x->opened, alerts ? "false" : "true");
		return;
	}
	if (!is_correlation(x))
		printf("%" PRIu64 " events were judged, %" PRIu64 " match\n", x->judged, x->matched);
	printf("%" PRIu64 " alerts%s\n", x->opened, alerts ? "" : " (the rule only feeds correlations)");
}

static int play(struct explain *x)
{
	struct toc_inputs inputs;
	int status = toc_inputs_open(&inputs, x->pipeline, x->paths.at + 1, x->paths.n - 1, 1);
	if (status < 0) {
		toc_inputs_start(&inputs);
		toc_pipeline_run(x->pipeline, tick, x);
		status = toc_inputs_finish(&inputs, x->pipeline) ? TOC_EXIT_OK : TOC_EXIT_FINDINGS;
		tell_sum(x);
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
		{ "--all", TOC_OPT_FLAG, &x.all, "every event that does not match, and every window, not only ten" },
		{ "--json", TOC_OPT_FLAG, &x.json, "one object an event, then one of what came of it" },
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
