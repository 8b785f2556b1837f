/* correlate: what each kind counts, where its window ends, when it speaks; groups, aliases, chains. */
#include "rig.h"

enum { S10 = 10 }; /* seconds: the timespan of most rules here */
#define TEN (S10 * TOC_SEC)

static void count_reaches_its_bound(void **state)
{
	(void)state;
	struct rig *r = rig_of("event_count", TEN, 3, 1);
	login(r, 0, 100, "x", NULL);
	login(r, 0, 103, "x", NULL);
	login(r, 1, 104, "x", NULL); /* another rule's hit */
	assert_string_equal(said(r), "");
	login(r, 0, 106, "x", NULL);
	assert_string_equal(said(r), "a+x");
	assert_true(r->last.value >= 3 && r->last.value <= 3);
	assert_int_equal(r->last.count, 3);
	assert_int_equal(r->last.first, 100 * TOC_SEC);
	assert_int_equal(r->last.last, 106 * TOC_SEC);
	assert_int_equal(r->last.nevidence, 3);
	assert_int_equal(toc_correlate_count(r->correlator)->hits, 3);
	rig_free(r);
}

static void count_window_slides(void **state)
{
	(void)state;
	struct rig *r = rig_of("event_count", TEN, 3, 1);
	for (int second = 100; second < 200; second += 6) /* never three in ten seconds */
		login(r, 0, second, "x", NULL);
	assert_string_equal(said(r), "");
	login(r, 0, 200, "x", NULL); /* 190 is the eldest that counts: 196 and 190 */
	assert_string_equal(said(r), "a+x");
	assert_int_equal(r->last.first, 190 * TOC_SEC);
	rig_free(r);
}

/* A window is [ts - timespan, ts]: both ends belong to it. */
static void count_boundary_belongs(void **state)
{
	(void)state;
	struct rig *r = rig_of("event_count", TEN, 2, 1);
	login(r, 0, 100, "in", NULL);
	login(r, 0, 110, "in", NULL);
	assert_string_equal(said(r), "a+in");
	login(r, 0, 200, "out", NULL);
	hit(r, 0, (struct fact){ .ts = 210 * TOC_SEC + 1, .src = "out" });
	assert_string_equal(said(r), "a-in");
	rig_free(r);
}

/* The windows compare when it happened, not when it became known. */
static void count_is_of_event_time(void **state)
{
	(void)state;
	struct rig *r = rig_of("event_count", TEN, 3, 1);
	for (int i = 0; i < 6; i++) /* known all at once, a minute apart */
		hit(r, 0, (struct fact){ .ts = i * TOC_MIN, .at = TOC_HOUR, .src = "slow", .source = 1 });
	assert_string_equal(said(r), "");
	for (int i = 0; i < 3; i++) /* known a minute apart, all at once */
		hit(r, 0,
		    (struct fact){ .ts = TOC_HOUR + i, .at = TOC_HOUR + i * TOC_MIN, .src = "fast", .source = 2 });
	assert_string_equal(said(r), "a+fast");
	rig_free(r);
}

/* A late one is put in its place: it may complete a window whose newest hit came before it. */
static void count_takes_late_hits(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "event_count", TEN, 3, 0, 1)->late = TOC_MIN;
	start(r, (struct toc_corr_config){ 0 });
	login(r, 0, 100, "x", NULL);
	login(r, 0, 111, "x", NULL);
	login(r, 0, 114, "x", NULL);
	hit(r, 0, (struct fact){ .ts = 103 * TOC_SEC, .at = 130 * TOC_SEC, .src = "x" });
	assert_string_equal(said(r), ""); /* 100 and 103; 103 and 111: 114 is too far */
	hit(r, 0, (struct fact){ .ts = 105 * TOC_SEC, .at = 131 * TOC_SEC, .src = "x" });
	assert_string_equal(said(r), "a+x");
	assert_int_equal(r->last.first, 105 * TOC_SEC); /* the last of the windows that it completes */
	assert_int_equal(r->last.last, 114 * TOC_SEC);
	rig_free(r);
}

