/* stun: addresses in and out of their mask, what shares the flow, streams with and without frames. */
#include "test.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_stun;

#define ID "2112a442 0102030405060708090a0b0c"
/* 192.0.2.1:32853 as RFC 5769, section 2.2 has it */
#define MAPPED "0020 0008 0001 a147 e112a643"

static void one_event_tells_all(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_stun, TOC_OVER_UDP, 3478);
	hex_feed(t, TOC_ORIG, "0001 0000" ID);
	hex_feed(t, TOC_RESP, "0101 0014" ID MAPPED "8022 0003 'abc' 00");
	hex_feed(t, TOC_ORIG, "0003 0000" ID);
	hex_feed(t, TOC_RESP, "0113 0008" ID "0009 0004 0000 0401");
	hex_feed(t, TOC_RESP, "0113 0008" ID "0009 0004 0000 0456");
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 1);
	assert_field(t, 0, "methods", "[\"Binding\",\"Allocate\"]");
	assert_field(t, 0, "mapped_addr", "\"192.0.2.1\"");
	assert_field(t, 0, "software", "\"abc\"");
	assert_field(t, 0, "error_code", "486");
	assert_true(hex_confirmed(t, "stun"));
	trial_free(t);
}

static void media_is_named_and_dtls_is_handed_over(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_stun, TOC_OVER_UDP, 40001);
	hex_feed(t, TOC_ORIG, "0001 0000" ID);
	hex_feed(t, TOC_ORIG, "80 60 0001 00000001 00000002 ff");
	assert_true(hex_confirmed(t, "rtp"));
	hex_feed(t, TOC_ORIG, "16 fefd 0000 000000000000 0001 00");
	assert_non_null(strstr(trial_text(t), "{\"child\""));
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 1);
	trial_free(t);
}

static void streams_may_be_cut_anywhere(void **state)
{
	(void)state;
	struct hex plain = hex_of("0001 0000" ID "4000 0003 'abc' 00 0101 000c" ID MAPPED "0001 0000" ID);
	struct hex framed = hex_of("0014 0001 0000" ID "0003 'abc' 0020 0101 000c" ID MAPPED);
	struct hex none = hex_of("0001 0000 00000000 00*12");
	struct trial_step steps[] = { { TOC_ORIG, plain.b, plain.n } }, frames[] = { { TOC_ORIG, framed.b, framed.n } },
			  not [] = { { TOC_ORIG, none.b, none.n } };
	assert_true(trial_same_however_cut(&toc_decoder_stun, 3478, steps, 1, 20));
	assert_true(trial_same_however_cut(&toc_decoder_stun, 3478, frames, 1, 20));
	assert_true(trial_same_however_cut(&toc_decoder_stun, 3478, not, 1, 20));
	char *text = trial_run(&toc_decoder_stun, TOC_OVER_TCP, 3478, frames, 1);
	assert_non_null(strstr(text, "192.0.2.1"));
	free(text);
	text = trial_run(&toc_decoder_stun, TOC_OVER_TCP, 3478, steps, 1);
	assert_non_null(strstr(text, "192.0.2.1"));
	free(text);
}

static void what_is_no_stun(void **state)
{
	(void)state;
	assert_int_equal(hex_probe(&toc_decoder_stun, TOC_ORIG, false, "0001 0000" ID), TOC_YES);
	assert_int_equal(hex_probe(&toc_decoder_stun, TOC_ORIG, false, "0001 0004" ID), TOC_YES); /* of a stream */
	assert_int_equal(hex_probe(&toc_decoder_stun, TOC_ORIG, false, "0001 0000 00*16"), TOC_NO);
	assert_int_equal(hex_probe(&toc_decoder_stun, TOC_ORIG, false, "0001 0008 00*16 0003 0004 00000002"), TOC_YES);
	assert_int_equal(hex_probe(&toc_decoder_stun, TOC_ORIG, false, "0801 0000" ID), TOC_YES); /* a maker's own */
	assert_int_equal(hex_probe(&toc_decoder_stun, TOC_ORIG, false, "0801 0008 00*16 0003 0004 00000002"), TOC_NO);
	assert_int_equal(hex_probe(&toc_decoder_stun, TOC_ORIG, false, "c001 0000" ID), TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_event_tells_all),
		cmocka_unit_test(media_is_named_and_dtls_is_handed_over),
		cmocka_unit_test(streams_may_be_cut_anywhere),
		cmocka_unit_test(what_is_no_stun),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
