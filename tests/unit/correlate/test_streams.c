/* correlate: long streams against a naive reference, and more state than there is room for. */
#include "rig.h"

enum { EVENTS = 3000, SOURCES = 5, PEOPLE = 6 };
static const char *const sources[SOURCES] = { "v", "w", "x", "y", "z" };
static const char *const people[PEOPLE] = { "ann", "bob", "cy", "dan", "eve", "fay" };

struct item {
	toc_time ts, at;
	unsigned source, person;
};

static uint64_t next(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 33;
}

/* Half-seconds, so that equal times and exact ends of windows are frequent; late: some come up to twenty seconds late.
 */
static void make_stream(struct item *items, uint64_t seed, bool late)
{
	toc_time at = TOC_HOUR;
	for (unsigned i = 0; i < EVENTS; i++) {
		at += (toc_time)(next(&seed) % 4 == 0 ? next(&seed) % 12 : next(&seed) % 2) * TOC_SEC / 2;
		const toc_time back = late && next(&seed) % 3 == 0 ? (toc_time)(next(&seed) % 41) * TOC_SEC / 2 : 0;
		items[i] = (struct item){ at - back, at, (unsigned)(next(&seed) % SOURCES), 0 };
		/* some names are rare */
		items[i].person = (unsigned)((next(&seed) % PEOPLE) * (next(&seed) % PEOPLE) / PEOPLE);
	}
}

/* How many of the source's items 0 … now lie in [end - timespan, end], or how many persons they name. */
static unsigned in_window(const struct item *items, unsigned now, toc_time end, toc_time timespan, bool distinct)
{
	unsigned seen[PEOPLE] = { 0 }, n = 0;
	for (unsigned i = 0; i <= now; i++) {
		if (items[i].source != items[now].source || items[i].ts > end || items[i].ts < end - timespan)
			continue;
		n += !distinct || seen[items[i].person] == 0;
		seen[items[i].person]++;
	}
	return n;
}

/* The most that any window with item `now` in it has; windows end at an item. */
static unsigned best_window(const struct item *items, unsigned now, toc_time timespan, bool distinct)
{
	unsigned best = 0;
	for (unsigned i = 0; i <= now; i++) {
		if (items[i].source != items[now].source || items[i].ts < items[now].ts ||
		    items[i].ts > items[now].ts + timespan)
			continue;
		const unsigned n = in_window(items, now, items[i].ts, timespan, distinct);
		best = n > best ? n : best;
	}
	return best;
}

/* Plays the stream; after each event the engine has found something if and only if a window reaches the bound. */
static void compare(const struct item *items, const char *kind, toc_time timespan, unsigned bound, bool late)
{
	const bool distinct = strcmp(kind, "value_count") == 0;
	struct rig *r = rig_new();
	rule(r, kind, timespan, bound, 0, 1)->late = late ? 20 * TOC_SEC : 0;
	start(r, (struct toc_corr_config){ 0 });
	unsigned fires = 0;
	for (unsigned i = 0; i < EVENTS; i++) {
		const unsigned before = r->opens + r->updates;
		const unsigned best = best_window(items, i, timespan, distinct);
		hit(r, 0,
		    (struct fact){ .ts = items[i].ts,
				   .at = items[i].at,
				   .src = sources[items[i].source],
				   .user = people[items[i].person] });
		const bool fired = r->opens + r->updates != before;
		if (fired != (best >= bound) || (fired && !late && (unsigned)r->last.value != best))
			fail_msg("%s of %lld s, bound %u, event %u: fired %d with %g, naive %u", kind,
				 (long long)(timespan / TOC_SEC), bound, i, fired, r->last.value, best);
		fires += fired;
	}
	assert_true(fires > 0 && fires < EVENTS); /* else nothing was compared */
	toc_correlate_finish(r->correlator, r->at);
	assert_int_equal(r->opens, r->closes);
	assert_int_equal(toc_correlate_count(r->correlator)->opened, r->opens);
	assert_int_equal(toc_correlate_count(r->correlator)->closed, r->closes);
	assert_int_equal(toc_correlate_count(r->correlator)->cells, 0);
	rig_free(r);
}

