/* decode: every layer, every reason to drop, every truncation, and what the view says. */
#include "test.h"

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

static void tcp4(void)
{
	frame_eth(&f, 0x0800);
	frame_ip4(&f, "10.0.0.1", "10.0.0.2", 6);
	frame_tcp(&f, 1234, 80, 7, 9, TOC_PSH | TOC_ACK);
	frame_bytes(&f, "GET /", 5);
	frame_done(&f);
}

static void udp6(void)
{
	frame_eth(&f, 0x86dd);
	frame_ip6(&f, "2001:db8::1", "2001:db8::2", 17);
	frame_udp(&f, 5353, 53);
	frame_bytes(&f, "hello", 5);
	frame_done(&f);
}

static void tcp_is_told(void **state)
{
	tcp4();
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
	udp6();
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

static void wrong_checksums_are_noted(void **state)
{
	static const size_t ip_ttl = 14 + 8;
	tcp4();
	f.b[f.n - 1] ^= 1;
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_true(p.bad_checksum);
	struct toc_frame cut = frame_view(&f, 1);
	cut.bytes.n--; /* not captured whole: nobody can tell */
	assert_int_equal(toc_decode(*state, &cut, &p), TOC_DROP_none);
	assert_false(p.bad_checksum);
	tcp4();
	f.b[ip_ttl]++;
	decode(state);
	assert_true(p.bad_checksum);
	udp6();
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

static void vlan_tags_are_told(void **state)
{
	frame_eth(&f, 0x88a8);
	frame_vlan(&f, 0xe064, 0x8100); /* priority bits are not the number */
	frame_vlan(&f, 200, 0x8100);
	frame_vlan(&f, 300, 0x0800);
	frame_ip4(&f, "10.0.0.1", "10.0.0.2", 17);
	frame_udp(&f, 1, 2);
	frame_done(&f);
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_int_equal(p.vlan, 100);
	assert_int_equal(p.inner_vlan, 200);
}

/* Bytes before an IP header, by link type. */
struct prefix {
	const char *name;
	uint16_t linktype;
	const char *bytes;
	size_t n;
};
#define PREFIX(name, linktype, bytes)                                                                                  \
	{                                                                                                              \
		name, linktype, bytes, sizeof(bytes) - 1                                                               \
	}
#define MACS "\2\0\0\0\0\2\2\0\0\0\0\1"
#define SNAP "\xaa\xaa\3\0\0\0\x08\0"

static const struct prefix prefixes[] = {
	PREFIX("raw", 101, ""),
	PREFIX("raw of OpenBSD", 14, ""),
	PREFIX("raw IPv4", 228, ""),
	PREFIX("null, little-endian", 0, "\2\0\0\0"),
	PREFIX("null, big-endian", 0, "\0\0\0\2"),
	PREFIX("loop", 108, "\0\0\0\2"),
	PREFIX("cooked", 113, "\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x08\0"),
	PREFIX("cooked v2", 276, "\x08\0\0\0\0\0\0\1\0\1\0\6\2\0\0\0\0\1\0\0"),
	PREFIX("cooked with a tag", 113, "\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x81\0\0\5\x08\0"),
	PREFIX("PPP with address", 9, "\xff\3\0\x21"),
	PREFIX("PPP without", 9, "\0\x21"),
	PREFIX("PPP with a short protocol", 9, "\x21"),
	PREFIX("C-HDLC", 104, "\x0f\0\x08\0"),
	PREFIX("PPPoE", 1, MACS "\x88\x64\x11\0\0\1\0\x27\0\x21"),
	PREFIX("MPLS", 1, MACS "\x88\x47\0\0\x10\x40\0\0\x21\x40"),
	PREFIX("pseudowire", 1, MACS "\x88\x47\0\0\x11\x40\0\0\0\0" MACS "\x08\0"),
	PREFIX("VN-Tag", 1, MACS "\x89\x26\0\0\0\0\x08\0"),
	PREFIX("E-TAG", 1, MACS "\x89\x3f\0\0\0\0\0\0\x08\0"),
	PREFIX("FabricPath", 1, MACS "\x89\x03\0\0" MACS "\x08\0"),
	PREFIX("SNAP", 1, MACS "\0\x2d" SNAP),
	PREFIX("IP over LLC", 1, MACS "\0\x28\6\6\3"),
	PREFIX("radiotap", 127, "\0\0\x09\0\0\0\0\0\7\x08\1\0\0\1\1\1\1\1\1\2\2\2\2\2\2\3\3\3\3\3\3\0\0" SNAP),
	PREFIX("802.11 with QoS and four addresses", 105,
	       "\x88\3\0\0\1\1\1\1\1\1\2\2\2\2\2\2\3\3\3\3\3\3\0\0\4\4\4\4\4\4\0\0" SNAP),
	PREFIX("NFLOG", 239, "\2\0\0\0\6\0\2\0ab\0\0\x29\0\x09\0"),
};

static void behind(const struct prefix *prefix)
{
	frame_begin(&f, prefix->linktype);
	frame_bytes(&f, prefix->bytes, prefix->n);
	frame_ip4(&f, "10.0.0.1", "10.0.0.2", 17);
	frame_udp(&f, 1, 2);
	frame_bytes(&f, "ninebytes", 9);
	frame_done(&f);
}

static void every_link_leads_to_ip(void **state)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		behind(&prefixes[i]);
		enum toc_drop drop = decode(state);
		if (drop != TOC_DROP_none)
			fail_msg("%s: %s", prefixes[i].name, toc_drop_name(drop));
		assert_addr(&p.src, "10.0.0.1");
		assert_true(toc_span_is(p.payload, "ninebytes"));
	}
}

