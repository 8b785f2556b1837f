/* correlate: what the superset adds: silence, first seen, baselines, beacons, calendars, inhibition, sleep. */
#include "rig.h"

#include "correlate/calendar.h"

#define TEN (10 * TOC_SEC)

static struct toc_corr_rule *silence(struct rig *r, toc_time timespan, toc_time active, double gap_factor)
{
	struct toc_corr_rule *rule_of = rule(r, "event_count", timespan, 0, 0, 1);
	rule_of->absent.on = true;
	rule_of->absent.active = active;
	rule_of->absent.gap_factor = gap_factor;
	return rule_of;
}

static void every(struct rig *r, int from, int until, int step, const char *src)
{
	for (int second = from; second <= until; second += step)
		login(r, 0, second, src, NULL);
}

static void silence_of_learnt_keys(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	silence(r, TOC_MIN, 10 * TOC_MIN, 0);
	start(r, (struct toc_corr_config){ 0 });
	every(r, 1000, 1540, 30, "x"); /* nine minutes: not known yet */
	advance(r, 1700 * TOC_SEC);
	assert_string_equal(said(r), "");
	every(r, 1710, 1800, 30, "x");
	advance(r, 1860 * TOC_SEC);
	assert_string_equal(said(r), "");
	advance(r, 1861 * TOC_SEC);
	assert_string_equal(said(r), "a+x");
	assert_int_equal(r->last.first, 1800 * TOC_SEC);
	advance(r, 1950 * TOC_SEC);
	assert_string_equal(said(r), ""); /* one episode, however long it lasts */
	login(r, 0, 1960, "x", NULL);
	assert_string_equal(said(r), "a-x"); /* it is heard again */
	advance(r, 2021 * TOC_SEC);
	assert_string_equal(said(r), "a+x");
	advance(r, 1960 * TOC_SEC + 10 * TOC_MIN);
	assert_string_equal(said(r), "");
	advance(r, 1961 * TOC_SEC + 10 * TOC_MIN); /* gone for as long as it took to know it: given up */
	assert_string_equal(said(r), "a-x");
	assert_int_equal(toc_correlate_count(r->correlator)->cells, 0);
	rig_free(r);
}

/* A key that is usually heard every minute may be silent for three of them. */
static void silence_by_its_rhythm(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	silence(r, 90 * TOC_SEC, TOC_MIN, 3);
	start(r, (struct toc_corr_config){ 0 });
	every(r, 1000, 1600, 60, "slow");
	every(r, 1590, 1770, 10, "quick");
	advance(r, 1780 * TOC_SEC);
	assert_string_equal(said(r), "");
	advance(r, 1781 * TOC_SEC);
	assert_string_equal(said(r), "a+slow");
	advance(r, 1860 * TOC_SEC);
	assert_string_equal(said(r), "");
	advance(r, 1861 * TOC_SEC); /* three gaps would be 30 s: the timespan is the least */
	assert_string_equal(said(r), "a+quick");
	rig_free(r);
}

static void silence_of_a_list(void **state)
{
	(void)state;
	struct toc_arena *arena = toc_arena_new();
	struct toc_list *list = toc_list_new(arena, TOC_LIST_STRING, 2);
	toc_list_add(list, toc_span_str("fw1"));
	toc_list_add(list, toc_span_str("FW2"));
	struct rig *r = rig_new();
	silence(r, TOC_MIN, TOC_DAY, 0)->absent.list = list;
	start(r, (struct toc_corr_config){ 0 });
	advance(r, 1000 * TOC_SEC);
	login(r, 0, 1030, "FW1", NULL); /* lists fold case */
	login(r, 0, 1030, "other", NULL);
	advance(r, 1061 * TOC_SEC);
	assert_string_equal(said(r), "a+fw2"); /* never heard, yet expected */
	advance(r, 1091 * TOC_SEC);
	assert_string_equal(said(r), "a+fw1");
	advance(r, 30 * TOC_DAY); /* never given up */
	assert_string_equal(said(r), "");
	login(r, 0, 30 * 86400, "Fw2", NULL);
	assert_string_equal(said(r), "a-fw2");
	toc_correlate_finish(r->correlator, r->at);
	assert_string_equal(said(r), "a-fw1");
	rig_free(r);
	toc_arena_free(arena);
}

