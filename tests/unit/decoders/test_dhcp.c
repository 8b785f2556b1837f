/* dhcp: header, each kind of option, options in parts and in borrowed places, what is broken. */
#include "test.h"

#include "harness.h"

extern const struct toc_decoder toc_decoder_dhcp;

enum { OPTIONS = 240, SNAME = 44, FILENAME = 108 };

struct wire {
	size_t n;
	uint8_t b[2048];
};

static struct wire header(unsigned op)
{
	static const uint8_t cookie[4] = { 0x63, 0x82, 0x53, 0x63 }, mac[6] = { 2, 0, 0, 0, 0, 7 };
	struct wire w = { OPTIONS, { (uint8_t)op, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef } };
	memcpy(w.b + 28, mac, 6);
	memcpy(w.b + 236, cookie, 4);
	return w;
}

static void option(struct wire *w, unsigned code, const void *p, size_t n)
{
	w->b[w->n++] = (uint8_t)code;
	w->b[w->n++] = (uint8_t)n;
	memcpy(w->b + w->n, p, n);
	w->n += n;
}

#define TEXT(w, code, text) option(w, code, text, sizeof(text) - 1)

static struct wire message(unsigned op, unsigned type)
{
	struct wire w = header(op);
	option(&w, 53, &(uint8_t){ (uint8_t)type }, 1);
	return w;
}

static struct trial *tell(const uint8_t *bytes, size_t n)
{
	struct trial *t = trial_new(&toc_decoder_dhcp, TOC_OVER_UDP, 67);
	trial_feed(t, &(struct trial_step){ TOC_ORIG, bytes, n });
	return t;
}

#define assert_field(t, field, text)                                                                                   \
	do {                                                                                                           \
		const char *got_ = trial_value(t, 0, field);                                                           \
		assert_non_null(got_);                                                                                 \
		assert_string_equal(got_, text);                                                                       \
	} while (0)

static void request_says_who_asks(void **state)
{
	(void)state;
	struct wire w = message(1, 3);
	TEXT(&w, 50, "\x0a\x01\x02\x03");
	w.b[w.n++] = 0; /* padding between options */
	TEXT(&w, 12, "nas1\0");
	TEXT(&w, 81, "\0\0\0nas1.school.example");
	TEXT(&w, 60, "MSFT 5.0");
	TEXT(&w, 55, "\1\3\6\x0f");
	TEXT(&w, 56, "no");
	w.b[w.n++] = 255;
	TEXT(&w, 15, "after.the.end");
	struct trial *t = tell(w.b, w.n);
	assert_int_equal(trial_events(t), 1);
	assert_string_equal(trial_kind(t, 0), "dhcp_message");
	assert_field(t, "xid", "3735928559");
	assert_field(t, "op", "1");
	assert_field(t, "msg_type", "\"REQUEST\"");
	assert_field(t, "mac", "\"02:00:00:00:00:07\"");
	assert_field(t, "src_addr", "\"10.0.0.1\"");
	assert_field(t, "requested_addr", "\"10.1.2.3\"");
	assert_field(t, "host_name", "\"nas1\"");
	assert_field(t, "client_fqdn", "\"nas1.school.example\"");
	assert_field(t, "client_software", "\"MSFT 5.0\"");
	assert_field(t, "param_list", "[1,3,6,15]");
	assert_field(t, "fingerprint", "\"1,3,6,15\"");
	assert_field(t, "client_message", "\"no\"");
	assert_null(trial_value(t, 0, "server_addr"));
	assert_null(trial_value(t, 0, "server_software"));
	assert_null(trial_value(t, 0, "yiaddr"));
	assert_null(trial_value(t, 0, "domain"));
	assert_non_null(strstr(trial_text(t), "{\"confirm\":\"dhcp\"}"));
	trial_free(t);
}

