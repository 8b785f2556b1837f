/* line: lines of any ends and lengths, words, numbers, replies. */
#include "trials.h"

#include "decoders/line.h"

static void lines_and_ends(void **state)
{
	(void)state;
	struct line_reader r = { 0 };
	struct toc_span line;
	struct toc_cursor in = toc_cursor_of(toc_span_str("one\r\ntwo\n\r\nthr"));
	assert_true(line_read(&r, &in, 100, &line));
	assert_true(toc_span_is(line, "one"));
	assert_true(line_read(&r, &in, 100, &line));
	assert_true(toc_span_is(line, "two"));
	assert_true(line_read(&r, &in, 100, &line));
	assert_int_equal(line.n, 0);
	assert_false(line_read(&r, &in, 100, &line));
	assert_int_equal(toc_left(&in), 3);
}

/* The first bytes of a long line are told, and then the next line, whether the rest was there or came later. */
static void long_lines(void **state)
{
	(void)state;
	for (unsigned cut = 0; cut < 2; cut++) {
		struct line_reader r = { 0 };
		struct toc_span line;
		struct toc_cursor in = toc_cursor_of(toc_span_str(cut ? "0123456789" : "0123456789abc\nnext\n"));
		assert_true(line_read(&r, &in, 8, &line));
		assert_true(toc_span_is(line, "01234567"));
		if (cut) {
			assert_false(line_read(&r, &in, 8, &line));
			assert_int_equal(toc_left(&in), 0);
			in = toc_cursor_of(toc_span_str("abc\nnext\n"));
		}
		assert_true(line_read(&r, &in, 8, &line));
		assert_true(toc_span_is(line, "next"));
	}
}

static void a_loss_makes_doubtful(void **state)
{
	(void)state;
	struct line_reader r = { 0 };
	struct toc_span line;
	struct toc_cursor in = toc_cursor_of(toc_span_str("rest\nwhole\n"));
	line_lost(&r);
	assert_true(line_read(&r, &in, 8, &line));
	assert_true(r.doubtful);
	assert_true(line_read(&r, &in, 8, &line));
	assert_false(r.doubtful);
}

static void words_and_numbers(void **state)
{
	(void)state;
	struct toc_span rest = toc_span_str("  MAIL \t FROM:<a> x");
	uint64_t n;
	assert_true(toc_span_is(line_word(&rest), "MAIL"));
	assert_true(toc_span_is(rest, "FROM:<a> x"));
	assert_true(line_uint(toc_span_str("0123"), &n) && n == 123);
	assert_false(line_uint(toc_span_str(""), &n));
	assert_false(line_uint(toc_span_str("12a"), &n));
	assert_false(line_uint(toc_span_str("99999999999999999999"), &n));
	assert_int_equal(line_find(toc_span_str("xxPassWord"), "PASSWORD"), 2);
	assert_int_equal(line_find(toc_span_str("x"), "PASSWORD"), 1);
	assert_int_equal(line_head_end(toc_span_str("a: b\r\n\r\nbody")), 8);
	assert_int_equal(line_head_end(toc_span_str("a: b\r\n")), 0);
}

static void replies(void **state)
{
	(void)state;
	struct line_reply r;
	assert_true(line_reply(toc_span_str("250-first"), &r) && r.code == 250 && r.more);
	assert_true(line_reply(toc_span_str("250 2.0.0 Ok"), &r) && !r.more && toc_span_is(r.text, "2.0.0 Ok"));
	assert_true(line_reply(toc_span_str("221"), &r) && r.text.n == 0);
	assert_false(line_reply(toc_span_str("2500 x"), &r));
	assert_false(line_reply(toc_span_str("25"), &r));
	assert_false(line_reply(toc_span_str("750 x"), &r));
	assert_int_equal(line_begins(toc_span_str("EH"), "EHLO "), TOC_MAYBE);
	assert_int_equal(line_begins(toc_span_str("ehlo x"), "EHLO "), TOC_YES);
	assert_int_equal(line_begins(toc_span_str("EHX"), "EHLO "), TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines_and_ends), cmocka_unit_test(long_lines),
					    cmocka_unit_test(a_loss_makes_doubtful),
					    cmocka_unit_test(words_and_numbers), cmocka_unit_test(replies) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
