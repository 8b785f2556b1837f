/* dns: pairing, every kind of record, names with pointers, framing, what is broken on purpose. */
#include "dns_wire.h"

static void query_and_reply_are_one_event(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
	struct wire q = question(0x1234, 0x0110, "WWW.Example.org", 1),
		    r = question(0x1234, 0x8580, "www.example.org", 1);
	r.b[7] = 2;
	record(&r, 5, 1, 60, "\3web\xc0\x10", 6);
	record(&r, 1, 1, 300, "\x0a\1\2\3", 4);
	feed(t, TOC_ORIG, &q);
	assert_int_equal(trial_events(t), 0);
	feed(t, TOC_RESP, &r);
	assert_int_equal(trial_events(t), 1);
	assert_field(t, 0, "proto", "\"udp\"");
	assert_field(t, 0, "trans_id", "4660");
	assert_field(t, 0, "query", "\"www.example.org\"");
	assert_field(t, 0, "qtype_name", "\"A\"");
	assert_field(t, 0, "qclass_name", "\"C_INTERNET\"");
	assert_field(t, 0, "rcode_name", "\"NOERROR\"");
	assert_field(t, 0, "AA", "true");
	assert_field(t, 0, "RA", "true");
	assert_field(t, 0, "RD", "true");
	assert_field(t, 0, "Z", "1");
	assert_field(t, 0, "answers", "[\"web.example.org\",\"10.1.2.3\"]");
	assert_field(t, 0, "TTLs", "[60,300]");
	assert_field(t, 0, "rejected", "false");
	assert_field(t, 0, "opcode_name", "\"query\"");
	assert_non_null(strstr(trial_text(t), "{\"confirm\":\"dns\"}"));
	trial_free(t);
}

static void each_alone_is_an_event_at_the_end(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
	struct wire q = question(1, 0x0100, "a.example", 28), r = question(2, 0x8182, "b.example", 65);
	feed(t, TOC_ORIG, &q);
	feed(t, TOC_RESP, &r);
	assert_int_equal(trial_events(t), 0);
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 2);
	assert_field(t, 0, "query", "\"a.example\"");
	assert_null(trial_value(t, 0, "rcode"));
	assert_field(t, 1, "query", "\"b.example\"");
	assert_field(t, 1, "rcode_name", "\"SERVFAIL\"");
	assert_field(t, 1, "rejected", "true");
	assert_field(t, 1, "qtype_name", "\"HTTPS\"");
	trial_free(t);
}

static void swapped_and_repeated_messages_pair(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
	struct wire q = question(7, 0x0100, "a.example", 1), r = question(7, 0x8183, "a.example", 1);
	feed(t, TOC_RESP, &r);
	feed(t, TOC_ORIG, &q);
	assert_int_equal(trial_events(t), 1);
	assert_field(t, 0, "RD", "true");
	assert_field(t, 0, "rcode_name", "\"NXDOMAIN\"");
	assert_null(trial_value(t, 0, "rtt"));
	feed(t, TOC_ORIG, &q);
	feed(t, TOC_ORIG, &q);
	feed(t, TOC_RESP, &r);
	feed(t, TOC_RESP, &r);
	assert_int_equal(trial_events(t), 3);
	trial_free(t);
}

