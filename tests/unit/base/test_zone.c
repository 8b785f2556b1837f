/* test_zone - TZ strings, and what a zone says behind the end of its table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/zone.h"
#include "base/zone_rule.h"

static bool reads(const char *text, struct zone_rule *out)
{
	return zone_rule_read(toc_span_str(text), out);
}

static void test_strings(void **state)
{
	struct zone_rule r;
	(void)state;
	assert_true(reads("EST5EDT,M3.2.0,M11.1.0", &r));
	assert_int_equal(r.standard, -5 * 3600);
	assert_int_equal(r.summer, -4 * 3600);
	assert_int_equal(zone_rule_begin(&r, 2026), 1772953200); /* 8 March, 02:00 EST */
	assert_int_equal(zone_rule_end(&r, 2026), 1793512800);	 /* 1 November, 02:00 EDT */
	assert_true(reads("<+0330>-3:30", &r));
	assert_int_equal(r.standard, 12600);
	assert_false(r.changes);
	assert_true(reads("CET-1CEST,M3.5.0,M10.5.0/3", &r));
	assert_int_equal(zone_rule_begin(&r, 2026), 1774746000); /* 29 March, 01:00 UTC */
	assert_int_equal(zone_rule_end(&r, 2026), 1792890000);	 /* 25 October, 01:00 UTC */
	assert_true(reads("AAA-2BBB-4,J60/0,59/-1:30", &r));
	assert_int_equal(r.summer, 4 * 3600);
	assert_int_equal(zone_rule_begin(&r, 2028), 1835474400); /* J60 is 1 March, in leap years, too */
	assert_int_equal(zone_rule_end(&r, 2028), 1835375400);	 /* 59 is 29 February then */
}

static void test_no_strings(void **state)
{
	static const char *const bad[] = { "",
					   "E5",
					   "EST",
					   "EST5EDT",
					   "EST5EDT,M3.2.0",
					   "EST5EDT,M13.2.0,M11.1.0",
					   "EST5EDT,M3.6.0,M11.1.0",
					   "EST5EDT,M3.2.7,M11.1.0",
					   "EST5EDT,J0,J2",
					   "EST5EDT,M3.2.0,M11.1.0x",
					   "<EST5",
					   "EST168" };
	struct zone_rule r;
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(reads(bad[i], &r));
}

/* What the C library says, which reads the same files. */
static void check_zone(const char *name)
{
	struct toc_zone *z = toc_zone_new(&toc_opener_self, name);
	assert_non_null(z);
	setenv("TZ", name, 1);
	tzset();
	for (int64_t t = 1577836800; t < 4102444800; t += 86400 * 13 + 3571) {
		const time_t at = (time_t)t;
		struct tm tm;
		assert_non_null(localtime_r(&at, &tm));
		assert_int_equal(toc_zone_offset_at(z, t * TOC_SEC) / TOC_SEC, tm.tm_gmtoff);
	}
	toc_zone_free(z);
}

static void test_to_the_end_of_the_century(void **state)
{
	static const char *const names[] = { "America/Chicago",	 "America/New_York", "Europe/Berlin",
					     "Australia/Sydney", "Asia/Kathmandu",   "America/Phoenix",
					     "Pacific/Auckland" };
	(void)state;
	if (!toc_zone_known(names[0]))
		skip();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		check_zone(names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_no_strings),
		cmocka_unit_test(test_to_the_end_of_the_century),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
