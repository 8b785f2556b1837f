/* openvpn: each wrapping, over datagrams and streams; a session is named when both sides began it. */
#include "test.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_openvpn;

#define C    "0102030405060708 "
#define S    "1112131415161718 "
#define TIME "65000000 "

static const struct session {
	const char *wrapping, *client, *server;
} sessions[] = {
	{ "\"none\"", "38" C "00 00000000", "40" S "01 00000000" C "00000000" },
	{ "\"tls-auth\"", "38" C "aa*20 00000001" TIME "00 00000000",
	  "40" S "bb*20 00000001" TIME "01 00000000" C "00000000" },
	{ "\"tls-auth\"", "38" C "aa*64 00000001" TIME "00 00000000",
	  "40" S "bb*64 00000001" TIME "01 00000000" C "00000000" },
	{ "\"tls-crypt\"", "38" C "00000001" TIME "aa*37", "40" S "00000001" TIME "bb*50" },
	{ "\"tls-crypt\"", "50" C "0f000001" TIME "aa*200", "40" S "00000001" TIME "bb*50" },
};

static void each_wrapping_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++) {
		struct trial *t = trial_new(&toc_decoder_openvpn, TOC_OVER_UDP, 1194);
		assert_int_equal(hex_probe(&toc_decoder_openvpn, TOC_ORIG, false, sessions[i].client), TOC_YES);
		hex_feed(t, TOC_ORIG, sessions[i].client);
		hex_feed(t, TOC_ORIG, sessions[i].client);
		assert_false(hex_confirmed(t, "openvpn"));
		hex_feed(t, TOC_RESP, sessions[i].server);
		assert_true(hex_confirmed(t, "openvpn"));
		assert_field(t, 0, "wrapping", sessions[i].wrapping);
		assert_field(t, 0, "proto", "\"udp\"");
		trial_free(t);
	}
}

static void streams_have_lengths(void **state)
{
	(void)state;
	struct hex client = hex_of("000e 38" C "00 00000000"), server = hex_of("001a 40" S "01 00000000" C "00000000");
	struct trial_step steps[] = { { TOC_ORIG, client.b, client.n }, { TOC_RESP, server.b, server.n } };
	assert_true(trial_same_however_cut(&toc_decoder_openvpn, 1194, steps, 2, 20));
	char *text = trial_run(&toc_decoder_openvpn, TOC_OVER_TCP, 1194, steps, 2);
	assert_non_null(strstr(text, "{\"confirm\":\"openvpn\"}"));
	free(text);
	assert_int_equal(hex_probe(&toc_decoder_openvpn, TOC_ORIG, false, "00"), TOC_MAYBE);
	assert_int_equal(hex_probe(&toc_decoder_openvpn, TOC_ORIG, false, "000e 38" C "00 00000000"), TOC_YES);
	assert_int_equal(hex_probe(&toc_decoder_openvpn, TOC_ORIG, false, "000e 16"), TOC_NO);
}

static void an_answer_to_another_is_none(void **state)
{
	(void)state;
	static const char *const wrong[] = { "40" S "01 00000000" S "00000000", /* another's session */
					     "40" C "01 00000000" C "00000000", /* an echo */
					     "40" S "00000001" TIME "bb*50",	/* another wrapping */
					     "38" S "01 00000000" C "00000000" };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct trial *t = trial_new(&toc_decoder_openvpn, TOC_OVER_UDP, 1194);
		hex_feed(t, TOC_ORIG, sessions[0].client);
		hex_feed(t, TOC_RESP, wrong[i]);
		assert_false(hex_confirmed(t, "openvpn"));
		assert_non_null(strstr(trial_text(t), "{\"bad\""));
		trial_free(t);
	}
}

static void what_is_no_openvpn(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_openvpn;
	assert_int_equal(hex_probe(d, TOC_ORIG, true, "38 00*8 00 00000000"), TOC_NO);		  /* no session */
	assert_int_equal(hex_probe(d, TOC_ORIG, true, "39" C "00 00000000"), TOC_NO);		  /* another key's */
	assert_int_equal(hex_probe(d, TOC_ORIG, true, "38" C "00 00000001"), TOC_NO);		  /* not the first */
	assert_int_equal(hex_probe(d, TOC_ORIG, true, "38" C "00000001 00000001 aa*37"), TOC_NO); /* in 1970 */
	assert_int_equal(hex_probe(d, TOC_RESP, true, "38" C "00 00000000"), TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_wrapping_is_told),
		cmocka_unit_test(streams_have_lengths),
		cmocka_unit_test(an_answer_to_another_is_none),
		cmocka_unit_test(what_is_no_openvpn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