/* The end of the input says nothing of silence; a source that lags is judged by its own clock. */
static void silence_waits(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	silence(r, TOC_MIN, TOC_MIN, 0);
	start(r, (struct toc_corr_config){ 0 });
	for (int i = 0; i <= 300; i += 30) /* an hour behind, and it goes on to talk of others */
		hit(r, 0,
		    (struct fact){ .ts = (1000 + i) * TOC_SEC, .at = (4600 + i) * TOC_SEC, .src = "x", .source = 7 });
	for (int i = 330; i <= 360; i += 10) {
		advance(r, (4600 + i) * TOC_SEC);
		toc_correlate_clock(r->correlator, 7, (1000 + i) * TOC_SEC, 0);
	}
	advance(r, 4961 * TOC_SEC);
	assert_string_equal(said(r), "");
	toc_correlate_clock(r->correlator, 7, 1361 * TOC_SEC, 0);
	advance(r, 4962 * TOC_SEC);
	assert_string_equal(said(r), "a+x");
	toc_correlate_finish(r->correlator, 4963 * TOC_SEC);
	assert_string_equal(said(r), "a-x");
	rig_free(r);
	r = rig_new();
	silence(r, TOC_MIN, TOC_MIN, 0);
	start(r, (struct toc_corr_config){ 0 });
	every(r, 1000, 1200, 30, "x");
	toc_correlate_finish(r->correlator, 9000 * TOC_SEC);
	assert_string_equal(said(r), "");
	rig_free(r);
}

/* A source that is silent altogether is silence, though its clock stands still. */
static void silence_of_a_source(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	silence(r, TOC_MIN, TOC_MIN, 0);
	start(r, (struct toc_corr_config){ 0 });
	for (int i = 0; i <= 300; i += 30)
		hit(r, 0, (struct fact){ .ts = (1000 + i) * TOC_SEC, .src = "x", .source = 7 });
	advance(r, 1360 * TOC_SEC);
	assert_string_equal(said(r), "");
	advance(r, 1363 * TOC_SEC);
	assert_string_equal(said(r), "a+x");
	rig_free(r);
}

/* --- first seen --------------------------------------------------------------------------------------------------- */

static struct rig *first_seen(bool by_key, toc_time learn, toc_time forget)
{
	struct rig *r = rig_new();
	struct toc_corr_rule *rule_of = rule(r, "event_count", TOC_MIN, 2, 0, 1);
	rule_of->novel.on = true;
	rule_of->novel.by_key = by_key;
	rule_of->novel.learn = learn;
	rule_of->novel.forget = forget;
	r->refs[0][0].novel = (struct toc_fieldset){ 1, { r->map[DST] } };
	start(r, (struct toc_corr_config){ .learnt = 64 });
	return r;
}

static void visit(struct rig *r, int second, const char *src, const char *dst)
{
	hit(r, 0, (struct fact){ .ts = second * TOC_SEC, .src = src, .dst = dst });
}

