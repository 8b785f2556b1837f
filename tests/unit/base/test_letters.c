/* letters: what a label of a domain name reads like, what looks alike, and how far two are apart. */
#include "test.h"

#include "base/letters.h"

static struct toc_letters of(const char *label)
{
	struct toc_letters out;
	assert_true(toc_letters_read(toc_span_str(label), &out));
	return out;
}

static void letters_of_labels(void **state)
{
	(void)state;
	struct toc_letters a = of("Bucher"), b = of("xn--bcher-kva");
	assert_int_equal(a.n, 6);
	assert_int_equal(a.at[0], 'b');
	assert_int_equal(b.n, 6);
	assert_int_equal(b.at[1], 0xfc);
	struct toc_letters none;
	static const char *const wrong[] = { "", "xn--", "xn--99999999999",
					     "a123456789012345678901234567890123456789012345678901234567890123" };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(toc_letters_read(toc_span_str(wrong[i]), &none));
	assert_false(toc_letters_read(toc_span_of("xn--bcher\0-kva", 14), &none));
}

static bool alike(const char *a, const char *b)
{
	const struct toc_letters x = of(a), y = of(b);
	struct toc_letters sx, sy;
	toc_letters_skeleton(&x, &sx);
	toc_letters_skeleton(&y, &sy);
	return toc_letters_equal(&sx, &sy);
}

static void what_looks_alike(void **state)
{
	(void)state;
	assert_true(alike("paypal", "paypa1"));
	assert_true(alike("modern", "rnodem"));
	assert_true(alike("google", "g00gle"));
	assert_true(alike("bucher", "xn--bcher-kva")); /* a mark above */
	assert_true(alike("paypal", "xn--pypl-53dc")); /* Cyrillic vowels */
	assert_false(alike("paypal", "paypai"));
	assert_false(alike("school", "schools"));
	assert_false(alike("a", "xn--fiqs8s")); /* Chinese looks like nothing of ours */
}

static bool near(const char *a, const char *b)
{
	const struct toc_letters x = of(a), y = of(b);
	const bool is = toc_letters_near(&x, &y);
	assert_int_equal(is, toc_letters_near(&y, &x));
	return is;
}

static void one_letter_apart(void **state)
{
	(void)state;
	assert_true(near("school", "school"));
	assert_true(near("school", "schoool"));
	assert_true(near("school", "schol"));
	assert_true(near("school", "xschool"));
	assert_true(near("school", "schxol"));
	assert_true(near("school", "shcool"));
	assert_true(near("ab", "ba"));
	assert_true(near("a", "b"));
	assert_false(near("school", "scohlo"));
	assert_false(near("school", "schools1"));
	assert_false(near("school", "sxhxol"));
	assert_false(near("ab", "cd"));
	assert_false(near("abc", "cba"));
}

static void one_within_another(void **state)
{
	(void)state;
	const struct toc_letters part = of("brook"), whole = of("my-brook-login"), other = of("bro-ok"),
				 same = of("brook");
	assert_true(toc_letters_within(&part, &whole));
	assert_true(toc_letters_within(&part, &same));
	assert_false(toc_letters_within(&part, &other));
	assert_false(toc_letters_within(&whole, &part));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_of_labels),
		cmocka_unit_test(what_looks_alike),
		cmocka_unit_test(one_letter_apart),
		cmocka_unit_test(one_within_another),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
