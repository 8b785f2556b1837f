/* steady: small steps are followed and told, a jump is not gone along with, stamps of before and behind it are told
 * apart. */
#include "test.h"

#include "app/now.h"
#include "app/steady.h"

static void near(toc_time a, toc_time b)
{
	assert_true(a - b < 20 * TOC_SEC && b - a < 20 * TOC_SEC);
}

static void small_steps_are_followed(void **state)
{
	struct toc_steady s = { 0 };
	(void)state;
	toc_steady_begin(&s);
	near(toc_steady_now(&s), toc_now());
	assert_int_equal(atomic_load(&s.stepped), 0);
	assert_string_equal(toc_steady_state(&s), "steady");
	atomic_fetch_sub(&s.offset, 5 * TOC_SEC); /* as if it had been set forward since */
	near(toc_steady_now(&s), toc_now());
	const toc_time told = atomic_load(&s.stepped);
	assert_true(told > 4 * TOC_SEC && told < 6 * TOC_SEC);
	toc_steady_now(&s);
	assert_int_equal(atomic_load(&s.stepped), told);
	assert_int_equal(atomic_load(&s.jump), 0);
	assert_string_equal(toc_steady_state(&s), "stepped");
	atomic_fetch_sub(&s.at, TOC_HOUR); /* that was an hour ago */
	assert_string_equal(toc_steady_state(&s), "steady");
	const toc_time stamp = toc_now() - TOC_SEC;
	assert_int_equal(toc_steady_stamp(&s, stamp, stamp), stamp);
}

static void a_jump_is_not(void **state)
{
	static const toc_time by[] = { TOC_HOUR, -TOC_HOUR, 3650 * TOC_DAY, -3650 * TOC_DAY };
	(void)state;
	for (unsigned i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
		struct toc_steady s = { 0 };
		toc_steady_begin(&s);
		atomic_fetch_sub(&s.offset, by[i]);
		const toc_time before = toc_now() - by[i]; /* by the clock as it was */
		near(toc_steady_stamp(&s, toc_now(), before), before);
		near(atomic_load(&s.jump), by[i]);
		assert_string_equal(toc_steady_state(&s), "held");
		near(toc_steady_now(&s), before);
		assert_int_equal(toc_steady_stamp(&s, before - TOC_SEC, before),
				 before - TOC_SEC); /* it had waited in a buffer */
		assert_int_equal(atomic_load(&s.stepped), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(small_steps_are_followed),
					    cmocka_unit_test(a_jump_is_not) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
