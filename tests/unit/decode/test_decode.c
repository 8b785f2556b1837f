/* decode: IP and transport headers, checksums, reasons to drop, and what the view says. */
#include "test.h"

#include "decode/checksum.h"
#include "decode/decode.h"
#include "frames.h"

static const struct toc_decode_config config = { .fragment_bytes = 1 << 20 };
static const struct toc_hash_key key = { 1, 2 };

static struct frame f; /* 70 kB: not on the stack */
static struct toc_packet p;

static int set_up(void **state)
{
	*state = toc_decode_new(&config, &key);
	return 0;
}

/* Whatever a test did: every frame ended in one way. */
static int tear_down(void **state)
{
	const struct toc_decode_counters *c = toc_decode_count(*state);
	uint64_t sum = c->packets;
	for (int i = 0; i < TOC_NDROPS; i++)
		sum += c->drops[i];
	bool balanced = sum == c->seen && c->drops[TOC_DROP_none] == 0;
	toc_decode_free(*state);
	return balanced ? 0 : -1;
}

static enum toc_drop decode(void **state)
{
	struct toc_frame frame = frame_view(&f, TOC_SEC);
	return toc_decode(*state, &frame, &p);
}

static struct toc_addr addr(const char *text)
{
	struct toc_addr a;
	assert_true(toc_addr_parse(toc_span_str(text), &a));
	return a;
}

static void assert_addr(const struct toc_addr *a, const char *text)
{
	char out[TOC_ADDR_TEXT];
	toc_addr_print(a, out);
	assert_string_equal(out, text);
}

static void tcp_is_told(void **state)
{
	frame_sample_tcp4(&f);
	for (int i = 0; i < 6; i++)
		frame_u8(&f, 0xee); /* Ethernet's padding */
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_addr(&p.src, "10.0.0.1");
	assert_addr(&p.dst, "10.0.0.2");
	assert_int_equal(p.l3, TOC_L3_IP);
	assert_int_equal(p.ip_proto, 6);
	assert_int_equal(p.ttl, 64);
	assert_int_equal(p.sport, 1234);
	assert_int_equal(p.dport, 80);
	assert_int_equal(p.tcp.seq, 7);
	assert_int_equal(p.tcp.ack, 9);
	assert_int_equal(p.tcp.window, 65535);
	assert_int_equal(p.tcp.flags, TOC_PSH | TOC_ACK);
	assert_int_equal(p.ip_len, 45);
	assert_int_equal(p.payload_len, 5);
	assert_true(toc_span_is(p.payload, "GET /"));
	assert_true(p.has_mac && p.src_mac.b[5] == 1 && p.dst_mac.b[5] == 2);
	assert_false(p.bad_checksum || p.reassembled);
	assert_true(p.at == TOC_SEC && p.ordinal == 1);
}

static void udp_is_told(void **state)
{
	frame_sample_udp6(&f);
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_addr(&p.src, "2001:db8::1");
	assert_int_equal(p.ip_proto, 17);
	assert_int_equal(p.sport, 5353);
	assert_int_equal(p.ip_len, 53);
	assert_true(toc_span_is(p.payload, "hello"));
	assert_false(p.bad_checksum);
	frame_put16(&f, f.l4 + 4, 11); /* UDP says less than IP: the rest is not its */
	decode(state);
	assert_int_equal(p.payload_len, 3);
	frame_put16(&f, f.l4 + 4, 900); /* UDP says more than IP */
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_int_equal(p.payload_len, 5);
}

static void icmp_has_type_and_code_for_ports(void **state)
{
	frame_eth(&f, 0x0800);
	frame_ip4(&f, "10.0.0.1", "10.0.0.2", 1);
	frame_icmp(&f, 3, 13);
	frame_fill(&f, 20, 1);
	frame_done(&f);
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_int_equal(p.sport, 3);
	assert_int_equal(p.dport, 13);
	assert_int_equal(p.payload.n, 28);
	assert_int_equal(p.payload.p[0], 3);
	assert_false(p.bad_checksum);
	frame_eth(&f, 0x86dd);
	frame_ip6(&f, "fe80::1", "ff02::1", 58);
	frame_icmp(&f, 134, 0);
	frame_done(&f);
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_int_equal(p.sport, 134);
	assert_false(p.bad_checksum);
}

static void other_protocols_are_views_without_ports(void **state)
{
	static const uint8_t protocols[] = { 2, 4, 41, 47, 50, 51, 89, 132, 255 };
	for (size_t i = 0; i < sizeof(protocols); i++) {
		frame_eth(&f, 0x0800);
		frame_ip4(&f, "10.0.0.1", "10.0.0.2", protocols[i]);
		frame_bytes(&f, "body", 4);
		frame_done(&f);
		assert_int_equal(decode(state), TOC_DROP_none);
		assert_int_equal(p.ip_proto, protocols[i]);
		assert_int_equal(p.sport | p.dport, 0);
		assert_true(toc_span_is(p.payload, "body"));
	}
}