/*
 * Each sample, captured only to n bytes: the copy has exactly that size, so that a sanitizer sees any read beyond. The
 * view, where there is one, lies within it and tells the same lengths as the whole frame.
 */
static void cut_everywhere(void **state, bool on_the_wire)
{
	struct toc_packet whole;
	assert_int_equal(decode(state), TOC_DROP_none);
	whole = p;
	for (size_t n = 0; n < f.n; n++) {
		uint8_t *copy = malloc(n + 1);
		assert_non_null(copy);
		memcpy(copy, f.b, n);
		uint8_t *exact = realloc(copy, n ? n : 1);
		struct toc_frame frame = frame_view(&f, TOC_SEC);
		frame.bytes = toc_span_of(exact, n);
		if (on_the_wire)
			frame.wire_len = (uint32_t)n;
		if (toc_decode(*state, &frame, &p) == TOC_DROP_none) {
			assert_int_equal(p.payload_len, whole.payload_len);
			assert_int_equal(p.ip_len, whole.ip_len);
			assert_true(p.payload.n <= n);
			assert_true(!p.payload.n || (p.payload.p >= exact && p.payload.p + p.payload.n <= exact + n));
			assert_int_equal(p.sport, whole.sport);
			assert_false(on_the_wire && p.l3 == TOC_L3_IP);
		}
		free(exact);
	}
}

static void chain6(void);

