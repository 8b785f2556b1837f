/* correlate: values (distinct, sums), sequences (temporal, in order), chains. */
#include "rig.h"

#define TEN (10 * TOC_SEC)

static void values_are_distinct(void **state)
{
	(void)state;
	struct rig *r = rig_of("value_count", TEN, 3, 1);
	login(r, 0, 100, "x", "ann");
	login(r, 0, 101, "x", "bob");
	login(r, 0, 102, "x", "ann");
	login(r, 0, 103, "x", "bob");
	login(r, 0, 104, "x", NULL); /* no value: no hit */
	login(r, 0, 105, "y", "cy"); /* another group's */
	assert_string_equal(said(r), "");
	login(r, 0, 106, "x", "cy");
	assert_string_equal(said(r), "a+x");
	assert_true(r->last.value >= 3 && r->last.value <= 3);
	assert_int_equal(r->last.count, 5);
	assert_int_equal(toc_correlate_count(r->correlator)->hits, 6);
	rig_free(r);
}

static void values_fall_out_and_come_back(void **state)
{
	(void)state;
	struct rig *r = rig_of("value_count", TEN, 3, 1);
	login(r, 0, 100, "x", "ann");
	login(r, 0, 105, "x", "bob");
	login(r, 0, 111, "x", "cy"); /* ann is out */
	assert_string_equal(said(r), "");
	login(r, 0, 112, "x", "ann"); /* and in again */
	assert_string_equal(said(r), "a+x");
	assert_int_equal(r->last.first, 105 * TOC_SEC);
	login(r, 0, 116, "x", "ann"); /* bob is out, ann was seen anew: two */
	assert_string_equal(said(r), "");
	login(r, 0, 117, "x", "dan");
	assert_string_equal(said(r), "a=x");
	rig_free(r);
}

/* The first of two equal values falls out, the second keeps the value in. */
static void the_newer_of_two_equals_counts(void **state)
{
	(void)state;
	struct rig *r = rig_of("value_count", TEN, 3, 1);
	login(r, 0, 100, "x", "ann");
	login(r, 0, 104, "x", "ann");
	login(r, 0, 105, "x", "bob");
	login(r, 0, 114, "x", "cy"); /* exactly ten after the second */
	assert_string_equal(said(r), "a+x");
	rig_free(r);
}

/* A late value fits neither the window that it ends nor the last one that it is in, but one between them. */
static void a_late_value_between(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "value_count", TEN, 3, 0, 1)->late = TOC_MIN;
	start(r, (struct toc_corr_config){ 0 });
	login(r, 0, 100, "x", "ann");
	login(r, 0, 109, "x", "bob");
	login(r, 0, 117, "x", "bob");
	hit(r, 0, (struct fact){ .ts = 108 * TOC_SEC, .at = 118 * TOC_SEC, .src = "x", .user = "cy" });
	assert_string_equal(said(r), "a+x");
	assert_int_equal(r->last.first, 100 * TOC_SEC);
	assert_int_equal(r->last.last, 109 * TOC_SEC);
	rig_free(r);
}

static void sent(struct rig *r, int second, double bytes)
{
	hit(r, 0, (struct fact){ .ts = second * TOC_SEC, .src = "x", .bytes = bytes });
}

static void sums_of_the_window(void **state)
{
	(void)state;
	struct rig *r = rig_of("value_sum", TEN, 100, 1);
	sent(r, 100, 60);
	sent(r, 105, 39.5);
	sent(r, 106, 0); /* the field is missing */
	assert_int_equal(toc_correlate_count(r->correlator)->hits, 2);
	sent(r, 111, 60); /* the first sixty are out: 99.5 */
	assert_string_equal(said(r), "");
	sent(r, 112, 0.5);
	assert_string_equal(said(r), "a+x");
	assert_true(r->last.value >= 100 && r->last.value <= 100);
	assert_int_equal(r->last.count, 3);
	sent(r, 113, -1); /* a sum may shrink */
	assert_string_equal(said(r), "");
	sent(r, 116, 40.5); /* 60 + 0.5 - 1 + 40.5: 105 is out */
	assert_string_equal(said(r), "a=x");
	rig_free(r);
}

