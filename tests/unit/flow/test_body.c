/* body: Brotli's decoders take megabytes, so few run at once; pieces of a file wait for what is in front of them. */
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

enum { FILE_BYTES = 1 << 20, PIECE = 1 << 16, PIECES = FILE_BYTES / PIECE };

static uint8_t file[FILE_BYTES];

static struct toc_body *placed(struct toc_bodies *t, uint64_t uid)
{
	static const struct toc_flow_info flow = { .carrier = TOC_OVER_TCP };
	struct toc_body_info info = { .uid = uid, .flow = &flow, .source = "SMB", .expected = UINT64_MAX };
	info.name = toc_span_str("");
	for (size_t i = 0; i < FILE_BYTES; i++)
		file[i] = (uint8_t)(i * 2654435761u >> 13);
	return toc_body_new(t, &info);
}

static uint64_t place(struct toc_body *b, size_t at, size_t n)
{
	return toc_body_place(b, at, toc_span_of(file + at, n), TOC_SEC);
}

/* The file's hash as the event has it; "" where a byte is missing. */
static void hash_of(struct toc_bodies *t, struct toc_body *b, char out[65])
{
	struct toc_body_summary sum;
	out[0] = out[64] = '\0';
	assert_true(toc_body_end(t, b, TOC_SEC, &event, &sum));
	for (unsigned i = 0; i < event.head.nslots; i++)
		if (event.slots[i].type == TOC_STRING && event.slots[i].len == 64)
			memcpy(out, event.heap + event.slots[i].bits, 64);
	assert_int_equal(sum.missing == 0, out[0] != '\0');
}

/* In whatever order, in segments or whole, twice or overlapping: the file is the same. */
static void the_order_does_not_matter(void **state)
{
	struct toc_intern *names = toc_intern_new();
	struct toc_bodies *t = toc_bodies_new(names, 4);
	char straight[65], other[65];
	(void)state;
	struct toc_body *b = placed(t, 1);
	assert_int_equal(place(b, 0, FILE_BYTES), FILE_BYTES);
	hash_of(t, b, straight);
	for (unsigned step = 1; step < PIECES; step += 2) { /* odd: every piece comes once */
		b = placed(t, 2);
		for (unsigned i = 0; i < PIECES; i++) {
			size_t at = (size_t)((i * step + 5) % PIECES) * PIECE;
			for (size_t n = 0; n < PIECE; n += PIECE / 8)
				place(b, at + n, PIECE / 8);
			place(b, at > 100 ? at - 100 : 0, 200);
		}
		assert_int_equal(place(b, 0, 1), FILE_BYTES);
		hash_of(t, b, other);
		assert_string_equal(other, straight);
	}
	b = placed(t, 3); /* a longer piece over others that wait */
	place(b, 3 * PIECE, 10);
	place(b, 5 * PIECE, 10);
	place(b, 2 * PIECE, FILE_BYTES - 2 * PIECE);
	assert_int_equal(place(b, 0, 2 * PIECE), FILE_BYTES);
	hash_of(t, b, other);
	assert_string_equal(other, straight);
	toc_bodies_free(t);
	toc_intern_free(names);
}

/* What never comes is missing, and so is what would take too much room to wait for. */
static void what_waits_is_bounded(void **state)
{
	enum { MIB = 1 << 20 };
	struct toc_intern *names = toc_intern_new();
	struct toc_bodies *t = toc_bodies_new(names, 4);
	char hash[65];
	(void)state;
	struct toc_body *b = placed(t, 1);
	place(b, PIECE, PIECE);
	hash_of(t, b, hash);
	assert_string_equal(hash, "");
	b = placed(t, 2);
	uint64_t whole = 0;
	for (unsigned i = 1; i < 16; i++) /* the first MiB does not come */
		whole = toc_body_place(b, (uint64_t)i * MIB, toc_span_of(file, MIB), TOC_SEC);
	assert_int_equal(whole, 16 * MIB);
	hash_of(t, b, hash);
	assert_string_equal(hash, "");
	b = placed(t, 3); /* pieces that never meet: too many */
	for (unsigned i = 1; i < 200; i++)
		whole = toc_body_place(b, (uint64_t)i * 16, toc_span_of(file, 1), TOC_SEC);
	assert_true(whole > 100 * 16);
	struct toc_body_summary sum;
	assert_true(toc_body_end(t, b, TOC_SEC, &event, &sum));
	assert_int_equal(sum.seen, 199);
	assert_int_equal(sum.missing, 199 * 16 + 1 - 199);
	toc_bodies_free(t);
	toc_intern_free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(few_decoders_at_once),
					    cmocka_unit_test(the_order_does_not_matter),
					    cmocka_unit_test(what_waits_is_bounded) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
