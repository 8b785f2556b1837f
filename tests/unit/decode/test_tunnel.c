/* tunnel: a packet in a packet is found in every wrapping, and nothing else is taken for one. */
#include "test.h"

#include "decode/decode.h"
#include "frames.h"

static const struct toc_decode_config config = { .fragment_bytes = 1 << 20 };
static const struct toc_hash_key key = { 1, 2 };

static struct frame f, inner; /* 70 kB each: not on the stack */
static struct toc_packet p;

static int set_up(void **state)
{
	*state = toc_decode_new(&config, &key);
	return 0;
}

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

enum inside { IP4, IP6, ETHERNET, WIFI, WIFI_SWAPPED };

/* What is carried: "inside" from port 1 to port 2 of 192.168.0.1 and .2, or of 2001:0::1 and ::2. */
static void make_inner(enum inside kind, const char *text)
{
	static const char wifi[] = "\x08\1\0\0\1\1\1\1\1\1\2\2\2\2\2\2\3\3\3\3\3\3\0\0\xaa\xaa\3\0\0\0\x08\0";
	frame_begin(&inner, 1);
	if (kind == ETHERNET)
		frame_eth(&inner, 0x0800);
	if (kind >= WIFI)
		frame_bytes(&inner, wifi, sizeof(wifi) - 1);
	if (kind == WIFI_SWAPPED) {
		inner.b[0] = 1;
		inner.b[1] = 8;
	}
	if (kind == IP6)
		frame_ip6(&inner, "2001:0::1", "2001:0::2", 17);
	else
		frame_ip4(&inner, "192.168.0.1", "192.168.0.2", 17);
	frame_udp(&inner, 1, 2);
	frame_bytes(&inner, text, strlen(text));
	frame_done(&inner);
}

struct wrapping {
	const char *name;
	enum toc_tunnel type;
	uint8_t protocol; /* of the outer IP header */
	uint16_t port;	  /* where that is UDP */
	enum inside inside;
	const char *head;
	size_t n;
};
#define WRAP(name, type, protocol, port, inside, head)                                                                 \
	{                                                                                                              \
		name, TOC_TUNNEL_##type, protocol, port, inside, head, sizeof(head) - 1                                \
	}

