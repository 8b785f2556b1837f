/* tune - `tocsin tune`: for each correlation how high windows got, in an archive or since it is in observe mode, and
 * which threshold costs how many alerts a day; for each detection how many alerts there would have been. Of each key
 * and day the highest window counts; who it was is not kept.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/command.h"
#include "app/inputs.h"
#include "app/loading.h"
#include "app/state.h"
#include "base/log.h"
#include "correlate/peaks.h"

static bool drop_alert(void *self, const struct toc_alert *alert)
{
	(void)self;
	(void)alert;
	return true;
}

/* Keys whose day got so high, a day. Values of one bin are a twelfth apart: the bin of the threshold counts as a whole.
 */
static double cost(const struct toc_corr_peaks *p, double threshold)
{
	uint64_t n = 0;
	for (unsigned i = TOC_PEAK_BINS; i-- > 0 && toc_correlate_peak_of(i + 1) > threshold * 1.0000001;)
		n += p->bins[i];
	return (double)n / p->days;
}

/* The least threshold, not below the present one, that costs at most so much. */
static double proposal(const struct toc_corr_peaks *p, double now, double wanted)
{
	bool whole = floor(now) >= now;
	double t = now;
	for (unsigned i = 0; i < TOC_PEAK_BINS && cost(p, t) > wanted; i++) {
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

/* What is known of a rule: whole days, unless the day that runs is all there is. false: nothing. */
static bool peaks_of(const struct toc_pipeline *p, unsigned place, uint32_t today, struct toc_corr_peaks *out)
{
	toc_correlate_peaks(p->generation->correlator, place, today, out);
	if (!out->days)
		toc_correlate_peaks(p->generation->correlator, place, UINT32_MAX, out);
	return out->days > 0;
}

/* Of the detections: how many alerts there would have been. They have no threshold that could be proposed. */
static void report_detections(const struct toc_pipeline *p, uint32_t today)
{
	const struct toc_ruleset *set = p->generation->rules;
	unsigned quiet = 0;
	for (unsigned i = 0; i < set->ndetections; i++) {
		struct toc_corr_peaks peaks;
		if ((!set->alerts[i].alerts && !set->alerts[i].held) ||
		    !peaks_of(p, set->ncorrelations + i, today, &peaks))
			continue;
		double alerts = 0, keys = 0;
		for (unsigned b = 0; b < TOC_PEAK_BINS; b++) {
			alerts += (double)peaks.bins[b] * ceil(toc_correlate_peak_of(b) - 1e-9);
			keys += (double)peaks.bins[b];
		}
		if (keys > 0)
			printf("# %s: %.2f a day, of %.2f keys (%u days)\n", set->alerts[i].title, alerts / peaks.days,
			       keys / peaks.days, peaks.days);
		else
			quiet++;
	}
	printf("# %u more detections: nothing came\n", quiet);
}

/* today: the day that is not over; UINT32_MAX: all are. */
static void report(const struct toc_pipeline *p, uint32_t today, double wanted)
{
	const struct toc_ruleset *set = p->generation->rules;
	unsigned low = 0;
	printf("# alerts a day at most, for other conditions of a rule may hold more back\n");
	for (unsigned i = 0; i < set->ncorrelations; i++) {
		const struct toc_corr_rule *r = &set->correlations[i];
		const struct toc_corr_bound *least = least_of(r);
		struct toc_corr_peaks peaks;
		if (!least || !r->variable || !peaks_of(p, i, today, &peaks))
			continue;
		if (cost(&peaks, least->value / 2) <= 0) {
			low++;
			continue;
		}
		double now = least->value, t = proposal(&peaks, now, wanted);
		printf("%s: %.10g # %s; now %.10g: %.2f a day, half of it: %.2f, so: %.2f (%u days)\n", r->variable, t,
		       set->alerts[set->ndetections + i].title, now, cost(&peaks, now), cost(&peaks, now / 2),
		       cost(&peaks, t), peaks.days);
	}
	printf("# %u more variables stay: nothing came to half of them\n", low);
	report_detections(p, today);
}

static int play(struct toc_pipeline *p, const struct toc_texts *paths, double wanted)
{
	struct toc_inputs inputs;
	int status = toc_inputs_open(&inputs, p, paths->at, paths->n, 1);
	if (status < 0) {
		toc_inputs_start(&inputs);
		toc_pipeline_run(p, NULL, NULL);
		status = toc_inputs_finish(&inputs, p) ? TOC_EXIT_OK : TOC_EXIT_FINDINGS;
		report(p, UINT32_MAX, wanted);
	}
	toc_inputs_free(&inputs);
	return status;
}

/* What the sensor kept of rules in observe mode. */
static int look_back(const struct toc_config *c, struct toc_pipeline *p, double wanted)
{
	if (!toc_state_read_peaks(c, p->generation->correlator)) {
		toc_error(
			"tune: %s: there are no peaks; they are kept of rules in observe mode (docs/operating.md), or "
			"name an archive: files of events, lines or packets",
			c->state);
		return TOC_EXIT_FINDINGS;
	}
	report(p, (uint32_t)(time(NULL) * TOC_SEC / TOC_DAY), wanted);
	return TOC_EXIT_OK;
}

static int tune(const struct toc_config *c, const struct toc_texts *rules, const struct toc_texts *paths, double wanted,
		struct toc_diag *diag)
{
	static const struct toc_outlet nobody = { "tune", drop_alert };
	const struct toc_pipeline_options o = { .rules = true, .rule_paths = rules->n ? rules->at : NULL };
	int status = TOC_EXIT_USAGE;
	struct toc_pipeline *p = toc_pipeline_new(c, &o, &nobody, NULL, diag);
	if (p && toc_correlate_keep_peaks(p->generation->correlator))
		status = paths->n ? play(p, paths, wanted) : look_back(c, p, wanted);
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
	struct toc_diag *diag = toc_diag_new();
	struct toc_config *c = toc_config_load(config, toc_data_folder(data, sizeof(data)), diag);
	status = toc_diag_errors(diag) ? TOC_EXIT_USAGE : tune(c, &rules, &paths, wanted, diag);
	if (toc_diag_errors(diag))
		toc_diag_print(diag, stderr);
	toc_config_free(c);
	toc_diag_free(diag);
	return status;
}