static void truncations_stay_in_bounds(void **state)
{
	for (int on_the_wire = 0; on_the_wire < 2; on_the_wire++) {
		for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
			behind(&prefixes[i]);
			cut_everywhere(state, on_the_wire);
		}
		tcp4();
		cut_everywhere(state, on_the_wire);
		udp6();
		cut_everywhere(state, on_the_wire);
		chain6();
		cut_everywhere(state, on_the_wire);
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

/* Hop-by-hop, destination, authentication (which counts words of four bytes), routing without segments left, then TCP.
 */
static void chain6(void)
{
	frame_eth(&f, 0x86dd);
	frame_ip6(&f, "2001:db8::1", "2001:db8::2", 0);
	frame_ext(&f, 60, 1);
	frame_ext(&f, 51, 0);
	frame_bytes(&f, "\x2b\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24);
	frame_ext(&f, 6, 2); /* routing, no segments left */
	frame_tcp(&f, 1, 2, 3, 4, TOC_SYN);
	frame_bytes(&f, "data", 4);
	frame_done(&f);
}

static void ipv6_chain_is_followed(void **state)
{
	chain6();
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
	tcp4();
	frame_put16(&f, 14 + 2, 0);
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_int_equal(p.ip_len, 45);
	assert_true(toc_span_is(p.payload, "GET /"));
}

static void patch(size_t at, unsigned v)
{
	f.b[at] = (uint8_t)v;
}

static void each_reason_is_reached(void **state)
{
	enum { IP = 14, L4 = 34 };
	tcp4();
	f.linktype = 147;
	assert_int_equal(decode(state), TOC_DROP_link_type);
	tcp4();
	f.n = 13;
	assert_int_equal(decode(state), TOC_DROP_short_link);
	frame_eth(&f, 0x88cc);
	assert_int_equal(decode(state), TOC_DROP_ethertype);
	frame_eth(&f, 0x05dd); /* neither a length nor an EtherType */
	assert_int_equal(decode(state), TOC_DROP_ethertype);
	frame_eth(&f, 38);
	frame_bytes(&f, "\x42\x42\3spanning tree", 16);
	assert_int_equal(decode(state), TOC_DROP_llc);
	frame_eth(&f, 8);
	frame_bytes(&f, "\xaa\xaa\3\0\0\x0c\x01\x0b", 8);
	assert_int_equal(decode(state), TOC_DROP_llc);
	frame_begin(&f, 9);
	frame_bytes(&f, "\xff\3\xc0\x21", 4);
	assert_int_equal(decode(state), TOC_DROP_ppp);
	frame_eth(&f, 0x8847);
	for (int i = 0; i < 40; i++)
		frame_be32(&f, 0x10);
	assert_int_equal(decode(state), TOC_DROP_mpls);
	frame_begin(&f, 105);
	frame_bytes(&f, "\x80\0\0\0\1\1\1\1\1\1\2\2\2\2\2\2\3\3\3\3\3\3\0\0beacon", 30);
	assert_int_equal(decode(state), TOC_DROP_wifi);
	frame_eth(&f, 0x8100);
	for (int i = 0; i < 40; i++)
		frame_vlan(&f, 1, 0x8100);
	assert_int_equal(decode(state), TOC_DROP_layers);
	tcp4();
	patch(IP, 0x65);
	assert_int_equal(decode(state), TOC_DROP_ip_version);
	tcp4();
	patch(IP, 0x44);
	assert_int_equal(decode(state), TOC_DROP_ip_header);
	tcp4();
	frame_put16(&f, IP + 2, 19);
	assert_int_equal(decode(state), TOC_DROP_ip_header);
	tcp4();
	frame_put16(&f, IP + 2, 46);
	assert_int_equal(decode(state), TOC_DROP_ip_cut);
	tcp4();
	patch(L4 + 12, 0x40);
	assert_int_equal(decode(state), TOC_DROP_transport_header);
	tcp4();
	patch(L4 + 12, 0xf0);
	assert_int_equal(decode(state), TOC_DROP_transport_header);
	udp6();
	frame_put16(&f, f.l4 + 4, 7);
	assert_int_equal(decode(state), TOC_DROP_transport_header);
	udp6();
	patch(14, 0x45);
	assert_int_equal(decode(state), TOC_DROP_ip_version);
	udp6();
	frame_put16(&f, 14 + 4, 14);
	assert_int_equal(decode(state), TOC_DROP_ip_cut);
	frame_eth(&f, 0x86dd);
	frame_ip6(&f, "2001:db8::1", "2001:db8::2", 60);
	frame_bytes(&f, "\6\4\0\0\0\0\0\0", 8); /* claims 40 bytes of 8 */
	frame_done(&f);
	assert_int_equal(decode(state), TOC_DROP_ip_header);
	tcp4();
	struct toc_frame cut = frame_view(&f, 1);
	cut.bytes.n = L4 + 19;
	assert_int_equal(toc_decode(*state, &cut, &p), TOC_DROP_transport_short);
	cut.bytes.n = L4 - 1;
	assert_int_equal(toc_decode(*state, &cut, &p), TOC_DROP_ip_short);
}

/* The rest is reached in test_fragment.c; here only that all have names. */
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
		TEST(wrong_checksums_are_noted),
		TEST(checksums_of_all_lengths),
		TEST(vlan_tags_are_told),
		TEST(every_link_leads_to_ip),
		TEST(truncations_stay_in_bounds),
		TEST(options_are_passed_over),
		TEST(ipv6_chain_is_followed),
		TEST(routing_header_tells_the_destination),
		TEST(offloaded_lengths_are_the_frames),
		TEST(each_reason_is_reached),
		TEST(reasons_have_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
