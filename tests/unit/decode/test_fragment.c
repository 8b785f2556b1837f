/* fragments: any order, overlaps, repetitions, bad pieces, caps and time. */
#include "test.h"

#include "decode/decode.h"
#include "frames.h"

static const struct toc_hash_key key = { 3, 4 };

static struct frame whole, piece;
static struct toc_packet p;

static int set_up_with(void **state, size_t bytes)
{
	const struct toc_decode_config config = { .fragment_bytes = bytes, .fragment_timeout = TOC_MIN };
	*state = toc_decode_new(&config, &key);
	return 0;
}

static int set_up(void **state)
{
	return set_up_with(state, 1 << 20);
}

static int tear_down(void **state)
{
	const struct toc_decode_counters *c = toc_decode_count(*state);
	uint64_t sum = c->packets;
	for (int i = 0; i < TOC_NDROPS; i++)
		sum += c->drops[i];
	bool balanced = sum == c->seen;
	toc_decode_free(*state);
	return balanced ? 0 : -1;
}

/* A UDP datagram with `n` bytes of payload, in `whole`; its pieces are cut from it. */
static void datagram(unsigned version, size_t n)
{
	frame_eth(&whole, version == 4 ? 0x0800 : 0x86dd);
	if (version == 4)
		frame_ip4(&whole, "10.0.0.1", "10.0.0.2", 17);
	else
		frame_ip6(&whole, "2001:db8::1", "2001:db8::2", 17);
	frame_udp(&whole, 1000, 53);
	frame_fill(&whole, n, version);
	frame_done(&whole);
}

static size_t body(void)
{
	return whole.n - whole.l4;
}

/* Writes the piece [from, to) of the datagram into `piece`. */
static void cut(unsigned id, size_t from, size_t to)
{
	bool more = to < body();
	if (to > body())
		to = body();
	frame_eth(&piece, whole.version == 4 ? 0x0800 : 0x86dd);
	if (whole.version == 4) {
		frame_ip4_full(&piece, "10.0.0.1", "10.0.0.2", 17, id, (unsigned)from / 8 | (more ? 0x2000 : 0), NULL,
			       0);
	} else {
		frame_ip6(&piece, "2001:db8::1", "2001:db8::2", 44);
		frame_frag6(&piece, 17, (unsigned)from, more, id);
	}
	frame_bytes(&piece, whole.b + whole.l4 + from, to - from);
	frame_done(&piece);
}

static enum toc_drop decode(void **state, toc_time at)
{
	struct toc_frame frame = frame_view(&piece, at);
	return toc_decode(*state, &frame, &p);
}

static enum toc_drop send(void **state, unsigned id, size_t from, size_t to)
{
	cut(id, from, to);
	return decode(state, TOC_SEC);
}

static void assert_whole(void)
{
	assert_true(p.reassembled);
	assert_false(p.bad_checksum);
	assert_int_equal(p.sport, 1000);
	assert_int_equal(p.ip_proto, 17);
	assert_int_equal(p.ip_len, whole.n - 14);
	assert_int_equal(p.payload_len, body() - 8);
	assert_int_equal(p.payload.n, body() - 8);
	assert_memory_equal(p.payload.p, whole.b + whole.l4 + 8, p.payload.n);
}

static void every_order(void **state)
{
	enum { PIECES = 5, SIZE = 2000 };
	for (unsigned version = 4; version <= 6; version += 2) {
		datagram(version, PIECES * SIZE - 8 - 3);
		for (unsigned order = 0; order < PIECES * PIECES * PIECES * PIECES * PIECES; order++) {
			unsigned seen = 0, rest = order;
			for (unsigned i = 0; i < PIECES; i++, rest /= PIECES)
				seen |= 1u << rest % PIECES;
			if (seen != (1u << PIECES) - 1)
				continue; /* not a permutation */
			rest = order;
			for (unsigned i = 0; i < PIECES; i++, rest /= PIECES) {
				size_t from = rest % PIECES * SIZE;
				enum toc_drop drop = send(state, order, from, from + SIZE);
				assert_int_equal(drop, i + 1 < PIECES ? TOC_DROP_fragment_held : TOC_DROP_none);
			}
			assert_whole();
		}
	}
	assert_int_equal(toc_decode_count(*state)->fragments_evicted, 0);
}

static void longest_and_smallest(void **state)
{
	datagram(4, 65535 - 20 - 8);
	for (size_t at = 0; at < body(); at += 1480)
		assert_int_equal(send(state, 1, at, at + 1480),
				 at + 1480 < body() ? TOC_DROP_fragment_held : TOC_DROP_none);
	assert_whole();
	datagram(6, 4000);
	for (size_t at = 0; at < body(); at += 8)
		send(state, 2, at, at + 8);
	assert_whole();
}

