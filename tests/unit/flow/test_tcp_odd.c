/* flow: what no sound TCP sends is told, and changes neither what is read nor when the flow ends. */
#include "test.h"

#include "rig.h"

/* What the decoder read, both directions behind one another as they came; given to the test by weird's free pointer. */
static char heard[512];

static enum toc_probe mine(struct toc_span first, enum toc_dir dir, bool hint)
{
	(void)first, (void)dir, (void)hint;
	return TOC_YES;
}

static enum toc_parse hear(void *state, struct toc_cursor *in, enum toc_dir dir, struct toc_sink *sink)
{
	struct toc_span s = toc_take(in, toc_left(in));
	size_t n = strlen(heard);
	(void)state, (void)dir, (void)sink;
	assert_true(n + s.n < sizeof(heard));
	memcpy(heard + n, s.p, s.n);
	heard[n + s.n] = 0;
	return TOC_MORE;
}

static enum toc_parse hole(void *state, enum toc_dir dir, uint64_t n, struct toc_sink *sink)
{
	(void)state, (void)dir, (void)n, (void)sink;
	strcat(heard, "_");
	return TOC_MORE;
}

static const uint16_t telnet_like[] = { 23, 0 };
static const struct toc_decoder ear = {
	.name = "ear", .carriers = TOC_OVER_TCP, .probe = mine, .parse = hear, .gap = hole
};
static const struct toc_decoder ear_inline = { .name = "inline",
					       .carriers = TOC_OVER_TCP,
					       .tcp_ports = telnet_like,
					       .urgent_inline = true,
					       .probe = mine,
					       .parse = hear,
					       .gap = hole };

enum { CLIENT_ISN = 1000, SERVER_ISN = 500000 };

struct talk {
	struct rig *rig;
	toc_time at;
	uint16_t port;
	uint16_t urgent; /* of the next segment */
	struct toc_span options;
};

static struct talk begin(const struct toc_decoder *d, uint16_t port)
{
	static const struct toc_decoder *list[2];
	static const struct toc_flow_config config = { .parse = true };
	list[0] = d;
	heard[0] = 0;
	return (struct talk){ .rig = rig_new(&config, list), .at = TOC_SEC, .port = port };
}

static void say(struct talk *t, bool server, uint32_t seq, uint32_t ack, uint8_t flags, const char *text)
{
	struct toc_packet p = { .at = t->at += TOC_MS,
				.l3 = TOC_L3_IP,
				.ip_proto = TOC_IPPROTO_TCP,
				.ip_len = 40,
				.ttl = server ? 128 : 64 };
	p.src = rig_addr(server ? "192.0.2.1" : "10.0.0.7");
	p.dst = rig_addr(server ? "10.0.0.7" : "192.0.2.1");
	p.sport = server ? t->port : 40000;
	p.dport = server ? 40000 : t->port;
	p.tcp.seq = (server ? SERVER_ISN : CLIENT_ISN) + seq;
	p.tcp.ack = flags & TOC_ACK ? (server ? CLIENT_ISN : SERVER_ISN) + ack : 0;
	p.tcp.flags = flags;
	p.tcp.window = 1000;
	p.tcp.urgent = t->urgent;
	p.tcp.options = t->options;
	p.payload = toc_span_str(text);
	p.payload_len = (uint32_t)p.payload.n;
	t->urgent = 0;
	rig_packet(t->rig, &p);
}

static void shake_hands(struct talk *t)
{
	say(t, false, 0, 0, TOC_SYN, "");
	say(t, true, 0, 1, TOC_SYN | TOC_ACK, "");
	say(t, false, 1, 1, TOC_ACK, "");
}

static unsigned told(const struct talk *t, const char *name)
{
	char text[64];
	snprintf(text, sizeof(text), "\"name\":\"%s\"", name);
	return rig_count(t->rig, text);
}

static void end(struct talk *t)
{
	rig_free(t->rig);
}

