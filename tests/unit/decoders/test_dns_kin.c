/* dns: its kin and additions: NetBIOS names, LLMNR and mDNS, updates (RFC 2136), EDNS (RFC 6891), other opcodes. */
#include "dns_wire.h"

static void netbios_names_are_decoded(void **state)
{
	(void)state;
	static const struct {
		const char *wire, *text;
		unsigned type;
		const char *type_name;
	} cases[] = {
		{ "FHEPFCELEHFCEPFFFACACACACACACABL", "\"WORKGROUP\"", 32, "\"NIMLOC\"" },
		{ "CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "\"*\"", 33, "\"NBSTAT\"" },
		{ "ABACFPFPENFDECFCEPFHFDEFFPFPACAB", "\"\\u0001\\u0002__MSBROWSE__\\u0002\"", 32, "\"NIMLOC\"" },
		{ "fhepzcelehfcepfffacacacacacacabl", "\"fhepzcelehfcepfffacacacacacacabl\"", 32, "\"NIMLOC\"" },
		{ "short", "\"short\"", 32, "\"NIMLOC\"" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 137);
		struct wire q = question(1, 0x0110, cases[i].wire, cases[i].type);
		feed(t, TOC_ORIG, &q);
		trial_end(t, TOC_END_TIMEOUT);
		assert_field(t, 0, "query", cases[i].text);
		assert_field(t, 0, "qtype_name", cases[i].type_name);
		assert_field(t, 0, "opcode_name", "\"netbios-query\"");
		trial_free(t);
	}
}

static void netbios_answers_show_the_address(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 137);
	struct wire r = header(1, 0x8580, 0, 1, 0);
	put_name(&r, "FHFAEBEECACACACACACACACACACACAAA");
	put16(&r, 32);
	put16(&r, 1);
	put32(&r, 165);
	put16(&r, 6);
	put_bytes(&r, "\0\0\x0a\0\0\x42", 6);
	feed(t, TOC_RESP, &r);
	trial_end(t, TOC_END_TIMEOUT);
	assert_field(t, 0, "query", "\"WPAD\"");
	assert_field(t, 0, "answers", "[\"10.0.0.66\"]");
	trial_free(t);
}

static void messages_to_a_group_do_not_wait(void **state)
{
	(void)state;
	static const uint8_t group[4] = { 224, 0, 0, 251 };
	struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 5353);
	struct wire q = question(0, 0, "printer.local", 255), r = header(0, 0x8400, 0, 1, 0);
	trial_flow(t)->resp = toc_addr_v4(group);
	put_name(&r, "printer.local");
	put16(&r, 1);
	put16(&r, 0x8001);
	put32(&r, 120);
	put16(&r, 4);
	put_bytes(&r, "\x0a\0\0\5", 4);
	feed(t, TOC_ORIG, &q);
	feed(t, TOC_ORIG, &r);
	assert_int_equal(trial_events(t), 2);
	assert_field(t, 0, "qtype_name", "\"*\"");
	assert_field(t, 1, "query", "\"printer.local\"");
	assert_field(t, 1, "answers", "[\"10.0.0.5\"]");
	assert_null(trial_value(t, 1, "qtype"));
	trial_free(t);
}

static void llmnr_replies_do_not_wait(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 5355);
	struct wire r = question(9, 0x8000, "wpad", 1);
	r.b[7] = 1;
	record(&r, 1, 1, 30, "\x0a\0\0\x42", 4);
	feed(t, TOC_RESP, &r);
	assert_int_equal(trial_events(t), 1);
	assert_field(t, 0, "answers", "[\"10.0.0.66\"]");
	trial_free(t);
}

/* RFC 2136: zone in the question, prerequisites as answers, updates as authorities */
static struct wire update(unsigned flags)
{
	struct wire w = header(3, 0x2800 | flags, 1, 2, 4);
	put_name(&w, "ad.example");
	put16(&w, 6);
	put16(&w, 1);
	record(&w, 255, 254, 0, "", 0);
	record(&w, 1, 255, 0, "", 0);
	record(&w, 255, 255, 0, "", 0);
	record(&w, 28, 255, 0, "", 0);
	record(&w, 1, 254, 0, "\1\2\3\4", 4);
	record(&w, 1, 1, 1200, "\x0a\0\0\7", 4);
	return w;
}

static void updates_show_what_changes(void **state)
{
	(void)state;
	static const char all[] = "[\"pre: NameNotInUse ad.example\",\"pre: RRSetExists A ad.example\","
				  "\"del: RRSet * ad.example\",\"del: RRSet AAAA\",\"del: RR A ad.example\","
				  "\"add: A ad.example 10.0.0.7\"]";
	struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
	struct wire q = update(0), r = update(0x8005);
	feed(t, TOC_ORIG, &q);
	feed(t, TOC_RESP, &r);
	assert_int_equal(trial_events(t), 1);
	assert_field(t, 0, "opcode_name", "\"dynamic-update\"");
	assert_field(t, 0, "query", "\"ad.example\"");
	assert_field(t, 0, "rcode_name", "\"REFUSED\"");
	assert_field(t, 0, "updates", all);
	assert_field(t, 0, "answers", all);
	trial_free(t);
}

