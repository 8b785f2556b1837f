/* duplicate: what two mirrors show is counted once; what a host sends twice, or what differs, is not lost. */
#include "test.h"

#include "decode/decode.h"
#include "frames.h"

static const struct toc_decode_config config = { .duplicate_within = 5 * TOC_MS };
static const struct toc_hash_key key = { 1, 2 };

static struct frame f;
static struct toc_packet p;

static int set_up(void **state)
{
	*state = toc_decode_new(&config, &key);
	return 0;
}

static int tear_down(void **state)
{
	toc_decode_free(*state);
	return 0;
}

static enum toc_drop decode(void **state, toc_time at)
{
	struct toc_frame frame = frame_view(&f, at);
	return toc_decode(*state, &frame, &p);
}

/* One segment behind a router, or in front of it, with or without a tag. */
static void segment(bool tag, unsigned ttl, unsigned id, uint32_t seq)
{
	frame_eth(&f, tag ? 0x8100 : 0x0800);
	if (tag)
		frame_vlan(&f, 7, 0x0800);
	frame_ip4_full(&f, "10.0.0.1", "10.0.0.2", 6, id, 0, NULL, 0);
	f.b[f.ip + 8] = (uint8_t)ttl;
	frame_tcp(&f, 1, 2, seq, 0, TOC_ACK);
	frame_bytes(&f, "data that fills the first forty bytes and more", 46);
	frame_done(&f);
	if (tag)
		f.b[5] ^= 0x40; /* other hardware addresses */
}

static void the_copy_is_dropped(void **state)
{
	segment(false, 64, 1, 100);
	assert_int_equal(decode(state, TOC_SEC), TOC_DROP_none);
	segment(true, 64, 1, 100);
	assert_int_equal(decode(state, TOC_SEC + TOC_MS), TOC_DROP_duplicate);
	segment(false, 63, 1, 100);
	assert_int_equal(decode(state, TOC_SEC + 2 * TOC_MS), TOC_DROP_duplicate);
	frame_bytes(&f, "padding", 7);
	assert_int_equal(decode(state, TOC_SEC + 3 * TOC_MS), TOC_DROP_duplicate);
	assert_int_equal(toc_decode_count(*state)->drops[TOC_DROP_duplicate], 3);
}

static void what_differs_passes(void **state)
{
	segment(false, 64, 1, 100);
	decode(state, TOC_SEC);
	segment(false, 64, 2, 100); /* sent again by the host */
	assert_int_equal(decode(state, TOC_SEC + 1), TOC_DROP_none);
	segment(false, 64, 1, 101);
	assert_int_equal(decode(state, TOC_SEC + 2), TOC_DROP_none);
	segment(false, 64, 1, 100);
	f.b[f.n - 1] ^= 1;
	assert_int_equal(decode(state, TOC_SEC + 3), TOC_DROP_none);
	segment(false, 64, 1, 100);
	assert_int_equal(decode(state, TOC_SEC + 5 * TOC_MS), TOC_DROP_none); /* too late to be a copy */
}

static void ipv6_and_fragments_too(void **state)
{
	for (int hops = 64; hops > 62; hops--) {
		frame_sample_udp6(&f);
		f.b[f.ip + 7] = (uint8_t)hops;
		assert_int_equal(decode(state, TOC_SEC), hops == 64 ? TOC_DROP_none : TOC_DROP_duplicate);
	}
	for (int copy = 0; copy < 2; copy++) {
		frame_eth(&f, 0x0800);
		frame_ip4_full(&f, "10.0.0.1", "10.0.0.2", 17, 9, 0x2000, NULL, 0);
		frame_fill(&f, 16, 1);
		frame_done(&f);
		assert_int_equal(decode(state, TOC_SEC), copy ? TOC_DROP_duplicate : TOC_DROP_fragment_held);
	}
}

/* The same segment bare and in a GRE tunnel: the tunnel's own packet is new, what it carries is not. */
static void what_a_tunnel_carries_too(void **state)
{
	segment(false, 64, 1, 100);
	uint8_t inner[128];
	size_t n = f.n - f.ip;
	memcpy(inner, f.b + f.ip, n);
	assert_int_equal(decode(state, TOC_SEC), TOC_DROP_none);
	for (unsigned copy = 0; copy < 2; copy++) {
		frame_eth(&f, 0x0800);
		frame_ip4_full(&f, "192.0.2.1", "192.0.2.2", 47, 77 + copy, 0, NULL, 0);
		frame_bytes(&f, "\0\0\x08\0", 4);
		frame_bytes(&f, (const char *)inner, n);
		frame_done(&f);
		assert_int_equal(decode(state, TOC_SEC + TOC_MS), TOC_DROP_none);
		assert_non_null(p.outer);
		assert_true(p.again);
		assert_false(p.outer->again);
	}
	assert_int_equal(toc_decode_count(*state)->again, 2);
	assert_int_equal(toc_decode_count(*state)->packets, 3);
}

static void not_asked_for_not_done(void **state)
{
	static const struct toc_decode_config plain = { 0 };
	struct toc_decode *d = toc_decode_new(&plain, &key);
	(void)state;
	segment(false, 64, 1, 100);
	struct toc_frame frame = frame_view(&f, TOC_SEC);
	assert_int_equal(toc_decode(d, &frame, &p), TOC_DROP_none);
	assert_int_equal(toc_decode(d, &frame, &p), TOC_DROP_none);
	toc_decode_free(d);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_copy_is_dropped),	 TEST(what_differs_passes),    TEST(ipv6_and_fragments_too),
		TEST(what_a_tunnel_carries_too), TEST(not_asked_for_not_done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