static void records_are_printed_as_zeek_prints_them(void **state)
{
	(void)state;
	static const struct {
		unsigned type;
		const char *data;
		size_t n;
		const char *text;
	} cases[] = {
		{ 28, "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16, "[\"2001:db8::1\"]" },
		{ 2, "\2NS\xc0\x0c", 5, "[\"ns.example.org\"]" },
		{ 6, "\1m\xc0\x0c\1r\xc0\x0c\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5", 28, "[\"m.example.org\"]" },
		{ 10, "abc", 3, "[\"<unknown type=10>\"]" },
		{ 12, "\1p\xc0\x0c", 4, "[\"p.example.org\"]" },
		{ 15, "\0\5\2mx\xc0\x0c", 7, "[\"mx.example.org\"]" },
		{ 16, "\5hello\0\2yo", 10, "[\"TXT 5 hello TXT 0  TXT 2 yo\"]" },
		{ 29, "\0\x12\x16\x13xxxxxxxxxxxx", 16, "[\"LOC:  18 22 19\"]" },
		{ 33, "\0\1\0\2\0\x35\1s\xc0\x0c", 10, "[\"s.example.org\"]" },
		{ 35, "\0\1\0\2\1u\7SIP+D2U\1!\0", 17, "[\"NAPTR 1 2 u SIP+D2U !\"]" },
		{ 43, "\1\2\x0d\2abcd", 8, "[\"DS 13 2\"]" },
		{ 44, "\1\1\xab\x01", 4, "[\"SSHFP: ab01\"]" },
		{ 46, "\0\1\x0d\2\0\0\0\0\0\0\0\0\0\0\0\0\1\2\0sig", 22, "[\"RRSIG 1 <Root>\"]" },
		{ 47, "\4next\xc0\x0c\0\1\x40", 10, "[\"NSEC example.org next.example.org\"]" },
		{ 48, "\1\1\3\x0akey", 7, "[\"DNSKEY 10\"]" },
		{ 50, "\1\0\0\x0a\0\0", 6, "[\"NSEC3\"]" },
		{ 51, "\1\0\0\x0a\0", 5, "[\"NSEC3PARAM\"]" },
		{ 64, "\0\1\1T\xc0\x0c", 6, "[\"SVCB 1 T.example.org\"]" },
		{ 65, "\0\1\0\0\1\0\6\2h3\2h2\0\5\0\1x", 18, "[\"HTTPS 1 . alpn=h3,h2 ech\"]" },
		{ 99, "\2v1", 3, "[\"SPF 2 v1\"]" },
		{ 257, "\0\5issueca.example", 17, "[\"CAA 0 issue ca.example\"]" },
		{ 65534, "\1\2\3\4\5", 5, "[\"BIND9 signing signal\"]" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
		struct wire r = question(1, 0x8180, "example.org", cases[i].type);
		r.b[7] = 1;
		record(&r, cases[i].type, 1, 5, cases[i].data, cases[i].n);
		feed(t, TOC_RESP, &r);
		trial_end(t, TOC_END_TIMEOUT);
		assert_int_equal(trial_events(t), 1);
		assert_field(t, 0, "answers", cases[i].text);
		assert_null(strstr(trial_text(t), "weird"));
		trial_free(t);
	}
}

static void kinds_without_text_still_count(void **state)
{
	(void)state;
	static const unsigned silent[] = { 11, 13, 41, 249, 250 };
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
		struct wire r = question(1, 0x8580, "example.org", silent[i]);
		r.b[7] = 1;
		record(&r, silent[i], 1, 5, "\0", 1);
		feed(t, TOC_RESP, &r);
		trial_end(t, TOC_END_TIMEOUT);
		assert_null(trial_value(t, 0, "answers"));
		assert_null(trial_value(t, 0, "TTLs"));
		assert_field(t, 0, "AA", "true");
		trial_free(t);
	}
}

/* Rendered records whose data end too early: weird, no answer, and the next record is read. */
static void broken_data_do_not_stop_the_message(void **state)
{
	(void)state;
	static const unsigned types[] = { 1, 2, 15, 16, 28, 33, 35, 43, 46, 47, 48, 50, 64, 257, 65534 };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
		struct wire r = question(1, 0x8180, "example.org", 1);
		r.b[7] = 2;
		record(&r, types[i], 1, 5, "\7", 1);
		record(&r, 1, 1, 6, "\1\2\3\4", 4);
		feed(t, TOC_RESP, &r);
		trial_end(t, TOC_END_TIMEOUT);
		assert_field(t, 0, "answers", "[\"1.2.3.4\"]");
		assert_field(t, 0, "TTLs", "[6]");
		assert_non_null(strstr(trial_text(t), "DNS_RR_length_mismatch"));
		trial_free(t);
	}
}

static void pointers_lead_backward_only(void **state)
{
	(void)state;
	static const uint8_t names[][6] = {
		{ 0xc0, 12 },	      /* to itself */
		{ 0xc0, 14 },	      /* forward */
		{ 1, 'a', 0xc0, 12 }, /* round and round */
		{ 0xff, 0xff },	      /* far away */
		{ 0x80, 1, 'a', 0 },  /* reserved kind of label */
		{ 0x40, 1, 'a', 0 },  /* the same */
		{ 5, 'a', 'b' },      /* longer than the message */
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
		struct wire q = header(1, 0x0100, 1, 0, 0);
		put_bytes(&q, names[i], 6);
		feed(t, TOC_ORIG, &q);
		trial_end(t, TOC_END_TIMEOUT);
		assert_int_equal(trial_events(t), 1);
		assert_null(trial_value(t, 0, "query"));
		assert_non_null(strstr(trial_text(t), "weird"));
		assert_null(strstr(trial_text(t), "confirm"));
		trial_free(t);
	}
}

