/* flow: a datagram that is none of its decoder's does not hide those that follow. */
#include "test.h"

#include "rig.h"

enum { K_HEARD, F_TEXT };

static const struct toc_field_decl a_fields[] = {
	[K_HEARD] = { "a", TOC_KIND, false, TOC_OPEN, NULL, "a datagram" },
	[F_TEXT] = { "text", TOC_STRING, false, TOC_OPEN, NULL, "its bytes" },
};
static const struct toc_field_decl b_fields[] = {
	[K_HEARD] = { "b", TOC_KIND, false, TOC_OPEN, NULL, "a datagram" },
	[F_TEXT] = { "text", TOC_STRING, false, TOC_OPEN, NULL, "its bytes" },
};

static enum toc_parse take(struct toc_cursor *in, struct toc_sink *s, uint8_t mine)
{
	struct toc_span text = toc_take(in, toc_left(in));
	if (text.p[0] != mine)
		return TOC_BAD;
	struct toc_draft *d = toc_sink_begin(s, K_HEARD);
	toc_put_str(d, F_TEXT, text);
	toc_sink_commit(s, d);
	if (text.n > 1 && text.p[1] == '!')
		toc_sink_confirm(s, NULL);
	return TOC_MORE;
}

static enum toc_parse take_a(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	(void)state, (void)dir;
	return take(in, s, 'a');
}

static enum toc_parse take_b(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *s)
{
	(void)state, (void)dir;
	return take(in, s, 'b');
}

/* Says yes to what it will not be able to read. */
static enum toc_probe probe_a(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)dir, (void)hint;
	return first.p[0] == 'a' || first.p[0] == '?' ? TOC_YES : TOC_NO;
}

static enum toc_probe probe_b(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)dir, (void)hint;
	return first.p[0] == 'b' ? TOC_YES : TOC_MAYBE;
}

static const struct toc_decoder a = {
	.name = "a", .carriers = TOC_OVER_UDP, .fields = a_fields, .nfields = 2, .probe = probe_a, .parse = take_a
};
static const struct toc_decoder b = {
	.name = "b", .carriers = TOC_OVER_UDP, .fields = b_fields, .nfields = 2, .probe = probe_b, .parse = take_b
};

static struct rig *play(const char *const *datagrams)
{
	static const struct toc_decoder *const list[] = { &a, &b, NULL };
	static const struct toc_flow_config config = { .parse = true };
	struct rig *r = rig_new(&config, list);
	toc_time at = TOC_SEC;
	for (; *datagrams; datagrams++) {
		struct toc_packet p = {
			.at = at += TOC_MS, .l3 = TOC_L3_IP, .ip_proto = TOC_IPPROTO_UDP, .ip_len = 28
		};
		p.src = rig_addr("10.0.0.7");
		p.dst = rig_addr("192.0.2.1");
		p.sport = 40000;
		p.dport = 50000;
		p.payload = toc_span_str(*datagrams);
		p.payload_len = (uint32_t)p.payload.n;
		rig_packet(r, &p);
	}
	toc_flows_finish(r->flows, at);
	return r;
}

static unsigned heard(const struct rig *r, const char *text)
{
	char what[64];
	snprintf(what, sizeof(what), "\"text\":\"%s\"", text);
	return rig_count(r, what);
}

static void a_stray_one_in_front_hides_nothing(void **state)
{
	static const char *const talk[] = { "?", "b1", "b!", NULL };
	(void)state;
	struct rig *r = play(talk);
	assert_int_equal(heard(r, "b1") + heard(r, "b!"), 2);
	assert_int_equal(rig_count(r, "\"service\":\"b\""), 1);
	rig_free(r);
}

static void a_flow_may_change_its_protocol(void **state)
{
	static const char *const talk[] = { "a!", "b!", "b2", NULL };
	(void)state;
	struct rig *r = play(talk);
	assert_int_equal(heard(r, "a!") + heard(r, "b!") + heard(r, "b2"), 3);
	assert_int_equal(rig_count(r, "\"service\":\"a,b\""), 1);
	rig_free(r);
}

static void what_nobody_wants_ends_a_known_one(void **state)
{
	static const char *const talk[] = { "a!", "junk", "a2", NULL };
	(void)state;
	struct rig *r = play(talk);
	assert_int_equal(heard(r, "a!"), 1);
	assert_int_equal(heard(r, "a2"), 0);
	rig_free(r);
}

static void changes_are_few(void **state)
{
	static const char *const talk[] = { "a1", "b2", "a3", "b4", "a5", "b6", "a7", NULL };
	(void)state;
	struct rig *r = play(talk);
	assert_int_equal(rig_count(r, "\"text\":"), 4);
	rig_free(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stray_one_in_front_hides_nothing),
		cmocka_unit_test(a_flow_may_change_its_protocol),
		cmocka_unit_test(what_nobody_wants_ends_a_known_one),
		cmocka_unit_test(changes_are_few),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
