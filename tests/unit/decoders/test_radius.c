/* radius: requests, challenges and verdicts; who is a user and who is not; accounting; secrets stay out. */
#include "test.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_radius;

#define AUTH " 11*16 "

/* Header with the length that the attributes ask for. */
static void message(struct trial *t, enum toc_dir dir, uint8_t code, uint8_t id, const char *attributes)
{
	struct hex h = hex_of("00*4" AUTH), a = hex_of(attributes);
	memcpy(h.b + h.n, a.b, a.n);
	h.n += a.n;
	h.b[0] = code;
	h.b[1] = id;
	h.b[2] = (uint8_t)(h.n >> 8);
	h.b[3] = (uint8_t)h.n;
	trial_feed(t, &(struct trial_step){ dir, h.b, h.n });
}

static void a_verdict_completes_the_request(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_radius, TOC_OVER_UDP, 1812);
	message(t, TOC_ORIG, 0x01, 0x05,
		"01 06 'anna' 02 12 22*16 04 06 0a000009 05 06 00000007"
		"1f 13 'AA-BB-CC-00-11-22'");
	message(t, TOC_RESP, 0x02, 0x05, "08 06 0a000105");
	assert_int_equal(trial_events(t), 1);
	assert_field(t, 0, "username", "\"anna\"");
	assert_field(t, 0, "result", "\"success\"");
	assert_field(t, 0, "mac", "\"aa:bb:cc:00:11:22\"");
	assert_field(t, 0, "framed_addr", "\"10.0.1.5\"");
	assert_field(t, 0, "nas_ip_address", "\"10.0.0.9\"");
	assert_field(t, 0, "nas_port", "7");
	assert_field(t, 0, "challenges", "0");
	trial_free(t);
}

static void challenges_are_rounds_of_one_event(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_radius, TOC_OVER_UDP, 1812);
	message(t, TOC_ORIG, 0x01, 0x05, "01 06 'anna'");
	message(t, TOC_RESP, 0x0b, 0x05, "18 04 'st'");
	message(t, TOC_ORIG, 0x01, 0x06, "01 06 'anna' 18 04 'st'");
	message(t, TOC_ORIG, 0x01, 0x06, "01 06 'anna' 18 04 'xx'"); /* the number again, by another */
	message(t, TOC_RESP, 0x03, 0x06, "");
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 2);
	assert_field(t, 0, "result", "\"unknown\"");
	assert_field(t, 0, "challenges", "1");
	assert_field(t, 1, "result", "\"failed\"");
	trial_free(t);
}

static void a_repeated_request_is_the_same(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_radius, TOC_OVER_UDP, 1812);
	for (int i = 0; i < 3; i++)
		message(t, TOC_ORIG, 0x01, 0x05, "01 06 'anna'");
	message(t, TOC_RESP, 0x03, 0x05, "12 0a 'too late'");
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 1);
	assert_field(t, 0, "result", "\"failed\"");
	assert_field(t, 0, "reply_msg", "\"too late\"");
	trial_free(t);
}

static void outer_identities_and_devices_are_no_users(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_radius, TOC_OVER_UDP, 1812);
	message(t, TOC_ORIG, 0x01, 0x01, "01 15 'anonymous@school.de'");
	message(t, TOC_ORIG, 0x01, 0x02, "01 0d '@school.org'");
	message(t, TOC_ORIG, 0x01, 0x03, "01 0e 'aabbcc001122' 06 06 0000000a");
	message(t, TOC_RESP, 0x02, 0x02, "01 09 'bert@in'"); /* the server knows the inner one */
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 3);
	assert_field(t, 0, "username", "\"bert@in\"");
	assert_field(t, 0, "realm", "\"school.org\"");
	assert_field(t, 1, "realm", "\"school.de\"");
	assert_field(t, 1, "anonymous", "true");
	assert_null(trial_value(t, 1, "username"));
	assert_null(trial_value(t, 2, "username"));
	trial_free(t);
}

static void accounting_tells_the_session(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_radius, TOC_OVER_UDP, 1813);
	message(t, TOC_ORIG, 0x04, 0x09,
		"28 06 00000002 01 06 'anna' 2c 05 'ab7' 08 06 0a000105"
		"2e 06 00000e10 2a 06 00000001 34 06 00000001 2b 06 00000002"
		"1e 09 'ap1:net' 31 06 00000001");
	assert_int_equal(trial_events(t), 0);
	message(t, TOC_RESP, 0x05, 0x09, "");
	assert_int_equal(trial_events(t), 1);
	assert_string_equal(trial_kind(t, 0), "radius_accounting");
	assert_field(t, 0, "acct_status_type", "\"Stop\"");
	assert_field(t, 0, "acct_session_id", "\"ab7\"");
	assert_field(t, 0, "acct_session_time", "3600");
	assert_field(t, 0, "acct_input_octets", "4294967297");
	assert_field(t, 0, "acct_output_octets", "2");
	assert_field(t, 0, "framed_addr", "\"10.0.1.5\"");
	assert_field(t, 0, "called_station_id", "\"ap1:net\"");
	assert_field(t, 0, "acct_terminate_cause", "1");
	assert_field(t, 0, "acked", "true");
	trial_free(t);
}

static void broken_messages_are_thrown_away(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_radius, TOC_OVER_UDP, 1812);
	message(t, TOC_ORIG, 0x01, 0x05, "01 07 'anna'");	 /* an attribute that is too long */
	message(t, TOC_ORIG, 0x01, 0x05, "01 01 'anna'");	 /* and one that is none */
	hex_feed(t, TOC_ORIG, "01 05 0040" AUTH "01 06 'anna'"); /* cut short */
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 0);
	assert_non_null(strstr(trial_text(t), "radius_malformed_message"));
	assert_int_equal(hex_probe(&toc_decoder_radius, TOC_ORIG, false, "01 05 001a" AUTH "01 06 'anna'"), TOC_YES);
	assert_int_equal(hex_probe(&toc_decoder_radius, TOC_ORIG, false, "01 05 001a" AUTH "01 07 'anna'"), TOC_NO);
	trial_free(t);
}

static void servers_may_end_a_session(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_radius, TOC_OVER_UDP, 3799);
	message(t, TOC_ORIG, 0x28, 0x05, "01 06 'anna' 2c 05 'ab7'");
	assert_string_equal(trial_kind(t, 0), "radius_dynamic");
	assert_field(t, 0, "code", "\"Disconnect-Request\"");
	assert_field(t, 0, "username", "\"anna\"");
	assert_field(t, 0, "acct_session_id", "\"ab7\"");
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_verdict_completes_the_request),
		cmocka_unit_test(challenges_are_rounds_of_one_event),
		cmocka_unit_test(a_repeated_request_is_the_same),
		cmocka_unit_test(outer_identities_and_devices_are_no_users),
		cmocka_unit_test(accounting_tells_the_session),
		cmocka_unit_test(broken_messages_are_thrown_away),
		cmocka_unit_test(servers_may_end_a_session),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