static void new_to_the_site(void **state)
{
	(void)state;
	struct rig *r = first_seen(false, TOC_HOUR, TOC_DAY);
	visit(r, 100, "x", "old"); /* learning */
	visit(r, 101, "x", "old");
	visit(r, 102, "x", "old");
	visit(r, 3800, "x", "old");
	visit(r, 3801, "x", "old");
	assert_string_equal(said(r), "");
	visit(r, 4000, "x", "new");
	visit(r, 4030, "x", "new"); /* it stays new for one window, so that all of it counts */
	assert_string_equal(said(r), "a+x");
	visit(r, 4061, "x", "new");
	visit(r, 4062, "y", "new"); /* known to the site by now */
	visit(r, 4063, "y", "new");
	advance(r, 4200 * TOC_SEC);
	assert_string_equal(said(r), "a-x");
	visit(r, 4064 + 86400, "y", "new"); /* forgotten */
	visit(r, 4065 + 86400, "y", "new");
	assert_string_equal(said(r), "a+y");
	visit(r, 4066 + 86400, "y", NULL);
	assert_int_equal(toc_correlate_count(r->correlator)->missing_value, 1);
	assert_int_equal(toc_correlate_count(r->correlator)->known, 8);
	rig_free(r);
}

static void new_to_the_key(void **state)
{
	(void)state;
	struct rig *r = first_seen(true, TOC_HOUR, TOC_DAY);
	visit(r, 100, "x", "d");
	visit(r, 5000, "x", "d");
	visit(r, 5001, "x", "d");
	visit(r, 5002, "y", "d"); /* y begins to be learnt only now */
	visit(r, 5003, "y", "d");
	assert_string_equal(said(r), "");
	visit(r, 9000, "y", "e");
	visit(r, 9001, "y", "e");
	assert_string_equal(said(r), "a+y");
	for (int i = 0; i < 200; i++) { /* more values than it remembers */
		char dst[16];
		snprintf(dst, sizeof(dst), "d%d", i);
		visit(r, 9002, "z", dst);
	}
	assert_true(toc_correlate_rule_count(r->correlator, 0)->forgotten >= 130);
	rig_free(r);
}

/* --- baseline ------------------------------------------------------------------------------------------------------
 */

/* Ten in ten minutes each Monday at eight, one at nine; then many. */
static void five_times_the_usual(void **state)
{
	(void)state;
	enum { WEEK = 7 * 86400, MONDAY = 4 * 86400 + 8 * 3600 }; /* 1970-01-05 08:00 */
	for (unsigned hour = 0; hour < 2; hour++) {
		struct rig *r = rig_new();
		struct toc_corr_rule *rule_of = rule(r, "event_count", 10 * TOC_MIN, 4, 0, 1);
		rule_of->baseline.weeks = 3;
		rule_of->baseline.least = 14 * TOC_DAY;
		rule_of->baseline.factor = 5;
		start(r, (struct toc_corr_config){ 0 });
		for (int week = 0; week < 3; week++) {
			for (int i = 0; i < 10; i++)
				login(r, 0, MONDAY + week * WEEK + 60 * i, "x", NULL);
			login(r, 0, MONDAY + week * WEEK + 3600, "x", NULL);
		}
		assert_int_equal(r->opens, 0);
		const int from = MONDAY + 3 * WEEK + (int)hour * 3600;
		const int usual = hour ? 1 : 10;
		for (int i = 0; i < 5 * usual - 1; i++)
			login(r, 0, from + i, "x", NULL);
		assert_int_equal(r->opens, 0);
		login(r, 0, from + 60, "x", NULL);
		assert_int_equal(r->opens, 1); /* five times the usual peak of that hour */
		for (int i = 0; i < 100; i++)  /* y is not known for two weeks */
			login(r, 0, from + 70, "y", NULL);
		assert_int_equal(r->opens, 1);
		rig_free(r);
	}
}

/* --- beacons -------------------------------------------------------------------------------------------------------
 */