static void arp_is_its_body(void **state)
{
	frame_eth(&f, 0x0806);
	frame_bytes(&f, "\0\1\x08\0\6\4\0\1", 8);
	frame_fill(&f, 20 + 18, 3); /* addresses and padding */
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_int_equal(p.l3, TOC_L3_ARP);
	assert_int_equal(p.payload.n, 28);
	assert_int_equal(p.payload_len, 28);
	f.n = 14 + 7;
	assert_int_equal(decode(state), TOC_DROP_arp_short);
}

/* Against RFC 1071's own words, two bytes at a time; 0xff brings a carry at each addition. */
static void sums_of_any_length_are_right(void **state)
{
	uint8_t bytes[300];
	(void)state;
	for (unsigned seed = 0; seed < 4; seed++) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)(seed ? 255 - (i * seed * 37 + i / 7) % (seed * 80) : 255);
		for (size_t n = 0; n <= sizeof(bytes); n++) {
			uint64_t sum = 0;
			for (size_t i = 0; i < n; i++)
				sum += (uint32_t)bytes[i] << (i % 2 ? 8 : 0);
			assert_int_equal(checksum_fold(checksum_add(0, toc_span_of(bytes, n))), checksum_fold(sum));
		}
	}
}

static void wrong_checksums_are_noted(void **state)
{
	static const size_t ip_ttl = 14 + 8;
	frame_sample_tcp4(&f);
	f.b[f.n - 1] ^= 1;
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_true(p.bad_checksum);
	struct toc_frame cut = frame_view(&f, 1);
	cut.bytes.n--; /* not captured whole: nobody can tell */
	assert_int_equal(toc_decode(*state, &cut, &p), TOC_DROP_none);
	assert_false(p.bad_checksum);
	frame_sample_tcp4(&f);
	f.b[ip_ttl]++;
	decode(state);
	assert_true(p.bad_checksum);
	frame_sample_udp6(&f);
	frame_put16(&f, f.l4 + 6, 0); /* 0 = none, which IPv6 does not allow (RFC 8200 8.1) */
	decode(state);
	assert_true(p.bad_checksum);
	frame_eth(&f, 0x0800);
	frame_ip4(&f, "10.0.0.1", "10.0.0.2", 17);
	frame_udp(&f, 1, 2);
	frame_done(&f);
	frame_put16(&f, f.l4 + 6, 0);
	decode(state);
	assert_false(p.bad_checksum);
}

/* Every length from nothing to three hundred, so each tail of the eight-byte loop. */
static void checksums_of_all_lengths(void **state)
{
	for (size_t n = 0; n < 300; n++) {
		frame_eth(&f, 0x0800);
		frame_ip4(&f, "255.254.253.252", "10.0.0.2", 17);
		frame_udp(&f, 65535, 65535);
		for (size_t i = 0; i < n; i++)
			frame_u8(&f, 0xff - (i & 3));
		frame_done(&f);
		assert_int_equal(decode(state), TOC_DROP_none);
		assert_false(p.bad_checksum);
		if (n) {
			f.b[f.n - 1] ^= 0x10;
			decode(state);
			assert_true(p.bad_checksum);
		}
	}
}

static void options_are_passed_over(void **state)
{
	frame_eth(&f, 0x0800);
	frame_ip4_full(&f, "10.0.0.1", "10.0.0.2", 6, 1, 0, "\x94\4\0\0\1\1\1\0", 8);
	frame_tcp(&f, 1, 2, 3, 4, TOC_SYN);
	f.b[f.l4 + 12] = 0x70;
	frame_bytes(&f, "\2\4\5\xb4\1\1\1\0data", 12);
	frame_done(&f);
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_true(toc_span_is(p.payload, "data"));
	assert_false(p.bad_checksum);
	struct toc_frame cut = frame_view(&f, 1);
	cut.bytes.n -= 10; /* within the TCP options */
	assert_int_equal(toc_decode(*state, &cut, &p), TOC_DROP_none);
	assert_int_equal(p.payload.n, 0);
	assert_int_equal(p.payload_len, 4);
}

static void ipv6_chain_is_followed(void **state)
{
	frame_sample_chain6(&f);
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_int_equal(p.ip_proto, 6);
	assert_int_equal(p.ip_len, f.n - 14);
	assert_true(toc_span_is(p.payload, "data"));
	assert_false(p.bad_checksum);
	frame_eth(&f, 0x86dd);
	frame_ip6(&f, "2001:db8::1", "2001:db8::2", 60);
	frame_ext(&f, 59, 0); /* no next header */
	frame_done(&f);
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_int_equal(p.ip_proto, 59);
	frame_eth(&f, 0x86dd);
	frame_ip6(&f, "2001:db8::1", "2001:db8::2", 0);
	for (unsigned i = 0; i < 9; i++)
		frame_ext(&f, i < 8 ? 60 : 6, 0);
	frame_tcp(&f, 1, 2, 3, 4, TOC_SYN);
	frame_done(&f);
	assert_int_equal(decode(state), TOC_DROP_ip6_chain);
}