static void unlike_keys_do_not_mix(void **state)
{
	datagram(4, 100);
	assert_int_equal(send(state, 1, 0, 56), TOC_DROP_fragment_held);
	assert_int_equal(send(state, 2, 56, 200), TOC_DROP_fragment_held);
	cut(1, 56, 200);
	piece.b[14 + 9] = 132; /* another protocol: RFC 791 counts it to the key */
	frame_done(&piece);
	assert_int_equal(decode(state, TOC_SEC), TOC_DROP_fragment_held);
	cut(1, 56, 200);
	struct toc_frame frame = frame_view(&piece, TOC_SEC);
	frame.iface = 9;
	assert_int_equal(toc_decode(*state, &frame, &p), TOC_DROP_fragment_held);
	assert_int_equal(send(state, 1, 56, 200), TOC_DROP_none);
	assert_whole();
}

static void ipv4_first_data_wins(void **state)
{
	datagram(4, 100);
	send(state, 1, 0, 56);
	cut(1, 48, 96); /* overlaps by one unit, with other bytes there */
	piece.b[piece.l4] ^= 0xff;
	frame_done(&piece);
	assert_int_equal(decode(state, TOC_SEC), TOC_DROP_fragment_held);
	assert_string_equal(p.weird, "fragment_inconsistency");
	assert_int_equal(send(state, 1, 88, 200), TOC_DROP_none);
	assert_string_equal(p.weird, "fragment_overlap");
	assert_whole();
	cut(2, 0, 56);
	decode(state, TOC_SEC);
	piece.b[piece.n - 1] ^= 0xff; /* all of it is there already */
	assert_int_equal(decode(state, TOC_SEC), TOC_DROP_fragment_repeat);
	assert_int_equal(send(state, 2, 56, 200), TOC_DROP_none);
	assert_whole();
}

static void ipv6_overlap_voids_the_datagram(void **state)
{
	datagram(6, 100);
	send(state, 1, 0, 56);
	assert_int_equal(send(state, 1, 0, 56), TOC_DROP_fragment_repeat); /* an exact copy, as mirrors make */
	assert_null(p.weird);
	assert_int_equal(send(state, 1, 48, 96), TOC_DROP_fragment_overlap);
	assert_int_equal(send(state, 1, 56, 200), TOC_DROP_fragment_overlap);
	send(state, 2, 0, 56);
	cut(2, 0, 56);
	piece.b[piece.n - 1] ^= 0xff; /* a copy that differs */
	assert_int_equal(decode(state, TOC_SEC), TOC_DROP_fragment_overlap);
	assert_int_equal(send(state, 3, 0, 56), TOC_DROP_fragment_held); /* others are not touched */
	assert_int_equal(send(state, 3, 56, 200), TOC_DROP_none);
	assert_whole();
}

static void ends_that_contradict(void **state)
{
	for (unsigned version = 4; version <= 6; version += 2) {
		enum toc_drop drop = version == 4 ? TOC_DROP_fragment_bad : TOC_DROP_fragment_overlap;
		datagram(version, 100);
		send(state, 1, 56, 200); /* the end is known: 108 */
		datagram(version, 200);
		assert_int_equal(send(state, 1, 104, 112), drop); /* beyond it */
		assert_string_equal(p.weird, "fragment_size_inconsistency");
		datagram(version, 100);
		send(state, 2, 56, 200);
		datagram(version, 200);
		assert_int_equal(send(state, 2, 200, 300), drop); /* another end */
		send(state, 3, 56, 160);
		datagram(version, 100);
		assert_int_equal(send(state, 3, 56, 200), drop); /* an end before what is there */
	}
}

static void unsound_pieces(void **state)
{
	for (unsigned version = 4; version <= 6; version += 2) {
		datagram(version, 100);
		assert_int_equal(send(state, 1, 0, 52), TOC_DROP_fragment_bad); /* more, but no multiple of 8 */
		assert_string_equal(p.weird, "fragment_size_inconsistency");
		assert_int_equal(send(state, 2, 0, 8), TOC_DROP_fragment_held);
		assert_string_equal(p.weird, "excessively_small_fragment");
		assert_int_equal(send(state, 1, 56, 56), TOC_DROP_fragment_bad); /* empty */
	}
	datagram(4, 65500 - 8);
	cut(1, 65496 - 8, 70000);
	frame_fill(&piece, 60, 0); /* ends beyond 65535 */
	frame_done(&piece);
	assert_int_equal(decode(state, TOC_SEC), TOC_DROP_fragment_bad);
	assert_string_equal(p.weird, "excessively_large_fragment");
}

