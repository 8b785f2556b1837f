/* peaks: the highest window of each key and day, in histograms that live through reload and restart and know no key. */
#include "correlate/rig.h"

#include "correlate/peaks.h"
#include "correlate/snapshot.h"

static struct rig *observed(double gte)
{
	struct rig *r = rig_new();
	struct toc_corr_rule *one = rule(r, "event_count", TOC_HOUR, gte, 0, 1);
	one->observed = true;
	one->shape = 7;
	rule(r, "event_count", TOC_HOUR, gte, 1, 1)->shape = 8;
	start(r, (struct toc_corr_config){ 0 });
	return r;
}

static void reach(struct rig *r, uint32_t number, toc_time ts, const char *src, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		hit(r, number, (struct fact){ .ts = ts + (toc_time)i * TOC_SEC, .src = src });
}

/* Keys of the rule's histogram whose day came to at least `least`. */
static uint64_t keys(const struct rig *r, unsigned place, double least, unsigned days)
{
	struct toc_corr_peaks p;
	uint64_t n = 0;
	toc_correlate_peaks(r->correlator, place, UINT32_MAX, &p);
	assert_int_equal(p.days, days);
	for (unsigned i = 0; i < TOC_PEAK_BINS; i++)
		n += toc_correlate_peak_of(i + 1) > least ? p.bins[i] : 0;
	return n;
}

static const toc_time day0 = 20000 * TOC_DAY;

static void highest_of_a_day(void **state)
{
	(void)state;
	struct rig *r = observed(100);
	reach(r, 0, day0 + TOC_HOUR, "anna", 6);
	reach(r, 0, day0 + 5 * TOC_HOUR, "anna", 3); /* lower, on the same day */
	reach(r, 0, day0 + 5 * TOC_HOUR, "bert", 20);
	reach(r, 1, day0 + 5 * TOC_HOUR, "cleo", 20); /* of a rule that does not observe */
	assert_int_equal(keys(r, 0, 1, 1), 2);
	assert_int_equal(keys(r, 0, 6, 1), 2);
	assert_int_equal(keys(r, 0, 7, 1), 1);
	assert_int_equal(keys(r, 1, 0, 0), 0);
	reach(r, 0, day0 + 3 * TOC_DAY, "anna", 6); /* two quiet days count as days */
	assert_int_equal(keys(r, 0, 1, 4), 3);
	struct toc_corr_peaks p;
	toc_correlate_peaks(r->correlator, 0, 20003, &p);
	assert_int_equal(p.days, 3);		      /* the day that runs was left out */
	reach(r, 0, day0 + 200 * TOC_DAY, "anna", 6); /* ten weeks are kept */
	assert_int_equal(keys(r, 0, 1, TOC_PEAK_DAYS), 1);
	assert_int_equal(toc_correlate_count(r->correlator)->opened, 0);
	rig_free(r);
}

static void open_by(struct rig *r, uint32_t detection, toc_time ts, const char *key)
{
	toc_correlate_opened(r->correlator, detection, toc_span_str(key), ts, 10 * TOC_MIN);
}

static const struct toc_corr_detection detections[] = { { "d0", false }, { "d1", true } };

/* A detection in observe mode: how often an alert of the key would have opened. */
static void openings_of_a_detection(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "event_count", TOC_HOUR, 100, 0, 1)->shape = 7;
	start(r, (struct toc_corr_config){ .detections = detections, .ndetections = 2 });
	assert_false(toc_correlate_watches(r->correlator, 0));
	assert_true(toc_correlate_watches(r->correlator, 1));
	assert_false(toc_correlate_watches(r->correlator, 2));
	toc_correlate_advance(r->correlator, day0);
	for (unsigned i = 0; i < 30; i++) /* one every minute: one alert */
		open_by(r, 1, day0 + i * TOC_MIN, "anna");
	open_by(r, 1, day0 + 2 * TOC_HOUR, "anna");
	open_by(r, 1, day0 + TOC_HOUR, "anna"); /* late: none of its own */
	open_by(r, 1, day0 + TOC_HOUR, "bert");
	open_by(r, 0, day0 + TOC_HOUR, "bert");
	assert_int_equal(keys(r, 1, 0, 0), 0); /* d0 */
	assert_int_equal(keys(r, 2, 0, 1), 2);
	assert_int_equal(keys(r, 2, 2, 1), 1);
	uint64_t number;
	const char *what = NULL;
	size_t n;
	uint8_t *bytes = toc_correlate_peaks_save(r->correlator, 5, &n);
	assert_true(toc_correlate_peaks_number(toc_span_of(bytes, n), &number, &what));
	struct rig *next = rig_new();
	rule(next, "event_count", TOC_HOUR, 100, 0, 1)->shape = 7;
	start(next, (struct toc_corr_config){ .detections = detections + 1, .ndetections = 1 }); /* d0 is gone */
	assert_true(toc_correlate_peaks_restore(next->correlator, toc_span_of(bytes, n), &what));
	assert_int_equal(keys(next, 1, 0, 1), 2);
	assert_int_equal(keys(next, 1, 2, 1), 1);
	free(bytes);
	rig_free(next);
	rig_free(r);
}

