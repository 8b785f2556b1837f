/* a journal's export: records of text and of bytes, however cut, as lines of its JSON form; and what breaks it. */
#include "test.h"

#include "receive/journal_export.h"
#include "receive/receive.h"

struct heard {
	char text[65536];
	size_t n;
	unsigned cut;
};

static void hear(void *user, struct toc_span text, bool truncated)
{
	struct heard *h = user;
	h->cut += truncated;
	h->n += (size_t)snprintf(h->text + h->n, sizeof(h->text) - h->n, "%.*s|", (int)text.n, (const char *)text.p);
}

/* Over a connection, in pieces of `step` bytes. */
static bool feed(struct toc_span bytes, size_t step, size_t max, struct heard *h)
{
	struct toc_framing *f = toc_framing_new(max);
	bool ok = true;
	*h = (struct heard){ 0 };
	for (size_t i = 0; i < bytes.n && ok; i += step)
		ok = toc_framing_feed(f, toc_span_first(toc_span_from(bytes, i), step), false, hear, h);
	if (ok)
		toc_framing_feed(f, toc_span_str(""), true, hear, h);
	toc_framing_free(f);
	return ok;
}

#define BYTES(text) toc_span_of(text, sizeof(text) - 1)
#define FIRST	    "__CURSOR=s=1;i=1\n__REALTIME_TIMESTAMP=1772438441120000\n"

static void records_however_cut(void **state)
{
	(void)state;
	static struct heard h;
	const struct toc_span two =
		BYTES(FIRST "_HOSTNAME=srv1\nPRIORITY=6\nMESSAGE=say \"x\\y\"\nOTHER=a=b\n\n"
			    "\n" /* an empty one says nothing */
			    "__REALTIME_TIMESTAMP=1772438442120000\nMESSAGE\n\5\0\0\0\0\0\0\0a\nb\t\2\n"
			    "COREDUMP\n\3\0\0\0\0\0\0\0\n\n\n\n_PID=9\n");
	for (size_t step = 1; step <= two.n; step++) {
		assert_true(feed(two, step, 4096, &h));
		assert_string_equal(h.text, "{\"__REALTIME_TIMESTAMP\":\"1772438441120000\",\"_HOSTNAME\":\"srv1\","
					    "\"PRIORITY\":\"6\",\"MESSAGE\":\"say \\\"x\\\\y\\\"\"}|"
					    "{\"__REALTIME_TIMESTAMP\":\"1772438442120000\","
					    "\"MESSAGE\":\"a\\u000ab\\u0009\\u0002\",\"_PID\":\"9\"}|");
		assert_int_equal(h.cut, 0);
	}
}

static void a_long_one_is_cut_and_whole(void **state)
{
	(void)state;
	static struct heard h;
	const struct toc_span long_one =
		BYTES("__CURSOR=s\nPRIORITY=6\nMESSAGE=0123456789\"123456789012345678901234567890123456789"
		      "\n_PID=7\n\nMESSAGE=next\n\n");
	for (size_t step = 1; step < 20; step++) {
		assert_true(feed(long_one, step, 64, &h));
		assert_string_equal(h.text,
				    "{\"PRIORITY\":\"6\",\"MESSAGE\":\"0123456789\\\"12345678901234567890123\"}|"
				    "{\"MESSAGE\":\"next\"}|");
		assert_int_equal(h.cut, 1);
	}
}

/* One that fills its room to the last byte leaves none for what follows. */
static void of_every_length(void **state)
{
	(void)state;
	static struct heard h;
	char bytes[256], text[128];
	memset(text, 'x', sizeof(text));
	for (int n = 0; n < 80; n++) {
		int length =
			snprintf(bytes, sizeof(bytes), "__CURSOR=s\nMESSAGE=%.*s\n_PID=7\nPRIORITY=6\n\n", n, text);
		assert_true(feed(toc_span_of(bytes, (size_t)length), sizeof(bytes), 64, &h));
		assert_in_range(h.n, 1, 64 + 1);
		assert_int_equal(h.text[h.n - 2], '}');
	}
}

static void what_breaks_it(void **state)
{
	(void)state;
	static struct heard h;
	for (size_t step = 1; step < 40; step++) {
		/* longer than any value may be; no line end behind one */
		assert_false(feed(BYTES(FIRST "MESSAGE\n\0\0\0\0\0\0\0\1x"), step, 4096, &h));
		assert_false(feed(BYTES(FIRST "MESSAGE\n\1\0\0\0\0\0\0\0xy\n"), step, 4096, &h));
	}
}

/* Who does not begin as journalctl does sends lines. */
static void lines_with_an_underscore(void **state)
{
	(void)state;
	static struct heard h;
	for (size_t step = 1; step < 40; step++) {
		assert_true(feed(BYTES("_x\n__CURSOR=s\nlast"), step, 4096, &h));
		assert_string_equal(h.text, "_x|__CURSOR=s|last|");
		assert_true(feed(BYTES("<1>a\n__CURSOR=s\n\n"), step, 4096, &h));
		assert_string_equal(h.text, "<1>a|__CURSOR=s|");
		assert_true(feed(BYTES("__CURSOR"), step, 4096, &h));
		assert_string_equal(h.text, "__CURSOR|");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_however_cut),	    cmocka_unit_test(a_long_one_is_cut_and_whole),
		cmocka_unit_test(of_every_length),	    cmocka_unit_test(what_breaks_it),
		cmocka_unit_test(lines_with_an_underscore),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
