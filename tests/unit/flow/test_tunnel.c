/* flow: a packet in a packet is two flows, the outer one a tunnel; VLANs tell flows apart where that is asked for. */
#include "test.h"

#include "rig.h"

static const struct toc_decoder *const no_decoders[] = { NULL };

static int set_up(void **state)
{
	static const struct toc_flow_config config = { .parse = true };
	*state = rig_new(&config, no_decoders);
	return 0;
}

static int tear_down(void **state)
{
	rig_free(*state);
	return 0;
}

static struct toc_packet packet(const char *src, const char *dst, uint8_t proto, toc_time at)
{
	struct toc_packet p = { .at = at, .l3 = TOC_L3_IP, .ip_proto = proto, .ip_len = 100, .payload_len = 10 };
	p.src = rig_addr(src);
	p.dst = rig_addr(dst);
	p.sport = proto == TOC_IPPROTO_UDP ? 7 : 0;
	p.dport = proto == TOC_IPPROTO_UDP ? 9 : 0;
	return p;
}

/* One packet of a flow inside a tunnel from a to b. */
static void carried(struct rig *r, struct toc_packet *outer, enum toc_tunnel type, uint64_t path, toc_time at)
{
	struct toc_packet inner = packet("192.168.0.1", "192.168.0.2", TOC_IPPROTO_UDP, at);
	outer->tunnel = (uint8_t)type;
	outer->at = outer->ts = at;
	inner.outer = outer;
	inner.path = path;
	rig_packet(r, &inner);
}

static void an_ip_tunnel_is_no_conn(void **state)
{
	struct rig *r = *state;
	struct toc_packet outer = packet("10.0.0.1", "10.0.0.2", 47, TOC_SEC);
	carried(r, &outer, TOC_TUNNEL_GRE, 5, TOC_SEC);
	carried(r, &outer, TOC_TUNNEL_GRE, 5, 2 * TOC_SEC);
	assert_int_equal(rig_count(r, "\"event\":\"tunnel\""), 1);
	assert_int_equal(rig_count(r, "\"tunnel_type\":\"Tunnel::GRE\",\"action\":\"Tunnel::DISCOVER\""), 1);
	toc_flows_advance(r->flows, 10 * TOC_MIN);
	assert_int_equal(rig_count(r, "\"event\":\"conn\""), 1); /* the inner one */
	assert_int_equal(rig_count(r, "\"tunnel_parents\":[\"C"), 1);
	assert_int_equal(rig_count(r, "\"orig_pkts\":2,\"orig_ip_bytes\":"), 1);
	toc_flows_advance(r->flows, TOC_DAY + 10 * TOC_SEC);
	assert_int_equal(rig_count(r, "\"action\":\"Tunnel::EXPIRE\""), 1);
	assert_int_equal(rig_count(r, "\"event\":\"conn\""), 1);
}

static void a_udp_tunnel_is_one_and_closes(void **state)
{
	struct rig *r = *state;
	struct toc_packet outer = packet("10.0.0.1", "10.0.0.2", TOC_IPPROTO_UDP, TOC_SEC);
	carried(r, &outer, TOC_TUNNEL_VXLAN, 5, TOC_SEC);
	for (toc_time at = 2; at < 40; at++)
		carried(r, &outer, TOC_TUNNEL_VXLAN, 5, at * TOC_SEC);
	toc_flows_finish(r->flows, TOC_MIN);
	assert_int_equal(rig_count(r, "\"action\":\"Tunnel::DISCOVER\""), 1);
	assert_int_equal(rig_count(r, "\"action\":\"Tunnel::CLOSE\""), 1);
	assert_int_equal(rig_count(r, "\"event\":\"conn\""), 2);
	assert_int_equal(rig_count(r, "\"service\":\"vxlan\""), 1);
	/* what it carries is reported once, by the flow inside */
	assert_int_equal(rig_count(r, "\"event\":\"transfer\""), rig_count(r, "\"id.orig_h\":\"192.168.0.1\"") - 1);
}

static void a_tunnel_of_arp_is_not_told(void **state)
{
	struct rig *r = *state;
	struct toc_packet outer = packet("10.0.0.1", "10.0.0.2", TOC_IPPROTO_UDP, TOC_SEC);
	struct toc_packet arp = { .at = TOC_SEC, .l3 = TOC_L3_ARP, .outer = &outer, .path = 5 };
	outer.tunnel = TOC_TUNNEL_VXLAN;
	outer.ts = TOC_SEC;
	rig_packet(r, &arp);
	assert_int_equal(rig_count(r, "\"event\":\"tunnel\""), 0);
	toc_flows_finish(r->flows, TOC_MIN);
	assert_int_equal(rig_count(r, "\"service\":\"vxlan\""), 1);
	assert_int_equal(rig_count(r, "\"event\":\"tunnel\""), 0);
}

