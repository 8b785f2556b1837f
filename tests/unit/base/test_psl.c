/* psl: registrable domains by the list, and what has none. */
#include "test.h"

#include "base/psl.h"

static void owners_begin_behind_the_suffix(void **state)
{
	static const struct {
		const char *name, *domain;
	} cases[] = {
		{ "www.example.com", "example.com" },
		{ "example.com", "example.com" },
		{ "a.b.example.co.uk", "example.co.uk" },
		{ "x.example.github.io", "example.github.io" }, /* a suffix by agreement */
		{ "_dns.example.de", "example.de" },
		{ "com", "" },
		{ "co.uk", "" },
		{ "", "" },
		{ "a..b.com", "" },
		{ ".example.com", "" },
		{ "example.com.", "" },
		{ "a b.example.com", "" },
		{ "\xff\xfe.example.com", "" },
	};
	struct toc_psl *psl = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_true(toc_span_is(toc_psl_domain(psl, toc_span_str(cases[i].name)), cases[i].domain));
}

static void bytes_of_all_kinds_do_no_harm(void **state)
{
	char long_name[400];
	memset(long_name, 'a', sizeof(long_name));
	assert_int_equal(toc_psl_domain(*state, toc_span_of(long_name, sizeof(long_name))).n, 0);
	assert_int_equal(toc_psl_domain(*state, toc_span_of("a\0b.example.com", 15)).n, 0);
}

static int set_up(void **state)
{
	return (*state = toc_psl_new()) ? 0 : -1;
}

static int tear_down(void **state)
{
	toc_psl_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(owners_begin_behind_the_suffix, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bytes_of_all_kinds_do_no_harm, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
