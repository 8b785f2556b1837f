/* regulars: strangers push out strangers only; who comes often enough over some time moves over with all that he has.
 */
#include "test.h"

#include "base/regulars.h"

enum { REGULARS = 4, STRANGERS = 8 };

struct cell {
	uint32_t key, value;
};

struct gone {
	unsigned regulars, strangers;
};

static void count(void *user, void *cell, bool regular)
{
	struct gone *g = user;
	(void)cell;
	g->regulars += regular;
	g->strangers += !regular;
}

static struct toc_regulars *open_table(struct gone *g)
{
	static const struct toc_hash_key key = { 0 };
	*g = (struct gone){ 0 };
	struct toc_regulars *t =
		toc_regulars_new(sizeof(uint32_t), sizeof(struct cell), REGULARS, STRANGERS, &key, count, g);
	assert_non_null(t);
	return t;
}

/* Seen in so many periods from `now` on; when that was over. */
static toc_time come(struct toc_regulars *t, uint32_t key, unsigned periods, toc_time now)
{
	bool fresh;
	for (unsigned i = 0; i < periods; i++, now += REGULARS_PERIOD * TOC_SEC)
		for (unsigned twice = 0; twice < 2; twice++)
			toc_regulars_seen(t, toc_regulars_add(t, &key, false, now, &fresh), now);
	(void)toc_regulars_add(t, &key, false, now, &fresh);
	return now;
}

static void strangers_come(struct toc_regulars *t, unsigned n, toc_time now)
{
	bool fresh;
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t key = 1000 + i;
		toc_regulars_seen(t, toc_regulars_add(t, &key, false, now, &fresh), now);
		assert_true(fresh);
	}
}

static void regulars_stay(void **state)
{
	struct gone g;
	struct toc_regulars *t = open_table(&g);
	const uint32_t once = 1, often = 2, sure = 3;
	bool fresh;
	(void)state;
	((struct cell *)toc_regulars_add(t, &often, false, TOC_SEC, &fresh))->value = 77;
	const toc_time now = come(t, often, REGULARS_PERIODS, TOC_SEC);
	come(t, once, REGULARS_PERIODS - 1, TOC_SEC);
	(void)toc_regulars_add(t, &sure, true, now, &fresh);
	assert_true(fresh);
	strangers_come(t, 100, now);
	assert_null(toc_regulars_peek(t, &once));
	const struct cell *c = toc_regulars_peek(t, &often);
	assert_non_null(c);
	assert_int_equal(c->value, 77);
	assert_true(toc_regulars_is(t, c));
	assert_true(toc_regulars_is(t, toc_regulars_peek(t, &sure)));
	assert_int_equal(g.regulars, 0);
	assert_int_equal(g.strangers, 101 - STRANGERS);
	assert_int_equal(toc_regulars_count(t, true), 2);
	assert_int_equal(toc_regulars_count(t, false), STRANGERS);
	toc_regulars_free(t);
}

/* Patient strangers fill what is left and no more; only who is silent for a day makes room. */
static void regulars_keep_their_places(void **state)
{
	struct gone g;
	struct toc_regulars *t = open_table(&g);
	toc_time now = TOC_SEC;
	(void)state;
	for (uint32_t i = 0; i < REGULARS; i++)
		now = come(t, i, REGULARS_PERIODS, TOC_SEC);
	for (uint32_t i = 50; i < 60; i++)
		come(t, i, REGULARS_PERIODS + 2, now);
	assert_int_equal(g.regulars, 0);
	for (uint32_t i = 0; i < REGULARS; i++)
		assert_non_null(toc_regulars_peek(t, &i));
	for (uint32_t i = 1; i < REGULARS; i++)
		come(t, i, 1, now + REGULARS_SILENCE * TOC_SEC);
	const uint32_t newcomer = 59, silent = 0;
	come(t, newcomer, 1, now + (REGULARS_SILENCE + 60) * TOC_SEC);
	assert_int_equal(g.regulars, 1);
	assert_null(toc_regulars_peek(t, &silent));
	assert_true(toc_regulars_is(t, toc_regulars_peek(t, &newcomer)));
	toc_regulars_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(regulars_stay),
					    cmocka_unit_test(regulars_keep_their_places) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