static void a_late_sum(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "value_sum", TEN, 100, 0, 1)->late = TOC_MIN;
	start(r, (struct toc_corr_config){ 0 });
	sent(r, 100, 40);
	sent(r, 109, 30);
	sent(r, 117, 20);
	hit(r, 0, (struct fact){ .ts = 108 * TOC_SEC, .at = 118 * TOC_SEC, .src = "x", .bytes = 20 });
	assert_string_equal(said(r), ""); /* 90 until 109, 70 until 117 */
	hit(r, 0, (struct fact){ .ts = 107 * TOC_SEC, .at = 118 * TOC_SEC, .src = "x", .bytes = 10 });
	assert_string_equal(said(r), "a+x");
	assert_int_equal(r->last.last, 109 * TOC_SEC);
	rig_free(r);
}

static void numbers_in_texts_add_up(void **state)
{
	(void)state;
	struct rig *r = rig_of("value_sum", TEN, 100, 1);
	r->refs[0][0].value[0] = (struct toc_fieldset){ 2, { r->map[BYTES], r->map[USER] } };
	login(r, 0, 100, "x", "99");
	login(r, 0, 101, "x", "1 byte");
	login(r, 0, 101, "x", "0x1");
	assert_string_equal(said(r), "");
	login(r, 0, 102, "x", "1");
	assert_string_equal(said(r), "a+x");
	rig_free(r);
}

/* Seconds and the number of the rule that is hit, in the order of coming; the words that the last one brings. */
struct step {
	int second;
	uint32_t rule;
};

static void walk(const char *kind, double gte, const struct step *steps, unsigned n, const char *words)
{
	struct rig *r = rig_new();
	rule(r, kind, TEN, gte, 0, 3)->late = TOC_MIN;
	start(r, (struct toc_corr_config){ 0 });
	for (unsigned i = 0; i < n; i++) {
		assert_string_equal(said(r), "");
		hit(r, steps[i].rule, (struct fact){ .ts = steps[i].second * TOC_SEC, .at = TOC_MIN, .src = "x" });
	}
	assert_string_equal(said(r), words);
	rig_free(r);
}

static void temporal_in_any_order(void **state)
{
	(void)state;
	static const struct step order[] = { { 10, 0 }, { 11, 1 }, { 12, 2 } },
				 back[] = { { 10, 2 }, { 11, 1 }, { 12, 0 } },
				 again[] = { { 10, 0 }, { 11, 1 }, { 12, 1 }, { 13, 0 } },
				 edge[] = { { 10, 1 }, { 12, 0 }, { 20, 2 } },
				 wide[] = { { 10, 1 }, { 12, 0 }, { 21, 2 } },
				 renewed[] = { { 10, 1 }, { 12, 0 }, { 21, 2 }, { 22, 1 } },
				 late[] = { { 10, 1 }, { 18, 2 }, { 14, 0 } },
				 other[] = { { 10, 1 }, { 18, 2 }, { 14, 3 } },
				 gone[] = { { 10, 0 }, { 21, 2 }, { 15, 1 } };
	walk("temporal", 0, order, 3, "a+x");
	walk("temporal", 0, back, 3, "a+x");
	walk("temporal", 0, again, 4, ""); /* a rule twice does not stand for another */
	walk("temporal", 0, edge, 3, "a+x");
	walk("temporal", 0, wide, 3, "");
	walk("temporal", 0, renewed, 4, "a+x"); /* the first fell out and came again */
	walk("temporal", 0, late, 3, "a+x");
	walk("temporal", 0, other, 3, "");
	walk("temporal", 0, gone, 3, "");     /* between two that are too far apart */
	walk("temporal", 2, again, 2, "a+x"); /* two of three will do */
}

