/* correlate: means, order statistics, tuples, ratios, conditions over names of rules; ranges, and what waits. */
#include "rig.h"

#define TEN (10 * TOC_SEC)

static bool near(double a, double b)
{
	return a - b < 1e-6 && b - a < 1e-6;
}

static void sent(struct rig *r, int second, double bytes)
{
	hit(r, 0, (struct fact){ .ts = second * TOC_SEC, .src = "x", .bytes = bytes });
}

static void bound(struct rig *r, unsigned i, enum toc_corr_op op, double value)
{
	r->rules[i].bounds[r->rules[i].nbounds++] = (struct toc_corr_bound){ op, value };
}

/* "value_avg": the mean; events that lack the field, or have no number in it, do not take part. */
static void mean_of_the_window(void **state)
{
	(void)state;
	struct rig *r = rig_of("value_avg", TEN, 50.5, 1);
	sent(r, 100, 100);
	assert_string_equal(said(r), "a+x");
	sent(r, 101, 1);
	assert_string_equal(said(r), "a=x");
	assert_true(near(r->last.value, 50.5));
	sent(r, 102, 0); /* none */
	sent(r, 103, 50.3);
	assert_string_equal(said(r), ""); /* 50.43 */
	sent(r, 112, 52);		  /* the hundred and the one are out: 51.15 */
	assert_string_equal(said(r), "a-x a+x");
	assert_int_equal(toc_correlate_count(r->correlator)->missing_value, 1);
	rig_free(r);
}

/* A peer returns the percentile and forgets the operator: its own test has 50.5 hold for "lte 50". */
static void percentile_is_compared(void **state)
{
	(void)state;
	static const struct {
		double percentile, bound;
		bool holds;
	} cases[] = { { 50, 50.5, true }, { 50, 50.6, false }, { 0, 1, true },	    { 0, 1.5, false },
		      { 100, 100, true }, { 95, 95.05, true }, { 95, 95.1, false }, { 25, 25.75, true } };
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rig *r = rig_new();
		rule(r, "value_percentile", TOC_HOUR, cases[i].bound, 0, 1)->percentile = cases[i].percentile;
		start(r, (struct toc_corr_config){ 0 });
		for (int n = 0; n < 99; n++) /* 1 … 100 in a mixed order; the last one decides */
			sent(r, n, (n * 37) % 100 + 1);
		said(r);
		sent(r, 99, (99 * 37) % 100 + 1);
		assert_string_equal(said(r)[0] ? "holds" : "", cases[i].holds ? "holds" : "");
		rig_free(r);
	}
	struct rig *r = rig_new();
	rule(r, "value_percentile", TEN, 0, 0, 1)->percentile = 50;
	bound(r, 0, TOC_CORR_LTE, 50);
	start(r, (struct toc_corr_config){ 0 });
	sent(r, 1, 50);
	sent(r, 2, 51);
	advance(r, TOC_MIN);
	assert_string_equal(said(r), "");
	rig_free(r);
}

static void median_slides(void **state)
{
	(void)state;
	struct rig *r = rig_of("value_median", TEN, 10, 1);
	sent(r, 100, 1);
	sent(r, 101, 19); /* between the two */
	assert_string_equal(said(r), "a+x");
	assert_true(near(r->last.value, 10));
	sent(r, 102, 5);
	assert_string_equal(said(r), "");
	sent(r, 111, 30); /* 19, 5, 30 */
	assert_string_equal(said(r), "a=x");
	assert_true(near(r->last.value, 19));
	rig_free(r);
}

/* condition.field as a list: different tuples, not different texts. */
static void tuples(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "value_count", TEN, 3, 0, 1)->nvalues = 2;
	r->refs[0][0].value[1] = (struct toc_fieldset){ 1, { r->map[DST] } };
	start(r, (struct toc_corr_config){ 0 });
	const struct fact pairs[] = { { .user = "a", .dst = "bc" },
				      { .user = "ab", .dst = "c" },
				      { .user = "a", .dst = "bc" },
				      { .user = "a" } };
	for (unsigned i = 0; i < 4; i++) {
		struct fact f = pairs[i];
		f.ts = TEN;
		f.src = "x";
		hit(r, 0, f);
	}
	assert_string_equal(said(r), "");
	hit(r, 0, (struct fact){ .ts = TEN, .src = "x", .user = "a", .dst = "b" });
	assert_string_equal(said(r), "a+x");
	assert_true(near(r->last.value, 3));
	rig_free(r);
}

