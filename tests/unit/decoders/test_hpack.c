/* hpack: the examples of RFC 7541, appendix C, and what hostile blocks do. */
#include "test.h"

#include "decoders/hex.h"
#include "decoders/hpack.h"

struct seen {
	size_t n;
	char text[4096];
};

static void put(void *with, struct toc_span name, struct toc_span value)
{
	struct seen *s = with;
	s->n += (size_t)snprintf(s->text + s->n, sizeof(s->text) - s->n, "%.*s=%.*s\n", (int)name.n,
				 name.n ? (const char *)name.p : "", (int)value.n,
				 value.n ? (const char *)value.p : "");
}

static void block(struct hpack *t, const char *hex, const char *fields)
{
	uint8_t bytes[1024];
	struct seen seen = { 0 };
	size_t n = hex_read(hex, bytes);
	assert_true(hpack_read(t, toc_span_of(bytes, n), put, &seen));
	assert_string_equal(seen.text, fields);
}

static bool reads(struct hpack *t, const char *hex)
{
	uint8_t bytes[1024];
	struct seen seen = { 0 };
	return hpack_read(t, toc_span_of(bytes, hex_read(hex, bytes)), put, &seen);
}

#define FIRST  ":method=GET\n:scheme=http\n:path=/\n:authority=www.example.com\n"
#define SECOND FIRST "cache-control=no-cache\n"
#define THIRD  ":method=GET\n:scheme=https\n:path=/index.html\n:authority=www.example.com\ncustom-key=custom-value\n"

/* C.3, C.4: three requests on one connection, plain and with the Huffman code. */
static void requests(void **state)
{
	(void)state;
	struct hpack plain = { 0 }, coded = { 0 };
	block(&plain, "828684410f7777772e6578616d706c652e636f6d", FIRST);
	block(&plain, "828684be58086e6f2d6361636865", SECOND);
	block(&plain, "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565", THIRD);
	assert_int_equal(plain.used, 164);
	block(&coded, "828684418cf1e3c2e5f23a6ba0ab90f4ff", FIRST);
	block(&coded, "828684be5886a8eb10649cbf", SECOND);
	block(&coded, "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf", THIRD);
	assert_int_equal(coded.used, 164);
}

#define REPLY(status, time)                                                                                            \
	":status=" status "\ncache-control=private\ndate=Mon, 21 Oct 2013 20:13:" time                                 \
	" GMT\nlocation=https://www.example.com\n"
#define COOKIE "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"

/* C.5, C.6: replies with a table of 256 bytes, so that entries are evicted. */
static void replies(void **state)
{
	(void)state;
	struct hpack plain = { .sized = true, .limit = 256 }, coded = plain;
	block(&plain,
	      "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54"
	      "6e1768747470733a2f2f7777772e6578616d706c652e636f6d",
	      REPLY("302", "21"));
	block(&plain, "4803333037c1c0bf", REPLY("307", "21"));
	block(&plain,
	      "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48"
	      "514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31",
	      REPLY("200", "22") "content-encoding=gzip\nset-cookie=" COOKIE "\n");
	assert_int_equal(plain.used, 215);
	block(&coded,
	      "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae"
	      "43d3",
	      REPLY("302", "21"));
	assert_int_equal(coded.used, 222);
	block(&coded, "4883640effc1c0bf", REPLY("307", "21"));
}

/* C.2.3, C.2.4: never indexed; indexed. */
static void literals(void **state)
{
	(void)state;
	struct hpack t = { 0 };
	block(&t, "100870617373776f726406736563726574", "password=secret\n");
	assert_int_equal(t.n, 0);
	block(&t, "82", ":method=GET\n");
	block(&t, "040c2f73616d706c652f70617468", ":path=/sample/path\n");
	assert_int_equal(t.used, 0);
}

/* Sections 4.3 and 4.4: a smaller table evicts, an entry larger than the table empties it. */
static void sizes(void **state)
{
	(void)state;
	struct hpack t = { 0 };
	assert_true(reads(&t, "4001610162"));
	assert_int_equal(t.used, 34);
	assert_true(reads(&t, "3f01")); /* 32: nothing fits */
	assert_int_equal(t.n, 0);
	assert_true(reads(&t, "4001610162"));
	assert_int_equal(t.n, 0);
	assert_true(reads(&t, "3fe11f")); /* 4096 again */
	assert_true(reads(&t, "4001610162"));
	assert_int_equal(t.n, 1);
	block(&t, "be", "a=b\n");
	block(&t, "bf", "=\n"); /* older than what is kept: unknown, and no reason to give up */
}

static void hostile(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"80",		    /* index 0 */
		"ffffffffffffff0f", /* an integer without end */
		"400a61",	    /* cut in a name */
		"4081ff0161",	    /* padding of eight bits and more */
		"4084ffffffff0161", /* the end symbol within */
		"3f",		    /* cut in a size */
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct hpack t = { 0 };
		assert_false(reads(&t, bad[i]));
	}
	struct hpack t = { 0 };
	for (unsigned i = 0; i < 1000; i++)
		assert_true(reads(&t, "400000")); /* empty entries: 32 bytes each */
	assert_int_equal(t.n, HPACK_ENTRIES);
	assert_int_equal(t.used, HPACK_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(requests), cmocka_unit_test(replies),
					    cmocka_unit_test(literals), cmocka_unit_test(sizes),
					    cmocka_unit_test(hostile) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