static void even_beats(void **state)
{
	(void)state;
	static const struct {
		int jitter, sizes;
		bool beacon;
	} cases[] = { { 0, 0, true }, { 4, 0, true }, { 40, 0, false }, { 0, 10, true }, { 0, 600, false } };
	for (unsigned c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct rig *r = rig_new();
		struct toc_corr_rule *rule_of = rule(r, "event_count", 6 * TOC_HOUR, 24, 0, 1);
		rule_of->period.on = true;
		rule_of->period.jitter = 0.1;
		rule_of->period.size_cv = 0.2;
		start(r, (struct toc_corr_config){ 0 });
		for (int i = 0; i < 24; i++) {
			const int off = i % 2 ? cases[c].jitter : 0;
			const uint64_t size = 1000u + (unsigned)(i % 2 ? cases[c].sizes : 0);
			hit(r, 0, (struct fact){ .ts = (1000 + 60 * i + off) * TOC_SEC, .src = "x", .times = size });
		}
		assert_int_equal(r->opens, cases[c].beacon);
		rig_free(r);
	}
}

/* --- calendars ------------------------------------------------------------------------------------------------------
 */

static void calendars(void **state)
{
	(void)state;
	static const struct toc_calendar_hours week[] = { { 0x1f, 7 * 60, 17 * 60 } },
					       night[] = { { 0x10, 1320, 300 } };
	static const struct toc_calendar_dates off[] = { { 20514, 20515 } }; /* 2026-03-02 and 03 */
	struct toc_zone *zone = toc_zone_new(&toc_opener_self, "America/New_York");
	assert_non_null(zone);
	struct toc_calendar school = { .name = "s", .zone = zone, .nhours = 1, .hours = week };
	struct toc_calendar closed = { .name = "c", .negated = &school };
	struct toc_calendar holidays = { .name = "h", .zone = zone, .ndates = 1, .dates = off };
	struct toc_calendar friday_night = { .name = "f", .nhours = 1, .hours = night };
	const toc_time monday = INT64_C(1772409600) * TOC_SEC; /* 2026-03-02 00:00 UTC, five hours ahead */
	static const struct {
		int hours;
		bool school;
	} cases[] = { { 11, false }, { 12, true }, { 21, true }, { 22, false }, { 5 * 24 + 12, false } };
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(calendar_holds(&school, monday + cases[i].hours * TOC_HOUR), cases[i].school);
		assert_int_equal(calendar_holds(&closed, monday + cases[i].hours * TOC_HOUR), !cases[i].school);
	}
	/* a week later the clocks have gone forward: school begins an hour earlier by UTC */
	assert_true(calendar_holds(&school, monday + (7 * 24 + 11) * TOC_HOUR));
	assert_false(calendar_holds(&holidays, monday + 4 * TOC_HOUR));
	assert_true(calendar_holds(&holidays, monday + 5 * TOC_HOUR));
	assert_false(calendar_holds(&holidays, monday + 53 * TOC_HOUR));
	school.nwithout = 1;
	school.without = off;
	assert_false(calendar_holds(&school, monday + 15 * TOC_HOUR));
	/* over midnight: Friday 22:00 to Saturday 05:00 */
	assert_true(calendar_holds(&friday_night, monday + (4 * 24 + 23) * TOC_HOUR));
	assert_true(calendar_holds(&friday_night, monday + (5 * 24 + 4) * TOC_HOUR));
	assert_false(calendar_holds(&friday_night, monday + (5 * 24 + 5) * TOC_HOUR));
	assert_false(calendar_holds(&friday_night, monday + (4 * 24 + 4) * TOC_HOUR));
	toc_zone_free(zone);
}

static void only_then(void **state)
{
	(void)state;
	static const struct toc_calendar_hours morning[] = { { 0x7f, 0, 60 } };
	const struct toc_calendar early = { .name = "early", .nhours = 1, .hours = morning };
	struct rig *r = rig_new();
	rule(r, "event_count", TOC_HOUR, 2, 0, 1)->when = &early;
	silence(r, 10 * TOC_MIN, 0, 0)->when = &early;
	start(r, (struct toc_corr_config){ 0 });
	login(r, 0, 3590, "x", NULL);
	login(r, 0, 3600, "x", NULL); /* one o'clock */
	login(r, 0, 3610, "x", NULL);
	assert_int_equal(toc_correlate_count(r->correlator)->outside, 2);
	advance(r, 86399 * TOC_SEC);
	assert_string_equal(said(r), ""); /* nobody expects it to be heard by day */
	advance(r, 86700 * TOC_SEC);
	assert_string_equal(said(r), "b+x");
	rig_free(r);
}

