/* tftp: requests and where the answer is expected, blocks to a body, losses, repetitions, errors. */
#include "test.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_tftp;

static void a_request_expects_its_answer(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_tftp, TOC_OVER_UDP, 69);
	hex_feed(t, TOC_ORIG, "0001 'boot/x.cfg' 00 'OcTeT' 00 'blksize' 00 '1428' 00 'tsize' 00 '9' 00");
	assert_field(t, 0, "command", "\"READ\"");
	assert_field(t, 0, "filename", "\"boot/x.cfg\"");
	assert_field(t, 0, "mode", "\"OcTeT\"");
	assert_field(t, 0, "blksize", "1428");
	assert_field(t, 0, "tsize", "9");
	assert_non_null(strstr(trial_text(t), "expect"));
	trial_free(t);
}

static void blocks_become_a_body(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_tftp, TOC_OVER_UDP, 40000);
	hex_feed(t, TOC_ORIG, "0003 0001 41*512");
	hex_feed(t, TOC_ORIG, "0003 0001 41*512"); /* repeated */
	hex_feed(t, TOC_RESP, "0004 0001");
	hex_feed(t, TOC_ORIG, "0003 0003 42*512"); /* one is missing */
	hex_feed(t, TOC_ORIG, "0003 0004 'end'");
	hex_feed(t, TOC_ORIG, "0003 0004 'end'"); /* after the end */
	trial_end(t, TOC_END_TIMEOUT);
	assert_non_null(strstr(trial_text(t), "TFTP"));
	assert_non_null(strstr(trial_text(t), "1027"));
	assert_non_null(strstr(trial_text(t), "512"));
	assert_null(strstr(trial_text(t), "1539"));
	trial_free(t);
}

static void errors_and_garbage(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_tftp, TOC_OVER_UDP, 40000);
	hex_feed(t, TOC_ORIG, "0005 0001 'no such file' 00");
	hex_feed(t, TOC_ORIG, "0009 0001");
	hex_feed(t, TOC_ORIG, "00");
	assert_int_equal(trial_events(t), 1);
	assert_field(t, 0, "command", "\"ERROR\"");
	assert_field(t, 0, "error_code", "1");
	assert_field(t, 0, "error_msg", "\"no such file\"");
	assert_non_null(strstr(trial_text(t), "tftp_malformed_message"));
	assert_int_equal(hex_probe(&toc_decoder_tftp, TOC_ORIG, true, "0001 'x' 00 'secret' 00"), TOC_NO);
	assert_int_equal(hex_probe(&toc_decoder_tftp, TOC_ORIG, false, "0002 'x' 00 'netascii' 00"), TOC_YES);
	assert_int_equal(hex_probe(&toc_decoder_tftp, TOC_ORIG, true, "0001 'x' 01 00 'octet' 00"), TOC_NO);
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_expects_its_answer),
		cmocka_unit_test(blocks_become_a_body),
		cmocka_unit_test(errors_and_garbage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