static void answer_says_what_is_given(void **state)
{
	(void)state;
	struct wire w = message(2, 5);
	memcpy(w.b + 16, "\x0a\x01\x02\x03\x0a\x01\x02\x04\x0a\x01\x02\x05", 12);
	strcpy((char *)w.b + SNAME, "boot.example");
	strcpy((char *)w.b + FILENAME, "pxelinux.0");
	TEXT(&w, 54, "\x0a\x01\x00\x01");
	TEXT(&w, 51, "\0\0\x0e\x10");
	TEXT(&w, 15, "school.example");
	TEXT(&w, 1, "\xff\xff\0\0");
	TEXT(&w, 3, "\x0a\x01\0\xfe");
	TEXT(&w, 6, "\x0a\x01\0\x35\x0a\x01\0\x36\x01"); /* a byte too many */
	TEXT(&w, 56, "why");
	TEXT(&w, 60, "dnsmasq");
	TEXT(&w, 252, "http://wpad/wpad.dat\n");
	TEXT(&w, 82, "\1\4Gi0/\2\2sw\6\1x\1\1y");
	struct trial *t = tell(w.b, w.n);
	assert_field(t, "msg_type", "\"ACK\"");
	assert_field(t, "yiaddr", "\"10.1.2.3\"");
	assert_field(t, "siaddr", "\"10.1.2.4\"");
	assert_field(t, "giaddr", "\"10.1.2.5\"");
	assert_field(t, "server_addr", "\"10.1.0.1\"");
	assert_field(t, "lease_time", "3600");
	assert_field(t, "domain", "\"school.example\"");
	assert_field(t, "subnet_mask", "\"255.255.0.0\"");
	assert_field(t, "routers", "[\"10.1.0.254\"]");
	assert_field(t, "dns_servers", "[\"10.1.0.53\",\"10.1.0.54\"]");
	assert_field(t, "server_message", "\"why\"");
	assert_field(t, "server_software", "\"dnsmasq\"");
	assert_field(t, "boot_server", "\"boot.example\"");
	assert_field(t, "boot_file", "\"pxelinux.0\"");
	assert_field(t, "proxy_url", "\"http://wpad/wpad.dat\\n\"");
	assert_field(t, "circuit_id", "\"Gi0/\"");
	assert_field(t, "agent_remote_id", "\"sw\"");
	assert_field(t, "subscriber_id", "\"x\"");
	assert_null(trial_value(t, 0, "client_message"));
	trial_free(t);
}

static void server_without_name_is_who_sent(void **state)
{
	(void)state;
	struct wire w = message(2, 2);
	struct trial *t = tell(w.b, w.n);
	assert_field(t, "server_addr", "\"10.0.0.1\"");
	trial_free(t);
}

static void client_id_names_the_hardware(void **state)
{
	(void)state;
	struct wire w = message(1, 1);
	TEXT(&w, 61, "\1\2\1\1\1\1\1");
	struct trial *t = tell(w.b, w.n);
	assert_field(t, "mac", "\"02:01:01:01:01:01\"");
	trial_free(t);
	w.b[0] = 2; /* a server only repeats it */
	t = tell(w.b, w.n);
	assert_field(t, "mac", "\"02:00:00:00:00:07\"");
	trial_free(t);
}

static void encoded_names_are_decoded(void **state)
{
	(void)state;
	struct wire w = message(1, 3);
	TEXT(&w, 81, "\4\0\0\2pc\6school\0");
	struct trial *t = tell(w.b, w.n);
	assert_field(t, "client_fqdn", "\"pc.school\"");
	trial_free(t);
	w = message(1, 3);
	TEXT(&w, 81, "\4\0\0\2pc\x3fshort");
	t = tell(w.b, w.n);
	assert_field(t, "client_fqdn", "\"pc\"");
	trial_free(t);
}

static void parts_and_borrowed_places_count(void **state)
{
	(void)state;
	struct wire w = message(1, 3);
	memcpy(w.b + FILENAME, "\x0c\3def\xff", 6);
	memcpy(w.b + SNAME, "\x0c\3ghi\x34\1\0", 8);
	option(&w, 12, "abc", 3);
	option(&w, 52, "\3", 1);
	w.b[w.n++] = 255;
	struct trial *t = tell(w.b, w.n);
	assert_field(t, "host_name", "\"abcdefghi\"");
	assert_null(trial_value(t, 0, "boot_file"));
	assert_null(trial_value(t, 0, "boot_server"));
	trial_free(t);
}

