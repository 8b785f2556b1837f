/* link: every link type leads to IP, tags are told, and every truncation stays in bounds. */
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
	PREFIX("frame relay", 107, "\x18\x41\x03\xcc"),
	PREFIX("frame relay with SNAP", 107, "\x18\x41\3\0\x80\0\0\0\x08\0"),
	PREFIX("frame relay, Cisco's", 107, "\x18\x41\x08\0"),
	PREFIX("FDDI", 10, "\x50" MACS SNAP),
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
		assert_int_equal(p.src.b[15], 1);
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

static void truncations_stay_in_bounds(void **state)
{
	for (int on_the_wire = 0; on_the_wire < 2; on_the_wire++) {
		for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
			behind(&prefixes[i]);
			cut_everywhere(state, on_the_wire);
		}
		frame_sample_tcp4(&f);
		cut_everywhere(state, on_the_wire);
		frame_sample_udp6(&f);
		cut_everywhere(state, on_the_wire);
		frame_sample_chain6(&f);
		cut_everywhere(state, on_the_wire);
	}
}

static void is_link(void **state, uint64_t link, const char *body)
{
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_int_equal(p.l3, TOC_L3_LINK);
	assert_true(p.link == link);
	assert_true(toc_span_is(p.payload, body));
	assert_int_equal(p.payload_len, strlen(body));
}

static void link_protocols_are_told_by_number(void **state)
{
	frame_eth(&f, 0x88cc);
	frame_bytes(&f, "lldp", 4);
	is_link(state, 0x88cc, "lldp");
	frame_eth(&f, 16);
	frame_bytes(&f, "\x42\x42\3spanning treepadding", 23);
	is_link(state, TOC_LINK_LLC(0x42), "spanning tree");
	frame_eth(&f, 8);
	frame_bytes(&f, "\xf0\xf0\0\0peer", 8);
	is_link(state, TOC_LINK_LLC(0xf0), "peer");
	frame_eth(&f, 11);
	frame_bytes(&f, "\xaa\xaa\3\0\0\x0c\x20\0cdp", 11);
	is_link(state, TOC_LINK_SNAP(0x00000c, 0x2000), "cdp");
	frame_eth(&f, 12);
	frame_bytes(&f, "\xaa\xaa\3\0\0\0\x88\xcclldp", 12);
	is_link(state, 0x88cc, "lldp");
	frame_begin(&f, 9);
	frame_bytes(&f, "\xff\3\xc0\x21lcp", 7);
	is_link(state, TOC_LINK_PPP(0xc021), "lcp");
}

static void reasons_of_links_are_reached(void **state)
{
	frame_sample_tcp4(&f);
	f.linktype = 147;
	assert_int_equal(decode(state), TOC_DROP_link_type);
	frame_sample_tcp4(&f);
	f.n = 13;
	assert_int_equal(decode(state), TOC_DROP_short_link);
	frame_eth(&f, 0x05dd); /* neither a length nor an EtherType */
	assert_int_equal(decode(state), TOC_DROP_ethertype);
	frame_eth(&f, 8);
	frame_bytes(&f, "\xaa\xaa\3\0\0\0\0\x26", 8); /* nor is this */
	assert_int_equal(decode(state), TOC_DROP_ethertype);
	frame_eth(&f, 4);
	frame_bytes(&f, "\x42\x42\1", 3); /* a control field of two bytes */
	assert_int_equal(decode(state), TOC_DROP_short_link);
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
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(vlan_tags_are_told),	    TEST(every_link_leads_to_ip),
		TEST(truncations_stay_in_bounds),   TEST(link_protocols_are_told_by_number),
		TEST(reasons_of_links_are_reached),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
