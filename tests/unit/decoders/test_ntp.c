/* ntp: times and their eras, reference names, control and private messages, what is no NTP. */
#include "test.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_ntp;

/* 2026-03-03 02:05:52 UTC = 0xed50c080 seconds since 1900 */
#define CLIENT "23 00 06 ec 00*4 00*4 00*4 00*8 00*8 00*8 ed50c080 80000000"

static void a_request_tells_its_time(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_ntp, TOC_OVER_UDP, 123);
	hex_feed(t, TOC_ORIG, CLIENT);
	assert_string_equal(trial_kind(t, 0), "ntp");
	assert_field(t, 0, "version", "4");
	assert_field(t, 0, "mode", "3");
	assert_field(t, 0, "stratum", "0");
	assert_field(t, 0, "poll", "64");
	assert_field(t, 0, "xmt_time", "1772503552.500000");
	assert_null(trial_value(t, 0, "ref_id"));
	assert_null(trial_value(t, 0, "org_time"));
	assert_field(t, 0, "num_exts", "0");
	assert_true(hex_confirmed(t, "ntp"));
	trial_free(t);
}

static void references_depend_on_the_stratum(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_ntp, TOC_OVER_UDP, 123);
	hex_feed(t, TOC_RESP, "24 01 06 ec 00010000 00008000 'GPS' 00 00*8 00*8 00*8 00*8");
	hex_feed(t, TOC_RESP, "24 02 06 ec 00*4 00*4 0a010203 00*8 00*8 00*8 00*8");
	hex_feed(t, TOC_RESP, "24 00 06 ec 00*4 00*4 'RATE' 00*8 00*8 00*8 00*8");
	assert_field(t, 0, "ref_id", "\"GPS\"");
	assert_field(t, 0, "root_delay", "1");
	assert_field(t, 0, "root_disp", "0.500000");
	assert_field(t, 1, "ref_id", "\"10.1.2.3\"");
	assert_field(t, 2, "ref_id", "\"RATE\"");
	trial_free(t);
}

static void extensions_are_counted_and_codes_are_none(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_ntp, TOC_OVER_UDP, 123);
	hex_feed(t, TOC_ORIG, CLIENT "0104 0020 00*28 0204 0010 00*12 00*20"); /* two fields and a key */
	hex_feed(t, TOC_ORIG, CLIENT "00000001 00*16");
	hex_feed(t, TOC_ORIG, CLIENT "0104 0000 00*28");
	assert_field(t, 0, "num_exts", "2");
	assert_field(t, 1, "num_exts", "0");
	assert_field(t, 2, "num_exts", "0");
	trial_free(t);
}

static void control_and_private_messages_have_their_own(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_ntp, TOC_OVER_UDP, 123);
	hex_feed(t, TOC_RESP, "16 a2 0007 0618 0003 0000 000c 00*12");
	hex_feed(t, TOC_ORIG, "17 00 03 2a 00*4"); /* monlist */
	assert_string_equal(trial_kind(t, 0), "ntp_control");
	assert_field(t, 0, "op_code", "2");
	assert_field(t, 0, "resp_bit", "true");
	assert_field(t, 0, "more_bit", "true");
	assert_field(t, 0, "sequence", "7");
	assert_field(t, 0, "association_id", "3");
	assert_field(t, 0, "data_len", "12");
	assert_string_equal(trial_kind(t, 1), "ntp_private");
	assert_field(t, 1, "req_code", "42");
	assert_field(t, 1, "implementation", "3");
	assert_field(t, 1, "resp_bit", "false");
	trial_free(t);
}

static void what_is_no_ntp_is_said_once_and_passed_over(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_ntp, TOC_OVER_UDP, 123);
	hex_feed(t, TOC_ORIG, "23 00 06");
	assert_non_null(strstr(trial_text(t), "ntp_malformed_message"));
	hex_feed(t, TOC_ORIG, CLIENT);
	assert_int_equal(trial_events(t), 1);
	assert_int_equal(hex_probe(&toc_decoder_ntp, TOC_ORIG, false, CLIENT), TOC_YES);
	assert_int_equal(hex_probe(&toc_decoder_ntp, TOC_RESP, false, CLIENT), TOC_NO);
	assert_int_equal(hex_probe(&toc_decoder_ntp, TOC_ORIG, false, "23 00 06 ec 00*44"), TOC_NO);
	assert_int_equal(hex_probe(&toc_decoder_ntp, TOC_ORIG, true, "00*48"), TOC_NO);
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_tells_its_time),
		cmocka_unit_test(references_depend_on_the_stratum),
		cmocka_unit_test(extensions_are_counted_and_codes_are_none),
		cmocka_unit_test(control_and_private_messages_have_their_own),
		cmocka_unit_test(what_is_no_ntp_is_said_once_and_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
