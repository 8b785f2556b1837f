/* safe: whatever bytes come, a terminal gets characters that show as themselves, as wide as was said. */
#include "test.h"

#include <locale.h>

#include "cli/safe.h"

static void what_comes_out(void **state)
{
	static const struct {
		const char *in, *out;
		unsigned columns;
	} rows[] = { { "plain", "plain", 5 },
		     { "a\x1b[31mred", "a?[31mred", 9 },
		     { "\x9b"
		       "31m",
		       "?31m", 4 },
		     { "\xc2\x9b", "?", 1 }, /* C1 in UTF-8 */
		     { "tab\there\r\n", "tab?here??", 10 },
		     { "\xe2\x80\xae"
		       "exe.gpj",
		       "?exe.gpj", 8 },
		     { "zero\xe2\x80\x8bwidth", "zero?width", 10 },
		     { "\xc0\xaf\xed\xa0\x80", "???", 3 }, /* overlong, a surrogate */
		     { "caf\xc3\xa9", "caf\xc3\xa9", 4 },
		     { "\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac", 4 },
		     { "e\xcc\x81", "e?", 2 }, /* a mark that joins */
		     { "\xf0\x9f", "??", 2 },
		     { "del\x7f", "del?", 4 } };
	char out[256];
	(void)state;
	if (!setlocale(LC_ALL, "C.UTF-8"))
		skip();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(cli_safe(toc_span_str(rows[i].in), 80, out, sizeof(out)), rows[i].columns);
		assert_string_equal(out, rows[i].out);
	}
	assert_int_equal(cli_safe(toc_span_str("\xe6\x97\xa5\xe6\x9c\xac"), 3, out, sizeof(out)), 3);
	assert_string_equal(out, "\xe6\x97\xa5?");
	assert_int_equal(cli_safe(toc_span_str("abcdef"), 3, out, sizeof(out)), 3);
}

static void any_bytes(void **state)
{
	uint32_t seed = 7;
	(void)state;
	for (int round = 0; round < 20000; round++) {
		uint8_t in[24];
		char out[40];
		for (size_t i = 0; i < sizeof(in); i++) {
			seed = seed * 1664525 + 1013904223;
			in[i] = (uint8_t)(seed >> 24);
		}
		unsigned n = cli_safe(toc_span_of(in, sizeof(in)), 20, out, sizeof(out));
		assert_true(n <= 20 && strlen(out) < sizeof(out));
		for (const char *c = out; *c; c++)
			assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_comes_out), cmocka_unit_test(any_bytes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