static void temporal_in_order(void **state)
{
	(void)state;
	static const struct step order[] = { { 10, 0 }, { 11, 1 }, { 12, 2 } },
				 back[] = { { 10, 2 }, { 11, 1 }, { 12, 0 } },
				 swapped[] = { { 10, 0 }, { 11, 2 }, { 12, 1 } },
				 mended[] = { { 10, 0 }, { 11, 2 }, { 12, 1 }, { 13, 2 } },
				 again[] = { { 10, 0 }, { 11, 1 }, { 12, 1 }, { 13, 0 } },
				 edge[] = { { 10, 0 }, { 12, 1 }, { 20, 2 } },
				 wide[] = { { 10, 0 }, { 12, 1 }, { 21, 2 } },
				 anew[] = { { 10, 0 }, { 11, 0 }, { 12, 1 }, { 21, 2 } },
				 no_use[] = { { 10, 0 }, { 12, 1 }, { 13, 0 }, { 21, 2 } },
				 equal[] = { { 10, 0 }, { 10, 1 }, { 10, 2 } },
				 late[] = { { 10, 0 }, { 18, 2 }, { 14, 1 } },
				 early[] = { { 14, 1 }, { 18, 2 }, { 10, 0 } },
				 nearer[] = { { 10, 0 }, { 11, 0 }, { 21, 2 }, { 12, 1 } };
	walk("temporal_ordered", 0, order, 3, "a+x");
	walk("temporal_ordered", 0, back, 3, "");
	walk("temporal_ordered", 0, swapped, 3, "");
	walk("temporal_ordered", 0, mended, 4, "a+x");
	walk("temporal_ordered", 0, again, 4, "");
	walk("temporal_ordered", 0, edge, 3, "a+x");
	walk("temporal_ordered", 0, wide, 3, "");
	walk("temporal_ordered", 0, anew, 4, "a+x");  /* the later start counts */
	walk("temporal_ordered", 0, no_use, 4, "");   /* a start after the second rule does not */
	walk("temporal_ordered", 0, equal, 3, "a+x"); /* equal times count as in order */
	walk("temporal_ordered", 0, late, 3, "a+x");  /* order is of event time, not of coming */
	walk("temporal_ordered", 0, early, 3, "a+x");
	walk("temporal_ordered", 0, nearer, 4, "a+x"); /* late, and of two starts the later one counts */
}

static void sequences_keep_groups_apart(void **state)
{
	(void)state;
	static const char *const kinds[] = { "temporal", "temporal_ordered" };
	for (unsigned k = 0; k < 2; k++) {
		struct rig *r = rig_of(kinds[k], TEN, 0, 2);
		login(r, 0, 10, "x", NULL);
		login(r, 1, 11, "y", NULL);
		assert_string_equal(said(r), "");
		hits(r, 0, 1, (struct fact){ .ts = 12 * TOC_SEC, .src = "z" }); /* one event may be both */
		assert_string_equal(said(r), "a+z");
		login(r, 1, 13, "x", NULL);
		assert_string_equal(said(r), "a+x");
		rig_free(r);
	}
}

/* Failures, then a success: the first correlation's opening is an event of the second. */
static void chains(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "event_count", TEN, 3, 0, 1);
	rule(r, "temporal_ordered", TOC_MIN, 0, 0, 2);
	r->refs[1][0].rule = FIRST;
	rule(r, "event_count", TOC_MIN, 2, FIRST, 1)->nkeys = 0; /* two such from wherever */
	start(r, (struct toc_corr_config){ 0 });
	login(r, 1, 99, "x", NULL);
	for (int i = 0; i < 4; i++)
		login(r, 0, 100 + i, "x", NULL);
	assert_string_equal(said(r), "a+x a=x"); /* a success before them is not in order */
	login(r, 1, 104, "y", NULL);
	assert_string_equal(said(r), "");
	login(r, 1, 105, "x", NULL);
	assert_string_equal(said(r), "b+x");
	assert_int_equal(r->last.first, 102 * TOC_SEC); /* when the child opened */
	for (int i = 0; i < 3; i++)
		login(r, 0, 106 + i, "y", NULL);
	assert_string_equal(said(r), "a+y c+"); /* updates did not count: x once, y once */
	rig_free(r);
}