static void names_end_at_255_bytes(void **state)
{
	(void)state;
	for (unsigned last = 61; last <= 62; last++) { /* 3 * 64 + 62 + 1 = 255 */
		struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
		struct wire q = header(1, 0x0100, 1, 0, 0);
		for (unsigned i = 0; i < 4; i++) {
			unsigned n = i < 3 ? 63 : last;
			put8(&q, n);
			for (unsigned j = 0; j < n; j++)
				put8(&q, 'x');
		}
		put8(&q, 0);
		put16(&q, 1);
		put16(&q, 1);
		feed(t, TOC_ORIG, &q);
		trial_end(t, TOC_END_TIMEOUT);
		if (last == 61)
			assert_int_equal(strlen(trial_value(t, 0, "query")), 253 + 2);
		else
			assert_null(trial_value(t, 0, "query"));
		trial_free(t);
	}
}

/* A message full of pointers to pointers must not take quadratic time nor be believed. */
static void chains_of_pointers_are_cut(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
	struct wire q = header(1, 0x8180, 0, 200, 0);
	put8(&q, 0);
	for (unsigned i = 0; i < 1000; i++)
		put16(&q, 0xc000 | (unsigned)(q.n - (i ? 2 : 1)));
	feed(t, TOC_RESP, &q);
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 1);
	assert_null(trial_value(t, 0, "answers"));
	trial_free(t);
}

static void more_answers_than_shown_are_counted(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
	struct wire r = question(1, 0x8180, "x", 1);
	r.b[7] = 200;
	for (unsigned i = 0; i < 200; i++)
		record(&r, 1, 1, 1, "\1\2\3\4", 4);
	feed(t, TOC_RESP, &r);
	trial_end(t, TOC_END_TIMEOUT);
	const char *answers = trial_value(t, 0, "answers");
	assert_int_equal(strlen(answers), 128 * 10 + 1);
	trial_free(t);
}

static void garbage_datagrams_do_not_blind(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
	struct wire many = header(1, 0, 26, 0, 0), q = question(2, 0x0100, "after.example", 1);
	trial_feed(t, &(struct trial_step)TRIAL_TEXT(TOC_ORIG, "x"));
	feed(t, TOC_ORIG, &many);
	feed(t, TOC_ORIG, &q);
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 1);
	assert_field(t, 0, "query", "\"after.example\"");
	assert_non_null(strstr(trial_text(t), "DNS_truncated_len_lt_hdr_len"));
	assert_non_null(strstr(trial_text(t), "DNS_Conn_count_too_large"));
	trial_free(t);
}

static void frame(struct wire *stream, const struct wire *message)
{
	put16(stream, (unsigned)message->n);
	put_bytes(stream, message->b, message->n);
}

static void streams_may_be_cut_anywhere(void **state)
{
	(void)state;
	struct wire a = question(1, 0x0100, "a.example", 1), b = question(2, 0x0100, "b.example", 252);
	struct wire ra = question(1, 0x8180, "a.example", 1), rb = question(2, 0x8185, "b.example", 252);
	struct wire orig = { 0 }, resp = { 0 }, bad = { 0 };
	ra.b[7] = 1;
	record(&ra, 1, 1, 5, "\1\2\3\4", 4);
	frame(&orig, &a);
	frame(&orig, &b);
	frame(&resp, &ra);
	frame(&resp, &rb);
	put_bytes(&bad, "\0\5oops!oops!oops!oops!", 22);
	struct trial_step steps[] = { { TOC_ORIG, orig.b, orig.n },
				      { TOC_RESP, resp.b, resp.n },
				      { TOC_ORIG, bad.b, bad.n },
				      { TOC_ORIG, orig.b, orig.n } };
	assert_true(trial_same_however_cut(&toc_decoder_dns, 53, steps, 4, 20));
	char *text = trial_run(&toc_decoder_dns, TOC_OVER_TCP, 53, steps, 4);
	assert_non_null(strstr(text, "\"proto\":\"tcp\""));
	assert_non_null(strstr(text, "\"answers\":[\"1.2.3.4\"]"));
	assert_non_null(strstr(text, "\"qtype_name\":\"AXFR\""));
	assert_non_null(strstr(text, "{\"bad\":\"dns\"}"));
	free(text);
}

