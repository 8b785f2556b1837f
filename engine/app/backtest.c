/* backtest - `tocsin backtest`: how many alerts a day rules would have given over an archive, beside those of others.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "app/inputs.h"
#include "app/loading.h"
#include "base/log.h"
#include "ruleset/show.h"

/* Of one rule: openings by day, and whether the archive holds what it reads. */
struct tally {
	const char *id, *title; /* of the generation, which lives until the report */
	uint64_t opened;
	bool alerts;
};

/* One run of one set of rules over the archive. */
struct trial {
	struct toc_pipeline *pipeline;
	struct tally *tallies;
	unsigned n;
	uint64_t events, opened;
	toc_time first, last;
	bool *kinds; /* of events that the archive has */
};

static bool count_alert(void *self, const struct toc_alert *alert)
{
	struct trial *t = self;
	for (unsigned i = 0; alert->state == TOC_ALERT_OPEN && i < t->n; i++)
		if (strcmp(t->tallies[i].id, alert->rule) == 0) {
			t->tallies[i].opened++;
			t->opened++;
			break;
		}
	return true;
}

static void see(void *user, const struct toc_view *view)
{
	struct trial *t = user;
	t->first = t->events == 0 || view->ev->ts < t->first ? view->ev->ts : t->first;
	t->last = t->events == 0 || view->ev->ts > t->last ? view->ev->ts : t->last;
	t->events++;
	t->kinds[view->ev->kind] = true;
}

static void take_rules(struct trial *t)
{
	const struct toc_ruleset *set = t->pipeline->generation->rules;
	t->n = set->ndetections + set->ncorrelations;
	t->tallies = calloc(t->n + 1, sizeof(*t->tallies));
	if (!t->tallies)
		abort();
	for (unsigned i = 0; i < t->n; i++)
		t->tallies[i] = (struct tally){ set->alerts[i].id, set->alerts[i].title, 0, set->alerts[i].alerts };
}

/* -1, or an exit status. */
static int run(struct trial *t, const struct toc_config *c, const struct toc_texts *rules,
	       const struct toc_texts *paths, struct toc_diag *diag)
{
	static const struct toc_outlet counting = { "backtest", count_alert };
	const struct toc_pipeline_options o = {
		.rules = true, .rule_paths = rules->n ? rules->at : NULL, .trial = true, .seen = see, .seen_user = t
	};
	struct toc_inputs inputs;
	t->kinds = calloc(65536, sizeof(*t->kinds));
	t->pipeline = t->kinds ? toc_pipeline_new(c, &o, &counting, t, diag) : NULL;
	if (!t->pipeline)
		return TOC_EXIT_USAGE;
	take_rules(t);
	int status = toc_inputs_open(&inputs, t->pipeline, paths->at, paths->n, 1);
	if (status < 0) {
		toc_inputs_start(&inputs);
		toc_pipeline_run(t->pipeline, NULL, NULL);
		status = toc_inputs_finish(&inputs, t->pipeline) ? -1 : TOC_EXIT_FINDINGS;
	}
	toc_inputs_free(&inputs);
	return status;
}

static double days(const struct trial *t)
{
	double d = (double)(t->last - t->first) / (double)TOC_DAY;
	return d > 1.0 / 24 ? d : 1.0 / 24; /* less than an hour says nothing of a day */
}

/* Does the archive hold any kind of event that the rule, or what it counts, is judged on? */
static bool can_judge(const struct trial *t, uint32_t rule, unsigned depth)
{
	const struct toc_ruleset *set = t->pipeline->generation->rules;
	if (rule < set->ndetections) {
		for (unsigned k = 0; k < 65536; k++)
			if (t->kinds[k] && toc_matcher_judges(set->matcher, rule, (toc_field)k))
				return true;
		return false;
	}
	const struct toc_corr_rule *c = &set->correlations[rule - set->ndetections];
	for (unsigned i = 0; i < c->nrefs && depth < 16; i++)
		if (can_judge(t, c->refs[i].rule, depth + 1))
			return true;
	return false;
}

static const struct tally *other_of(const struct trial *against, const char *id)
{
	for (unsigned i = 0; i < against->n; i++)
		if (strcmp(against->tallies[i].id, id) == 0)
			return &against->tallies[i];
	return NULL;
}

