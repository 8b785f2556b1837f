/* flow: many decoders are told apart, each is asked once it may answer, and messages reach who names them. */
#include "test.h"

#include "flow/decoder_set.h"
#include "rig.h"

enum { MANY = TOC_DECODERS };

static const struct toc_field_decl fields[] = { { "said", TOC_KIND, false, TOC_OPEN, NULL, "a test's event" } };

static enum toc_parse say(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	(void)state, (void)dir;
	toc_rest(in);
	toc_sink_confirm(sink, NULL);
	toc_sink_commit(sink, toc_sink_begin(sink, 0));
	return TOC_MORE;
}

/* Says whose number stands in the first byte, so every place of the list can be reached. */
static struct {
	struct toc_decoder decoder[MANY];
	const struct toc_decoder *list[MANY + 1];
	char name[MANY][8];
	uint16_t ports[MANY][2];
	unsigned asked, hinted, first;
} many;

static enum toc_probe nobody(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)first, (void)dir;
	many.asked++;
	many.hinted += hint;
	many.first = many.first ? many.first : hint ? 2 : 1;
	return TOC_NO;
}

static enum toc_probe last(struct toc_span first, enum toc_dir dir, bool hint)
{
	nobody(first, dir, hint);
	return toc_span_starts(first, "last") ? TOC_YES : TOC_NO;
}

static int set_up(void **state)
{
	memset(&many, 0, sizeof(many));
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(many.name[i], sizeof(many.name[i]), "d%u", i);
		many.ports[i][0] = (uint16_t)(1000 + i / 2);
		many.decoder[i] = (struct toc_decoder){ .name = many.name[i],
							.carriers = i % 2 ? TOC_OVER_UDP | TOC_OVER_TCP : TOC_OVER_UDP,
							.udp_ports = many.ports[i],
							.fields = fields,
							.nfields = 1,
							.probe = i == MANY - 1 ? last : nobody,
							.parse = say };
		many.list[i] = &many.decoder[i];
	}
	const struct toc_flow_config config = { .parse = true };
	*state = rig_new(&config, many.list);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	rig_free(*state);
	return 0;
}

static struct toc_packet datagram(uint16_t sport, uint16_t dport, const char *text)
{
	struct toc_packet p = { .at = TOC_SEC, .l3 = TOC_L3_IP, .ip_proto = TOC_IPPROTO_UDP };
	p.src = rig_addr("10.0.0.1");
	p.dst = rig_addr("10.0.0.2");
	p.sport = sport;
	p.dport = dport;
	p.payload = toc_span_str(text);
	p.payload_len = (uint32_t)p.payload.n;
	return p;
}

static void all_places_are_reached(void **state)
{
	struct toc_packet p = datagram(5, 6, "last");
	rig_packet(*state, &p);
	assert_int_equal(many.asked, MANY);
	assert_int_equal(many.hinted, 0);
	assert_int_equal(rig_count(*state, "\"event\":\"said\""), 1);
	rig_packet(*state, &p);
	assert_int_equal(many.asked, MANY); /* decided */
	toc_flows_finish(((struct rig *)*state)->flows, TOC_MIN);
	assert_int_equal(rig_count(*state, "\"service\":\"d191\""), 1);
}

static void those_with_the_port_are_asked_first(void **state)
{
	struct toc_packet p = datagram(1095, 1003, "x");
	rig_packet(*state, &p);
	assert_int_equal(many.first, 2);
	assert_int_equal(many.hinted, 4);
	assert_int_equal(many.asked, MANY);
	rig_packet(*state, &p); /* all are ruled out */
	assert_int_equal(many.asked, MANY);
	assert_int_equal(toc_flows_count(((struct rig *)*state)->flows)->no_protocol, 1);
}

static void only_those_of_the_carrier_are_asked(void **state)
{
	struct toc_packet p = datagram(1003, 1005, "x");
	p.ip_proto = TOC_IPPROTO_TCP;
	p.tcp.flags = TOC_ACK;
	rig_packet(*state, &p);
	assert_int_equal(many.asked, MANY / 2);
	assert_int_equal(many.hinted, 0); /* they named UDP ports */
}

