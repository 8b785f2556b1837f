/* flow: hostile streams stay within their memory, and the work for a segment does not grow with those that wait. */
#include "test.h"

#include <time.h>

#include "rig.h"

static const struct toc_decoder *const no_decoders[] = { NULL };

static struct toc_packet segment(uint32_t flow, uint32_t seq, const void *bytes, size_t n)
{
	struct toc_packet p = { .at = TOC_SEC, .l3 = TOC_L3_IP, .ip_proto = TOC_IPPROTO_TCP, .ip_len = 40 };
	const uint8_t client[4] = { 10, (uint8_t)(flow >> 16), (uint8_t)(flow >> 8), (uint8_t)flow };
	p.src = toc_addr_v4(client);
	p.dst = rig_addr("192.0.2.1");
	p.sport = 1000;
	p.dport = 80;
	p.tcp.seq = seq;
	p.tcp.flags = TOC_ACK;
	p.tcp.window = 1;
	p.payload = toc_span_of(bytes, n);
	p.payload_len = (uint32_t)n;
	return p;
}

/* A flow whose byte 1 is missing: what comes behind it waits. */
static void open_with_hole(struct rig *r, uint32_t flow)
{
	struct toc_packet syn = segment(flow, 0, "", 0);
	syn.tcp.flags = TOC_SYN;
	rig_packet(r, &syn);
}

static const struct toc_decoder never = { .name = "never", .carriers = TOC_OVER_TCP };

static enum toc_probe maybe(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)first, (void)dir, (void)hint;
	return TOC_MAYBE;
}

static struct rig *new_rig(const struct toc_flow_config *config)
{
	static struct toc_decoder waits;
	static const struct toc_decoder *list[] = { &waits, NULL };
	waits = never;
	waits.probe = maybe;
	return rig_new(config, list);
}

/* Seconds that n segments of one byte take, every second place, in the order of `step`. */
static double cost(uint32_t n, uint32_t step)
{
	static const struct toc_flow_config config = { .parse = true };
	struct rig *r = new_rig(&config);
	open_with_hole(r, 1);
	clock_t before = clock();
	for (uint32_t i = 0; i < n; i++) {
		struct toc_packet p = segment(1, 3 + 2 * (uint32_t)((uint64_t)i * step % n), "x", 1);
		rig_packet(r, &p);
	}
	double spent = (double)(clock() - before) / CLOCKS_PER_SEC;
	assert_true(toc_flows_count(r->flows)->segments_kept > 0);
	rig_free(r);
	return spent;
}

/* Shapes: ascending, descending, scattered. Eight times as many may cost eight times as much, and noise. */
static void tiny_segments_cost_no_more_than_linear(void **state)
{
	(void)state;
	for (unsigned shape = 0; shape < 3; shape++) {
		uint32_t small = 20000, large = 8 * small;
		double one = cost(small, shape == 0 ? 1 : shape == 1 ? small - 1 : 7919);
		double eight = cost(large, shape == 0 ? 1 : shape == 1 ? large - 1 : 7919);
		print_message("shape %u: %.3f s, eight times: %.3f s\n", shape, one, eight);
		assert_true(eight < 8 * 2 * one + 0.2);
	}
}

/* 100,000 streams with a hole at byte 1 and tiny segments behind it. */
static void holes_stay_within_the_cap(void **state)
{
	static const struct toc_flow_config config = { .parse = true, .stream_bytes = 1 << 20 };
	struct rig *r = new_rig(&config);
	(void)state;
	for (uint32_t flow = 0; flow < 20000; flow++) {
		open_with_hole(r, flow);
		for (uint32_t i = 0; i < 5; i++) {
			struct toc_packet p = segment(flow, 3 + 2 * i, "x", 1);
			rig_packet(r, &p);
		}
	}
	const struct toc_flow_counters *c = toc_flows_count(r->flows);
	/* a segment costs its byte and some forty more, so far fewer than a million are held at any time */
	assert_true(c->segments_refused > 0);
	assert_true(c->segments_kept < c->packets);
	toc_flows_finish(r->flows, TOC_MIN);
	assert_int_equal(rig_count(r, "\"event\":\"conn\""), 20000);
	rig_free(r);
}

/* Two readings of the same place: told once, and the first one stands. */
static void differing_overlaps_are_told(void **state)
{
	static const struct toc_flow_config config = { .parse = true };
	struct rig *r = new_rig(&config);
	(void)state;
	open_with_hole(r, 1);
	struct toc_packet one = segment(1, 5, "good", 4), other = segment(1, 4, "xevil", 5);
	rig_packet(r, &one);
	rig_packet(r, &one);
	assert_int_equal(rig_count(r, "weird"), 0);
	rig_packet(r, &other);
	rig_packet(r, &other);
	assert_int_equal(rig_count(r, "\"name\":\"rexmit_inconsistency\""), 1);
	rig_free(r);
}

/* Half-open flows go first: sessions that are under way outlive a flood of any size, however many they are. */
static void a_flood_evicts_itself(void **state)
{
	enum { SESSIONS = 500 };
	static const struct toc_flow_config config = { .parse = true, .flows = 1000 };
	struct rig *r = rig_new(&config, no_decoders);
	(void)state;
	for (uint32_t i = 0; i < SESSIONS; i++) {
		struct toc_packet syn = segment(i, 0, "", 0), answer = syn;
		syn.tcp.flags = TOC_SYN;
		rig_packet(r, &syn);
		answer.src = syn.dst;
		answer.dst = syn.src;
		answer.sport = 80;
		answer.dport = 1000;
		answer.tcp.ack = 1;
		answer.tcp.flags = TOC_SYN | TOC_ACK;
		rig_packet(r, &answer);
	}
	for (uint32_t i = SESSIONS; i < 20000; i++)
		open_with_hole(r, i);
	assert_int_equal(rig_count(r, "\"conn_state\":\"S1\""), 0);
	assert_true(toc_flows_count(r->flows)->flows_evicted > 18000);
	toc_flows_finish(r->flows, TOC_MIN);
	assert_int_equal(rig_count(r, "\"conn_state\":\"S1\""), SESSIONS);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tiny_segments_cost_no_more_than_linear),
		cmocka_unit_test(holes_stay_within_the_cap),
		cmocka_unit_test(differing_overlaps_are_told),
		cmocka_unit_test(a_flood_evicts_itself),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