/* Under way to a router: flow and checksum go by the last address of type 0. */
static void routing_header_tells_the_destination(void **state)
{
	frame_eth(&f, 0x86dd);
	frame_ip6(&f, "2001:db8::1", "2001:db8::99", 43);
	frame_bytes(&f, "\x11\2\0\1\0\0\0\0", 8);
	frame_ip_text(&f, "2001:db8::2", false);
	size_t l4 = f.n;
	frame_udp(&f, 1, 2);
	frame_bytes(&f, "x", 1);
	f.protocol = 17;
	struct toc_addr router = addr("2001:db8::99"), final = addr("2001:db8::2");
	memcpy(f.b + f.ip + 24, final.b, 16); /* the checksum is made for the final destination */
	f.l4 = l4;
	frame_done(&f);
	memcpy(f.b + f.ip + 24, router.b, 16);
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_addr(&p.dst, "2001:db8::2");
	assert_false(p.bad_checksum);
	f.b[14 + 40 + 2] = 77; /* a type that nobody knows: no verdict on the checksum */
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_addr(&p.dst, "2001:db8::99");
	assert_false(p.bad_checksum);
}

static void offloaded_lengths_are_the_frames(void **state)
{
	frame_sample_tcp4(&f);
	frame_put16(&f, 14 + 2, 0);
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_int_equal(p.ip_len, 45);
	assert_true(toc_span_is(p.payload, "GET /"));
	frame_sample_udp6(&f);
	frame_put16(&f, 14 + 4, 0);
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_int_equal(p.ip_len, 53);
	assert_true(toc_span_is(p.payload, "hello"));
}

static void patch(size_t at, unsigned v)
{
	f.b[at] = (uint8_t)v;
}

static void reasons_of_ip_are_reached(void **state)
{
	enum { IP = 14, L4 = 34 };
	frame_sample_tcp4(&f);
	patch(IP, 0x65);
	assert_int_equal(decode(state), TOC_DROP_ip_version);
	frame_sample_tcp4(&f);
	patch(IP, 0x44);
	assert_int_equal(decode(state), TOC_DROP_ip_header);
	frame_sample_tcp4(&f);
	frame_put16(&f, IP + 2, 19);
	assert_int_equal(decode(state), TOC_DROP_ip_header);
	frame_sample_tcp4(&f);
	frame_put16(&f, IP + 2, 46);
	assert_int_equal(decode(state), TOC_DROP_ip_cut);
	frame_sample_tcp4(&f);
	patch(L4 + 12, 0x40);
	assert_int_equal(decode(state), TOC_DROP_transport_header);
	frame_sample_tcp4(&f);
	patch(L4 + 12, 0xf0);
	assert_int_equal(decode(state), TOC_DROP_transport_header);
	frame_sample_udp6(&f);
	frame_put16(&f, f.l4 + 4, 7);
	assert_int_equal(decode(state), TOC_DROP_transport_header);
	frame_sample_udp6(&f);
	patch(14, 0x45);
	assert_int_equal(decode(state), TOC_DROP_ip_version);
	frame_sample_udp6(&f);
	frame_put16(&f, 14 + 4, 14);
	assert_int_equal(decode(state), TOC_DROP_ip_cut);
	frame_eth(&f, 0x86dd);
	frame_ip6(&f, "2001:db8::1", "2001:db8::2", 60);
	frame_bytes(&f, "\6\4\0\0\0\0\0\0", 8); /* claims 40 bytes of 8 */
	frame_done(&f);
	assert_int_equal(decode(state), TOC_DROP_ip_header);
	frame_sample_tcp4(&f);
	struct toc_frame cut = frame_view(&f, 1);
	cut.bytes.n = L4 + 19;
	assert_int_equal(toc_decode(*state, &cut, &p), TOC_DROP_transport_short);
	cut.bytes.n = L4 - 1;
	assert_int_equal(toc_decode(*state, &cut, &p), TOC_DROP_ip_short);
}

/* The rest is reached in test_link.c and test_fragment.c; here only that all have names. */
static void reasons_have_words(void **state)
{
	(void)state;
	for (int i = 0; i < TOC_NDROPS; i++) {
		assert_true(strlen(toc_drop_name((enum toc_drop)i)) > 2);
		assert_true(strlen(toc_drop_text((enum toc_drop)i)) > 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(tcp_is_told),
		TEST(udp_is_told),
		TEST(icmp_has_type_and_code_for_ports),
		TEST(other_protocols_are_views_without_ports),
		TEST(arp_is_its_body),
		TEST(sums_of_any_length_are_right),
		TEST(wrong_checksums_are_noted),
		TEST(checksums_of_all_lengths),
		TEST(options_are_passed_over),
		TEST(ipv6_chain_is_followed),
		TEST(routing_header_tells_the_destination),
		TEST(offloaded_lengths_are_the_frames),
		TEST(reasons_of_ip_are_reached),
		TEST(reasons_have_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
