/* skew: clocks that are off are put right; lines that come late are not taken for clocks; what shows nothing is left
 * alone. */
#include "test.h"

#include "identity/skew.h"

struct rig {
	struct skew *s;
};

static int setup(void **state)
{
	static const struct toc_hash_key key = { 1, 2 };
	struct rig *r = calloc(1, sizeof(*r));
	assert_non_null(r);
	r->s = skew_new(16, &key);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	skew_free(r->s);
	free(r);
	return 0;
}

/* When it was by our clock, in seconds; times in seconds. */
static int seen_late(struct rig *r, uint32_t source, int ts, int at, int late)
{
	struct toc_event ev = { .source = source, .ts = ts * TOC_SEC, .at = at * TOC_SEC };
	return (int)(skew_right(r->s, &ev, late * TOC_SEC) / TOC_SEC);
}

static int seen(struct rig *r, uint32_t source, int ts, int at)
{
	return seen_late(r, source, ts, at, 0);
}

static void a_clock_that_is_behind(void **state)
{
	struct rig *r = *state;
	assert_int_equal(seen(r, 1, 880, 1000), 880); /* one line shows nothing yet */
	assert_int_equal(seen(r, 1, 890, 1010), 890);
	assert_int_equal(seen(r, 1, 900, 1020), 1020);
	assert_int_equal(seen(r, 1, 905, 1060), 1025);	/* 35 s late */
	assert_int_equal(seen(r, 2, 905, 1060), 905);	/* another one's clock */
	assert_int_equal(seen(r, 0, 905, 1060), 905);	/* the wire */
	assert_int_equal(seen(r, 1, 1060, 1060), 1060); /* its time was not believed */
}

/* What a cloud tells is minutes old, all of it, and its clock is right: what it tells of was then. */
static void a_source_that_is_always_late(void **state)
{
	struct rig *r = *state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(seen_late(r, 1, 700 + i, 1000 + i, 600), 700 + i);
	for (int i = 0; i < 5; i++)
		seen_late(r, 2, 280 + i, 1000 + i, 600); /* 12 minutes: 2 of them the clock's */
	assert_int_equal(seen_late(r, 2, 285, 1005, 600), 405);
	for (int i = 0; i < 5; i++)
		seen_late(r, 3, 1090 + i, 1000 + i, 600); /* nobody is early */
	assert_int_equal(seen_late(r, 3, 1095, 1005, 600), 1005);
}

static void a_clock_that_is_ahead(void **state)
{
	struct rig *r = *state;
	for (int i = 0; i < 5; i++)
		seen(r, 1, 1090 + i, 1000 + i);
	assert_int_equal(seen(r, 1, 1095, 1005), 1005);
	assert_int_equal(seen(r, 1, 1195, 1006), 1006); /* it cannot have happened after it was told */
}

/* What was kept over an outage comes at once: it is late, and the clock is what it was. */
static void an_outage_is_no_clock(void **state)
{
	struct rig *r = *state;
	for (int i = 0; i < 100; i++)
		seen(r, 1, 1000 + i, 1000 + i + 1);
	for (int i = 0; i < 500; i++)
		assert_in_range(seen(r, 1, 1100 + i * 7, 4700), 1100 + i * 7, 1101 + i * 7);
	assert_int_equal(seen(r, 1, 4709, 4710), 4710);
}

static void what_is_always_late_is_taken_as_it_is(void **state)
{
	struct rig *r = *state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(seen(r, 1, 1000 + i, 9000 + i), 1000 + i);
}

/* Set right by its owner: after twenty minutes nothing of the old error is left. */
static void a_clock_that_is_set(void **state)
{
	struct rig *r = *state;
	for (int i = 0; i < 100; i++)
		seen(r, 1, 1100 + 10 * i, 1000 + 10 * i);
	for (int i = 0; i < 200; i++)
		seen(r, 1, 2000 + 10 * i, 2001 + 10 * i);
	assert_int_equal(seen(r, 1, 4000, 4001), 4001);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_clock_that_is_behind), TEST(a_source_that_is_always_late),	   TEST(a_clock_that_is_ahead),
		TEST(an_outage_is_no_clock),  TEST(what_is_always_late_is_taken_as_it_is), TEST(a_clock_that_is_set),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
