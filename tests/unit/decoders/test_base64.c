/* base64: the vectors of RFC 4648 section 10, both alphabets, and what is none. */
#include "test.h"

#include "decoders/base64.h"

static void expect(const char *text, const char *want)
{
	uint8_t out[32];
	size_t n = base64_read(toc_span_str(text), out, sizeof(out));
	assert_int_equal(n, strlen(want));
	assert_memory_equal(out, want, n);
}

static void vectors(void **state)
{
	(void)state;
	static const char *const pairs[][2] = { { "", "" },	     { "Zg==", "f" },	     { "Zm8=", "fo" },
						{ "Zm9v", "foo" },   { "Zm9vYg==", "foob" }, { "Zm9vYmE=", "fooba" },
						{ "Zm9vYg", "foob" } };
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		expect(pairs[i][0], pairs[i][1]);
	expect("+/+/", "\xfb\xff\xbf");
	expect("-_-_", "\xfb\xff\xbf"); /* section 5 */
}

static void ends(void **state)
{
	(void)state;
	uint8_t out[2];
	struct base64 b = { .text = toc_span_str("Zm9 v") };
	expect("Zm9 v", "fo");
	assert_int_equal(base64_next(&b), 'f');
	assert_int_equal(base64_next(&b), 'o');
	assert_int_equal(base64_next(&b), BASE64_BAD);
	b = (struct base64){ .text = toc_span_str("Zg==") };
	assert_int_equal(base64_next(&b), 'f');
	assert_int_equal(base64_next(&b), BASE64_END);
	assert_int_equal(base64_next(&b), BASE64_END);
	assert_int_equal(base64_read(toc_span_str("Zm9v"), out, sizeof(out)), 2); /* no more than there is room for */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(vectors), cmocka_unit_test(ends) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