static void other_bytes_in_place_of_unacknowledged_ones_are_told(void **state)
{
	(void)state;
	struct talk t = begin(&ear, 80);
	shake_hands(&t);
	say(&t, false, 1, 1, TOC_ACK, "GET /good");
	say(&t, false, 1, 1, TOC_ACK, "GET /good"); /* a mere repetition */
	say(&t, false, 6, 1, TOC_ACK, "good");	    /* with other borders */
	assert_int_equal(told(&t, "rexmit_inconsistency"), 0);
	say(&t, false, 6, 1, TOC_ACK, "evil");
	say(&t, false, 1, 1, TOC_ACK, "GET /evil");
	assert_int_equal(told(&t, "rexmit_inconsistency"), 1);
	assert_string_equal(heard, "GET /good");
	end(&t);
}

static void other_bytes_that_reach_beyond_are_told_too(void **state)
{
	(void)state;
	struct talk t = begin(&ear, 80);
	shake_hands(&t);
	say(&t, false, 1, 1, TOC_ACK, "abcd");
	say(&t, false, 3, 1, TOC_ACK, "XXef");
	assert_int_equal(told(&t, "rexmit_inconsistency"), 1);
	assert_string_equal(heard, "abcdef");
	end(&t);
}

static void acknowledged_bytes_and_keep_alives_are_not_compared(void **state)
{
	(void)state;
	struct talk t = begin(&ear, 80);
	shake_hands(&t);
	say(&t, false, 1, 1, TOC_ACK, "abcd");
	say(&t, false, 4, 1, TOC_ACK, "?"); /* asks whether somebody is there */
	say(&t, true, 1, 5, TOC_ACK, "");
	say(&t, false, 1, 1, TOC_ACK, "xxxx"); /* nobody can take it any more */
	assert_int_equal(told(&t, "rexmit_inconsistency"), 0);
	end(&t);
}

static void bulk_is_not_kept(void **state)
{
	(void)state;
	char block[1001];
	memset(block, 'a', 1000);
	block[1000] = 0;
	static const struct toc_decoder deaf = { .name = "deaf", .carriers = TOC_OVER_TCP, .probe = mine, .gap = hole };
	struct toc_decoder d = deaf;
	d.parse = hear;
	struct talk t = begin(&d, 80);
	shake_hands(&t);
	for (uint32_t i = 0; i < 6; i++) {
		heard[0] = 0;
		block[300] = 0;
		say(&t, false, 1 + 300 * i, 1, TOC_ACK, block);
	}
	for (uint32_t i = 6; i < 20; i++) {
		heard[0] = 0;
		say(&t, false, 1 + 300 * i, 1, TOC_ACK, block);
	}
	block[0] = 'b';
	say(&t, false, 1 + 300 * 18, 1, TOC_ACK, block); /* behind the first 4 KiB of the client's turn */
	assert_int_equal(told(&t, "rexmit_inconsistency"), 0);
	heard[0] = 0;
	say(&t, true, 1, 1, TOC_ACK, "ok");
	say(&t, false, 1 + 300 * 20, 3, TOC_ACK, "next");
	say(&t, false, 1 + 300 * 20, 3, TOC_ACK, "NEXT");
	assert_int_equal(told(&t, "rexmit_inconsistency"), 1);
	end(&t);
}

static void the_urgent_byte_is_not_in_the_stream(void **state)
{
	(void)state;
	struct talk t = begin(&ear, 80);
	shake_hands(&t);
	t.urgent = 4;
	say(&t, false, 1, 1, TOC_ACK | TOC_URG, "GETX /");
	assert_string_equal(heard, "GET /");
	assert_int_equal(told(&t, "urgent_data"), 1);
	end(&t);
}

static void an_urgent_byte_waits_like_its_segment(void **state)
{
	(void)state;
	struct talk t = begin(&ear, 80);
	shake_hands(&t);
	t.urgent = 1;
	say(&t, false, 4, 1, TOC_ACK | TOC_URG, "Xdef");
	say(&t, false, 1, 1, TOC_ACK, "abc");
	assert_string_equal(heard, "abcdef");
	end(&t);
}

