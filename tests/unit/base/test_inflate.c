/* inflate: coded bodies come out whatever their wrapper says, others as they are, and pieces make no difference. */
#include "test.h"

#include "base/brotli.h"
#include "base/inflate.h"

static const char body[] = "one body that is long enough to be packed: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/* body, by zlib's deflate without a wrapper */
static const uint8_t packed[] = { 0xcb, 0xcf, 0x4b, 0x55, 0x48, 0xca, 0x4f, 0xa9, 0x54, 0x28, 0xc9, 0x48,
				  0x2c, 0x51, 0xc8, 0x2c, 0x56, 0xc8, 0xc9, 0xcf, 0x4b, 0x57, 0x48, 0xcd,
				  0xcb, 0x2f, 0x4d, 0xcf, 0x50, 0x28, 0xc9, 0x57, 0x48, 0x4a, 0x55, 0x28,
				  0x48, 0x4c, 0xce, 0x4e, 0x4d, 0xb1, 0x52, 0x48, 0x24, 0x1a, 0x00, 0x00 };

/* body, by the reference encoder of Brotli */
static const uint8_t brotli[] = { 0x1b, 0x54, 0x00, 0xf8, 0x1d, 0x07, 0x76, 0x8c, 0xbc, 0xc5, 0x9c, 0x13,
				  0x7c, 0x97, 0x65, 0x3a, 0x6f, 0x1d, 0x06, 0x42, 0xe6, 0xb6, 0xc4, 0xd2,
				  0x60, 0x22, 0x07, 0x6c, 0x69, 0x5b, 0x80, 0xc7, 0x77, 0x2a, 0xdf, 0x18,
				  0x74, 0x92, 0x7f, 0x7d, 0x67, 0xd3, 0xd3, 0x6d, 0x44, 0x01, 0x56, 0x00 };

static uint8_t in[4096], out[65536];
static size_t in_n;

static void add(const void *p, size_t n)
{
	assert_true(in_n + n <= sizeof(in));
	memcpy(in + in_n, p, n);
	in_n += n;
}

static int clear(void **state)
{
	(void)state;
	in_n = 0;
	return 0;
}

/* Feeds `in` in pieces into little room; returns what came out in all. */
static size_t run(enum toc_coding coding, size_t piece, bool *failed)
{
	struct toc_inflate *z = toc_inflate_new();
	size_t n = 0;
	toc_inflate_begin(z, coding);
	for (size_t at = 0; at < in_n; at += piece) {
		struct toc_span some = toc_span_first(toc_span_of(in + at, in_n - at), piece);
		for (size_t made; (made = toc_inflate_some(z, &some, out + n, piece % 7 + 1)) != 0; n += made)
			assert_true(n + made < sizeof(out));
		if (toc_inflate_failed(z))
			break;
		assert_int_equal(some.n, 0);
	}
	*failed = toc_inflate_failed(z);
	toc_inflate_free(z);
	return n;
}

static void gives(enum toc_coding coding, const void *expected, size_t n)
{
	static const size_t pieces[] = { 1, 2, 3, 7, 64, sizeof(in) };
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		bool failed;
		assert_int_equal(run(coding, pieces[i], &failed), n);
		assert_memory_equal(out, expected, n);
		assert_false(failed);
	}
}

#define GIVES_BODY(coding) gives(coding, body, sizeof(body) - 1)

static void bare_and_wrapped_deflate(void **state)
{
	(void)state;
	add(packed, sizeof(packed));
	GIVES_BODY(TOC_CODING_DEFLATE);
	in_n = 0;
	add("\x78\x9c", 2);
	add(packed, sizeof(packed));
	add("sum?", 4);
	GIVES_BODY(TOC_CODING_DEFLATE);
	add("behind the end", 14);
	GIVES_BODY(TOC_CODING_DEFLATE);
}

static void gzip_with_every_field(void **state)
{
	for (unsigned flags = 0; flags < 256; flags++) {
		uint8_t head[10] = { 0x1f, 0x8b, 8, (uint8_t)flags, 0, 0, 0, 0, 0, 3 };
		clear(state);
		add(head, sizeof(head));
		if (flags & 4)
			add("\3\0abc", 5);
		if (flags & 8)
			add("name", 5);
		if (flags & 16)
			add("comment", 8);
		if (flags & 2)
			add("!!", 2); /* not the header's sum */
		add(packed, sizeof(packed));
		add("notitssum", 8);
		bool failed;
		assert_int_equal(run(TOC_CODING_GZIP, sizeof(in), &failed), sizeof(body) - 1);
		assert_int_equal(run(TOC_CODING_GZIP, 1, &failed), sizeof(body) - 1);
	}
	add("\x1f\x8b no further member", 20);
	GIVES_BODY(TOC_CODING_GZIP);
}

