/* options: times as people and alerts write them. */
#include "test.h"

#include "alert/text.h"
#include "app/options.h"

static void times_are_read(void **state)
{
	static const struct {
		const char *text;
		toc_time at; /* -1: is refused */
	} rows[] = {
		{ "1970-01-02", TOC_DAY },
		{ "1970-01-01T00:00:01Z", TOC_SEC },
		{ "1970-01-01T00:00:01", TOC_SEC },
		{ "1970-01-01T00:00:01.5Z", TOC_SEC + TOC_SEC / 2 },
		{ "1970-01-01T00:00:01.000001Z", TOC_SEC + TOC_US },
		{ "1970-01-01T00:00:01.1234567891Z", TOC_SEC + 123456789 },
		{ "1970-01-01T00:00:01.Z", -1 },
		{ "1970-01-01T00:00:01.5", TOC_SEC + TOC_SEC / 2 },
		{ "1970-01-01T00:00:01+01:00", -1 },
		{ "1970-01-02.5", -1 },
		{ "8920-02-11", -1 },
		{ "2200-01-01T00:00:00Z", -1 },
		{ "0001-01-01", -1 },
		{ "noon", -1 },
		{ "", -1 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		toc_time at = -1;
		assert_int_equal(toc_time_read(rows[i].text, &at), rows[i].at >= 0);
		assert_int_equal(at, rows[i].at);
	}
}

static void what_alerts_print_is_read(void **state)
{
	const toc_time when = INT64_C(1772438400) * TOC_SEC + 250 * TOC_MS;
	char text[TIME_TEXT];
	toc_time at = 0;
	(void)state;
	text[time_text(when, text)] = '\0';
	assert_true(toc_time_read(text, &at));
	assert_int_equal(at, when);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(what_alerts_print_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