static void one_too_many_is_refused(void **state)
{
	static const struct toc_decoder *list[MANY + 2];
	static const struct toc_flow_config config = { .parse = true };
	static const struct toc_hash_key key = { 1, 2 };
	struct rig *r = *state;
	for (unsigned i = 0; i <= MANY; i++)
		list[i] = &many.decoder[0];
	assert_null(toc_flows_new(&config, list, r->names, &key, &r->emit));
}

static const uint8_t igmp[] = { 2, 0 };
static const uint64_t links[] = { TOC_LINK_LLC(0x42), 0x88cc, TOC_LINK_SNAP(0x00000c, 0x2000), TOC_LINK_PPP(0xc021),
				  0 };
static const struct toc_decoder over_ip = {
	.name = "igmp", .carriers = TOC_OVER_IP, .ip_protocols = igmp, .fields = fields, .nfields = 1, .parse = say
};
static const struct toc_decoder over_link = {
	.name = "tree", .carriers = TOC_OVER_LINK, .links = links, .fields = fields, .nfields = 1, .parse = say
};
static const struct toc_decoder over_icmp = {
	.name = "icmp4", .carriers = TOC_OVER_ICMP4, .fields = fields, .nfields = 1, .parse = say
};
static const struct toc_decoder *const of_messages[] = { &over_ip, &over_link, &over_icmp, NULL };

static void messages_reach_who_names_them(void **state)
{
	static const struct toc_flow_config config = { .parse = true };
	struct rig *r = rig_new(&config, of_messages);
	(void)state;
	struct toc_packet p = datagram(0, 0, "message");
	p.ip_proto = 2;
	rig_packet(r, &p);
	assert_int_equal(rig_count(r, "\"event\":\"said\""), 1);
	assert_int_equal(rig_count(r, "\"uid\":"), 1); /* there is a flow */
	assert_int_equal(rig_count(r, "\"id.orig_h\":\"10.0.0.1\""), 1);
	p.ip_proto = 89;
	rig_packet(r, &p);
	assert_int_equal(r->nevents, 1);
	p.ip_proto = TOC_IPPROTO_ICMP;
	p.sport = 8;
	rig_packet(r, &p);
	assert_int_equal(rig_count(r, "\"event\":\"said\""), 2);
	for (unsigned i = 0; links[i]; i++) {
		struct toc_packet link = { .at = TOC_SEC, .l3 = TOC_L3_LINK, .link = links[i] };
		rig_packet(r, &link);
		assert_int_equal(rig_count(r, "\"event\":\"said\""), 3 + i);
		link.link++;
		rig_packet(r, &link);
		assert_int_equal(rig_count(r, "\"event\":\"said\""), 3 + i);
	}
	assert_int_equal(toc_flows_count(r->flows)->no_link_decoder, 4);
	assert_int_equal(rig_count(r, "\"uid\":"), 2);
	toc_flows_finish(r->flows, TOC_MIN);
	assert_int_equal(rig_count(r, "\"service\":\"igmp\""), 1);
	assert_int_equal(rig_count(r, "\"service\":\"icmp4\""), 1);
	rig_free(r);
}

/* Says nothing but its service, and then an event with every datagram. */
static void what_nobody_wants_only_names_the_service(void **state)
{
	static const char *const some[] = { "d7", NULL }, *const none[] = { NULL };
	static const char *const to_seven[] = { "d7", NULL }, *const to_last[] = { "d191", NULL };
	const char *const *sets[] = { none, some, NULL };
	(void)state;
	/* with `some`, the last leads to the fourth, and that to one that is wanted */
	for (unsigned i = 0; i < 3; i++) {
		const struct toc_flow_config config = { .parse = true, .wanted = sets[i] };
		many.decoder[MANY - 1].leads_to = to_last;
		struct rig *r = rig_new(&config, many.list);
		struct toc_packet p = datagram(5, 6, "last");
		for (unsigned n = 0; n < 3; n++)
			rig_packet(r, &p);
		assert_int_equal(rig_count(r, "\"event\":\"said\""), sets[i] ? 0 : 3);
		assert_int_equal(toc_flows_count(r->flows)->not_wanted, sets[i] ? 1 : 0);
		toc_flows_finish(r->flows, TOC_MIN);
		assert_int_equal(rig_count(r, "\"service\":\"d191\""), 1);
		rig_free(r);
	}
	static const char *const to_four[] = { "d4", NULL };
	const struct toc_flow_config config = { .parse = true, .wanted = some };
	many.decoder[4].leads_to = to_seven;
	many.decoder[MANY - 1].leads_to = to_four;
	struct rig *r = rig_new(&config, many.list);
	struct toc_packet p = datagram(5, 6, "last");
	rig_packet(r, &p);
	assert_int_equal(rig_count(r, "\"event\":\"said\""), 1);
	rig_free(r);
}

