/* igmp, vrrp, hsrp, stp, lldp, wake_on_lan and the IP protocols that are only named: one message a call. */
#include "test.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_igmp, toc_decoder_vrrp, toc_decoder_hsrp, toc_decoder_stp, toc_decoder_lldp,
	toc_decoder_ip_presence, toc_decoder_wake_on_lan;

static struct trial *over(const struct toc_decoder *d, enum toc_carrier carrier, const char *text)
{
	struct trial *t = trial_new(d, carrier, 0);
	hex_feed(t, TOC_ORIG, text);
	return t;
}

static void igmp_of_all_versions(void **state)
{
	(void)state;
	static const struct {
		const char *text, *version, *type, *groups;
	} cases[] = {
		{ "11 00 0000 00*4", "1", "\"query\"", NULL },
		{ "11 64 0000 ef010203", "2", "\"query\"", "[\"239.1.2.3\"]" },
		{ "11 64 0000 00*4 02 7d 0000", "3", "\"query\"", NULL },
		{ "12 00 0000 ef010203", "1", "\"report\"", "[\"239.1.2.3\"]" },
		{ "16 00 0000 ef010203", "2", "\"report\"", "[\"239.1.2.3\"]" },
		{ "17 00 0000 ef010203", "2", "\"leave\"", "[\"239.1.2.3\"]" },
		{ "22 00 0000 0000 0002 04 00 0000 ef010203 03 00 0001 ef010204 0a000001", "3", "\"report\"",
		  "[\"239.1.2.3\",\"239.1.2.4\"]" },
		{ "22 00 0000 0000 0001 03 00 0000 ef010203", "3", "\"leave\"", "[\"239.1.2.3\"]" },
		{ "22 00 0000 0000 ffff 04 00 0000 ef010203", "3", "\"report\"",
		  "[\"239.1.2.3\"]" }, /* more than came */
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trial *t = over(&toc_decoder_igmp, TOC_OVER_IP, cases[i].text);
		assert_field(t, 0, "version", cases[i].version);
		assert_field(t, 0, "type", cases[i].type);
		if (cases[i].groups)
			assert_field(t, 0, "groups", cases[i].groups);
		else
			assert_null(trial_value(t, 0, "groups"));
		assert_true(hex_confirmed(t, "igmp"));
		trial_free(t);
	}
	struct trial *t = over(&toc_decoder_igmp, TOC_OVER_IP, "13 00 0000 00*4");
	assert_int_equal(trial_events(t), 0);
	trial_free(t);
	t = over(&toc_decoder_igmp, TOC_OVER_IP, "11 00 00");
	assert_int_equal(trial_events(t), 0);
	trial_free(t);
}

static void vrrp_and_carp_share_a_number(void **state)
{
	(void)state;
	struct trial *t = over(&toc_decoder_vrrp, TOC_OVER_IP, "21 07 64 02 01 01 0000 0a000001 0a000002 'secret00'");
	assert_field(t, 0, "protocol", "\"vrrp\"");
	assert_field(t, 0, "vrid", "7");
	assert_field(t, 0, "priority", "100");
	assert_field(t, 0, "auth_type", "1");
	assert_field(t, 0, "addresses", "[\"10.0.0.1\",\"10.0.0.2\"]");
	assert_null(strstr(trial_text(t), "secret"));
	trial_free(t);
	t = over(&toc_decoder_vrrp, TOC_OVER_IP, "21 03 00 07 00 01 0000 55*28");
	assert_field(t, 0, "protocol", "\"carp\"");
	assert_true(hex_confirmed(t, "carp"));
	assert_null(trial_value(t, 0, "addresses"));
	trial_free(t);
	t = over(&toc_decoder_vrrp, TOC_OVER_IP, "51 03 00 07 00 01 0000");
	assert_int_equal(trial_events(t), 0);
	trial_free(t);
}

