/* loss: the share of what was lost, by minutes; at no time yet there is none. */
#include "test.h"

#include "alert/loss.h"

static bool near(double have, double want)
{
	return have > want - 1e-9 && have < want + 1e-9;
}

static void shares_are_of_the_minutes_in_the_span(void **state)
{
	struct loss l = { .lost = 0 };
	(void)state;
	loss_note(&l, 10 * TOC_MIN, 100, 0);
	loss_note(&l, 11 * TOC_MIN, 100, 50);
	assert_true(near(loss_share(&l, 11 * TOC_MIN + TOC_SEC, 5 * TOC_MIN), 0.25));
	assert_true(near(loss_share(&l, 11 * TOC_MIN, 0), 0.25)); /* a minute at the least */
	assert_true(near(loss_share(&l, 30 * TOC_MIN, 5 * TOC_MIN), 0));
}

/* What a restart took over is told before the first input came. */
static void before_the_first_input_nothing_is_lost(void **state)
{
	struct loss l = { .lost = 0 };
	(void)state;
	loss_note(&l, INT64_MIN, 100, 50);
	assert_true(near(loss_share(&l, INT64_MIN, TOC_HOUR), 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_are_of_the_minutes_in_the_span),
		cmocka_unit_test(before_the_first_input_nothing_is_lost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