/* An episode opens once; what holds updates it; it closes when the window is over, then all begins anew. */
static void episode_opens_once(void **state)
{
	(void)state;
	struct rig *r = rig_of("event_count", TEN, 2, 1);
	login(r, 0, 100, "x", NULL);
	login(r, 0, 101, "x", NULL);
	login(r, 0, 102, "x", NULL);
	assert_string_equal(said(r), "a+x a=x");
	assert_int_equal(r->last.count, 3);
	advance(r, 112 * TOC_SEC);
	assert_string_equal(said(r), "");
	advance(r, 113 * TOC_SEC);
	assert_string_equal(said(r), "a-x");
	assert_int_equal(toc_correlate_count(r->correlator)->cells, 0);
	login(r, 0, 114, "x", NULL); /* one is no longer enough */
	assert_string_equal(said(r), "");
	login(r, 0, 115, "x", NULL);
	assert_string_equal(said(r), "a+x");
	toc_correlate_finish(r->correlator, 116 * TOC_SEC);
	assert_string_equal(said(r), "a-x");
	assert_int_equal(toc_correlate_count(r->correlator)->opened, 2);
	assert_int_equal(toc_correlate_count(r->correlator)->closed, 2);
	rig_free(r);
}

static void clock_of_the_source_ends_it(void **state)
{
	(void)state;
	struct rig *r = rig_of("event_count", TEN, 2, 1);
	const struct fact x = { .ts = 100 * TOC_SEC, .src = "x", .source = 7 };
	hit(r, 0, x);
	hit(r, 0, x);
	assert_string_equal(said(r), "a+x");
	advance(r, 500 * TOC_SEC); /* the sensor's clock alone does not: the source may lag */
	assert_string_equal(said(r), "");
	toc_correlate_clock(r->correlator, 7, 110 * TOC_SEC, 0);
	advance(r, 501 * TOC_SEC);
	assert_string_equal(said(r), "");
	toc_correlate_clock(r->correlator, 7, 110 * TOC_SEC + 1, 0);
	advance(r, 502 * TOC_SEC);
	assert_string_equal(said(r), "a-x");
	const struct fact later = { .ts = 600 * TOC_SEC, .src = "x", .source = 7 };
	hit(r, 0, later);
	hit(r, 0, later);
	assert_string_equal(said(r), "a+x");
	advance(r, 610 * TOC_SEC + TOC_DAY);
	assert_string_equal(said(r), "");
	advance(r, 611 * TOC_SEC + TOC_DAY); /* silent for a day */
	assert_string_equal(said(r), "a-x");
	rig_free(r);
}

/* It keeps the episode from closing, but what comes when that is long over is not of it. */
static void a_silent_source_joins_nothing(void **state)
{
	(void)state;
	struct rig *r = rig_of("event_count", TEN, 2, 1);
	const struct fact x = { .ts = 100 * TOC_SEC, .src = "x", .source = 7 };
	hit(r, 0, x);
	hit(r, 0, x);
	assert_string_equal(said(r), "a+x");
	hit(r, 0, (struct fact){ .ts = 110 * TOC_SEC, .src = "x" });
	assert_string_equal(said(r), "a=x"); /* as long as it is open: an update */
	advance(r, 500 * TOC_SEC);
	assert_string_equal(said(r), "");
	hit(r, 0, (struct fact){ .ts = 500 * TOC_SEC, .src = "x" });
	assert_string_equal(said(r), "a-x");
	assert_int_equal(r->last.last, 110 * TOC_SEC); /* it ends as it was */
	hit(r, 0, (struct fact){ .ts = 501 * TOC_SEC, .src = "x" });
	assert_string_equal(said(r), "a+x");
	assert_int_equal(r->last.first, 500 * TOC_SEC);
	rig_free(r);
}

/* The same where windows are judged when they are over, two of them at once. */
static void nor_where_windows_are_waited_for(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "event_count", TEN, 3, 0, 1)->bounds[0].op = TOC_CORR_LT;
	start(r, (struct toc_corr_config){ 0 });
	hit(r, 0, (struct fact){ .ts = 100 * TOC_SEC, .at = 500 * TOC_SEC, .src = "x", .source = 7 });
	hit(r, 0, (struct fact){ .ts = 400 * TOC_SEC, .at = 500 * TOC_SEC, .src = "x", .source = 7 });
	assert_string_equal(said(r), "");
	toc_correlate_clock(r->correlator, 7, 500 * TOC_SEC, 0);
	advance(r, 501 * TOC_SEC);
	assert_string_equal(said(r), "a+x a-x a+x a-x");
	rig_free(r);
}