static void hsrp_of_both_versions(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_hsrp, TOC_OVER_UDP, 1985);
	hex_feed(t, TOC_ORIG, "00 00 10 03 0a 78 01 00 'cisco' 00*3 0a000001");
	hex_feed(t, TOC_ORIG, "01 28 02 01 05 04 0102 020000000001 00000064 00000bb8 00002710 0a000009 00*12");
	hex_feed(t, TOC_ORIG, "01 28 02 07 05 04 0102 00*40");
	assert_int_equal(trial_events(t), 2);
	assert_field(t, 0, "state", "\"active\"");
	assert_field(t, 0, "opcode", "\"hello\"");
	assert_field(t, 0, "priority", "120");
	assert_field(t, 0, "address", "\"10.0.0.1\"");
	assert_field(t, 1, "version", "2");
	assert_field(t, 1, "state", "\"standby\"");
	assert_field(t, 1, "opcode", "\"coup\"");
	assert_field(t, 1, "group", "258");
	assert_null(strstr(trial_text(t), "cisco"));
	hex_feed(t, TOC_ORIG, "02 04 0000 0001"); /* how many groups an interface is in: no row */
	assert_int_equal(trial_events(t), 2);
	assert_int_equal(hex_probe(&toc_decoder_hsrp, TOC_ORIG, true, "02 04 0000 0001"), TOC_YES);
	assert_int_equal(hex_probe(&toc_decoder_hsrp, TOC_ORIG, true, "02 04 0000 0001 00"), TOC_NO);
	assert_int_equal(hex_probe(&toc_decoder_hsrp, TOC_ORIG, false, "00 00 10 03 0a 78 01 00 00*8 0a000001"),
			 TOC_NO);
	trial_free(t);
}

#define TARGET "020000000001 020000000001 020000000001 020000000001 "

static void machines_are_told_to_wake(void **state)
{
	(void)state;
	static const struct {
		const char *text, *password;
	} cases[] = {
		{ "ff*6 " TARGET TARGET TARGET TARGET, "false" },
		{ "ff*6 " TARGET TARGET TARGET TARGET "'pass'", "true" },
		{ "ff*6 " TARGET TARGET TARGET TARGET "'secret'", "true" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (unsigned udp = 0; udp < 2; udp++) {
			struct trial *t = over(&toc_decoder_wake_on_lan, udp ? TOC_OVER_UDP : TOC_OVER_LINK, cases[i].text);
			assert_int_equal(trial_events(t), 1);
			assert_field(t, 0, "target_mac", "\"02:00:00:00:00:01\"");
			assert_field(t, 0, "has_password", cases[i].password);
			assert_null(strstr(trial_text(t), "secret"));
			assert_int_equal(hex_confirmed(t, "wake_on_lan"), udp);
			assert_int_equal(hex_probe(&toc_decoder_wake_on_lan, TOC_ORIG, false, cases[i].text), TOC_YES);
			trial_free(t);
		}
	static const char *const others[] = {
		"ff*6 " TARGET TARGET TARGET "020000000001 020000000001 020000000001 020000000002",
		"ff*5 00 " TARGET TARGET TARGET TARGET,
		"ff*6 " TARGET TARGET TARGET,
	};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct trial *t = over(&toc_decoder_wake_on_lan, TOC_OVER_LINK, others[i]);
		assert_int_equal(trial_events(t), 0);
		assert_int_equal(hex_probe(&toc_decoder_wake_on_lan, TOC_ORIG, false, others[i]), TOC_NO);
		trial_free(t);
	}
	/* a datagram that goes on is another protocol's */
	assert_int_equal(hex_probe(&toc_decoder_wake_on_lan, TOC_ORIG, false, "ff*6 " TARGET TARGET TARGET TARGET "00*9"),
			 TOC_NO);
}

static void bridges_tell_their_root(void **state)
{
	(void)state;
	struct trial *t =
		over(&toc_decoder_stp, TOC_OVER_LINK,
		     "0000 02 02 3d 8001 020000000001 00000004 8002 020000000002 8003 0100 1400 0200 0f00 00");
	assert_field(t, 0, "version", "\"rstp\"");
	assert_field(t, 0, "root", "\"02:00:00:00:00:01\"");
	assert_field(t, 0, "root_priority", "32769");
	assert_field(t, 0, "root_cost", "4");
	assert_field(t, 0, "bridge", "\"02:00:00:00:00:02\"");
	assert_field(t, 0, "port", "32771");
	assert_field(t, 0, "topology_change", "true");
	trial_free(t);
	t = over(&toc_decoder_stp, TOC_OVER_LINK, "0000 00 80");
	assert_field(t, 0, "type", "\"topology_change\"");
	trial_free(t);
	t = over(&toc_decoder_stp, TOC_OVER_LINK, "0000 00 00 00 80"); /* cut */
	assert_null(trial_value(t, 0, "root"));
	trial_free(t);
	t = over(&toc_decoder_stp, TOC_OVER_LINK, "0001 00 00");
	assert_int_equal(trial_events(t), 0);
	trial_free(t);
}

static void neighbours_name_themselves(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_lldp, TOC_OVER_LINK, 0);
	trial_packet(t)->link = 0x88cc;
	hex_feed(t, TOC_ORIG,
		 "0207 04 020000000001 0405 05 'gi/1' 0602 0078 0803 'cam' 0a02 'sw' 0c03 'Sys'"
		 "0e04 0014 0004 100c 05 01 0a000001 02 00000001 00 fe06 0080c2 01 0007 0000");
	assert_field(t, 0, "protocol", "\"lldp\"");
	assert_field(t, 0, "chassis_id", "\"02:00:00:00:00:01\"");
	assert_field(t, 0, "port_id", "\"gi/1\"");
	assert_field(t, 0, "hold_time", "120");
	assert_field(t, 0, "system_name", "\"sw\"");
	assert_field(t, 0, "system_description", "\"Sys\"");
	assert_field(t, 0, "port_description", "\"cam\"");
	assert_field(t, 0, "capabilities", "4");
	assert_field(t, 0, "address", "\"10.0.0.1\"");
	assert_field(t, 0, "native_vlan", "7");
	trial_free(t);
	t = trial_new(&toc_decoder_lldp, TOC_OVER_LINK, 0);
	trial_packet(t)->link = TOC_LINK_SNAP(0x00000c, 0x2000);
	hex_feed(t, TOC_ORIG,
		 "02 b4 0000 0001 0006 'sw' 0002 0011 00000001 01 01 cc 0004 0a000001"
		 "0003 0008 'Gi01' 0004 0008 00000028 0006 0007 'C29' 000a 0006 0005");
	assert_field(t, 0, "protocol", "\"cdp\"");
	assert_field(t, 0, "system_name", "\"sw\"");
	assert_field(t, 0, "address", "\"10.0.0.1\"");
	assert_field(t, 0, "platform", "\"C29\"");
	assert_field(t, 0, "capabilities", "40");
	assert_field(t, 0, "native_vlan", "5");
	trial_free(t);
	t = trial_new(&toc_decoder_lldp, TOC_OVER_LINK, 0);
	trial_packet(t)->link = 0x88cc;
	hex_feed(t, TOC_ORIG, "0405 05 'gi/1'"); /* does not begin with the chassis */
	assert_int_equal(trial_events(t), 0);
	trial_free(t);
}

