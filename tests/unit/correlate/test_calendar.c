/* calendar: so much time of it later. */
#include "test.h"

#include "correlate/calendar.h"

static const struct toc_calendar_hours school[] = { { 0x1f, 7 * 60, 17 * 60 } };
static const struct toc_calendar_dates holiday[] = { { 20521, 20521 } }; /* 2026-03-09, a Monday */

static const toc_time friday = 20518 * TOC_DAY + 15 * TOC_HOUR + 30 * TOC_MIN; /* 2026-03-06 15:30 */

static void test_after(void **state)
{
	const struct toc_calendar hours = { .name = "h", .nhours = 1, .hours = school };
	const struct toc_calendar off = {
		.name = "o", .nhours = 1, .hours = school, .nwithout = 1, .without = holiday
	};
	(void)state;
	assert_int_equal(toc_calendar_after(NULL, friday, 4 * TOC_HOUR), friday + 4 * TOC_HOUR);
	assert_int_equal(toc_calendar_after(&hours, friday, TOC_HOUR), friday + TOC_HOUR);
	assert_int_equal(toc_calendar_after(&hours, friday, 4 * TOC_HOUR),
			 20521 * TOC_DAY + 9 * TOC_HOUR + 30 * TOC_MIN);
	assert_int_equal(toc_calendar_after(&off, friday, 4 * TOC_HOUR), 20522 * TOC_DAY + 9 * TOC_HOUR + 30 * TOC_MIN);
}

/* A calendar in which it is never time. */
static void test_never(void **state)
{
	static const struct toc_calendar_dates day[] = { { 1, 1 } };
	const struct toc_calendar past = { .name = "p", .ndates = 1, .dates = day };
	(void)state;
	assert_int_equal(toc_calendar_after(&past, friday, TOC_MIN), TOC_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_after), cmocka_unit_test(test_never) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
