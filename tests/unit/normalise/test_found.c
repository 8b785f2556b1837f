/* found: what a free text says for itself; and the secrets of logged commands. */
#include "test.h"

#include "normalise/parsers.h"
#include "normalise/payload.h"
#include "normalise/redact.h"

static struct payload p;

static void has(const char *name, const char *want)
{
	char text[256];
	struct toc_span v = payload_get(&p, toc_span_str(name));
	snprintf(text, sizeof(text), "%.*s", (int)v.n, (const char *)v.p);
	assert_string_equal(text, want);
}

static void addresses_and_words(void **state)
{
	(void)state;
	payload_found(&p, toc_span_str("Deny 10.0.0.1/443 -> [2001:db8::7], user 'erin b' on interface Gi1/0/3, MAC "
				       "0418.d6aa.0001 to 192.0.2.9(53): reason: no such host, really"));
	has("ip", "10.0.0.1");
	has("ip_port", "443");
	has("ip2", "2001:db8::7");
	has("ip3", "192.0.2.9");
	has("ip3_port", "53");
	has("user", "erin b");
	has("interface", "Gi1/0/3");
	has("mac", "0418.d6aa.0001");
	has("reason", "no such host");
}

static const char *account(const char *line)
{
	static char text[64];
	payload_found(&p, toc_span_str(line));
	struct toc_span v = payload_get(&p, toc_span_str("user"));
	snprintf(text, sizeof(text), "%.*s", (int)v.n, (const char *)v.p);
	return text;
}

static void accounts_that_no_word_announces(void **state)
{
	(void)state;
	assert_string_equal(account("Login failed for 'erin b' (192.0.2.7)"), "erin b");
	assert_string_equal(account("authentication failure for erin from 192.0.2.7"), "erin");
	assert_string_equal(account("erin@example.org logged out"), "erin@example.org");
	assert_string_equal(account("\"pc7$\" logged on"), "pc7$");
	/* a word that says user counts, wherever it stands before */
	assert_string_equal(account("user dan: password changed for erin"), "dan");
	/* no accounts */
	assert_string_equal(account("waiting for erin"), "");
	assert_string_equal(account("login for SSH from 192.0.2.7"), "");
	assert_string_equal(account("192.0.2.7 logged in"), "");
	assert_string_equal(account("someone has logged in"), "");
	assert_string_equal(account("logged in"), "");
	assert_string_equal(account("password for"), "");
}

static bool loose(const char *line)
{
	bool spoken;
	return payload_loose(&p, toc_span_str(line), &spoken);
}

static void pairs_however_they_are_parted(void **state)
{
	bool spoken;
	(void)state;
	assert_true(loose("x: severity=high, Source IP: 192.0.2.7, User=\"erin, b\"; Action: Blocked"));
	has("severity", "high");
	has("Source IP", "192.0.2.7");
	has("User", "erin, b");
	has("Action", "Blocked");
	assert_true(loose("type=auth|user=erin|result=x y"));
	has("user", "erin");
	has("result", "x y");
	assert_true(loose("a=1 b='2 3' c=4"));
	has("b", "2 3");
	assert_true(loose("zone=x;MAC:02:00:00:00:00:07;Status: up"));
	has("MAC", "02:00:00:00:00:07");
	assert_true(payload_loose(&p, toc_span_str("denied user: erin b host: pc7"), &spoken));
	assert_true(spoken);
	has("user", "erin b");
	/* a value cannot choose another field: quotes hold it together */
	assert_true(loose("user=\"x,admin=y\",host=pc7"));
	assert_int_equal(p.n, 2);
	has("user", "x,admin=y");
	/* no pairs: times, addresses, one pair, signs without names */
	assert_false(loose("at 10:15:03 fe80::1 spoke, 10:20 not"));
	assert_false(loose("user=erin"));
	assert_false(loose("= , = , : ,"));
	assert_false(loose(""));
	/* a quote that nobody closes is a byte */
	assert_true(loose("a=\"x,b=y,c=z"));
	has("b", "y");
}

