/* template: what lines have in common, as a pattern that can be pasted. */
#include "test.h"

#include "normalise/template.h"

static const char *pattern(const struct template *t)
{
	static char out[TEMPLATE_PATTERN];
	template_pattern(t, out);
	return out;
}

static void mining(void **state)
{
	struct template all[3] = { { "", 0 } };
	(void)state;
	template_take(all, 3, toc_span_str("link eth0 is up speed 1000"));
	template_take(all, 3, toc_span_str("link eth1 is down speed 100"));
	template_take(all, 3, toc_span_str("user 'x' from 10.1.2.3 mac aa-bb-cc-dd-ee-ff {1}"));
	struct template *t = template_take(all, 3, toc_span_str("link  eth2 is up speed auto"));
	assert_int_equal(t->lines, 3);
	assert_string_equal(pattern(t), "'link {word1:word} is {word2:word} speed {word3:word}'");
	assert_string_equal(pattern(&all[1]), "'user ''x'' from {ip1:ip} mac {mac1:mac} {{1}'");
	/* the one of the fewest lines makes room */
	template_take(all, 3, toc_span_str("a b c"));
	template_take(all, 3, toc_span_str("d e f g"));
	template_take(all, 3, toc_span_str("h i"));
	assert_int_equal(t->lines, 3);
	assert_string_equal(pattern(t), "'link {word1:word} is {word2:word} speed {word3:word}'");
}

static void odd_lines(void **state)
{
	struct template t = { "", 0 };
	char text[4000];
	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	template_take(&t, 1, toc_span_str(text));
	assert_true(strlen(t.text) < TEMPLATE_TEXT);
	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "y ", 2);
	template_take(&t, 1, toc_span_str(text)); /* more words than are looked at: the rest is one hole */
	template_take(&t, 1, toc_span_str(text));
	assert_int_equal(t.lines, 2);
	assert_non_null(strstr(pattern(&t), "{rest1:rest}'"));
	/* a byte that stands for a hole in a template is a word in a line */
	struct template odd = { "", 0 };
	template_take(&odd, 1, toc_span_str("a \x03 \x1b[31m \xff"));
	assert_string_equal(pattern(&odd), "'a {word1:word} {word2:word} {word3:word}'");
	template_take(&odd, 1, toc_span_str(""));
	template_take(&odd, 1, toc_span_str("   "));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(mining), cmocka_unit_test(odd_lines) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