static void cut_pieces_tell_their_ports(void **state)
{
	datagram(4, 100);
	cut(1, 56, 200);
	struct toc_frame frame = frame_view(&piece, TOC_SEC);
	frame.bytes.n -= 1;
	assert_int_equal(toc_decode(*state, &frame, &p), TOC_DROP_fragment_cut);
	cut(1, 0, 56);
	frame = frame_view(&piece, TOC_SEC);
	frame.bytes.n -= 1;
	assert_int_equal(toc_decode(*state, &frame, &p), TOC_DROP_none);
	assert_int_equal(p.sport, 1000);
	assert_int_equal(p.ip_len, 20 + 56);
	assert_false(p.reassembled || p.bad_checksum);
}

static void atomic_fragment_is_a_packet(void **state)
{
	datagram(6, 10);
	cut(1, 0, 200);
	assert_int_equal(decode(state, TOC_SEC), TOC_DROP_none);
	assert_false(p.reassembled);
	assert_int_equal(p.payload_len, 10);
}

static void first_piece_tells_the_header(void **state)
{
	datagram(6, 100);
	cut(1, 56, 200);
	piece.b[14 + 40] = 6; /* the later piece says TCP: it has no say */
	assert_int_equal(decode(state, TOC_SEC), TOC_DROP_fragment_held);
	assert_int_equal(send(state, 1, 0, 56), TOC_DROP_none);
	assert_whole();
}

static void old_datagrams_expire(void **state)
{
	datagram(4, 100);
	send(state, 1, 0, 56);
	cut(1, 56, 200);
	assert_int_equal(decode(state, TOC_SEC + TOC_MIN + 1), TOC_DROP_fragment_held);
	assert_int_equal(toc_decode_count(*state)->fragments_expired, 1);
	cut(1, 0, 56);
	assert_int_equal(decode(state, TOC_SEC + 2 * TOC_MIN + 1), TOC_DROP_none); /* on the last nanosecond */
	assert_whole();
}

/* Never-finished datagrams push out the oldest, and one that keeps coming still gets through. */
static void memory_is_capped(void **state)
{
	const struct toc_decode_counters *c = toc_decode_count(*state);
	datagram(4, 4000);
	for (unsigned id = 100; id < 20000; id++)
		assert_int_equal(send(state, id, 2048, 2056), TOC_DROP_fragment_held);
	assert_true(c->fragments_evicted > 19000);
	for (size_t at = 0; at < body(); at += 1000)
		send(state, 1, at, at + 1000);
	assert_whole();
}

/* The greatest datagram fits into the least memory, even when its own first piece is the oldest there is. */
static void least_memory_holds_the_longest(void **state)
{
	datagram(4, 65535 - 20 - 8);
	send(state, 1, 0, 1480);
	for (size_t at = 1480; at < body(); at += 1480) {
		unsigned id = (unsigned)at;
		assert_int_equal(send(state, id, 0, 8), TOC_DROP_fragment_held);
		assert_int_equal(send(state, id + 1, 0, 8), TOC_DROP_fragment_held);
		send(state, 1, at, at + 1480);
	}
	/* a hundred others came in between, which evicted it: then all its pieces at once */
	for (size_t at = 0; at < body(); at += 1480)
		send(state, 2, at, at + 1480);
	assert_whole();
}

/* Void datagrams hold no memory of bytes, but their places are bounded too. */
static void void_datagrams_are_capped(void **state)
{
	datagram(6, 100);
	for (unsigned id = 0; id < 3000; id++) {
		send(state, id, 0, 56);
		assert_int_equal(send(state, id, 48, 96), TOC_DROP_fragment_overlap);
	}
	send(state, 5000, 0, 56);
	assert_int_equal(send(state, 5000, 56, 200), TOC_DROP_none);
	assert_whole();
}

static int set_up_least(void **state)
{
	return set_up_with(state, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name)  cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define LEAST(name) cmocka_unit_test_setup_teardown(name, set_up_least, tear_down)
		TEST(every_order),
		TEST(longest_and_smallest),
		TEST(unlike_keys_do_not_mix),
		TEST(ipv4_first_data_wins),
		TEST(ipv6_overlap_voids_the_datagram),
		TEST(ends_that_contradict),
		TEST(unsound_pieces),
		TEST(cut_pieces_tell_their_ports),
		TEST(atomic_fragment_is_a_packet),
		TEST(first_piece_tells_the_header),
		TEST(old_datagrams_expire),
		TEST(memory_is_capped),
		LEAST(memory_is_capped),
		LEAST(least_memory_holds_the_longest),
		LEAST(void_datagrams_are_capped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