static void nothing_where_there_is_nothing(void **state)
{
	(void)state;
	/* what AireOS leaves no space before */
	payload_found(&p, toc_span_str("M1 Key replayed from00:11:22:33:44:55 to mobile04:18:d6:aa:00:01"));
	has("mac", "00:11:22:33:44:55");
	has("mac2", "04:18:d6:aa:00:01");
	/* times, versions, long numbers and words that lead nowhere */
	payload_found(&p,
		      toc_span_str("at 08:00:04 version 1.2.3 on 2026-03-02 the user has logged 123456789012 port"));
	assert_int_equal(p.n, 0);
	payload_found(&p, toc_span_str(""));
	assert_int_equal(p.n, 0);
}

static void addresses_end_before_their_port(void **state)
{
	(void)state;
	assert_int_equal(parser_extent(TAKE_IP, toc_span_str("10.0.0.1:51001 x")), 8);
	assert_int_equal(parser_extent(TAKE_IP, toc_span_str("10.0.0.1.")), 8);
	assert_int_equal(parser_extent(TAKE_IP, toc_span_str("2001:db8::1/64")), 11);
	assert_int_equal(parser_extent(TAKE_IP, toc_span_str("2001:db8::7:50122] x")), 11);
	assert_int_equal(parser_extent(TAKE_IP, toc_span_str("1.2.3")), 0);
	uint8_t dotted[8];
	const struct toc_span labels = toc_span_str("(3)www(7)example(0) x");
	assert_int_equal(parser_extent(TAKE_LABELS, labels), 19);
	assert_int_equal(parser_extent(TAKE_LABELS, toc_span_str("(3)www(7)example")), 0);
	assert_int_equal(parser_extent(TAKE_LABELS, toc_span_str("(3)w w(0)")), 0);
	assert_int_equal(parser_extent(TAKE_LABELS, toc_span_str("(3www(0)")), 0);
	assert_int_equal(parser_extent(TAKE_LABELS, toc_span_str("(")), 0);
	assert_int_equal(parser_dotted(labels, dotted, sizeof(dotted)).n, 8); /* cut to its room */
	assert_memory_equal(dotted, "www.exam", 8);
}

static void command(const char *text, const char *want)
{
	uint8_t room[256];
	struct toc_span got = redact_command(toc_span_str(text), room, sizeof(room));
	char out[256];
	snprintf(out, sizeof(out), "%.*s", (int)got.n, (const char *)got.p);
	assert_string_equal(out, want);
}

static void secrets_of_commands(void **state)
{
	(void)state;
	command("User:a  logged command:snmp-server community hid RO",
		"User:a  logged command:snmp-server community [redacted] RO");
	command("logged command:username b privilege 15 secret 9 $9$hid",
		"logged command:username b privilege 15 secret 9 [redacted]");
	command("executed 'enable password hid'", "executed 'enable password [redacted]'");
	command("logged command:tacacs server x key 7 hid", "logged command:tacacs server x key 7 [redacted]");
	command("logged command:snmp-server user u g v3 auth sha hid priv aes 128 hid",
		"logged command:snmp-server user u g v3 auth sha [redacted] priv aes 128 [redacted]");
	command("logged command:interface Gi1/0/3", "logged command:interface Gi1/0/3");
	command("Invalid password for user erin", "Invalid password for user erin"); /* speaks of no command */
}

static void numbers_of_sessions_are_no_cookies(void **state)
{
	(void)state;
	assert_false(redact_pair(toc_span_str("sessionid"), toc_span_str("771")));
	assert_true(redact_pair(toc_span_str("sessionid"), toc_span_str("5f88ddd1")));
	assert_true(redact_pair(toc_span_str("pin"), toc_span_str("771")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_and_words),
		cmocka_unit_test(accounts_that_no_word_announces),
		cmocka_unit_test(pairs_however_they_are_parted),
		cmocka_unit_test(nothing_where_there_is_nothing),
		cmocka_unit_test(addresses_end_before_their_port),
		cmocka_unit_test(secrets_of_commands),
		cmocka_unit_test(numbers_of_sessions_are_no_cookies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
