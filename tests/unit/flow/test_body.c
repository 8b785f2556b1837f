/* body: Brotli's decoders take megabytes, so few run at once; a body beyond them is described as it was sent. */
#include "test.h"

#include "flow/body.h"

enum { AT_ONCE = 16 };

static struct toc_draft event;

static struct toc_body *coded(struct toc_bodies *t, uint64_t uid, const char *bytes)
{
	static const struct toc_flow_info flow = { .carrier = TOC_OVER_TCP };
	struct toc_body_info info = { .uid = uid, .flow = &flow, .source = "HTTP", .expected = UINT64_MAX };
	info.name = toc_span_str("");
	struct toc_body *b = toc_body_new(t, &info);
	toc_body_set_coding(t, b, TOC_CODING_BROTLI);
	toc_body_feed(b, toc_span_str(bytes), TOC_SEC);
	return b;
}

static uint64_t seen(struct toc_bodies *t, struct toc_body *b)
{
	struct toc_body_summary sum;
	assert_true(toc_body_end(t, b, TOC_SEC, &event, &sum));
	return sum.seen;
}

static void few_decoders_at_once(void **state)
{
	static const char five[] = "\x0b\x02\x80hello\x03"; /* one block, not compressed (RFC 7932, section 9.2) */
	struct toc_intern *names = toc_intern_new();
	struct toc_bodies *t = toc_bodies_new(names, 64);
	struct toc_body *open[AT_ONCE], *beyond;
	(void)state;
	for (unsigned i = 0; i < AT_ONCE; i++)
		open[i] = coded(t, i, five);
	assert_int_equal(toc_bodies_undecoded(t), 0);
	beyond = coded(t, AT_ONCE, five);
	assert_int_equal(toc_bodies_undecoded(t), 1);
	assert_int_equal(seen(t, beyond), sizeof(five) - 1);
	for (unsigned i = 0; i < AT_ONCE; i++)
		assert_int_equal(seen(t, open[i]), 5);
	assert_int_equal(seen(t, coded(t, 99, five)), 5);
	assert_int_equal(toc_bodies_undecoded(t), 1);
	toc_bodies_free(t);
	toc_intern_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(few_decoders_at_once) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