static void telnet_reads_it_in_its_place(void **state)
{
	(void)state;
	struct talk t = begin(&ear_inline, 23);
	shake_hands(&t);
	t.urgent = 4;
	say(&t, false, 1, 1, TOC_ACK | TOC_URG, "abcX");
	assert_string_equal(heard, "abcX");
	assert_int_equal(told(&t, "urgent_data"), 0);
	end(&t);
}

/* A reset that the receiver does not take, then silence for longer than a reset flow lives. */
static void a_reset_elsewhere_ends_nothing(void **state)
{
	(void)state;
	struct talk t = begin(&ear, 80);
	shake_hands(&t);
	say(&t, false, 1, 1, TOC_ACK, "one");
	say(&t, true, 1, 4, TOC_ACK, "");
	say(&t, false, 70000000, 0, TOC_RST, "");
	assert_int_equal(told(&t, "RST_out_of_window"), 1);
	t.at += 20 * TOC_SEC;
	say(&t, false, 4, 1, TOC_ACK, " two");
	assert_int_equal(toc_flows_count(t.rig->flows)->flows_new, 1);
	assert_string_equal(heard, "one two");
	assert_int_equal(told(&t, "data_after_reset"), 1);
	end(&t);
}

static void a_reset_at_its_place_ends_the_flow(void **state)
{
	(void)state;
	struct talk t = begin(&ear, 80);
	shake_hands(&t);
	say(&t, false, 1, 1, TOC_ACK, "one");
	say(&t, false, 4, 1, TOC_RST | TOC_ACK, "");
	toc_flows_advance(t.rig->flows, t.at + 6 * TOC_SEC);
	assert_int_equal(toc_flows_count(t.rig->flows)->flows_ended, 1);
	assert_int_equal(told(&t, "RST_out_of_window"), 0);
	assert_int_equal(rig_count(t.rig, "\"conn_state\":\"RSTO\""), 1);
	end(&t);
}

static void an_answer_to_another_syn_is_passed_over(void **state)
{
	(void)state;
	struct talk t = begin(&ear, 80);
	say(&t, false, 0, 0, TOC_SYN, "");
	say(&t, true, 123456789, 77, TOC_SYN | TOC_ACK, "");
	assert_int_equal(told(&t, "bad_SYN_ack"), 1);
	say(&t, true, 0, 1, TOC_SYN | TOC_ACK, "");
	say(&t, false, 1, 1, TOC_ACK, "ask");
	say(&t, true, 1, 4, TOC_ACK, " answer");
	assert_string_equal(heard, "ask answer");
	end(&t);
}

/* Two answers, both to the SYN: the client's acknowledgement tells which it took. */
static void the_client_tells_which_answer_it_took(void **state)
{
	(void)state;
	for (unsigned false_one_first = 0; false_one_first < 2; false_one_first++) {
		struct talk t = begin(&ear, 80);
		say(&t, false, 0, 0, TOC_SYN, "");
		say(&t, true, false_one_first ? 7654321 : 0, 1, TOC_SYN | TOC_ACK, "");
		say(&t, true, false_one_first ? 0 : 7654321, 1, TOC_SYN | TOC_ACK, "");
		say(&t, false, 1, 1, TOC_ACK, "ask");
		say(&t, true, 1, 4, TOC_ACK, " answer");
		assert_string_equal(heard, "ask answer");
		assert_int_equal(told(&t, "SYN_seq_jump"), 1);
		end(&t);
	}
}