static void the_path_is_part_of_the_key(void **state)
{
	struct rig *r = *state;
	struct toc_packet outer = packet("10.0.0.1", "10.0.0.2", 47, TOC_SEC);
	struct toc_packet bare = packet("192.168.0.1", "192.168.0.2", TOC_IPPROTO_UDP, TOC_SEC);
	carried(r, &outer, TOC_TUNNEL_GRE, 5, TOC_SEC);
	carried(r, &outer, TOC_TUNNEL_GRE, 6, TOC_SEC);
	rig_packet(r, &bare);
	toc_flows_finish(r->flows, TOC_MIN);
	assert_int_equal(rig_count(r, "\"event\":\"conn\""), 3);
	assert_int_equal(rig_count(r, "\"tunnel_parents\""), 2);
}

static enum toc_probe is_proxy(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)first, (void)dir, (void)hint;
	return TOC_YES;
}

/* Whatever a client says sets up a tunnel. */
static enum toc_parse set_up_tunnel(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	(void)state, (void)dir;
	toc_take(in, toc_left(in));
	toc_sink_tunnel(s, "Tunnel::SOCKS");
	return TOC_MORE;
}

static void a_proxy_is_told_once_a_client_and_day(void **state)
{
	static const struct toc_decoder proxy = {
		.name = "proxy", .carriers = TOC_OVER_UDP, .probe = is_proxy, .parse = set_up_tunnel
	};
	static const struct toc_decoder *const list[] = { &proxy, NULL };
	static const struct toc_flow_config config = { .parse = true };
	static const struct {
		const char *client;
		uint16_t from, proxy;
		toc_time at;
		unsigned told;
	} flows[] = { { "10.0.0.1", 5000, 1080, TOC_SEC, 1 },
		      { "10.0.0.1", 5001, 1080, 2 * TOC_SEC, 1 },
		      { "10.0.0.1", 5002, 9050, 3 * TOC_SEC, 2 },
		      { "10.0.0.3", 5003, 1080, 4 * TOC_SEC, 3 },
		      { "10.0.0.1", 5004, 1080, TOC_DAY + 2 * TOC_SEC, 4 } };
	struct rig *r = rig_new(&config, list);
	(void)state;
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++) {
		struct toc_packet p = packet(flows[i].client, "10.0.0.2", TOC_IPPROTO_UDP, flows[i].at);
		p.sport = flows[i].from;
		p.dport = flows[i].proxy;
		p.payload = toc_span_str("0123456789");
		rig_packet(r, &p);
		assert_int_equal(rig_count(r, "\"tunnel_type\":\"Tunnel::SOCKS\""), flows[i].told);
	}
	rig_free(r);
}

