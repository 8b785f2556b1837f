/* match: wildcards, lists and networks by themselves. */
#include "test.h"

#include "match/list.h"
#include "match/pattern.h"

static bool fits(const char *pattern, const char *value, bool cased, bool front, bool back)
{
	struct toc_arena *arena = toc_arena_new();
	struct toc_pattern p;
	toc_pattern_compile(&p, arena, toc_span_str(pattern), cased, front, back);
	bool ok = toc_pattern_match(&p, toc_span_str(value));
	toc_arena_free(arena);
	return ok;
}

static void wildcards(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *value;
		bool fits;
	} cases[] = { { "abc", "ABC", true },
		      { "abc", "abcd", false },
		      { "a*c", "abbbc", true },
		      { "a*c", "ac", true },
		      { "a*c", "acb", false },
		      { "a?c", "abc", true },
		      { "a?c", "ac", false },
		      { "a?c",
			"a\xc3\xa9"
			"c",
			true },
		      { "*", "", true },
		      { "*b*", "abc", true },
		      { "a*b*c", "axbxbxc", true },
		      { "a*b*c", "axcxb", false },
		      { "\\*x", "*x", true },
		      { "\\*x", "ax", false },
		      { "a\\\\b", "a\\b", true },
		      { "a\\b", "a\\b", true },
		      { "*ab", "aab", true },
		      { "*a?b", "aaxb", true },
		      { "end\\", "end\\", true },
		      { "\\\\*", "\\anything", true },
		      { "a*a", "a", false },
		      { "*a*a", "xaya", true },
		      { "a*\nb", "ax\nb", true } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (fits(cases[i].pattern, cases[i].value, false, false, false) != cases[i].fits)
			fail_msg("%s against %s", cases[i].pattern, cases[i].value);
	assert_false(fits("abc", "ABC", true, false, false));
	assert_true(fits("b", "abc", false, true, true));
	assert_true(fits("a", "abc", false, false, true));
	assert_false(fits("b", "abc", false, false, true));
	assert_true(fits("C", "abc", false, true, false));
	assert_true(fits("a*c", "xabcx", false, true, true));
}

static bool has(const struct toc_list *list, const char *text)
{
	struct toc_value v = { .type = TOC_STRING, .as.s = toc_span_str(text) };
	return toc_list_has(list, &v);
}

/* Values longer than any entry: none is cut to one, and the end of a long name is still found. */
static void long_values(void **state)
{
	struct toc_arena *arena = toc_arena_new();
	struct toc_list *texts = toc_list_new(arena, TOC_LIST_STRING, 8),
			*names = toc_list_new(arena, TOC_LIST_DOMAIN, 4);
	char text[1200];
	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t n = 500; n <= 512; n++)
		assert_true(n < 510 || toc_list_add(texts, toc_span_of(text, n)));
	for (size_t n = 505; n <= 600; n++) {
		text[n] = 0;
		assert_int_equal(has(texts, text), n >= 510 && n <= 512);
		text[n] = 'a';
	}
	assert_true(toc_list_add(names, toc_span_str("evil.example")));
	memcpy(text + 1000, ".evil.example.", 15);
	assert_true(has(names, text));
	memcpy(text + 1000, "-evil.example", 14);
	assert_false(has(names, text));
	memset(text, '.', 1000);
	memcpy(text + 1000, "evil.example", 13);
	assert_true(has(names, text));
	toc_arena_free(arena);
}

static void lists(void **state)
{
	(void)state;
	struct toc_arena *arena = toc_arena_new();
	struct toc_list *domains = toc_list_new(arena, TOC_LIST_DOMAIN, 2),
			*nets = toc_list_new(arena, TOC_LIST_CIDR, 3), *macs = toc_list_new(arena, TOC_LIST_MAC, 1),
			*words = toc_list_new(arena, TOC_LIST_STRING, 1);
	assert_true(toc_list_add(domains, toc_span_str("Example.org")));
	assert_false(toc_list_add(domains, toc_span_str("*.example.com")));
	assert_true(has(domains, "example.org") && has(domains, "a.b.EXAMPLE.org") && has(domains, "example.org."));
	assert_false(has(domains, "notexample.org") || has(domains, "org") || has(domains, ""));
	assert_true(toc_list_add(nets, toc_span_str("10.0.0.0/8")) &&
		    toc_list_add(nets, toc_span_str("2001:db8::/32")));
	assert_false(toc_list_add(nets, toc_span_str("10.0.0.0/33")) || toc_list_add(nets, toc_span_str("ten")));
	assert_true(has(nets, "10.255.1.2") && has(nets, "2001:db8:1::1"));
	assert_false(has(nets, "11.0.0.1") || has(nets, "2001:db9::1") || has(nets, "x"));
	assert_true(toc_list_add(macs, toc_span_str("AA-BB-CC-DD-EE-FF")) && has(macs, "aabb.ccdd.eeff"));
	assert_true(toc_list_add(words, toc_span_str("Admin")) && has(words, "ADMIN"));
	assert_false(has(words, "admins"));
	toc_arena_free(arena);
}

static void networks(void **state)
{
	(void)state;
	struct toc_addr net, a;
	unsigned bits;
	assert_true(toc_network_parse(toc_span_str("10.20.0.0/15"), true, &net, &bits));
	assert_true(toc_addr_parse(toc_span_str("10.21.255.255"), &a) && toc_network_has(&net, bits, &a));
	assert_true(toc_addr_parse(toc_span_str("10.22.0.0"), &a) && !toc_network_has(&net, bits, &a));
	assert_false(toc_network_parse(toc_span_str("10.20.0.1/15"), true, &net, &bits));
	assert_true(toc_network_parse(toc_span_str("10.20.0.1"), true, &net, &bits) && bits == 128);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(wildcards), cmocka_unit_test(lists),
					    cmocka_unit_test(long_values), cmocka_unit_test(networks) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
