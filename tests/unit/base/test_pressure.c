/* pressure: levels come at once, go one by one, and do not flap at a threshold. */
#include "test.h"

#include "base/pressure.h"

static const struct toc_pressure_config four = { 4, 200, 800, TOC_SEC };

static unsigned step(struct toc_pressure *p, unsigned fill, toc_time ms)
{
	return toc_pressure_step(p, &four, fill, ms * TOC_MS);
}

static void it_rises_at_once(void **state)
{
	(void)state;
	struct toc_pressure p;
	toc_pressure_init(&p);
	assert_int_equal(step(&p, 199, 0), 0);
	assert_int_equal(step(&p, 200, 1), 1);
	assert_int_equal(step(&p, 599, 2), 2);
	assert_int_equal(step(&p, 1000, 3), 4);
}

static void it_falls_one_by_one_after_calm(void **state)
{
	(void)state;
	struct toc_pressure p;
	toc_pressure_init(&p);
	step(&p, 1000, 0);
	for (unsigned left = 4; left; left--) {
		assert_int_equal(step(&p, 0, (4 - left) * 1000 + 1), left);
		assert_int_equal(step(&p, 0, (4 - left) * 1000 + 1000), left);
		assert_int_equal(step(&p, 0, (4 - left) * 1000 + 1001), left - 1);
	}
	assert_int_equal(step(&p, 0, 99999), 0);
}

/* The fill of a queue that just keeps up goes to and fro below what its level begins at. */
static void it_does_not_flap(void **state)
{
	(void)state;
	struct toc_pressure p;
	toc_pressure_init(&p);
	step(&p, 400, 0); /* level 2 begins here: it is left below 200 */
	for (unsigned ms = 1; ms < 10000; ms += 100)
		assert_int_equal(step(&p, ms / 100 % 8 == 0 ? 390 : 100, ms), 2);
}

static void a_clock_that_jumps_back_begins_the_calm_anew(void **state)
{
	(void)state;
	struct toc_pressure p;
	toc_pressure_init(&p);
	step(&p, 200, 7200000);
	assert_int_equal(step(&p, 0, 7200001), 1);
	assert_int_equal(step(&p, 0, 1000), 1);
	assert_int_equal(step(&p, 0, 2000), 0);
}

static void without_levels_there_is_none(void **state)
{
	(void)state;
	const struct toc_pressure_config none = { 0, 200, 800, TOC_SEC }, one = { 1, 200, 800, TOC_SEC };
	struct toc_pressure p;
	toc_pressure_init(&p);
	assert_int_equal(toc_pressure_step(&p, &none, 1000, 1), 0);
	assert_int_equal(toc_pressure_step(&p, &one, 200, 2), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_rises_at_once),
		cmocka_unit_test(it_falls_one_by_one_after_calm),
		cmocka_unit_test(it_does_not_flap),
		cmocka_unit_test(a_clock_that_jumps_back_begins_the_calm_anew),
		cmocka_unit_test(without_levels_there_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
