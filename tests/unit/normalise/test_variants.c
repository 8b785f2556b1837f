/* variants: choices within patterns, written out in their order. */
#include "test.h"

#include "normalise/variants.h"

static void texts(const char *text, const char *const *want, unsigned n)
{
	struct variants v = { .arena = toc_arena_new() };
	assert_null(variants_write(&v, toc_span_str(text)));
	assert_int_equal(v.n, n);
	for (unsigned i = 0; i < n; i++)
		assert_true(toc_span_is(v.text[i], want[i]));
	toc_arena_free(v.arena);
}

static void written_out_in_order(void **state)
{
	(void)state;
	texts("plain {a:word}", (const char *const[]){ "plain {a:word}" }, 1);
	texts("a{[ b|]} c", (const char *const[]){ "a b c", "a c" }, 2);
	texts("{[a|b]}{[1|2]}", (const char *const[]){ "a1", "a2", "b1", "b2" }, 4);
	texts("x{[ ({u:chars}{[, {g:chars}|]})|]}",
	      (const char *const[]){ "x ({u:chars}, {g:chars})", "x ({u:chars})", "x" }, 3);
	texts("{{[a|b]}", (const char *const[]){ "{{[a|b]}" }, 1); /* {{ is a brace */
}

static void refused(void **state)
{
	(void)state;
	struct variants v = { .arena = toc_arena_new() };
	assert_non_null(variants_write(&v, toc_span_str("a{[b|c")));
	assert_non_null(variants_write(
		&v, toc_span_str("{[a|b]}{[a|b]}{[a|b]}{[a|b]}{[a|b]}{[a|b]}{[a|b]}{[a|b]}{[a|b]}{[a|b]}")));
	toc_arena_free(v.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_out_in_order),
		cmocka_unit_test(refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