static void put_rate(const char *name, bool known, double n)
{
	printf(known ? ",\"%s\":%.6g" : ",\"%s\":null", name, n);
}

static void report_json(const struct trial *t, const struct trial *against)
{
	for (unsigned i = 0; i < t->n; i++) {
		const struct tally *x = &t->tallies[i], *old = other_of(against, x->id);
		const bool known = x->alerts && can_judge(t, i, 0);
		if (!x->alerts)
			continue;
		printf("{\"rule\":");
		toc_show_string(toc_span_str(x->id), stdout);
		printf(",\"title\":");
		toc_show_string(toc_span_str(x->title), stdout);
		put_rate("a_day", known, (double)x->opened / days(t));
		if (against->n)
			put_rate("before", known && old, old ? (double)old->opened / days(against) : 0);
		printf("}\n");
	}
	printf("{\"events\":%" PRIu64 ",\"days\":%.6g", t->events, days(t));
	put_rate("a_day", true, (double)t->opened / days(t));
	if (against->n)
		put_rate("before", true, (double)against->opened / days(against));
	printf("}\n");
}

static void report(const struct trial *t, const struct trial *against)
{
	printf("%-10s %s%s\n", "a day", against->n ? "before     " : "", "rule");
	for (unsigned i = 0; i < t->n; i++) {
		const struct tally *x = &t->tallies[i], *old = other_of(against, x->id);
		if (!x->alerts)
			continue;
		if (!can_judge(t, i, 0)) {
			printf("%-10s %s%s (%s): the archive has no event that it is judged on\n", "?",
			       against->n ? "?          " : "", x->title, x->id);
			continue;
		}
		printf("%-10.2f ", (double)x->opened / days(t));
		if (against->n && old)
			printf("%-10.2f ", (double)old->opened / days(against));
		else if (against->n)
			printf("%-10s ", "-");
		printf("%s (%s)\n", x->title, x->id);
	}
	printf("%" PRIu64 " events over %.2f days: %.2f alerts a day", t->events, days(t), (double)t->opened / days(t));
	if (against->n)
		printf(", before %.2f", (double)against->opened / days(against));
	printf("\n");
}

static void trial_free(struct trial *t)
{
	toc_pipeline_free(t->pipeline);
	free(t->tallies);
	free(t->kinds);
}

int toc_command_backtest(int argc, char **argv);
int toc_command_backtest(int argc, char **argv)
{
	struct toc_texts rules = { .n = 0 }, against = { .n = 0 }, paths = { .n = 0 };
	struct trial now = { .n = 0 }, before = { .n = 0 };
	const char *config = NULL;
	bool json = false;
	char data[1024];
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &config, "FILE  tocsin.yml" },
		{ "--config", TOC_OPT_TEXT, &config, "FILE  the same" },
		{ "--rules", TOC_OPT_LIST, &rules, "PATH  the rules to be judged; repeatable (the configured ones)" },
		{ "--against", TOC_OPT_LIST, &against, "PATH  the rules to compare with; repeatable" },
		{ "--json", TOC_OPT_FLAG, &json, "one object a rule (null: it cannot be judged), then the sum" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, &paths);
	if (status >= 0)
		return status;
	if (paths.n == 0 || (paths.n == 1 && strcmp(paths.at[0], "-") == 0 && against.n)) {
		toc_error("backtest: name an archive: files of events, lines or packets (read twice with --against)");
		return TOC_EXIT_USAGE;
	}
	struct toc_diag *diag = toc_diag_new();
	struct toc_config *c = toc_config_load(config, toc_data_folder(data, sizeof(data)), diag);
	status = toc_diag_errors(diag) ? TOC_EXIT_USAGE : run(&now, c, &rules, &paths, diag);
	if (status < 0 && against.n)
		status = run(&before, c, &against, &paths, diag);
	if (toc_diag_errors(diag))
		toc_diag_print(diag, stderr);
	if (status < 0)
		(json ? report_json : report)(&now, &before);
	trial_free(&now);
	trial_free(&before);
	toc_config_free(c);
	toc_diag_free(diag);
	return status < 0 ? TOC_EXIT_OK : status;
}