/* --- what holds an opening back -------------------------------------------------------------------------------------
 */

static void inhibited(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "event_count", TEN, 3, 0, 1);
	struct toc_corr_rule *quiet = rule(r, "event_count", TEN, 1, 1, 1);
	const struct toc_corr_ref inhibitors[2] = {
		{ .rule = FIRST, .chained = true, .key_of = { 0 } },
		{ .rule = 2, .key = { { 1, { r->map[SRC] } } }, .key_of = { 0 } },
	};
	quiet->inhibitors = inhibitors;
	quiet->ninhibitors = 2;
	start(r, (struct toc_corr_config){ 0 });
	every(r, 100, 102, 1, "x");
	login(r, 1, 103, "x", NULL); /* a is open for x */
	login(r, 1, 104, "y", NULL); /* not for y */
	assert_string_equal(said(r), "a+x b+y");
	advance(r, 113 * TOC_SEC);
	login(r, 1, 114, "x", NULL);
	assert_string_equal(said(r), "a-x b+x");
	login(r, 2, 200, "z", NULL); /* a detection inhibits for the timespan */
	login(r, 1, 210, "z", NULL);
	assert_int_equal(toc_correlate_rule_count(r->correlator, 1)->inhibited, 2);
	said(r);
	login(r, 1, 211, "z", NULL);
	assert_string_equal(said(r), "b+z");
	rig_free(r);
}

/* A rule that needs events which do not come says nothing. */
static void asleep(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	const toc_field needs[] = { r->map[K] };
	struct toc_corr_rule *rule_of = rule(r, "event_count", TEN, 1, 0, 1);
	rule_of->needs = needs;
	rule_of->nneeds = 1;
	start(r, (struct toc_corr_config){ 0 });
	login(r, 0, 100, "x", NULL);
	assert_string_equal(said(r), "");
	toc_correlate_seen(r->correlator, r->map[K], 101 * TOC_SEC);
	login(r, 0, 102, "x", NULL);
	assert_string_equal(said(r), "a+x");
	login(r, 0, 101 + 3601, "y", NULL);
	assert_string_equal(said(r), "a-x");
	assert_int_equal(toc_correlate_count(r->correlator)->asleep, 2);
	rig_free(r);
}

/* episode: close and max are the rule's own. */
static void episodes_close_as_told(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "event_count", TEN, 2, 0, 1)->close = TOC_MIN;
	rule(r, "event_count", TEN, 2, 0, 1)->max = 25 * TOC_SEC;
	start(r, (struct toc_corr_config){ 0 });
	every(r, 100, 135, 5, "x");
	assert_string_equal(said(r), "a+x b+x a=x b=x a=x b=x a=x b=x a=x b=x a=x b=x b-x a=x b+x");
	advance(r, 195 * TOC_SEC);
	assert_string_equal(said(r), "b-x");
	advance(r, 196 * TOC_SEC);
	assert_string_equal(said(r), "a-x");
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_of_learnt_keys),
		cmocka_unit_test(silence_by_its_rhythm),
		cmocka_unit_test(silence_of_a_list),
		cmocka_unit_test(silence_waits),
		cmocka_unit_test(silence_of_a_source),
		cmocka_unit_test(new_to_the_site),
		cmocka_unit_test(new_to_the_key),
		cmocka_unit_test(five_times_the_usual),
		cmocka_unit_test(even_beats),
		cmocka_unit_test(calendars),
		cmocka_unit_test(only_then),
		cmocka_unit_test(inhibited),
		cmocka_unit_test(asleep),
		cmocka_unit_test(episodes_close_as_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