static enum toc_probe probe(const struct wire *w, bool hint)
{
	return toc_decoder_dns.probe(toc_span_of(w->b, w->n), TOC_ORIG, hint);
}

static void probe_knows_both_framings_and_other_ports(void **state)
{
	(void)state;
	struct wire q = question(1, 0x0100, "a.example", 1), framed = { 0 }, longer, odd = question(1, 0x0100, "a", 54);
	struct wire http = { 0 }, few = { 3, { 0, 1, 2 } };
	frame(&framed, &q);
	longer = q;
	put8(&longer, 0);
	put_bytes(&http, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27);
	assert_int_equal(probe(&q, true), TOC_YES);
	assert_int_equal(probe(&q, false), TOC_YES);
	assert_int_equal(probe(&framed, true), TOC_YES);
	assert_int_equal(probe(&framed, false), TOC_YES);
	assert_int_equal(probe(&longer, false), TOC_NO);
	assert_int_equal(probe(&odd, false), TOC_NO);
	assert_int_equal(probe(&odd, true), TOC_YES);
	assert_int_equal(probe(&http, true), TOC_NO);
	assert_int_equal(probe(&few, true), TOC_MAYBE);
	assert_int_equal(probe(&few, false), TOC_NO);
}

/* Every prefix of a rich message: no crash, at most one event, and with its header always one. */
static void truncated_messages(void **state)
{
	(void)state;
	struct wire r = question(1, 0x8580, "www.example.org", 1);
	r.b[7] = 2;
	record(&r, 5, 1, 60, "\3web\xc0\x10", 6);
	record(&r, 65, 1, 300, "\0\1\0\0\1\0\3\2h3", 10);
	for (size_t n = 0; n <= r.n; n++) {
		struct trial *t = trial_new(&toc_decoder_dns, TOC_OVER_UDP, 53);
		trial_feed(t, &(struct trial_step){ TOC_RESP, r.b, n });
		trial_end(t, TOC_END_TIMEOUT);
		assert_int_equal(trial_events(t), n < 12 ? 0 : 1);
		trial_free(t);
	}
}

static void after_a_hole_the_next_message_is_found(void **state)
{
	(void)state;
	struct wire a = { 0 }, b = { 0 };
	struct wire q1 = question(1, 0x0100, "first.example", 1), q2 = question(2, 0x0100, "second.example", 1);
	put16(&a, (unsigned)q1.n);
	put_bytes(&a, q1.b, q1.n);
	put_bytes(&a, "\0\x40half", 6);
	put_bytes(&b, "of a lost one\0\0\0\1", 17);
	put16(&b, (unsigned)q2.n);
	put_bytes(&b, q2.b, q2.n);
	for (int i = 0; i < 20; i++)
		put_bytes(&b, "rest and more than enough", 25);
	const struct trial_step steps[] = { { TOC_ORIG, a.b, a.n }, { TOC_ORIG, NULL, 100 }, { TOC_ORIG, b.b, b.n } };
	char *text = trial_run(&toc_decoder_dns, TOC_OVER_TCP, 53, steps, 3);
	assert_non_null(strstr(text, "first.example"));
	assert_non_null(strstr(text, "second.example"));
	free(text);
	assert_true(trial_same_however_cut(&toc_decoder_dns, 53, steps, 3, 20));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(after_a_hole_the_next_message_is_found),
		cmocka_unit_test(query_and_reply_are_one_event),
		cmocka_unit_test(each_alone_is_an_event_at_the_end),
		cmocka_unit_test(swapped_and_repeated_messages_pair),
		cmocka_unit_test(records_are_printed_as_zeek_prints_them),
		cmocka_unit_test(kinds_without_text_still_count),
		cmocka_unit_test(broken_data_do_not_stop_the_message),
		cmocka_unit_test(pointers_lead_backward_only),
		cmocka_unit_test(names_end_at_255_bytes),
		cmocka_unit_test(chains_of_pointers_are_cut),
		cmocka_unit_test(more_answers_than_shown_are_counted),
		cmocka_unit_test(garbage_datagrams_do_not_blind),
		cmocka_unit_test(streams_may_be_cut_anywhere),
		cmocka_unit_test(probe_knows_both_framings_and_other_ports),
		cmocka_unit_test(truncated_messages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