static void counts_are_the_naive_ones(void **state)
{
	(void)state;
	static const struct {
		toc_time timespan;
		unsigned count, values; /* bounds */
	} cases[] = {
		{ 2 * TOC_SEC, 2, 2 },	{ 5 * TOC_SEC, 3, 2 },	 { 5 * TOC_SEC, 5, 3 },	  { 20 * TOC_SEC, 5, 4 },
		{ 20 * TOC_SEC, 9, 5 }, { 20 * TOC_SEC, 12, 4 }, { 61 * TOC_SEC, 20, 5 }, { 61 * TOC_SEC, 25, 4 }
	};
	struct item *items = calloc(EVENTS, sizeof(*items));
	for (unsigned late = 0; late < 2; late++) {
		make_stream(items, 20260302 + late, late);
		for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			compare(items, "event_count", cases[i].timespan, cases[i].count, late);
			compare(items, "value_count", cases[i].timespan, cases[i].values, late);
		}
	}
	free(items);
}

/* Keys 0 … n-1, a millisecond apart. */
static void flood(struct rig *r, unsigned n)
{
	const toc_time from = r->at;
	for (unsigned i = 0; i < n; i++) {
		char src[16];
		snprintf(src, sizeof(src), "k%u", i);
		hit(r, 0, (struct fact){ .ts = from + i * TOC_MS, .src = src });
	}
}

static void the_least_recently_fed_goes(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "event_count", TOC_MIN, 2, 0, 1);
	start(r, (struct toc_corr_config){ .cells = 16, .rule_cells = 16 });
	login(r, 0, 1, "x", NULL);
	flood(r, 15);
	login(r, 0, 2, "x", NULL); /* still there, and now the newest */
	assert_string_equal(said(r), "a+x");
	assert_int_equal(toc_correlate_count(r->correlator)->cells_evicted, 0);
	login(r, 0, 3, "y", NULL); /* in the place of k0 */
	assert_int_equal(toc_correlate_count(r->correlator)->cells_evicted, 1);
	login(r, 0, 3, "k0", NULL); /* which is at its first again */
	assert_string_equal(said(r), "");
	login(r, 0, 3, "k14", NULL);
	assert_string_equal(said(r), "a+k14");
	flood(r, 1000);
	assert_int_equal(toc_correlate_count(r->correlator)->cells, 16);
	assert_int_equal(toc_correlate_count(r->correlator)->cells_evicted, 2 + 998);
	assert_string_equal(said(r), "a+k0 a-x a=k14 a-k0 a-k14"); /* open ones close when they go */
	assert_int_equal(r->opens, 3);
	assert_int_equal(toc_correlate_count(r->correlator)->opened, 3);
	assert_int_equal(toc_correlate_count(r->correlator)->closed, 3);
	advance(r, 120 * TOC_SEC);
	assert_int_equal(toc_correlate_count(r->correlator)->cells, 0);
	rig_free(r);
}

/* With no bytes left the least recently fed cells go, counted; when the time is over all is free again. */
static void bytes_are_bounded(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "event_count", TOC_MIN, 2, 0, 1);
	start(r, (struct toc_corr_config){ .bytes = 65536 });
	r->at = TOC_SEC;
	flood(r, 1000);
	const struct toc_corr_counters *count = toc_correlate_count(r->correlator);
	assert_int_equal(count->hits, 1000);
	assert_int_equal(count->cells + count->cells_evicted, 1000);
	assert_in_range(count->cells, 20, 120);
	assert_int_equal(count->hits_evicted, 0);
	login(r, 0, 3, "k0", NULL); /* it is at its first again */
	assert_string_equal(said(r), "");
	login(r, 0, 3, "k999", NULL);
	assert_string_equal(said(r), "a+k999");
	assert_int_equal(toc_correlate_rule_count(r->correlator, 0)->cells_evicted, count->cells_evicted);
	advance(r, 120 * TOC_SEC);
	assert_int_equal(count->cells, 0);
	assert_int_equal(toc_correlate_rule_bytes(r->correlator, 0), 0);
	for (unsigned i = 1; i <= 20; i++) { /* the same again and again: nothing is lost on the way */
		advance(r, i * TOC_HOUR);
		const uint64_t given_up = count->cells_evicted;
		flood(r, 20);
		assert_int_equal(count->cells, 20);
		assert_int_equal(count->cells_evicted, given_up);
	}
	rig_free(r);
}