/* Rules that are read again want more: flows that begin from there on have it. */
static void more_may_be_wanted_later(void **state)
{
	static const char *const none[] = { NULL }, *const last[] = { "d191", NULL };
	const struct toc_flow_config config = { .parse = true, .wanted = none };
	(void)state;
	struct rig *r = rig_new(&config, many.list);
	struct toc_packet p = datagram(5, 6, "last");
	rig_packet(r, &p);
	assert_int_equal(rig_count(r, "\"event\":\"said\""), 0);
	toc_flows_want(r->flows, last);
	p = datagram(7, 8, "last");
	rig_packet(r, &p);
	assert_int_equal(rig_count(r, "\"event\":\"said\""), 1);
	toc_flows_want(r->flows, none);
	p = datagram(9, 10, "last");
	rig_packet(r, &p);
	assert_int_equal(rig_count(r, "\"event\":\"said\""), 2);
	rig_free(r);
}

enum { ON_DEMAND = 1 };
static const struct toc_field_decl asked_fields[] = { { "said", TOC_KIND, false, TOC_OPEN, NULL, "a test's event" },
						      { "dear", TOC_UINT, false, TOC_OPEN, NULL, "costs work" } };
static const uint16_t asked_on_demand[] = { ON_DEMAND, 0 };

static enum toc_parse say_if_asked(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	(void)state, (void)dir;
	toc_rest(in);
	struct toc_draft *d = toc_sink_begin(sink, 0);
	if (toc_sink_asks(sink, ON_DEMAND))
		toc_put_uint(d, ON_DEMAND, 7);
	toc_sink_commit(sink, d);
	return TOC_MORE;
}

/* A field on demand is filled where all events are written, or somebody asks for it by name. */
static void fields_on_demand(void **state)
{
	static const char *const some[] = { "d191", "d190.dear", NULL }, *const named[] = { "d191", "d191.dear", NULL };
	const char *const *sets[] = { some, named, NULL };
	(void)state;
	struct toc_decoder *d = &many.decoder[MANY - 1];
	d->fields = asked_fields;
	d->nfields = 2;
	d->on_demand = asked_on_demand;
	d->parse = say_if_asked;
	for (unsigned i = 0; i < 3; i++) {
		const struct toc_flow_config config = { .parse = true, .wanted = sets[i] };
		struct rig *r = rig_new(&config, many.list);
		struct toc_packet p = datagram(5, 6, "last");
		rig_packet(r, &p);
		assert_int_equal(rig_count(r, "\"event\":\"said\""), 1);
		assert_int_equal(rig_count(r, "\"dear\":7"), i ? 1 : 0);
		if (i == 0) { /* rules are read again */
			toc_flows_want(r->flows, named);
			rig_packet(r, &p);
			assert_int_equal(rig_count(r, "\"dear\":7"), 1);
		}
		rig_free(r);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(all_places_are_reached),
		TEST(those_with_the_port_are_asked_first),
		TEST(only_those_of_the_carrier_are_asked),
		TEST(one_too_many_is_refused),
		TEST(what_nobody_wants_only_names_the_service),
		TEST(more_may_be_wanted_later),
		TEST(fields_on_demand),
		cmocka_unit_test(messages_reach_who_names_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
