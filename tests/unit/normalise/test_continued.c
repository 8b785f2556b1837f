/* lines that go on with the one before them, apart by sender and in time; and for how many messages a text stands. */
#include "test.h"

#include "normalise/continued.h"
#include "normalise/repeats.h"

struct rig {
	struct continued *c;
	toc_time at;
};

static int setup(void **state)
{
	static const struct toc_hash_key key = { 1, 2 };
	struct rig *r = calloc(1, sizeof(*r));
	assert_non_null(r);
	r->c = continued_new(&key);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	continued_free(r->c);
	free(r);
	return 0;
}

static const char *take(struct rig *r, uint64_t sender, const char *message)
{
	static char out[16384];
	const struct header h = { .message = toc_span_str(message) };
	struct toc_span text = continued_wanted(&h) ? continued_take(r->c, sender, &h, r->at) : h.message;
	snprintf(out, sizeof(out), "%.*s", (int)text.n, (const char *)text.p);
	return out;
}

#define same(r, sender, message) assert_string_equal(take(r, sender, message), message)

static void what_goes_on(void **state)
{
	struct rig *r = *state;
	same(r, 1, "-Traceback: 0x1");
	same(r, 1, "%AAA-3-FAIL: aaa.c:77 no server");
	assert_string_equal(take(r, 1, "-Traceback: 0x1"), "%continued AAA-3-FAIL: -Traceback: 0x1");
	assert_string_equal(take(r, 1, "-Process: Name:aaa"), "%continued AAA-3-FAIL: -Process: Name:aaa");
	same(r, 2, "-Traceback: 0x1"); /* of another sender */
	same(r, 1, "%AAA-6-INFO: x");  /* says nothing that would go on */
	assert_string_equal(take(r, 1, "-Traceback: 0x1"), "%continued AAA-3-FAIL: -Traceback: 0x1");
	same(r, 1, "%ASA-3-106014: Deny");
	assert_string_equal(take(r, 1, "-Traceback: 0x1"), "%continued AAA-3-FAIL: -Traceback: 0x1");
	r->at = 11 * TOC_SEC;
	same(r, 1, "-Traceback: 0x1"); /* too late */
}

static void the_other_mark(void **state)
{
	struct rig *r = *state;
	assert_string_equal(take(r, 1, "#DOT1X-3-RETRIES: x"), "%DOT1X-3-RETRIES: x");
	assert_string_equal(take(r, 1, "-Traceback: 0x1"), "%continued DOT1X-3-RETRIES: -Traceback: 0x1");
	static const char *const others[] = { "#DOT1X-3-RETRIES",
					      "#DOT1X-9-RETRIES: x",
					      "#DOT1X RETRIES-3-X: x",
					      "#tags",
					      "#DOT1X-33-X: x",
					      "%-3-: x",
					      "-Trace",
					      "#",
					      "%",
					      "" };
	for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		same(r, 3, others[i]);
	same(r, 3, "-Traceback: 0x1");
}

static void counted(const char *in, const char *out, uint64_t count)
{
	uint8_t room[REPEATS_ROOM];
	uint64_t n;
	const struct toc_span got = repeats_take(toc_span_str(in), room, &n);
	assert_int_equal(got.n, strlen(out));
	assert_memory_equal(got.p, out, got.n);
	assert_int_equal(n, count);
}

static void how_often(void **state)
{
	(void)state;
	counted("", "", 1);
	counted("x", "x", 1);
	counted("message repeated 4 times: [ x]", "x", 4);
	counted("%ASA-2-106006: message repeated 2 times: [ Deny]", "%ASA-2-106006: Deny", 2);
	counted("%LOG-3-Q_IND: a.c:1 failed.[...It occurred 6 times.!]", "%LOG-3-Q_IND: a.c:1 failed.", 6);
	counted("%LOG-3-Q_IND: failed [...It occurred 12 times/sec!.]", "%LOG-3-Q_IND: failed", 12);
	counted("%SIM-3-GET: no address. Previous message occurred 28 times.", "%SIM-3-GET: no address.", 28);
	counted("%SIM-3-GET: [...It occurred 0 times.!]", "%SIM-3-GET: [...It occurred 0 times.!]", 1);
	counted("%SIM-3-GET: [...It occurred many times.!]", "%SIM-3-GET: [...It occurred many times.!]", 1);
	counted("no mnemonic [...It occurred 6 times.!]", "no mnemonic [...It occurred 6 times.!]", 1);
	counted("%X-3-Y: message repeated 99999999999 times: [ x]", "%X-3-Y: message repeated 99999999999 times: [ x]",
		1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_goes_on),
		TEST(the_other_mark),
		cmocka_unit_test(how_often),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