/* A window keeps so many hits and no more: the oldest go. Time alone thins it out, too. */
static void one_window_is_bounded(void **state)
{
	(void)state;
	static const unsigned caps[] = { 1, 5, 8, 100 };
	for (unsigned i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
		struct rig *r = rig_new();
		rule(r, "event_count", TOC_MIN, 1, 0, 1);
		start(r, (struct toc_corr_config){ .cell_hits = caps[i] });
		for (unsigned k = 0; k < 200; k++)
			hit(r, 0, (struct fact){ .ts = TOC_SEC + k * TOC_MS, .src = "x" });
		assert_int_equal(r->last.count, caps[i]);
		assert_int_equal(r->last.first, TOC_SEC + (200 - caps[i]) * TOC_MS);
		assert_int_equal(r->last.nevidence, TOC_EVIDENCE);
		assert_int_equal(toc_correlate_count(r->correlator)->hits_evicted, 200 - caps[i]);
		rig_free(r);
	}
	struct rig *r = rig_new();
	rule(r, "event_count", TOC_MIN, 60, 0, 1);
	start(r, (struct toc_corr_config){ .cell_hits = 512 });
	for (int second = 0; second < 5000; second++)
		login(r, 0, second, "x", NULL);
	assert_int_equal(r->last.count, 61);
	assert_int_equal(toc_correlate_count(r->correlator)->hits_evicted, 0);
	rig_free(r);
}

/* Thousands of values in a window that slides over thousands more; some come twice, the last one late. */
static void many_values(void **state)
{
	(void)state;
	enum { WINDOW = 3000, ALL = 9000 };
	struct rig *r = rig_new();
	rule(r, "value_count", WINDOW * TOC_MS, 1, 0, 1)->late = TOC_MIN;
	start(r, (struct toc_corr_config){ 0 });
	for (unsigned i = 0; i <= ALL; i++) {
		char user[16];
		snprintf(user, sizeof(user), "u%u", i % 4 == 3 ? i - 1 : i); /* three of four are new */
		hit(r, 0, (struct fact){ .ts = TOC_SEC + i * TOC_MS, .src = "x", .user = user });
		if (i % 1000 == 0) {
			const unsigned in = i < WINDOW ? i + 1 : WINDOW + 1;
			assert_int_equal(r->last.count, in);
			assert_int_equal((unsigned)r->last.value, in / 4 * 3 + 1);
		}
	}
	/* The window that the late one ends holds 2,252; none of the later ones holds more. */
	r->rules[0].bounds[0].value = 2253;
	const unsigned before = r->updates;
	hit(r, 0, (struct fact){ .ts = TOC_SEC + 5000 * TOC_MS, .src = "x", .user = "late" });
	assert_int_equal(r->updates, before);
	r->rules[0].bounds[0].value = 2252;
	hit(r, 0, (struct fact){ .ts = TOC_SEC + 5000 * TOC_MS, .src = "x", .user = "late" });
	assert_int_equal(r->updates, before + 1);
	assert_int_equal((unsigned)r->last.value, 2252);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(counts_are_the_naive_ones), cmocka_unit_test(many_values),
					    cmocka_unit_test(the_least_recently_fed_goes),
					    cmocka_unit_test(bytes_are_bounded),
					    cmocka_unit_test(one_window_is_bounded) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