static void ratio_of_two_sums(void **state)
{
	(void)state;
	struct rig *r = rig_of("value_sum", TEN, 100, 1);
	r->rules[0].ratio.n = 1;
	r->rules[0].ratio.bounds[0] = (struct toc_corr_bound){ TOC_CORR_GTE, 10 };
	hit(r, 0, (struct fact){ .ts = TEN, .src = "x", .bytes = 200, .times = 21 });
	assert_string_equal(said(r), "");
	hit(r, 0, (struct fact){ .ts = TEN, .src = "x", .bytes = 10 }); /* over: missing counts as nothing */
	assert_string_equal(said(r), "a+x");
	hit(r, 0, (struct fact){ .ts = TEN, .src = "y", .bytes = 99 }); /* all of nothing, but too little */
	assert_string_equal(said(r), "");
	hit(r, 0, (struct fact){ .ts = TEN, .src = "y", .bytes = 1 });
	assert_string_equal(said(r), "a+y");
	rig_free(r);
}

/* Two operators: both must hold. With an upper one the window is judged when it is over. */
static void ranges(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "event_count", TEN, 3, 0, 1);
	bound(r, 0, TOC_CORR_LTE, 4);
	rule(r, "event_count", TEN, 0, 0, 1);
	bound(r, 1, TOC_CORR_EQ, 2);
	rule(r, "event_count", TEN, 0, 0, 1);
	bound(r, 2, TOC_CORR_NEQ, 4);
	start(r, (struct toc_corr_config){ 0 });
	for (int n = 1; n <= 5; n++)
		for (int i = 0; i < n; i++) {
			char src[2] = { (char)('0' + n), 0 };
			login(r, 0, 100, src, NULL);
		}
	assert_string_equal(said(r), "");
	advance(r, 111 * TOC_SEC);
	assert_string_equal(said(r), "a+3 a-3 a+4 a-4 b+2 b-2 c+1 c-1 c+2 c-2 c+3 c-3 c+5 c-5");
	rig_free(r);
}

/* Windows of such a rule begin with a hit, one behind the other; each event is in one. */
static void windows_behind_each_other(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "event_count", TEN, 0, 0, 1)->late = 5 * TOC_SEC;
	bound(r, 0, TOC_CORR_LT, 3);
	start(r, (struct toc_corr_config){ 0 });
	for (int second = 100; second <= 110; second += 5) /* three until 110: not few */
		login(r, 0, second, "x", NULL);
	login(r, 0, 111, "x", NULL); /* two of the second window */
	login(r, 0, 121, "x", NULL);
	advance(r, 126 * TOC_SEC);
	assert_string_equal(said(r), "");
	advance(r, 127 * TOC_SEC); /* 111 + 10 + 5 */
	assert_string_equal(said(r), "a+x");
	assert_true(near(r->last.value, 2));
	hit(r, 0, (struct fact){ .ts = 120 * TOC_SEC, .at = 128 * TOC_SEC, .src = "x" }); /* judged already */
	assert_int_equal(toc_correlate_count(r->correlator)->late, 1);
	rig_free(r);
}

/* --- conditions over names ---------------------------------------------------------------------------------------- */

enum { NOT = 64, AND, OR };

static const struct toc_corr_expr *expression(struct toc_corr_rule *rule, struct toc_corr_word *words,
					      const uint8_t *text, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		words[i] = text[i] == NOT   ? (struct toc_corr_word){ TOC_CORR_NOT, 0 }
			   : text[i] == AND ? (struct toc_corr_word){ TOC_CORR_AND, 0 }
			   : text[i] == OR  ? (struct toc_corr_word){ TOC_CORR_OR, 0 }
					    : (struct toc_corr_word){ TOC_CORR_IS, text[i] };
	for (unsigned i = 1; i < n; i++)
		if (text[i] == NOT)
			rule->expr.forbidden |= UINT32_C(1) << text[i - 1];
	rule->expr.words = words;
	rule->expr.n = n;
	return &rule->expr;
}

static void condition_without_not(void **state)
{
	(void)state;
	struct toc_corr_word words[8];
	struct rig *r = rig_new();
	expression(rule(r, "temporal", TEN, 0, 0, 3), words, (const uint8_t[]){ 0, 1, 2, OR, AND }, 5);
	start(r, (struct toc_corr_config){ 0 });
	login(r, 1, 100, "x", NULL);
	login(r, 2, 101, "x", NULL);
	assert_string_equal(said(r), "");
	login(r, 0, 102, "x", NULL); /* at once: nothing that comes can undo it */
	assert_string_equal(said(r), "a+x");
	login(r, 0, 103, "y", NULL);
	assert_string_equal(said(r), "");
	login(r, 2, 104, "y", NULL);
	assert_string_equal(said(r), "a+y");
	rig_free(r);
}

