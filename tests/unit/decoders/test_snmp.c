/* snmp: counts by operation, the device's own words, version 3's security; no community ever. */
#include "test.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_snmp;

/* get-request of sysDescr.0 and sysUpTime.0 under the community "s3cret" */
#define GET                                                                                                            \
	"30 37 02 01 01 04 06 's3cret' a0 2a 02 01 07 02 01 00 02 01 00 30 1f 30 0c 06 08 2b06010201010100 05 00"      \
	"30 0f 06 08 2b06010201010300 43 03 000000"
#define RESPONSE                                                                                                       \
	"30 38 02 01 01 04 06 's3cret' a2 2b 02 01 07 02 01 00 02 01 00 30 20 30 0e 06 08 2b06010201010100 04 02 'sw'" \
	"30 0e 06 08 2b06010201010300 43 02 0032"

static void requests_and_responses_are_counted(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_snmp, TOC_OVER_UDP, 161);
	hex_feed(t, TOC_ORIG, GET);
	hex_feed(t, TOC_RESP, RESPONSE);
	assert_int_equal(trial_events(t), 0);
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 1);
	assert_field(t, 0, "version", "\"2c\"");
	assert_field(t, 0, "get_requests", "2");
	assert_field(t, 0, "get_responses", "2");
	assert_field(t, 0, "set_requests", "0");
	assert_field(t, 0, "display_string", "\"sw\"");
	assert_field(t, 0, "up_since", "0.500000"); /* half a second before the trial's clock */
	assert_null(trial_value(t, 0, "security"));
	trial_free(t);
}

static void the_community_is_nowhere(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_snmp, TOC_OVER_UDP, 161);
	hex_feed(t, TOC_ORIG, GET);
	trial_end(t, TOC_END_TIMEOUT);
	assert_null(trial_value(t, 0, "community"));
	assert_null(strstr(trial_text(t), "s3cret"));
	trial_free(t);
}

static void traps_of_both_versions_are_traps(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_snmp, TOC_OVER_UDP, 162);
	hex_feed(t, TOC_ORIG,
		 "30 1f 02 01 00 04 06 'public' a4 12 06 03 2b0601 40 04 0a000001 02 01 06 02 01 01 43 00");
	hex_feed(t, TOC_ORIG, "30 18 02 01 01 04 06 'public' a7 0b 02 01 01 02 01 00 02 01 00 30 00");
	trial_end(t, TOC_END_TIMEOUT);
	assert_field(t, 0, "traps", "2");
	assert_field(t, 0, "version", "\"2c\"");
	trial_free(t);
}

static void version_3_tells_its_weakest_security(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_snmp, TOC_OVER_UDP, 161);
	/* a report (discovery, flags 0), an encrypted message (flags 7), a plain signed one (flags 5) */
	hex_feed(t, TOC_RESP,
		 "30 29 02 01 03 30 0e 02 01 01 02 02 0400 04 01 00 02 02 0003 04 00 30 12 04 00 04 00 a8 0c 02 02 0001"
		 "02 01 00 02 01 00 30 00");
	hex_feed(t, TOC_ORIG, "30 1b 02 01 03 30 0d 02 01 01 02 02 0400 04 01 07 02 01 03 04 01 55 04 04 deadbeef");
	trial_end(t, TOC_END_TIMEOUT);
	assert_field(t, 0, "version", "\"3\"");
	assert_field(t, 0, "reports", "1");
	assert_field(t, 0, "security", "\"authPriv\"");
	trial_free(t);
}

static void broken_lengths_are_no_snmp(void **state)
{
	(void)state;
	assert_int_equal(hex_probe(&toc_decoder_snmp, TOC_ORIG, false, GET), TOC_YES);
	assert_int_equal(hex_probe(&toc_decoder_snmp, TOC_ORIG, false, "30 37 02 01 01 04 06 's3cret' a0 2a 02 01"),
			 TOC_NO);
	assert_int_equal(hex_probe(&toc_decoder_snmp, TOC_ORIG, false, "30 05 02 01 09 04 00"), TOC_NO);
	struct trial *t = trial_new(&toc_decoder_snmp, TOC_OVER_UDP, 161);
	hex_feed(t, TOC_ORIG, "30 84 ffffffff 02");
	hex_feed(t, TOC_ORIG, GET);
	trial_end(t, TOC_END_TIMEOUT);
	assert_non_null(strstr(trial_text(t), "snmp_malformed_message"));
	assert_field(t, 0, "get_requests", "2");
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_and_responses_are_counted),
		cmocka_unit_test(the_community_is_nowhere),
		cmocka_unit_test(traps_of_both_versions_are_traps),
		cmocka_unit_test(version_3_tells_its_weakest_security),
		cmocka_unit_test(broken_lengths_are_no_snmp),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