static void members_follow_each_other(void **state)
{
	char twice[2 * sizeof(body)];
	(void)state;
	for (int i = 0; i < 2; i++) {
		add("\x1f\x8b\x08\0\0\0\0\0\0\3", 10);
		add(packed, sizeof(packed));
		add("notitssum", 8);
		memcpy(twice + (size_t)i * (sizeof(body) - 1), body, sizeof(body));
	}
	gives(TOC_CODING_GZIP, twice, 2 * (sizeof(body) - 1));
}

static void what_is_not_coded_comes_as_it_is(void **state)
{
	(void)state;
	for (int coding = TOC_CODING_GZIP; coding <= TOC_CODING_DEFLATE; coding++) {
		clear(state);
		add("plain text, whatever the header says", 36);
		gives((enum toc_coding)coding, in, in_n);
		clear(state);
		add("\x1f\x8b\x08\0\0\0\0\0\0\3\xff\xff\xff\xff", 14); /* a header, and no data */
		if (coding == TOC_CODING_GZIP)
			gives(TOC_CODING_GZIP, in, in_n);
	}
}

static void damage_in_the_middle_fails(void **state)
{
	bool failed;
	(void)state;
	add("\0\5\0\xfa\xff"
	    "hello",
	    10); /* a stored block, then a block of no kind */
	add("\xff\xff\xff", 3);
	assert_int_equal(run(TOC_CODING_DEFLATE, 1, &failed), 5);
	assert_true(failed);
}

static void a_brotli_stream(void **state)
{
	(void)state;
	add(brotli, sizeof(brotli));
	gives(TOC_CODING_BROTLI, body, sizeof(body) - 1);
	add("what follows its end", 20);
	gives(TOC_CODING_BROTLI, body, sizeof(body) - 1);
	clear(state);
	add("\x11\x11\x11", 3); /* no window has these bits (RFC 7932, section 9.1) */
	gives(TOC_CODING_BROTLI, in, in_n);
}

/* Bodies follow each other in the same cell, whatever their codings are. */
static void a_cell_is_begun_again(void **state)
{
	static const enum toc_coding codings[] = { TOC_CODING_BROTLI, TOC_CODING_DEFLATE, TOC_CODING_BROTLI };
	struct toc_inflate *z = toc_inflate_new();
	(void)state;
	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++) {
		bool br = codings[i] == TOC_CODING_BROTLI;
		struct toc_span some = br ? toc_span_of(brotli, sizeof(brotli)) : toc_span_of(packed, sizeof(packed));
		toc_inflate_begin(z, codings[i]);
		assert_int_equal(toc_inflate_some(z, &some, out, sizeof(out)), sizeof(body) - 1);
		assert_memory_equal(out, body, sizeof(body) - 1);
	}
	toc_inflate_free(z);
}

/* 12 MiB of zeros under a window of 16 MiB: more than a stream may take. */
static void a_large_window_is_refused(void **state)
{
	static const uint8_t zeros[] = { 0x9f, 0xff, 0xff, 0xbf, 0x00, 0x24, 0x00,
					 0xe2, 0xb1, 0x40, 0x72, 0xef, 0x7f, 0x01 };
	struct toc_span some = toc_span_of(zeros, sizeof(zeros));
	struct toc_inflate *z = toc_inflate_new();
	size_t n = 0;
	(void)state;
	toc_inflate_begin(z, TOC_CODING_BROTLI);
	for (size_t made; (made = toc_inflate_some(z, &some, out, sizeof(out))) != 0;)
		n += made;
	assert_true(toc_inflate_failed(z));
	assert_true(n <= TOC_BROTLI_MEMORY);
	toc_inflate_free(z);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, clear)
	const struct CMUnitTest tests[] = {
		TEST(bare_and_wrapped_deflate),	  TEST(gzip_with_every_field),
		TEST(members_follow_each_other),  TEST(what_is_not_coded_comes_as_it_is),
		TEST(damage_in_the_middle_fails), TEST(a_brotli_stream),
		TEST(a_cell_is_begun_again),	  TEST(a_large_window_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
