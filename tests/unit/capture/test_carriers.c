/* carriers: frames that may carry others are told by their headers, and those are the tunnels that decode reads. */
#include "test.h"

#include "capture/capture.h"
#include "frames.h"

static struct frame f;

static bool carries(void)
{
	struct toc_frame frame = frame_view(&f, 0);
	return toc_spread_carries(&frame);
}

static void ip4(unsigned protocol, unsigned place)
{
	frame_eth(&f, 0x0800);
	frame_ip4_full(&f, "10.0.0.1", "10.0.0.2", protocol, 1, place, NULL, 0);
}

static void ip6(unsigned next)
{
	frame_eth(&f, 0x86dd);
	frame_ip6(&f, "2001:db8::1", "2001:db8::2", next);
}

/* The last layer of layers.def's list that is no tunnel, by number: transport protocols. */
static bool is_transport(unsigned protocol)
{
	return protocol == 6 || protocol == 17 || protocol == 1 || protocol == 58;
}

static void all_tunnels_of_decode_are_known(void **state)
{
#define IP_PROTOCOL(number, layer) number,
	static const unsigned protocols[] = {
#include "decode/layers.def"
	};
#define UDP_PORT(number, layer) number,
	static const unsigned ports[] = {
#include "decode/layers.def"
	};
	(void)state;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		ip4(protocols[i], 0);
		frame_fill(&f, 40, 0);
		assert_int_equal(carries(), !is_transport(protocols[i]));
		ip6(protocols[i]);
		frame_fill(&f, 40, 0);
		assert_int_equal(carries(), !is_transport(protocols[i]));
	}
	for (size_t i = 0; i < 2 * sizeof(ports) / sizeof(ports[0]); i++) {
		ip4(17, 0);
		frame_udp(&f, i % 2 ? ports[i / 2] : 5000, i % 2 ? 5000 : ports[i / 2]);
		assert_true(carries());
	}
}

static void other_datagrams_are_none(void **state)
{
	(void)state;
	ip4(17, 0);
	frame_udp(&f, 53, 5000);
	assert_false(carries());
	ip4(17, 0x2000); /* more fragments: the others have no ports */
	frame_udp(&f, 53, 5000);
	assert_true(carries());
	ip4(17, 100);
	assert_true(carries());
	ip4(6, 0x2000);
	assert_false(carries());
	frame_eth(&f, 0x0806);
	frame_fill(&f, 60, 47);
	assert_false(carries());
}

static void ipv6_is_looked_through(void **state)
{
	(void)state;
	ip6(60);
	frame_bytes(&f, "\x2f\0\4\1\4\1\1\0",
		    8); /* GRE behind a tunnel encapsulation limit (RFC 2473, section 4.1.1) */
	frame_fill(&f, 8, 0);
	assert_true(carries());
	ip6(0);
	frame_bytes(&f, "\6\0\5\2\0\0\1\0", 8); /* TCP behind a router alert */
	frame_fill(&f, 20, 0);
	assert_false(carries());
	ip6(44);
	frame_fill(&f, 16, 0);
	assert_true(carries());
	ip6(60);
	for (unsigned i = 0; i < 20; i++) /* a chain that does not end is no tunnel */
		frame_bytes(&f, "\x3c\0\1\4\0\0\0\0", 8);
	assert_false(carries());
}

static void cut_frames_are_none(void **state)
{
	(void)state;
	ip4(17, 0);
	frame_udp(&f, 4789, 4789);
	f.n = f.l4 + 2;
	assert_false(carries());
	f.n = f.ip + 6;
	assert_false(carries());
}

/* Two ends have the number that their bare packets are spread by. */
static void a_pair_is_spread_as_its_frames_are(void **state)
{
	struct toc_addr a, b;
	(void)state;
	ip4(6, 0);
	struct toc_frame frame = frame_view(&f, 0);
	assert_true(toc_addr_parse(toc_span_str("10.0.0.1"), &a) && toc_addr_parse(toc_span_str("10.0.0.2"), &b));
	assert_int_equal(toc_spread_pair(&a, &b), toc_spread(&frame));
	assert_int_equal(toc_spread_pair(&b, &a), toc_spread(&frame));
	ip6(6);
	frame = frame_view(&f, 0);
	assert_true(toc_addr_parse(toc_span_str("2001:db8::1"), &a) && toc_addr_parse(toc_span_str("2001:db8::2"), &b));
	assert_int_equal(toc_spread_pair(&a, &b), toc_spread(&frame));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_tunnels_of_decode_are_known),
		cmocka_unit_test(other_datagrams_are_none),
		cmocka_unit_test(ipv6_is_looked_through),
		cmocka_unit_test(cut_frames_are_none),
		cmocka_unit_test(a_pair_is_spread_as_its_frames_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