static void parts_are_bounded(void **state)
{
	(void)state;
	struct wire w = message(1, 3);
	for (unsigned i = 0; i < 400; i++)
		option(&w, 12, "ab", 2);
	struct trial *t = tell(w.b, w.n);
	assert_int_equal(trial_events(t), 1);
	assert_in_range(strlen(trial_value(t, 0, "host_name")), 60, 1026);
	trial_free(t);
}

static void types_have_names(void **state)
{
	static const struct {
		unsigned type;
		const char *name;
	} cases[] = { { 1, "\"DISCOVER\"" },
		      { 4, "\"DECLINE\"" },
		      { 6, "\"NAK\"" },
		      { 7, "\"RELEASE\"" },
		      { 8, "\"INFORM\"" },
		      { 13, "\"LEASEACTIVE\"" },
		      { 18, "\"TLS\"" },
		      { 0, "\"unknown-message-type-0\"" },
		      { 19, "\"unknown-message-type-19\"" },
		      { 205, "\"unknown-message-type-205\"" } };
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wire w = message(1, cases[i].type);
		struct trial *t = tell(w.b, w.n);
		assert_field(t, "msg_type", cases[i].name);
		trial_free(t);
	}
	struct wire w = header(1);
	struct trial *t = tell(w.b, w.n);
	assert_int_equal(trial_events(t), 1);
	assert_null(trial_value(t, 0, "msg_type"));
	trial_free(t);
}

static void broken_messages_do_not_end_the_flow(void **state)
{
	(void)state;
	struct wire w = message(1, 3), bad = w;
	TEXT(&w, 12, "host");
	struct trial *t = trial_new(&toc_decoder_dhcp, TOC_OVER_UDP, 67);
	bad.b[236] = 0;
	trial_feed(t, &(struct trial_step){ TOC_ORIG, bad.b, bad.n });
	bad = w;
	bad.b[0] = 3;
	trial_feed(t, &(struct trial_step){ TOC_ORIG, bad.b, bad.n });
	for (size_t n = 0; n < OPTIONS; n++)
		trial_feed(t, &(struct trial_step){ TOC_ORIG, w.b, n });
	assert_int_equal(trial_events(t), 0);
	assert_non_null(strstr(trial_text(t), "dhcp_malformed_header"));
	assert_null(strstr(trial_text(t), "confirm"));
	trial_feed(t, &(struct trial_step){ TOC_ORIG, w.b, w.n - 1 });
	assert_int_equal(trial_events(t), 1);
	assert_non_null(strstr(trial_text(t), "dhcp_truncated_option"));
	assert_field(t, "msg_type", "\"REQUEST\"");
	assert_null(trial_value(t, 0, "host_name"));
	trial_feed(t, &(struct trial_step){ TOC_ORIG, w.b, w.n });
	assert_int_equal(trial_events(t), 2);
	trial_free(t);
}

static void probe_knows_its_own(void **state)
{
	(void)state;
	struct wire w = message(1, 3);
	assert_int_equal(toc_decoder_dhcp.probe(toc_span_of(w.b, w.n), TOC_ORIG, false), TOC_YES);
	assert_int_equal(toc_decoder_dhcp.probe(toc_span_of(w.b, 100), TOC_ORIG, false), TOC_NO);
	w.b[237] = 0;
	assert_int_equal(toc_decoder_dhcp.probe(toc_span_of(w.b, w.n), TOC_ORIG, false), TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_says_who_asks),
		cmocka_unit_test(answer_says_what_is_given),
		cmocka_unit_test(server_without_name_is_who_sent),
		cmocka_unit_test(client_id_names_the_hardware),
		cmocka_unit_test(encoded_names_are_decoded),
		cmocka_unit_test(parts_and_borrowed_places_count),
		cmocka_unit_test(parts_are_bounded),
		cmocka_unit_test(types_have_names),
		cmocka_unit_test(broken_messages_do_not_end_the_flow),
		cmocka_unit_test(probe_knows_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