/* A and no B: steps, then what is said at the end. */
struct walk {
	const char *what;
	struct {
		int second;
		uint32_t rule;
	} steps[5];
	unsigned n;
	bool any_side, a_first, b_first; /* does it fire: without an order, with A before B, with B before A */
};

static const struct walk walks[] = {
	{ "A alone", { { 100, 0 } }, 1, true, true, true },
	{ "B behind it", { { 100, 0 }, { 105, 1 } }, 2, false, false, true },
	{ "B before it", { { 95, 1 }, { 100, 0 } }, 2, false, true, false },
	{ "B at the same time", { { 100, 0 }, { 100, 1 } }, 2, false, false, false },
	{ "B at the very end", { { 100, 0 }, { 110, 1 } }, 2, false, false, true },
	{ "B too late", { { 100, 0 }, { 111, 1 } }, 2, true, true, true },
	{ "B too early", { { 89, 1 }, { 100, 0 } }, 2, true, true, true },
	{ "the second A has none", { { 100, 0 }, { 103, 1 }, { 114, 0 } }, 3, true, true, true },
	{ "B alone", { { 100, 1 } }, 1, false, false, false },
	{ "B comes late, in time", { { 100, 0 }, { 107, 2 }, { 106, 1 } }, 3, false, false, true },
};

static void absence_of_another(void **state)
{
	(void)state;
	for (unsigned w = 0; w < sizeof(walks) / sizeof(walks[0]); w++) {
		for (unsigned order = 0; order < 3; order++) {
			struct toc_corr_word words[8];
			struct rig *r = rig_new();
			struct toc_corr_rule *rule_of = rule(r, "temporal", TEN, 0, 0, 2);
			expression(rule_of, words, (const uint8_t[]){ 0, 1, NOT, AND }, 4);
			rule_of->expr.norder = order ? 2 : 0;
			rule_of->expr.order[order == 2] = 0;
			rule_of->expr.order[order != 2] = 1;
			rule_of->late = 5 * TOC_SEC;
			start(r, (struct toc_corr_config){ 0 });
			for (unsigned i = 0; i < walks[w].n; i++)
				hit(r, walks[w].steps[i].rule,
				    (struct fact){ .ts = walks[w].steps[i].second * TOC_SEC, .src = "x" });
			assert_string_equal(said(r), ""); /* not before the window is over */
			advance(r, TOC_HOUR);
			const bool wanted = order == 0	 ? walks[w].any_side
					    : order == 1 ? walks[w].a_first
							 : walks[w].b_first;
			if ((r->opens > 0) != wanted)
				fail_msg("%s, order %u: %u openings", walks[w].what, order, r->opens);
			assert_int_equal(r->opens, r->closes);
			assert_int_equal(toc_correlate_count(r->correlator)->cells, 0);
			rig_free(r);
		}
	}
}

/* Who stops a log is silent thereafter: that it does not begin again is told within a quarter of an hour, not when the
 * source speaks again. One that lags, but speaks, is waited for. */
static void absence_at_a_silent_source(void **state)
{
	(void)state;
	struct toc_corr_word words[8];
	struct rig *r = rig_new();
	expression(rule(r, "temporal", TEN, 0, 0, 2), words, (const uint8_t[]){ 0, 1, NOT, AND }, 4);
	start(r, (struct toc_corr_config){ 0 });
	hit(r, 0, (struct fact){ .ts = 100 * TOC_SEC, .src = "x", .source = 7 });
	advance(r, 110 * TOC_SEC + 15 * TOC_MIN);
	assert_string_equal(said(r), "");
	advance(r, 112 * TOC_SEC + 15 * TOC_MIN);
	assert_string_equal(said(r), "a+x a-x");
	const toc_time begin = 5000 * TOC_SEC;
	hit(r, 0, (struct fact){ .ts = begin, .src = "y", .source = 8 });
	advance(r, begin + 10 * TOC_MIN);
	toc_correlate_clock(r->correlator, 8, begin + 5 * TOC_SEC, 0); /* ten minutes behind */
	advance(r, begin + 24 * TOC_MIN);
	assert_string_equal(said(r), "");
	hit(r, 1, (struct fact){ .ts = begin + 9 * TOC_SEC, .at = begin + 24 * TOC_MIN, .src = "y", .source = 8 });
	advance(r, begin + TOC_DAY + TOC_HOUR);
	assert_string_equal(said(r), "");
	rig_free(r);
}