/* Lengths in headers are those of 14 + 8 + 20 + 6 bytes of Ethernet, UDP, IP and text, or fewer. */
static const struct wrapping wrappings[] = {
	WRAP("IP in IP", IP, 4, 0, IP4, ""),
	WRAP("6in4", IP, 41, 0, IP6, ""),
	WRAP("MPLS in IP", IP, 137, 0, IP4, "\0\0\x11\x40"),
	WRAP("EtherIP", IP, 97, 0, ETHERNET, "\x30\0"),
	WRAP("GRE", GRE, 47, 0, IP4, "\0\0\x08\0"),
	WRAP("GRE with all options", GRE, 47, 0, IP6, "\xb0\0\x86\xdd\1\2\0\0\0\0\0\7\0\0\0\1"),
	WRAP("GRE with a source route", GRE, 47, 0, IP4, "\x40\0\x08\0\0\0\0\0\0\0\0\4\1\2\3\4\0\0\0\0"),
	WRAP("NVGRE", GRE, 47, 0, ETHERNET, "\x20\0\x65\x58\0\0\x2a\0"),
	WRAP("GRE with MPLS", GRE, 47, 0, IP4, "\0\0\x88\x47\0\0\x11\x40"),
	WRAP("PPTP", GRE, 47, 0, IP4, "\x30\1\x88\x0b\0\x24\0\7\0\0\0\1\0\x21"),
	WRAP("PPTP with an acknowledgement", GRE, 47, 0, IP4, "\x30\x81\x88\x0b\0\x24\0\7\0\0\0\1\0\0\0\2\0\x21"),
	WRAP("EoIP", GRE, 47, 0, ETHERNET, "\x20\1\x64\0\0\x30\7\0"),
	WRAP("ERSPAN I", GRE, 47, 0, ETHERNET, "\0\0\x88\xbe"),
	WRAP("ERSPAN II", GRE, 47, 0, ETHERNET, "\x10\0\x88\xbe\0\0\0\1\x10\1\0\5\0\0\0\0"),
	WRAP("ERSPAN III", GRE, 47, 0, ETHERNET, "\x10\0\x22\xeb\0\0\0\1\x20\1\0\5\0\0\0\0\0\0\0\0"),
	WRAP("ERSPAN III with a subheader", GRE, 47, 0, ETHERNET,
	     "\x10\0\x22\xeb\0\0\0\1\x20\1\0\5\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0"),
	WRAP("ERSPAN III of IP", GRE, 47, 0, IP4, "\x10\0\x22\xeb\0\0\0\1\x20\1\0\5\0\0\0\0\0\0\x08\0"),
	WRAP("WCCP", GRE, 47, 0, IP4, "\0\0\x88\x3e\0\0\0\0"),
	WRAP("WCCP, first version", GRE, 47, 0, IP4, "\0\0\x88\x3e"),
	WRAP("an access point's GRE", GRE, 47, 0, WIFI, "\0\0\x82\0"),
	WRAP("VXLAN", VXLAN, 17, 4789, ETHERNET, "\x08\0\0\0\0\0\x2a\0"),
	WRAP("VXLAN on Linux's port", VXLAN, 17, 8472, ETHERNET, "\x08\0\0\0\0\0\x2a\0"),
	WRAP("VXLAN with a group", VXLAN, 17, 4789, ETHERNET, "\x88\0\0\1\0\0\x2a\0"),
	WRAP("VXLAN-GPE", VXLAN, 17, 4790, IP4, "\x0c\0\0\1\0\0\x2a\0"),
	WRAP("Geneve", GENEVE, 17, 6081, ETHERNET, "\0\0\x65\x58\0\0\x2a\0"),
	WRAP("Geneve with an option", GENEVE, 17, 6081, IP6, "\2\0\x86\xdd\0\0\x2a\0\1\2\3\1\0\0\0\0"),
	WRAP("GTP-U", GTP, 17, 2152, IP4, "\x30\xff\0\x22\0\0\0\7"),
	WRAP("GTP-U with an extension", GTP, 17, 2152, IP4, "\x34\xff\0\x2a\0\0\0\7\0\0\0\x85\1\0\0\0"),
	WRAP("Teredo", TEREDO, 17, 3544, IP6, ""),
	WRAP("Teredo with both indications", TEREDO, 17, 3544, IP6, "\0\1\1\2iaa12345678\0\0\0\1\2\3\4\5\6"),
	WRAP("Teredo between clients", TEREDO, 17, 7, IP6, ""),
	WRAP("AYIYA", AYIYA, 17, 5072, IP6,
	     "\x41\x52\x11\x29\0\0\0\0"
	     "0123456789abcdef"
	     "01234567890123456789"),
	WRAP("L2TP", L2TP, 17, 1701, IP4, "\0\2\0\7\0\x09\0\x21"),
	WRAP("L2TP with all fields", L2TP, 17, 1701, IP4, "\x4a\2\0\x34\0\7\0\x09\0\0\0\0\0\2pp\0\x21"),
	WRAP("L2TPv3", L2TP, 115, 0, ETHERNET, "\0\0\0\x09"),
	WRAP("L2TPv3 with cookie and sublayer", L2TP, 115, 0, ETHERNET,
	     "\0\0\0\x09"
	     "cookie78"
	     "\0\0\0\0"),
	WRAP("L2TPv3 over UDP", L2TP, 17, 1701, ETHERNET, "\0\3\0\0\0\0\0\x09"),
	WRAP("CAPWAP", CAPWAP, 17, 5247, WIFI, "\0\x10\1\0\0\0\0\0"),
	WRAP("CAPWAP, control swapped", CAPWAP, 17, 5247, WIFI_SWAPPED, "\0\x10\1\0\0\0\0\0"),
	WRAP("CAPWAP of 802.3", CAPWAP, 17, 5247, ETHERNET, "\0\x10\0\0\0\0\0\0"),
};
enum { NWRAPPINGS = sizeof(wrappings) / sizeof(wrappings[0]) };

/* The outer packet goes from 10.0.0.1 to 10.0.0.2, or back. */
static void wrap(const struct wrapping *w, bool back)
{
	frame_eth(&f, 0x0800);
	frame_ip4(&f, back ? "10.0.0.2" : "10.0.0.1", back ? "10.0.0.1" : "10.0.0.2", w->protocol);
	if (w->protocol == 17)
		frame_udp(&f, 999, w->port);
	frame_bytes(&f, w->head, w->n);
	frame_bytes(&f, inner.b, inner.n);
	frame_done(&f);
}