/* Of a child's opening its group-by is visible and nothing else: not the fields of the event that opened it. */
static void chains_carry_keys(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "event_count", TEN, 2, 0, 1)->nkeys = 2;
	r->rules[0].key_names[1] = "dst";
	r->refs[0][0].key[1] = (struct toc_fieldset){ 1, { r->map[DST] } };
	rule(r, "event_count", TEN, 1, FIRST, 1)->key_names[0] = "dst";
	r->refs[1][0].key_of[0] = 1;
	rule(r, "event_count", TEN, 1, FIRST, 1)->key_names[0] = "user"; /* the child does not have it */
	r->refs[2][0].key_of[0] = TOC_CORR_NO_KEY;
	start(r, (struct toc_corr_config){ 0 });
	hit(r, 0, (struct fact){ .ts = TEN, .src = "s", .dst = "d", .user = "u" });
	hit(r, 0, (struct fact){ .ts = TEN, .src = "s", .dst = "d", .user = "u" });
	assert_string_equal(said(r), "a+s b+d");
	assert_int_equal(toc_correlate_rule_count(r->correlator, 2)->missing_key, 1);
	rig_free(r);
}

/* An opening that had to wait for the end of its window is an event for the rules above, too. */
static void chains_over_upper_bounds(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "event_count", TEN, 3, 0, 1)->bounds[0].op = TOC_CORR_LT;
	rule(r, "event_count", TOC_MIN, 2, FIRST, 1)->nkeys = 0;
	start(r, (struct toc_corr_config){ 0 });
	login(r, 0, 100, "x", "ann");
	login(r, 0, 101, "y", "bob");
	login(r, 0, 102, "z", "cy");
	advance(r, 111 * TOC_SEC);
	assert_string_equal(said(r), "a+x a-x");
	advance(r, 113 * TOC_SEC);
	assert_string_equal(said(r), "a+y b+ a-y a+z b= a-z");
	login(r, 0, 151, "x", "ann"); /* over at 161, the parent at 162: its end is put off */
	advance(r, 163 * TOC_SEC);
	assert_string_equal(said(r), "a+x b= a-x");
	rig_free(r);
}

/* While they end, cells above them are made: the table grows, or has no room and pushes out those that still wait. */
static void many_chains_end_at_once(void **state)
{
	(void)state;
	enum { CHILDREN = 100 };
	for (unsigned cap = 0; cap <= CHILDREN; cap += CHILDREN) {
		struct rig *r = rig_new();
		rule(r, "event_count", TEN, 3, 0, 1)->bounds[0].op = TOC_CORR_LT;
		rule(r, "event_count", TOC_MIN, 1, FIRST, 1);
		rule(r, "event_count", TOC_MIN, 1, FIRST, 1);
		start(r, (struct toc_corr_config){ .cells = cap, .rule_cells = cap });
		for (unsigned i = 0; i < CHILDREN; i++) {
			char src[16];
			snprintf(src, sizeof(src), "k%u", i);
			login(r, 0, 100, src, NULL);
		}
		advance(r, 111 * TOC_SEC);
		const struct toc_corr_counters *count = toc_correlate_count(r->correlator);
		/* with a cap each that ends leaves one place and takes two, and is itself safe while it is told */
		const unsigned ended = r->opens / 3;
		assert_int_equal(r->opens, 3 * ended);
		if (cap)
			assert_in_range(ended, CHILDREN / 2, CHILDREN / 2 + 1);
		else
			assert_int_equal(ended, CHILDREN);
		assert_true(count->cells <= (cap ? cap : 2 * CHILDREN));
		assert_int_equal(count->cells + count->cells_evicted + ended, CHILDREN + 2 * ended);
		toc_correlate_finish(r->correlator, 112 * TOC_SEC);
		assert_int_equal(r->closes, r->opens);
		rig_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_distinct),
		cmocka_unit_test(values_fall_out_and_come_back),
		cmocka_unit_test(the_newer_of_two_equals_counts),
		cmocka_unit_test(a_late_value_between),
		cmocka_unit_test(sums_of_the_window),
		cmocka_unit_test(a_late_sum),
		cmocka_unit_test(numbers_in_texts_add_up),
		cmocka_unit_test(temporal_in_any_order),
		cmocka_unit_test(temporal_in_order),
		cmocka_unit_test(sequences_keep_groups_apart),
		cmocka_unit_test(chains),
		cmocka_unit_test(chains_carry_keys),
		cmocka_unit_test(chains_over_upper_bounds),
		cmocka_unit_test(many_chains_end_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