static void other_operations_make_no_event(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
	struct wire q = question(1, 0x1000, "a", 1); /* status */
	feed(t, TOC_ORIG, &q);
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 0);
	trial_free(t);
}

static void edns_is_told_once_for_both_sides(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
	struct wire q = question(9, 0x0100, "a.example", 1), r = question(9, 0x8181, "a.example", 1);
	opt(&q, 1232, 0x8000, "\0\x0a\0\2ab\0\x08\0\x07\0\1\x18\0\x0a\1\2", 17); /* cookie, 10.1.2.0/24 */
	r.b[9] = 1;								 /* an authority in front */
	record(&r, 2, 1, 60, "\2ns\0", 4);
	opt(&r, 512, 0x01000000, "\0\x0f\0\3\0\x10x", 7); /* extended code 1, error 16: censored */
	feed(t, TOC_ORIG, &q);
	feed(t, TOC_RESP, &r);
	assert_int_equal(trial_events(t), 1);
	assert_field(t, 0, "edns_udp_size", "1232");
	assert_field(t, 0, "edns_do", "true");
	assert_field(t, 0, "edns_options", "[10,8]");
	assert_field(t, 0, "edns_client_subnet", "\"10.1.2.0/24\"");
	assert_field(t, 0, "edns_error", "16");
	assert_field(t, 0, "edns_rcode", "17");
	trial_free(t);
}

static void broken_edns_is_passed_over(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
	struct wire q = question(9, 0x0100, "a.example", 1);
	opt(&q, 4096, 0, "\0\x08\0\x40\0\1", 6); /* an option that is longer than the record */
	feed(t, TOC_ORIG, &q);
	q = question(10, 0x0100, "a.example", 1);
	opt(&q, 4096, 0, "\0\x08\0\x06\0\1\x40\0\x0a\1", 10); /* 64 bits of IPv4 */
	feed(t, TOC_ORIG, &q);
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 2);
	assert_field(t, 0, "edns_udp_size", "4096");
	assert_null(trial_value(t, 0, "edns_client_subnet"));
	assert_null(trial_value(t, 1, "edns_client_subnet"));
	trial_free(t);
}

/* 9 is unassigned and reads as any (RFC 6895, section 2.2); to NetBIOS it is a refresh, which nobody asks for. */
static void unassigned_opcodes_are_read(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
	struct wire q = question(7, 0x4900, "host.example", 1), r = question(7, 0xc980, "host.example", 1);
	feed(t, TOC_ORIG, &q);
	feed(t, TOC_RESP, &r);
	assert_int_equal(trial_events(t), 1);
	assert_field(t, 0, "opcode", "9");
	assert_field(t, 0, "opcode_name", "\"opcode-9\"");
	assert_field(t, 0, "query", "\"host.example\"");
	trial_free(t);
	t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 137);
	q = question(7, 0x4900, "FHEPFCELEHFCEPFFFACACACACACACABL", 32);
	feed(t, TOC_ORIG, &q);
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 0);
	trial_free(t);
}

/* Authorities and additional records are told as answers are, each once; OPT is none; the name keeps its case. */
static void the_other_sections_are_told(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
	struct wire q = question(9, 0x0100, "ALpha.example", 1), r = question(9, 0x8180, "alpha.example", 1);
	r.b[7] = 1;
	r.b[9] = 2;
	record(&r, 1, 1, 60, "\x0a\1\2\3", 4);
	record(&r, 2, 1, 60, "\2n1\xc0\x0c", 5);
	record(&r, 2, 1, 60, "\2n2\xc0\x0c", 5);
	record(&r, 1, 1, 60, "\x0a\0\0\1", 4);
	record(&r, 28, 1, 60, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	opt(&r, 512, 0, "", 0);
	r.b[11] = 3;
	feed(t, TOC_ORIG, &q);
	feed(t, TOC_RESP, &r);
	assert_int_equal(trial_events(t), 1);
	assert_field(t, 0, "answers", "[\"10.1.2.3\"]");
	assert_field(t, 0, "auth", "[\"n1.alpha.example\",\"n2.alpha.example\"]");
	assert_field(t, 0, "addl", "[\"10.0.0.1\",\"2001:db8::1\"]");
	assert_field(t, 0, "edns_udp_size", "512");
	assert_field(t, 0, "query", "\"alpha.example\"");
	assert_field(t, 0, "original_query", "\"ALpha.example\"");
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edns_is_told_once_for_both_sides), cmocka_unit_test(broken_edns_is_passed_over),
		cmocka_unit_test(netbios_names_are_decoded),	    cmocka_unit_test(netbios_answers_show_the_address),
		cmocka_unit_test(messages_to_a_group_do_not_wait),  cmocka_unit_test(llmnr_replies_do_not_wait),
		cmocka_unit_test(updates_show_what_changes),	    cmocka_unit_test(other_operations_make_no_event),
		cmocka_unit_test(unassigned_opcodes_are_read),	    cmocka_unit_test(the_other_sections_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
