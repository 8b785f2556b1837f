/* flow: how long a silence ends a flow of datagrams. */
#include "test.h"

#include "rig.h"

static const struct toc_field_decl fields[] = { { "a", TOC_KIND, false, TOC_OPEN, NULL, "a datagram" } };

static enum toc_parse take(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	(void)state, (void)dir;
	toc_take(in, toc_left(in));
	toc_sink_confirm(s, NULL);
	return TOC_MORE;
}

static enum toc_probe probe(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)dir, (void)hint;
	return first.p[0] == 'a' ? TOC_YES : TOC_NO;
}

static const struct toc_decoder a = { .name = "a",
				      .carriers = TOC_OVER_UDP,
				      .fields = fields,
				      .nfields = 1,
				      .udp_session_ns = 10 * TOC_SEC,
				      .probe = probe,
				      .parse = take };

/* Datagrams of one pair of ends at these tenths of a second, the last one 0; how many flows they make. */
static unsigned flows(const char *text, const unsigned *tenths)
{
	static const struct toc_decoder *const list[] = { &a, NULL };
	static const struct toc_flow_config config = { .parse = true };
	struct rig *r = rig_new(&config, list);
	toc_time at = 0;
	for (unsigned i = 0; tenths[i]; i++) {
		struct toc_packet p = { .at = at = tenths[i] * (TOC_SEC / 10),
					.l3 = TOC_L3_IP,
					.ip_proto = TOC_IPPROTO_UDP,
					.ip_len = 29 };
		p.src = rig_addr("10.0.0.7");
		p.dst = rig_addr("192.0.2.1");
		p.sport = 40000;
		p.dport = 50000;
		p.payload = toc_span_str(text);
		p.payload_len = (uint32_t)p.payload.n;
		rig_packet(r, &p);
	}
	toc_flows_finish(r->flows, at);
	unsigned n = rig_count(r, "\"event\":\"conn\"");
	rig_free(r);
	return n;
}

/* Asked at every tenth second of the flow's life, whether the last nine were silent. */
static void a_session_ends_sooner(void **state)
{
	static const unsigned talking[] = { 10, 100, 180, 260, 0 }, paused[] = { 10, 111, 0 },
			      asked_too_early[] = { 10, 30, 111, 0 }, asked_again[] = { 10, 30, 211, 0 };
	(void)state;
	assert_int_equal(flows("a", talking), 1);
	assert_int_equal(flows("a", paused), 2);
	assert_int_equal(flows("a", asked_too_early), 1); /* at 11 s, eight seconds after the second */
	assert_int_equal(flows("a", asked_again), 2);	  /* at 21 s it was over */
}

static void what_no_decoder_knows_has_a_minute(void **state)
{
	static const unsigned paused[] = { 10, 609, 0 }, over[] = { 10, 612, 0 };
	(void)state;
	assert_int_equal(flows("?", paused), 1);
	assert_int_equal(flows("?", over), 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_ends_sooner),
		cmocka_unit_test(what_no_decoder_knows_has_a_minute),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