/* A, then C, and no B between them. */
static void absence_between(void **state)
{
	(void)state;
	struct toc_corr_word words[8];
	for (unsigned b = 0; b < 4; b++) {
		static const int seconds[] = { 99, 101, 104, 0 }; /* before, between, behind, never */
		struct rig *r = rig_new();
		struct toc_corr_rule *rule_of = rule(r, "temporal_ordered", TEN, 0, 0, 3);
		expression(rule_of, words, (const uint8_t[]){ 0, 1, NOT, AND, 2, AND }, 6);
		rule_of->expr.norder = 3;
		for (uint8_t i = 0; i < 3; i++)
			rule_of->expr.order[i] = i;
		start(r, (struct toc_corr_config){ 0 });
		if (b == 0)
			login(r, 1, seconds[b], "x", NULL);
		login(r, 0, 100, "x", NULL);
		if (b == 1)
			login(r, 1, seconds[b], "x", NULL);
		login(r, 2, 103, "x", NULL);
		if (b == 2)
			login(r, 1, seconds[b], "x", NULL);
		advance(r, TOC_MIN * 3);
		assert_int_equal(r->opens, b != 1);
		rig_free(r);
	}
}

/* Many A and no B: work stays in proportion, and one episode is one alert. */
static void absence_in_a_flood(void **state)
{
	(void)state;
	struct toc_corr_word words[8];
	struct rig *r = rig_new();
	struct toc_corr_rule *rule_of = rule(r, "temporal", TEN, 0, 0, 2);
	expression(rule_of, words, (const uint8_t[]){ 0, 1, NOT, AND }, 4);
	start(r, (struct toc_corr_config){ 0 });
	for (unsigned i = 0; i < 50000; i++)
		hit(r, 0, (struct fact){ .ts = 100 * TOC_SEC + i * TOC_MS, .src = "x" });
	advance(r, TOC_HOUR);
	assert_int_equal(r->opens, 1);
	assert_int_equal(r->updates, 49999);
	rig_free(r);
}

/* K of N in order: the longest chain counts. */
static void some_of_a_sequence(void **state)
{
	(void)state;
	struct rig *r = rig_of("temporal_ordered", TEN, 2, 3);
	login(r, 2, 100, "x", NULL);
	login(r, 1, 101, "x", NULL);
	login(r, 0, 102, "x", NULL);
	assert_string_equal(said(r), ""); /* backwards */
	login(r, 2, 103, "x", NULL);
	assert_string_equal(said(r), "a+x");
	assert_true(near(r->last.value, 2));
	login(r, 2, 112, "y", NULL);
	login(r, 2, 113, "x", NULL); /* the first at 101 and 102 are out but for 103 */
	assert_string_equal(said(r), "");
	rig_free(r);
}

/* A rule that a peer never updates: values of a chained correlation's key. */
static void chained_values(void **state)
{
	(void)state;
	struct rig *r = rig_new();
	rule(r, "event_count", TEN, 2, 0, 1)->nkeys = 2;
	r->rules[0].key_names[1] = "user";
	r->refs[0][0].key[1] = (struct toc_fieldset){ 1, { r->map[USER] } };
	rule(r, "value_count", TOC_MIN, 3, FIRST, 1); /* how many users, by src */
	r->refs[1][0].value_of[0] = 1;
	start(r, (struct toc_corr_config){ 0 });
	static const char *const users[] = { "ann", "bob", "ann", "cy" };
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < 2; k++)
			login(r, 0, 100 + 15 * i + k, "x", users[i]);
	assert_string_equal(said(r), "a+x a-x a+x a-x a+x a-x a+x b+x");
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mean_of_the_window),
		cmocka_unit_test(percentile_is_compared),
		cmocka_unit_test(median_slides),
		cmocka_unit_test(tuples),
		cmocka_unit_test(ratio_of_two_sums),
		cmocka_unit_test(ranges),
		cmocka_unit_test(windows_behind_each_other),
		cmocka_unit_test(condition_without_not),
		cmocka_unit_test(absence_of_another),
		cmocka_unit_test(absence_at_a_silent_source),
		cmocka_unit_test(absence_between),
		cmocka_unit_test(absence_in_a_flood),
		cmocka_unit_test(some_of_a_sequence),
		cmocka_unit_test(chained_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
