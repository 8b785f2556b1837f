/* modbus and dnp3: functions, refusals, pairing, streams cut anywhere. */
#include "test.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_modbus, toc_decoder_dnp3;

static void modbus_tells_functions_and_exceptions(void **state)
{
	(void)state;
	struct hex ask = hex_of("0001 0000 0006 01 03 0000 0002 0002 0000 0006 01 06 0001 00ff"),
		   answer = hex_of("0001 0000 0007 01 03 04 00010002 0002 0000 0003 01 86 02");
	struct trial_step steps[] = { { TOC_ORIG, ask.b, ask.n }, { TOC_RESP, answer.b, answer.n } };
	assert_true(trial_same_however_cut(&toc_decoder_modbus, 502, steps, 2, 20));
	struct trial *t = trial_new(&toc_decoder_modbus, TOC_OVER_TCP, 502);
	trial_feed(t, &steps[0]);
	trial_feed(t, &steps[1]);
	assert_int_equal(trial_events(t), 4);
	assert_field(t, 0, "func", "\"READ_HOLDING_REGISTERS\"");
	assert_field(t, 0, "pdu_type", "\"REQ\"");
	assert_field(t, 1, "func", "\"WRITE_SINGLE_REGISTER\"");
	assert_field(t, 1, "tid", "2");
	assert_field(t, 3, "func", "\"WRITE_SINGLE_REGISTER_EXCEPTION\"");
	assert_field(t, 3, "exception", "\"ILLEGAL_DATA_ADDRESS\"");
	assert_true(hex_confirmed(t, "modbus"));
	trial_free(t);
}

static void modbus_is_only_on_its_port(void **state)
{
	(void)state;
	const char *ask = "0001 0000 0006 01 03 0000 0002";
	assert_int_equal(hex_probe(&toc_decoder_modbus, TOC_ORIG, true, ask), TOC_YES);
	assert_int_equal(hex_probe(&toc_decoder_modbus, TOC_ORIG, false, ask), TOC_NO);
	assert_int_equal(hex_probe(&toc_decoder_modbus, TOC_ORIG, true, "0001 0001 0006 01 03"), TOC_NO);
	assert_int_equal(hex_probe(&toc_decoder_modbus, TOC_ORIG, true, "0001 0000 0006 01 83"), TOC_NO);
	struct trial *t = trial_new(&toc_decoder_modbus, TOC_OVER_TCP, 502);
	hex_feed(t, TOC_ORIG, "0001 0000 0001 01 03");
	assert_non_null(strstr(trial_text(t), "{\"bad\""));
	trial_free(t);
}

/* A frame of 18 bytes of user data: two blocks. */
#define READ  "0564 08 c4 0100 0200 ffff c0 c0 01 ffff "
#define REPLY "0564 17 44 0200 0100 ffff c0 c0 81 8004 00*11 ffff 00*2 ffff "
#define ALARM "0564 0a 44 0200 0100 ffff c0 f0 82 9000 ffff "
#define RESET "0564 05 c0 0100 0200 ffff "

static void dnp3_pairs_request_and_reply(void **state)
{
	(void)state;
	struct hex ask = hex_of(RESET READ READ), answer = hex_of(REPLY ALARM);
	struct trial_step steps[] = { { TOC_ORIG, ask.b, ask.n }, { TOC_RESP, answer.b, answer.n } };
	assert_true(trial_same_however_cut(&toc_decoder_dnp3, 20000, steps, 2, 20));
	struct trial *t = trial_new(&toc_decoder_dnp3, TOC_OVER_TCP, 20000);
	trial_feed(t, &steps[0]);
	trial_feed(t, &steps[1]);
	trial_end(t, TOC_END_CLOSED);
	assert_int_equal(trial_events(t), 3);
	assert_field(t, 0, "fc_request", "\"READ\"");
	assert_null(trial_value(t, 0, "fc_reply"));
	assert_field(t, 1, "fc_request", "\"READ\"");
	assert_field(t, 1, "fc_reply", "\"RESPONSE\"");
	assert_field(t, 1, "iin", "32772");
	assert_field(t, 2, "fc_reply", "\"UNSOLICITED_RESPONSE\"");
	assert_null(trial_value(t, 2, "fc_request"));
	assert_true(hex_confirmed(t, "dnp3_tcp"));
	trial_free(t);
}

static void what_is_no_dnp3(void **state)
{
	(void)state;
	assert_int_equal(hex_probe(&toc_decoder_dnp3, TOC_ORIG, false, READ), TOC_YES);
	assert_int_equal(hex_probe(&toc_decoder_dnp3, TOC_ORIG, false, READ "00"), TOC_NO);
	assert_int_equal(hex_probe(&toc_decoder_dnp3, TOC_ORIG, true, READ "00"), TOC_YES);
	assert_int_equal(hex_probe(&toc_decoder_dnp3, TOC_ORIG, true, "0565 08 c4 0100 0200 ffff"), TOC_NO);
	struct trial *t = trial_new(&toc_decoder_dnp3, TOC_OVER_UDP, 20000);
	hex_feed(t, TOC_ORIG, READ);
	hex_feed(t, TOC_ORIG, "0564 04 00*20");
	hex_feed(t, TOC_RESP, REPLY);
	assert_int_equal(trial_events(t), 1);
	assert_true(hex_confirmed(t, "dnp3_udp"));
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modbus_tells_functions_and_exceptions),
		cmocka_unit_test(modbus_is_only_on_its_port),
		cmocka_unit_test(dnp3_pairs_request_and_reply),
		cmocka_unit_test(what_is_no_dnp3),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