/* One stage has the tunnel's frames, the other the flow inside: together they tell what one alone would. */
static void stages_share_a_frame(void **state)
{
	static const struct toc_flow_config config = { .parse = true };
	struct rig *alone = *state, *around = rig_new(&config, no_decoders), *inside = rig_new(&config, no_decoders);
	struct toc_packet outer = packet("10.0.0.1", "10.0.0.2", TOC_IPPROTO_UDP, TOC_SEC);
	outer.tunnel = TOC_TUNNEL_VXLAN;
	for (toc_time at = 1; at < 4; at++) {
		struct toc_packet inner = packet("192.168.0.1", "192.168.0.2", TOC_IPPROTO_UDP, at * TOC_SEC);
		outer.at = outer.ts = inner.ts = at * TOC_SEC;
		inner.outer = &outer;
		toc_flows_packet(alone->flows, &inner);
		toc_flows_shared(around->flows, &inner, true, false);
		toc_flows_shared(inside->flows, &inner, false, true);
	}
	struct rig *all[] = { alone, around, inside };
	for (unsigned i = 0; i < 3; i++)
		toc_flows_finish(all[i]->flows, TOC_MIN);
	assert_int_equal(rig_count(around, "\"event\":\"conn\""), 1);
	assert_int_equal(rig_count(inside, "\"event\":\"conn\""), 1);
	assert_int_equal(rig_count(inside, "\"event\":\"tunnel\""), 0);
	assert_int_equal(toc_flows_count(inside->flows)->packets, 0);
	assert_int_equal(toc_flows_count(inside->flows)->flows_new, 1);
	for (char *line = strtok(alone->text, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strstr(around->text, line) || strstr(inside->text, line)); /* all uids included */
	rig_free(around);
	rig_free(inside);
}

/* A copy of what was seen bare: the tunnel is told, the flow inside has its packets once. */
static void a_copy_inside_is_not_counted(void **state)
{
	struct rig *r = *state;
	struct toc_packet outer = packet("10.0.0.1", "10.0.0.2", 47, TOC_SEC);
	struct toc_packet bare = packet("192.168.0.1", "192.168.0.2", TOC_IPPROTO_UDP, TOC_SEC), copy = bare;
	rig_packet(r, &bare);
	outer.tunnel = TOC_TUNNEL_GRE;
	copy.outer = &outer;
	copy.again = true;
	rig_packet(r, &copy);
	toc_flows_finish(r->flows, TOC_MIN);
	assert_int_equal(rig_count(r, "\"event\":\"tunnel\""), 1);
	assert_int_equal(rig_count(r, "\"orig_pkts\":1,"), 1);
}

static void parents_are_gathered_and_bounded(void **state)
{
	struct rig *r = *state;
	char dst[32];
	for (unsigned i = 0; i < 20; i++) {
		snprintf(dst, sizeof(dst), "10.0.1.%u", i);
		struct toc_packet outer = packet("10.0.0.1", dst, 47, TOC_SEC);
		carried(r, &outer, TOC_TUNNEL_GRE, 5, TOC_SEC);
	}
	toc_flows_finish(r->flows, TOC_MIN);
	const char *list = strstr(r->text, "\"tunnel_parents\":["), *end = list ? strchr(list, ']') : NULL;
	unsigned n = 0;
	assert_non_null(end);
	for (; list < end; list++)
		n += list[0] == '"' && list[1] == 'C';
	assert_int_equal(n, 8);
}

static void odd_packets_are_told_once_a_pair(void **state)
{
	struct rig *r = *state;
	struct toc_packet p = packet("10.0.0.1", "10.0.0.2", 47, TOC_SEC);
	p.weird = "truncated_GRE";
	rig_packet(r, &p);
	rig_packet(r, &p);
	assert_int_equal(rig_count(r, "\"event\":\"weird\""), 1);
	assert_int_equal(rig_count(r, "\"uid\":\"C"), 1);
	p.weird = "fragment_overlap"; /* of a frame that was dropped */
	toc_flows_dropped(r->flows, &p);
	toc_flows_dropped(r->flows, &p);
	assert_int_equal(rig_count(r, "\"name\":\"fragment_overlap\""), 1);
	assert_int_equal(rig_count(r, "\"uid\":\"C"), 1);
	p.at += 11 * TOC_MIN;
	toc_flows_dropped(r->flows, &p);
	assert_int_equal(rig_count(r, "\"name\":\"fragment_overlap\""), 2);
}

static void vlans_are_told_apart_if_asked(void **state)
{
	static const struct toc_flow_config with = { .vlan_key = true }, without = { .vlan_key = false };
	(void)state;
	for (int vlan_key = 0; vlan_key < 2; vlan_key++) {
		struct rig *r = rig_new(vlan_key ? &with : &without, no_decoders);
		struct toc_packet p = packet("10.0.0.1", "10.0.0.2", TOC_IPPROTO_UDP, TOC_SEC);
		struct toc_packet back = packet("10.0.0.2", "10.0.0.1", TOC_IPPROTO_UDP, TOC_SEC);
		back.sport = p.dport;
		back.dport = p.sport;
		back.vlan = p.vlan = 7;
		rig_packet(r, &p);
		rig_packet(r, &back);
		p.vlan = 8;
		rig_packet(r, &p);
		toc_flows_finish(r->flows, TOC_MIN);
		assert_int_equal(rig_count(r, "\"event\":\"conn\""), vlan_key ? 2 : 1);
		rig_free(r);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(an_ip_tunnel_is_no_conn),
		TEST(a_udp_tunnel_is_one_and_closes),
		TEST(a_tunnel_of_arp_is_not_told),
		TEST(the_path_is_part_of_the_key),
		cmocka_unit_test(a_proxy_is_told_once_a_client_and_day),
		TEST(stages_share_a_frame),
		TEST(a_copy_inside_is_not_counted),
		TEST(parents_are_gathered_and_bounded),
		TEST(odd_packets_are_told_once_a_pair),
		cmocka_unit_test(vlans_are_told_apart_if_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