static void every_wrapping_is_seen_through(void **state)
{
	for (size_t i = 0; i < NWRAPPINGS; i++) {
		make_inner(wrappings[i].inside, "inside");
		wrap(&wrappings[i], false);
		enum toc_drop drop = decode(state);
		if (drop != TOC_DROP_none || !p.outer || !toc_span_is(p.payload, "inside"))
			fail_msg("%s: %s", wrappings[i].name, toc_drop_name(drop));
		assert_int_equal(p.outer->tunnel, wrappings[i].type);
		assert_int_equal(p.tunnel, TOC_TUNNEL_NONE);
		assert_int_equal(p.outer->src.b[12], 10);
		assert_int_equal(p.sport, 1);
		assert_null(p.outer->outer);
		assert_false(p.bad_checksum || p.outer->bad_checksum);
		uint64_t path = p.path;
		assert_true(path != 0 && p.outer->path == 0);
		wrap(&wrappings[i], true);
		assert_int_equal(decode(state), TOC_DROP_none);
		assert_true(p.path == path); /* the same in both directions */
	}
}

/* Whatever the snap length leaves: in bounds, and never another packet than the inner or the outer one. */
static void truncations_stay_in_bounds(void **state)
{
	for (size_t i = 0; i < NWRAPPINGS; i++) {
		make_inner(wrappings[i].inside, "inside");
		wrap(&wrappings[i], false);
		for (size_t n = 0; n < f.n; n++) {
			uint8_t *exact = malloc(n ? n : 1);
			assert_non_null(exact);
			memcpy(exact, f.b, n);
			struct toc_frame frame = frame_view(&f, TOC_SEC);
			frame.bytes = toc_span_of(exact, n);
			if (toc_decode(*state, &frame, &p) == TOC_DROP_none) {
				assert_true(p.payload.n <= n);
				assert_true(!p.payload.n ||
					    (p.payload.p >= exact && p.payload.p + p.payload.n <= exact + n));
				assert_true(p.outer || p.src.b[12] == 10);
			}
			free(exact);
		}
	}
}

/* A length that is not that of the bytes there, or a broken header: a datagram like any other. */
static void what_does_not_verify_is_left_alone(void **state)
{
	for (size_t i = 0; i < NWRAPPINGS; i++) {
		if (wrappings[i].protocol != 17)
			continue;
		make_inner(wrappings[i].inside, "inside");
		size_t length = inner.ip + (inner.version == 4 ? 2 : 4);
		for (int longer = -1; longer < 2; longer += 2) {
			frame_put16(&inner, length, (unsigned)(inner.version == 4 ? 34 : 14) + 100u * (unsigned)longer);
			wrap(&wrappings[i], false);
			assert_int_equal(decode(state), TOC_DROP_none);
			if (p.outer || p.tunnel)
				fail_msg("%s is believed", wrappings[i].name);
			assert_int_equal(p.dport, wrappings[i].port);
			assert_int_equal(p.payload.n, wrappings[i].n + inner.n);
		}
	}
}