/* A cloud's audit log comes hours later, and meets what the wire told at the time; others are not held up. */
static void a_late_source_is_put_in_its_place(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	const toc_time late = 6 * TOC_HOUR, begin = 100 * TOC_HOUR;
	rule(r, "event_count", TEN, 2, 0, 1);
	rule(r, "event_count", TEN, 2, 1, 1);
	start(r, (struct toc_corr_config){ 0 });
	const struct fact cloud = { .ts = begin - 3 * TOC_HOUR, .at = begin, .src = "z", .source = 7, .late = late };
	hit(r, 0, cloud); /* from now on the first rule knows */
	hit(r, 0, (struct fact){ .ts = begin, .src = "x" });
	hit(r, 1, (struct fact){ .ts = begin, .src = "x" });
	hit(r, 0, (struct fact){ .ts = begin + 2 * TOC_HOUR, .src = "x" });
	hit(r, 1, (struct fact){ .ts = begin + 2 * TOC_HOUR, .src = "x" });
	advance(r, begin + 5 * TOC_HOUR);
	assert_int_equal(toc_correlate_rule_count(r->correlator, 1)->cells, 0);
	assert_string_equal(said(r), "");
	const struct fact same = {
		.ts = begin + TOC_SEC, .at = begin + 5 * TOC_HOUR, .src = "x", .source = 7, .late = late
	};
	hit(r, 0, same);
	assert_string_equal(said(r), "a+x");
	hit(r, 1, (struct fact){ .ts = begin + TOC_SEC, .at = begin + 5 * TOC_HOUR, .src = "x", .source = 8 });
	assert_string_equal(said(r), ""); /* of another source: forgotten */
	const struct fact too = {
		.ts = begin - 5 * TOC_HOUR, .at = begin + 5 * TOC_HOUR, .src = "x", .source = 7, .late = late
	};
	hit(r, 0, too);
	assert_int_equal(toc_correlate_rule_count(r->correlator, 0)->late, 1); /* seven hours behind the newest */
	rig_free(r);
}

static void groups_are_apart(void **state)
{
	(void)state;
	struct rig *r = rig_of("event_count", TEN, 3, 1);
	for (int i = 0; i < 2; i++) {
		login(r, 0, 100 + i, "x", NULL);
		login(r, 0, 100 + i, "y", NULL);
		login(r, 0, 100 + i, "", NULL); /* empty is a value */
		login(r, 0, 100 + i, NULL, NULL);
	}
	login(r, 0, 102, NULL, NULL); /* missing is none: not counted, but told */
	assert_string_equal(said(r), "");
	login(r, 0, 103, "y", NULL);
	login(r, 0, 103, "", NULL);
	assert_string_equal(said(r), "a+y a+");
	assert_int_equal(toc_correlate_count(r->correlator)->missing_key, 3);
	assert_int_equal(toc_correlate_count(r->correlator)->cells, 3);
	rig_free(r);
}

static void two_keys_and_none(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	struct toc_corr_rule *two = rule(r, "event_count", TEN, 2, 0, 1);
	two->nkeys = 2;
	two->key_names[1] = "user";
	r->refs[0][0].key[1] = (struct toc_fieldset){ 1, { r->map[USER] } };
	rule(r, "event_count", TEN, 4, 0, 1)->nkeys = 0; /* one group for all */
	start(r, (struct toc_corr_config){ 0 });
	login(r, 0, 100, "ab", "c");
	login(r, 0, 101, "a", "bc");
	login(r, 0, 102, "ab", NULL);
	assert_string_equal(said(r), "");
	login(r, 0, 103, "ab", "c");
	assert_string_equal(said(r), "a+ab b+");
	rig_free(r);
}