static void ip_protocols_are_named_by_their_headers(void **state)
{
	(void)state;
	static const struct {
		uint8_t number;
		const char *text, *service;
	} cases[] = {
		{ 50, "00001000 00000001", "esp" },
		{ 51, "06 04 0000 00001000 00*16", "ah" },
		{ 88, "02 05 0000 00*16", "eigrp" },
		{ 89, "02 01 002c 00*40", "ospf" },
		{ 103, "20 00 0000", "pim" },
		{ 115, "00000001 00*8", "l2tp" },
		{ 132, "0b59 0b59 00*8 01 00 0014 00*16", "sctp" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trial *t = trial_new(&toc_decoder_ip_presence, TOC_OVER_IP, 0);
		trial_packet(t)->ip_proto = cases[i].number;
		hex_feed(t, TOC_ORIG, "00*3"); /* noise */
		assert_false(hex_confirmed(t, cases[i].service));
		hex_feed(t, TOC_ORIG, cases[i].text);
		assert_true(hex_confirmed(t, cases[i].service));
		trial_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(machines_are_told_to_wake),
		cmocka_unit_test(igmp_of_all_versions),	      cmocka_unit_test(vrrp_and_carp_share_a_number),
		cmocka_unit_test(hsrp_of_both_versions),      cmocka_unit_test(bridges_tell_their_root),
		cmocka_unit_test(neighbours_name_themselves), cmocka_unit_test(ip_protocols_are_named_by_their_headers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
