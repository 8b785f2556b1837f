/* sizes: what is a hundred times what it was, and what a file of the last run may hold. */
#include "test.h"

#include "base/sizes.h"

static void a_hundred_times_is_far(void **state)
{
	(void)state;
	struct toc_sizes *s = toc_sizes_new();
	assert_non_null(s);
	assert_false(toc_sizes_far(s, "list", "games", 1000000)); /* nobody knows */
	toc_sizes_put(s, "list", "games", 30);
	toc_sizes_put(s, "roster", "games", 7);
	assert_int_equal(toc_sizes_get(s, "list", "games"), 30);
	assert_false(toc_sizes_far(s, "list", "games", 2999));
	assert_true(toc_sizes_far(s, "list", "games", 3000));
	assert_true(toc_sizes_far(s, "roster", "games", 3000));
	assert_false(toc_sizes_far(s, "list", "game", 3000));
	toc_sizes_put(s, "list", "games", 3000);
	assert_false(toc_sizes_far(s, "list", "games", 3001));
	toc_sizes_put(s, "list", "games", 0); /* from nothing, anything */
	assert_false(toc_sizes_far(s, "list", "games", 3001));
	toc_sizes_put(NULL, "list", "games", 1);
	assert_int_equal(toc_sizes_get(NULL, "list", "games"), 0);
	toc_sizes_free(s);
	toc_sizes_free(NULL);
}

static void they_are_written_and_read(void **state)
{
	(void)state;
	struct toc_sizes *s = toc_sizes_new(), *t = toc_sizes_new();
	char *text = NULL, longest[400];
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	assert_non_null(s);
	assert_non_null(t);
	assert_non_null(f);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	toc_sizes_put(s, "list", "a b", 12);
	toc_sizes_put(s, "calendar", "nights in /etc/c.yml", 1);
	toc_sizes_put(s, "list", "two\nlines", 5);
	toc_sizes_put(s, "list", longest, 5);
	toc_sizes_write(s, f);
	fclose(f);
	assert_string_equal(text, "12 list a b\n1 calendar nights in /etc/c.yml\n");
	toc_sizes_read(t, toc_span_of(text, n));
	assert_int_equal(toc_sizes_get(t, "list", "a b"), 12);
	assert_int_equal(toc_sizes_get(t, "calendar", "nights in /etc/c.yml"), 1);
	static const char odd[] = "12\n12 \n x\n-1 list b\n1e3 list c\n99999999999999999999 list d\n\n7 list e";
	toc_sizes_read(t, toc_span_str(odd));
	assert_int_equal(toc_sizes_get(t, "list", "e"), 7);
	assert_int_equal(toc_sizes_get(t, "list", "b") + toc_sizes_get(t, "list", "c") + toc_sizes_get(t, "list", "d"), 0);
	free(text);
	toc_sizes_free(s);
	toc_sizes_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_hundred_times_is_far),
					    cmocka_unit_test(they_are_written_and_read) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