/* Two SYNs, one of which the server never saw: its answer tells which. */
static void the_server_tells_which_syn_it_took(void **state)
{
	(void)state;
	for (unsigned false_one_first = 0; false_one_first < 2; false_one_first++) {
		struct talk t = begin(&ear, 80);
		say(&t, false, false_one_first ? 3000 : 0, 0, TOC_SYN, "");
		say(&t, false, false_one_first ? 0 : 3000, 0, TOC_SYN, "");
		say(&t, true, 0, 1, TOC_SYN | TOC_ACK, "");
		say(&t, false, 1, 1, TOC_ACK, "ask");
		say(&t, true, 1, 4, TOC_ACK, " answer");
		assert_string_equal(heard, "ask answer");
		assert_int_equal(told(&t, "SYN_seq_jump"), 1);
		assert_int_equal(told(&t, "bad_SYN_ack"), 0);
		end(&t);
	}
}

/* Of connections of which only one side passes by. */
static void answers_with_other_numbers_are_other_connections(void **state)
{
	(void)state;
	struct talk t = begin(&ear, 80);
	say(&t, true, 0, 1, TOC_SYN | TOC_ACK, "");
	say(&t, true, 0, 1, TOC_SYN | TOC_ACK, ""); /* the same again */
	assert_int_equal(toc_flows_count(t.rig->flows)->flows_new, 1);
	say(&t, true, 70000, 5, TOC_SYN | TOC_ACK, "");
	assert_int_equal(toc_flows_count(t.rig->flows)->flows_new, 2);
	end(&t);
}

static void a_syn_inside_a_connection_changes_nothing(void **state)
{
	(void)state;
	struct talk t = begin(&ear, 80);
	shake_hands(&t);
	say(&t, false, 1, 1, TOC_ACK, "one");
	say(&t, false, 5000, 0, TOC_SYN, "");
	say(&t, false, 4, 1, TOC_ACK, " two");
	assert_int_equal(told(&t, "SYN_inside_connection"), 1);
	assert_string_equal(heard, "one two");
	end(&t);
}

/* The end of the first was not seen: the server's answer tells that there is a second one. */
static void an_answered_syn_inside_a_connection_is_a_new_one(void **state)
{
	(void)state;
	struct talk t = begin(&ear, 80);
	shake_hands(&t);
	say(&t, false, 1, 1, TOC_ACK, "one");
	say(&t, false, 0x80000000, 0, TOC_SYN, "");
	say(&t, true, 0x70000000, 0x80000001, TOC_SYN | TOC_ACK, "");
	say(&t, false, 0x80000001, 0x70000001, TOC_ACK, " two");
	say(&t, true, 0x70000001, 0x80000005, TOC_ACK, " three");
	assert_int_equal(toc_flows_count(t.rig->flows)->flows_new, 2);
	assert_string_equal(heard, "one two three");
	end(&t);
}

static void data_that_no_window_takes_is_no_hole(void **state)
{
	(void)state;
	struct talk t = begin(&ear, 80);
	shake_hands(&t);
	say(&t, false, 1, 1, TOC_ACK, "one");
	say(&t, true, 1, 4, TOC_ACK, "");
	say(&t, false, 900000000, 1, TOC_ACK, "far away");
	assert_int_equal(told(&t, "data_out_of_window"), 1);
	say(&t, false, 4, 1, TOC_ACK, " two");
	toc_flows_finish(t.rig->flows, t.at);
	assert_string_equal(heard, "one two");
	assert_int_equal(rig_count(t.rig, "\"orig_bytes\":7,"), 1);
	end(&t);
}

/* The server's bytes were acknowledged, and none of them came past. */
static void a_side_that_was_never_seen_is_missed(void **state)
{
	(void)state;
	struct talk t = begin(&ear, 80);
	shake_hands(&t);
	say(&t, false, 1, 1, TOC_ACK, "ask");
	say(&t, true, 101, 4, TOC_ACK | TOC_FIN, "");
	say(&t, false, 4, 102, TOC_ACK | TOC_FIN, "");
	toc_flows_finish(t.rig->flows, t.at);
	assert_int_equal(rig_count(t.rig, "\"missed_bytes\":100,"), 1);
	assert_string_equal(heard, "ask_");
	end(&t);
}