static void restart_goes_on(void **state)
{
	(void)state;
	struct rig *r = observed(100), *next = observed(50),
		   *other = observed(100); /* another threshold: the same peaks */
	uint64_t number = 0;
	const char *what = NULL;
	size_t n;
	reach(r, 0, day0, "anna", 6);
	reach(r, 0, day0 + TOC_DAY, "anna", 12);
	uint8_t *bytes = toc_correlate_peaks_save(r->correlator, 41, &n);
	assert_true(toc_correlate_peaks_number(toc_span_of(bytes, n), &number, &what));
	assert_int_equal(number, 41);
	for (size_t i = 0; i + 4 <= n; i++)
		assert_memory_not_equal(bytes + i, "anna", 4);
	assert_true(toc_correlate_peaks_restore(next->correlator, toc_span_of(bytes, n), &what));
	reach(next, 0, day0 + TOC_DAY + TOC_HOUR, "anna", 7); /* the same key of the same day: it was higher before */
	assert_int_equal(keys(next, 0, 1, 2), 2);
	assert_int_equal(keys(next, 0, 11, 2), 1);
	other->rules[0].shape = 9; /* another timespan, say: its peaks are others */
	assert_true(toc_correlate_peaks_restore(other->correlator, toc_span_of(bytes, n), &what));
	assert_int_equal(keys(other, 0, 0, 0), 0);
	free(bytes);
	rig_free(other);
	rig_free(next);
	rig_free(r);
}

/* Cut anywhere, or one byte another one, with a digest that fits: taken or left, and left means that nothing was taken.
 */
static void damage_is_left(void **state)
{
	(void)state;
	struct rig *r = observed(100);
	const char *what = NULL;
	struct toc_span body;
	size_t n, m;
	reach(r, 0, day0, "anna", 6);
	reach(r, 0, day0 + TOC_DAY, "bert", 12);
	reach(r, 0, day0 + 4 * TOC_DAY, "bert", 12);
	uint8_t *bytes = toc_correlate_peaks_save(r->correlator, 1, &n);
	static const struct snapshot_form form = { "peaks", 1 };
	assert_true(snapshot_open(&form, toc_span_of(bytes, n), &body, &what));
	struct rig *victim = observed(100);
	for (size_t cut = 0; cut < body.n; cut += 7) {
		uint8_t *sealed = snapshot_seal(&form, toc_span_first(body, cut), &m);
		assert_false(toc_correlate_peaks_restore(victim->correlator, toc_span_of(sealed, m), &what));
		assert_int_equal(keys(victim, 0, 0, 0), 0);
		free(sealed);
	}
	uint8_t *any = malloc(body.n);
	for (size_t at = 0; at < body.n; at++) {
		memcpy(any, body.p, body.n);
		any[at] ^= (uint8_t)(1 + at % 255);
		uint8_t *sealed = snapshot_seal(&form, toc_span_of(any, body.n), &m);
		struct rig *fresh = observed(100);
		if (!toc_correlate_peaks_restore(fresh->correlator, toc_span_of(sealed, m), &what))
			assert_int_equal(keys(fresh, 0, 0, 0), 0);
		reach(fresh, 0, day0 + 5 * TOC_DAY, "anna", 3);
		rig_free(fresh);
		free(sealed);
	}
	assert_false(toc_correlate_peaks_restore(victim->correlator, toc_span_of(bytes, n - 1), &what));
	free(any);
	free(bytes);
	rig_free(victim);
	rig_free(r);
}

static void reload_goes_on(void **state)
{
	(void)state;
	static const struct toc_hash_key key = { 1, 2 };
	struct rig *r = observed(100);
	reach(r, 0, day0, "anna", 6);
	struct toc_corr_rule changed[2] = { r->rules[1], r->rules[0] }; /* in another order, with another threshold */
	changed[0].number = FIRST;
	changed[1].number = FIRST + 1;
	changed[1].hash = 99;
	struct toc_correlator *next = toc_correlator_new(&(struct toc_corr_config){ 0 }, changed, 2, &key, &r->out);
	toc_correlator_adopt(next, r->correlator);
	toc_correlator_free(r->correlator);
	r->correlator = next;
	reach(r, 0, day0 + TOC_HOUR, "anna", 4);
	reach(r, 0, day0 + TOC_HOUR, "bert", 4);
	assert_int_equal(keys(r, 1, 0, 1), 2);
	assert_int_equal(keys(r, 1, 6, 1), 1);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(highest_of_a_day), cmocka_unit_test(openings_of_a_detection),
		cmocka_unit_test(restart_goes_on),  cmocka_unit_test(damage_is_left),
		cmocka_unit_test(reload_goes_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
