/* tune - `tocsin tune`: for each correlation how high windows got in an archive, and which threshold costs how many
 * alerts a day. Of each key and day the highest window counts; who it was is not kept. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "app/inputs.h"
#include "app/loading.h"
#include "base/log.h"

struct span {
	uint64_t events;
	toc_time first, last;
};

static bool drop_alert(void *self, const struct toc_alert *alert)
{
	(void)self;
	(void)alert;
	return true;
}

static void see(void *user, const struct toc_view *view)
{
	struct span *s = user;
	s->first = s->events == 0 || view->ev->ts < s->first ? view->ev->ts : s->first;
	s->last = s->events == 0 || view->ev->ts > s->last ? view->ev->ts : s->last;
	s->events++;
}

/* Days of the calendar, as peaks are kept. */
static double days(const struct span *s)
{
	return s->events ? (double)(s->last / TOC_DAY - s->first / TOC_DAY + 1) : 1;
}

/* Keys whose day got so high, a day. Values of one bin are a twelfth apart: the bin of the threshold counts as a whole.
 */
static double cost(const uint64_t *bins, double threshold, double over)
{
	uint64_t n = 0;
	for (unsigned i = TOC_PEAK_BINS; i-- > 0 && toc_correlate_peak_of(i + 1) > threshold * 1.0000001;)
		n += bins[i];
	return (double)n / over;
}

/* The least threshold, not below the present one, that costs at most so much. */
static double proposal(const uint64_t *bins, double now, double wanted, double over)
{
	bool whole = floor(now) >= now;
	double t = now;
	for (unsigned i = 0; i < TOC_PEAK_BINS && cost(bins, t, over) > wanted; i++) {
		double edge = toc_correlate_peak_of(i + 1);
		if (edge > t)
			t = whole ? ceil(edge) : edge;
	}
	return t;
}

/* The bound from which on a rule speaks; NULL: it has none of that sort. */
static const struct toc_corr_bound *least_of(const struct toc_corr_rule *r)
{
	for (unsigned i = 0; i < r->nbounds; i++)
		if (r->bounds[i].op == TOC_CORR_GTE || r->bounds[i].op == TOC_CORR_GT)
			return &r->bounds[i];
	return NULL;
}

static void report(const struct toc_pipeline *p, const struct span *s, double wanted)
{
	const struct toc_ruleset *set = p->generation->rules;
	double over = days(s);
	unsigned low = 0;
	printf("# %" PRIu64
	       " events on %.0f days; alerts a day at most, for other conditions of a rule may hold more back\n",
	       s->events, over);
	for (unsigned i = 0; i < set->ncorrelations; i++) {
		const struct toc_corr_rule *r = &set->correlations[i];
		const struct toc_corr_bound *least = least_of(r);
		uint64_t bins[TOC_PEAK_BINS];
		if (!least || !r->variable)
			continue;
		toc_correlate_peaks(p->generation->correlator, i, bins);
		if (cost(bins, least->value / 2, over) <= 0) {
			low++;
			continue;
		}
		double now = least->value, t = proposal(bins, now, wanted, over);
		printf("%s: %.10g # %s; now %.10g: %.2f a day, half of it: %.2f, so: %.2f\n", r->variable, t,
		       set->alerts[set->ndetections + i].title, now, cost(bins, now, over), cost(bins, now / 2, over),
		       cost(bins, t, over));
	}
	printf("# %u more variables stay: nothing came to half of them\n", low);
}

static int play(const struct toc_config *c, const struct toc_texts *rules, const struct toc_texts *paths, double wanted,
		struct toc_diag *diag)
{
	static const struct toc_outlet nobody = { "tune", drop_alert };
	struct span s = { 0 };
	const struct toc_pipeline_options o = {
		.rules = true, .rule_paths = rules->n ? rules->at : NULL, .seen = see, .seen_user = &s
	};
	struct toc_inputs inputs;
	struct toc_pipeline *p = toc_pipeline_new(c, &o, &nobody, NULL, diag);
	if (!p || !toc_correlate_keep_peaks(p->generation->correlator)) {
		toc_pipeline_free(p);
		return TOC_EXIT_USAGE;
	}
	int status = toc_inputs_open(&inputs, p, paths->at, paths->n, 1);
	if (status < 0) {
		toc_inputs_start(&inputs);
		toc_pipeline_run(p, NULL, NULL);
		status = toc_inputs_finish(&inputs, p) ? TOC_EXIT_OK : TOC_EXIT_FINDINGS;
		report(p, &s, wanted);
	}
	toc_inputs_free(&inputs);
	toc_pipeline_free(p);
	return status;
}

int toc_command_tune(int argc, char **argv);
int toc_command_tune(int argc, char **argv)
{
	struct toc_texts rules = { .n = 0 }, paths = { .n = 0 };
	const char *config = NULL, *a_day = "1";
	char data[1024], *end;
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &config, "FILE  tocsin.yml" },
		{ "--config", TOC_OPT_TEXT, &config, "FILE  the same" },
		{ "--rules", TOC_OPT_LIST, &rules, "PATH  the rules; repeatable (the configured ones)" },
		{ "--a-day", TOC_OPT_TEXT, &a_day, "N  alerts a day of one rule that are bearable (1)" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, &paths);
	if (status >= 0)
		return status;
	double wanted = strtod(a_day, &end);
	if (*end || end == a_day || !(wanted > 0) || wanted > 1e6) {
		toc_error("tune: --a-day takes a number above 0");
		return TOC_EXIT_USAGE;
	}
	if (paths.n == 0) {
		toc_error("tune: name an archive: files of events, lines or packets");
		return TOC_EXIT_USAGE;
	}
	struct toc_diag *diag = toc_diag_new();
	struct toc_config *c = toc_config_load(config, toc_data_folder(data, sizeof(data)), diag);
	status = toc_diag_errors(diag) ? TOC_EXIT_USAGE : play(c, &rules, &paths, wanted, diag);
	if (toc_diag_errors(diag))
		toc_diag_print(diag, stderr);
	toc_config_free(c);
	toc_diag_free(diag);
	return status;
}