static void odd_flags_are_told(void **state)
{
	(void)state;
	struct talk t = begin(&ear, 80);
	say(&t, false, 0, 0, TOC_SYN | TOC_FIN | TOC_URG, "x");
	assert_int_equal(told(&t, "TCP_christmas"), 1);
	assert_int_equal(told(&t, "baroque_SYN"), 1);
	assert_int_equal(told(&t, "SYN_with_data"), 1);
	end(&t);
}

static void fast_open_may_carry_data(void **state)
{
	static const uint8_t cookie[] = { 34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1 };
	static const uint8_t experimental[] = { 254, 8, 0xf9, 0x89, 1, 2, 3, 4 };
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct talk t = begin(&ear, 80);
		t.options = i ? toc_span_of(experimental, sizeof(experimental)) : toc_span_of(cookie, sizeof(cookie));
		say(&t, false, 0, 0, TOC_SYN, "early");
		assert_int_equal(told(&t, "SYN_with_data"), 0);
		assert_string_equal(heard, "early");
		end(&t);
	}
}

static void conn_has_both_sides_syn(void **state)
{
	static const uint8_t windows[] = { 2, 4, 5, 0xb4, 1, 3, 3, 8, 1, 1, 4, 2 };
	static const uint8_t cut[] = { 2, 4, 5, 0xb4, 3, 3 };
	(void)state;
	struct talk t = begin(&ear, 80);
	t.options = toc_span_of(windows, sizeof(windows));
	say(&t, false, 0, 0, TOC_SYN, "");
	t.options = toc_span_of(cut, sizeof(cut));
	say(&t, true, 0, 1, TOC_SYN | TOC_ACK, "");
	toc_flows_finish(t.rig->flows, t.at);
	assert_int_equal(rig_count(t.rig, "\"orig_syn\":\"1000:mss1460,nop,ws8,nop,nop,sok\""), 1);
	assert_int_equal(rig_count(t.rig, "\"resp_syn\":\"1000:mss1460,ws0\""), 1);
	end(&t);
}

static void a_scale_that_cannot_be_is_told(void **state)
{
	static const uint8_t large[] = { 3, 3, 15, 0 };
	(void)state;
	struct talk t = begin(&ear, 80);
	t.options = toc_span_of(large, sizeof(large));
	say(&t, false, 0, 0, TOC_SYN, "");
	assert_int_equal(told(&t, "TCP_scale_range"), 1);
	end(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_bytes_in_place_of_unacknowledged_ones_are_told),
		cmocka_unit_test(other_bytes_that_reach_beyond_are_told_too),
		cmocka_unit_test(acknowledged_bytes_and_keep_alives_are_not_compared),
		cmocka_unit_test(bulk_is_not_kept),
		cmocka_unit_test(the_urgent_byte_is_not_in_the_stream),
		cmocka_unit_test(an_urgent_byte_waits_like_its_segment),
		cmocka_unit_test(telnet_reads_it_in_its_place),
		cmocka_unit_test(a_reset_elsewhere_ends_nothing),
		cmocka_unit_test(a_reset_at_its_place_ends_the_flow),
		cmocka_unit_test(an_answer_to_another_syn_is_passed_over),
		cmocka_unit_test(the_client_tells_which_answer_it_took),
		cmocka_unit_test(the_server_tells_which_syn_it_took),
		cmocka_unit_test(answers_with_other_numbers_are_other_connections),
		cmocka_unit_test(a_syn_inside_a_connection_changes_nothing),
		cmocka_unit_test(an_answered_syn_inside_a_connection_is_a_new_one),
		cmocka_unit_test(data_that_no_window_takes_is_no_hole),
		cmocka_unit_test(a_side_that_was_never_seen_is_missed),
		cmocka_unit_test(odd_flags_are_told),
		cmocka_unit_test(fast_open_may_carry_data),
		cmocka_unit_test(conn_has_both_sides_syn),
		cmocka_unit_test(a_scale_that_cannot_be_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