/* Each header changed by one bit, for all bits: the walk ends in one way, and says so. */
static void changed_bits_do_no_harm(void **state)
{
	for (size_t i = 0; i < NWRAPPINGS; i++) {
		make_inner(wrappings[i].inside, "inside");
		wrap(&wrappings[i], false);
		for (size_t bit = 14 * 8; bit < f.n * 8; bit++) {
			f.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
			struct toc_frame frame = frame_view(&f, TOC_SEC);
			toc_decode(*state, &frame, &p);
			f.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
}

/* What is wrong with a packet that is certainly there is counted as its own. */
static void inner_drops_are_counted(void **state)
{
	make_inner(ETHERNET, "inside");
	inner.b[inner.ip + 9] = 6; /* TCP, but too short for its header */
	frame_put16(&inner, inner.ip + 2, 24);
	wrap(&wrappings[7], false);
	assert_int_equal(decode(state), TOC_DROP_none);
	assert_int_equal(p.tunnel, TOC_TUNNEL_GRE);
	assert_null(p.outer);
	assert_int_equal(toc_decode_count(*state)->inner_drops[TOC_DROP_transport_header], 1);
}

static void nesting_is_bounded(void **state)
{
	for (unsigned depth = 0; depth <= TOC_TUNNEL_DEPTH + 1; depth++) {
		frame_eth(&f, 0x0800);
		for (unsigned i = 0; i < depth; i++) {
			frame_ip4(&f, "10.0.0.1", "10.0.0.2", 4);
			frame_put16(&f, f.ip + 2, (depth - i) * 20 + 28);
		}
		frame_ip4(&f, "10.0.0.1", "10.0.0.2", 17);
		frame_udp(&f, 1, 2);
		frame_done(&f);
		assert_int_equal(decode(state), TOC_DROP_none);
		unsigned found = 0;
		for (const struct toc_packet *at = p.outer; at; at = at->outer)
			found++;
		assert_int_equal(found, depth < TOC_TUNNEL_DEPTH ? depth : TOC_TUNNEL_DEPTH);
		assert_int_equal(p.ip_proto, depth <= TOC_TUNNEL_DEPTH ? 17 : 4);
		assert_true((p.weird != NULL) == (depth > TOC_TUNNEL_DEPTH));
	}
	assert_string_equal(p.weird, "exceeded_tunnel_max_depth");
}

/* A gateway between two networks answers in the other one: told apart only where that is asked for. */
static void networks_are_told_apart(void **state)
{
	for (int apart = 0; apart < 2; apart++) {
		const struct toc_decode_config with = { .network_key = apart };
		struct toc_decode *d = toc_decode_new(&with, &key);
		void *one = d;
		struct wrapping w = wrappings[20]; /* VXLAN */
		make_inner(ETHERNET, "inside");
		wrap(&w, false);
		decode(&one);
		uint64_t first = p.path;
		w.head = "\x08\0\0\0\0\0\x2b\0";
		wrap(&w, false);
		decode(&one);
		assert_true(p.outer && (p.path != first) == apart);
		toc_decode_free(d);
	}
	(void)state;
}

/* Inner fragments are put together within their tunnel only. */
static void inner_fragments_meet(void **state)
{
	for (unsigned piece = 0; piece < 2; piece++) {
		frame_eth(&f, 0x0800);
		frame_ip4(&f, "10.0.0.1", "10.0.0.2", 47);
		frame_bytes(&f, "\0\0\x08\0", 4);
		frame_ip4_full(&f, "192.168.0.1", "192.168.0.2", 17, 7, piece ? 1 : 0x2000, NULL, 0);
		if (!piece)
			frame_bytes(&f, "\0\1\0\2\0\x0e\0\0", 8);
		frame_bytes(&f, "second", piece ? 6 : 0);
		frame_put16(&f, 14 + 2, (unsigned)(f.n - 14));
		frame_put16(&f, f.ip + 2, (unsigned)(f.n - f.ip));
		assert_int_equal(decode(state), TOC_DROP_none);
		if (!piece) {
			assert_int_equal(p.tunnel, TOC_TUNNEL_GRE);
			assert_int_equal(toc_decode_count(*state)->inner_drops[TOC_DROP_fragment_held], 1);
		}
	}
	assert_true(p.outer && p.reassembled && toc_span_is(p.payload, "second"));
}

static void odd_gre_is_told(void **state)
{
	static const struct {
		const char *head, *weird;
	} odd[] = { { "\0\2\x08\0", "unknown_gre_version" },
		    { "\0\0\x12\x34", "egre_protocol_type" },
		    { "\x20\0\x08\0", "truncated_GRE" } };
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		frame_eth(&f, 0x0800);
		frame_ip4(&f, "10.0.0.1", "10.0.0.2", 47);
		frame_bytes(&f, odd[i].head, 4);
		frame_done(&f);
		assert_int_equal(decode(state), TOC_DROP_none);
		assert_null(p.outer);
		assert_string_equal(p.weird, odd[i].weird);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(every_wrapping_is_seen_through),
		TEST(truncations_stay_in_bounds),
		TEST(what_does_not_verify_is_left_alone),
		TEST(changed_bits_do_no_harm),
		TEST(inner_drops_are_counted),
		TEST(nesting_is_bounded),
		TEST(networks_are_told_apart),
		TEST(inner_fragments_meet),
		TEST(odd_gre_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
