/* dhcpv6: addresses and prefixes, identifiers, what relays add, and options that end too early. */
#include "test.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_dhcpv6;

#define CLIENT "0001 000e 0001 0001 12345678 020000000001 "
#define ADDR   "20010db8 00*10 0005 "

static void a_solicit_tells_what_it_wants(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dhcpv6, TOC_OVER_UDP, 547);
	hex_feed(t, TOC_ORIG,
		 "01 abcdef" CLIENT "0006 0004 0017 0018 0010 000b 00000137 0005 'MSFT5'"
		 "0027 000b 00 04 'host' 03 'lan' 00");
	assert_field(t, 0, "msg_type", "\"SOLICIT\"");
	assert_field(t, 0, "xid", "11259375");
	assert_field(t, 0, "client_duid", "\"0001000112345678020000000001\"");
	assert_field(t, 0, "mac", "\"02:00:00:00:00:01\"");
	assert_field(t, 0, "param_list", "[23,24]");
	assert_field(t, 0, "client_software", "\"MSFT5\"");
	assert_field(t, 0, "client_fqdn", "\"host.lan\"");
	assert_field(t, 0, "hops", "0");
	assert_true(hex_confirmed(t, "dhcpv6"));
	trial_free(t);
}

static void a_reply_gives_addresses_and_prefixes(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dhcpv6, TOC_OVER_UDP, 547);
	hex_feed(t, TOC_RESP,
		 "07 abcdef 0002 000a 0003 0001 0200000000ff"
		 "0003 0028 00000001 00*8 0005 0018" ADDR "00000e10 00001c20"
		 "0019 0029 00000002 00*8 001a 0019 00000e10 00003840 38 20010db8 0001 00*10 "
		 "0017 0010" ADDR "000d 0004 0000 'ok'");
	assert_field(t, 0, "msg_type", "\"REPLY\"");
	assert_field(t, 0, "addresses", "[\"2001:db8::5\"]");
	assert_field(t, 0, "prefixes", "[\"2001:db8:1::/56\"]");
	assert_field(t, 0, "lease_time", "7200");
	assert_field(t, 0, "dns_servers", "[\"2001:db8::5\"]");
	assert_field(t, 0, "server_duid", "\"000300010200000000ff\"");
	assert_field(t, 0, "status_code", "0");
	assert_field(t, 0, "server_message", "\"ok\"");
	assert_null(trial_value(t, 0, "mac")); /* the server's is not the client's */
	trial_free(t);
}

static void relays_add_where_the_client_is(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dhcpv6, TOC_OVER_UDP, 547);
	hex_feed(t, TOC_ORIG,
		 "0c 01" ADDR "fe80 00*13 02"
		 "0012 0003 'up1' 0009 003e 0c 00" ADDR "fe80 00*13 01"
		 "0012 0004 'gi07' 004f 0008 0001 020000000009 0009 0004 01 000001");
	assert_field(t, 0, "msg_type", "\"SOLICIT\"");
	assert_field(t, 0, "hops", "2");
	assert_field(t, 0, "peer_addr", "\"fe80::1\"");
	assert_field(t, 0, "mac", "\"02:00:00:00:00:09\"");
	trial_free(t);
}

static void options_that_end_too_early_are_said(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_dhcpv6, TOC_OVER_UDP, 547);
	hex_feed(t, TOC_ORIG, "01 abcdef 0001 0040 0001");
	hex_feed(t, TOC_ORIG, "ff abcdef");
	hex_feed(t, TOC_ORIG, "01");
	assert_int_equal(trial_events(t), 1);
	assert_non_null(strstr(trial_text(t), "dhcpv6_truncated_option"));
	assert_non_null(strstr(trial_text(t), "dhcpv6_malformed_header"));
	assert_false(hex_confirmed(t, "dhcpv6"));
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_solicit_tells_what_it_wants),
		cmocka_unit_test(a_reply_gives_addresses_and_prefixes),
		cmocka_unit_test(relays_add_where_the_client_is),
		cmocka_unit_test(options_that_end_too_early_are_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