/* A value's own NUL neither ends it nor makes it another value's two. */
static void bytes_of_a_key(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	struct toc_corr_rule *two = rule(r, "event_count", TEN, 2, 0, 1);
	two->nkeys = 2;
	two->key_names[1] = "src";
	r->refs[0][0].key[0] = (struct toc_fieldset){ 1, { r->map[USER] } };
	r->refs[0][0].key[1] = (struct toc_fieldset){ 1, { r->map[SRC] } };
	start(r, (struct toc_corr_config){ 0 });
	hit(r, 0, (struct fact){ .ts = TEN, .raw = toc_span_of("root", 4), .src = "x" });
	hit(r, 0, (struct fact){ .ts = TEN, .raw = toc_span_of("root\0x", 6), .src = "x" });
	assert_string_equal(said(r), "");
	hit(r, 0, (struct fact){ .ts = TEN, .raw = toc_span_of("root\0x", 6), .src = "x" });
	assert_string_not_equal(said(r), "a+root");
	assert_int_equal(r->opens, 1);
	rig_free(r);
}

static void aliases_join_fields(void **state)
{
	(void)state;
	struct rig *r = rig_of("event_count", TEN, 2, 2);
	r->refs[0][1].key[0] = (struct toc_fieldset){ 1, { r->map[DST] } }; /* the second rule's victim is its dst */
	hit(r, 0, (struct fact){ .ts = TEN, .src = "x", .dst = "y" });
	hit(r, 1, (struct fact){ .ts = TEN, .src = "x", .dst = "z" });
	assert_string_equal(said(r), "");
	hit(r, 1, (struct fact){ .ts = TEN, .src = "z", .dst = "x" });
	assert_string_equal(said(r), "a+x");
	rig_free(r);
}

/* event_count counts events: one that satisfies two of the rules is one. */
static void one_event_counts_once(void **state)
{
	(void)state;
	struct rig *r = rig_of("event_count", TEN, 3, 2);
	hits(r, 0, 1, (struct fact){ .ts = TEN, .src = "x" });
	hits(r, 0, 1, (struct fact){ .ts = TEN, .src = "x" });
	assert_string_equal(said(r), "");
	hit(r, 1, (struct fact){ .ts = TEN, .src = "x" });
	assert_string_equal(said(r), "a+x");
	rig_free(r);
}

static void repeats_weigh(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "event_count", TEN, 5, 0, 1);
	start(r, (struct toc_corr_config){ .count_field = r->map[TIMES] });
	hit(r, 0, (struct fact){ .ts = 100 * TOC_SEC, .src = "x", .times = 3 });
	hit(r, 0, (struct fact){ .ts = 101 * TOC_SEC, .src = "x" });
	assert_string_equal(said(r), "");
	hit(r, 0, (struct fact){ .ts = 111 * TOC_SEC, .src = "x", .times = 4 }); /* the three are out */
	assert_string_equal(said(r), "a+x");
	assert_int_equal(r->last.count, 5);
	rig_free(r);
}

/* "Less than" is said when the window is over, and not at the end of the input. */
static void upper_bounds_wait(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "event_count", TEN, 3, 0, 1)->bounds[0].op = TOC_CORR_LT;
	start(r, (struct toc_corr_config){ 0 });
	login(r, 0, 100, "few", NULL);
	for (int i = 0; i < 3; i++)
		login(r, 0, 100 + i, "many", NULL);
	login(r, 0, 108, "late", NULL);
	assert_string_equal(said(r), "");
	advance(r, 113 * TOC_SEC);
	assert_string_equal(said(r), "a+few a-few");
	toc_correlate_finish(r->correlator, 114 * TOC_SEC);
	assert_string_equal(said(r), "");
	assert_int_equal(toc_correlate_count(r->correlator)->cells, 0);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(count_reaches_its_bound),
		cmocka_unit_test(count_window_slides),
		cmocka_unit_test(count_boundary_belongs),
		cmocka_unit_test(count_is_of_event_time),
		cmocka_unit_test(count_takes_late_hits),
		cmocka_unit_test(episode_opens_once),
		cmocka_unit_test(clock_of_the_source_ends_it),
		cmocka_unit_test(a_silent_source_joins_nothing),
		cmocka_unit_test(nor_where_windows_are_waited_for),
		cmocka_unit_test(a_late_source_is_put_in_its_place),
		cmocka_unit_test(groups_are_apart),
		cmocka_unit_test(two_keys_and_none),
		cmocka_unit_test(bytes_of_a_key),
		cmocka_unit_test(aliases_join_fields),
		cmocka_unit_test(one_event_counts_once),
		cmocka_unit_test(repeats_weigh),
		cmocka_unit_test(upper_bounds_wait),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
