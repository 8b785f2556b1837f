/* tacacs: headers only, however the stream is cut; whose turn it is; what is no TACACS+. */
#include "test.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_tacacs;

static void a_session_is_told_once(void **state)
{
	(void)state;
	struct hex ask = hex_of("c0 01 01 00 00000007 00000004 'abcd' c1 02 01 01 00000008 00000002 'xy'"),
		   answer = hex_of("c0 01 02 00 00000007 00000003 'efg'"),
		   more = hex_of("c0 01 03 00 00000007 00000001 00");
	struct trial_step steps[] = { { TOC_ORIG, ask.b, ask.n },
				      { TOC_RESP, answer.b, answer.n },
				      { TOC_ORIG, more.b, more.n } };
	assert_true(trial_same_however_cut(&toc_decoder_tacacs, 49, steps, 3, 20));
	struct trial *t = trial_new(&toc_decoder_tacacs, TOC_OVER_TCP, 49);
	for (unsigned i = 0; i < 3; i++)
		trial_feed(t, &steps[i]);
	assert_int_equal(trial_events(t), 2);
	assert_field(t, 0, "type", "\"authentication\"");
	assert_field(t, 0, "unencrypted", "false");
	assert_field(t, 1, "type", "\"authorization\"");
	assert_field(t, 1, "unencrypted", "true");
	assert_field(t, 1, "version", "\"12.1\"");
	assert_true(hex_confirmed(t, "tacacs"));
	assert_null(strstr(trial_text(t), "abcd"));
	trial_free(t);
}

static void what_is_no_tacacs_is_let_go(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_tacacs, TOC_OVER_TCP, 49);
	hex_feed(t, TOC_ORIG, "c0 01 02 00 00000007 00000004 'abcd'"); /* the server's turn */
	assert_non_null(strstr(trial_text(t), "{\"bad\""));
	trial_free(t);
	assert_int_equal(hex_probe(&toc_decoder_tacacs, TOC_ORIG, false, "c0 01 01 00 00000007 00000004"), TOC_YES);
	assert_int_equal(hex_probe(&toc_decoder_tacacs, TOC_ORIG, false, "c0 01 03 00 00000007 00000004"), TOC_NO);
	assert_int_equal(hex_probe(&toc_decoder_tacacs, TOC_ORIG, true, "c0 04 01 00 00000007 00000004"), TOC_NO);
	assert_int_equal(hex_probe(&toc_decoder_tacacs, TOC_ORIG, true, "c0 01"), TOC_MAYBE);
	assert_int_equal(hex_probe(&toc_decoder_tacacs, TOC_ORIG, true, "80"), TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_is_told_once),
		cmocka_unit_test(what_is_no_tacacs_is_let_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
