/* rfb: versions, kinds of security and their results. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_rfb;

#define CHALLENGE "0123456789abcdef"
#define INIT	  "\5\0\3\0" CHALLENGE "\0\0\0\4desk"

static void vnc38(void **state)
{
	(void)state;
	const struct trial_step steps[] = {
		RESP("RFB 003.008\n"),	  ORIG("RFB 003.008\n"), RESP("\2\1\2"), ORIG("\2"), RESP(CHALLENGE),
		ORIG("marker-marker-16"), RESP("\0\0\0\0"),	 ORIG("\1"),	 RESP(INIT)
	};
	struct trial *t = RUN(&toc_decoder_rfb, 5900, steps);
	trials_hides(t, "marker");
	assert_int_equal(trial_events(t), 2);
	trials_has(t, 0, "outcome", "\"success\"");
	trials_has(t, 1, "authentication_method", "\"VNC\"");
	trials_has(t, 1, "auth", "true");
	trials_has(t, 1, "share_flag", "true");
	trials_has(t, 1, "desktop_name", "\"desk\"");
	trials_has(t, 1, "width", "1280");
	trials_has(t, 1, "client_minor_version", "\"008\"");
	trial_free(t);
}

static void older_and_others(void **state)
{
	(void)state;
	const struct trial_step v33[] = { RESP("RFB 003.003\n"), ORIG("RFB 003.003\n"), RESP("\0\0\0\2" CHALLENGE),
					  ORIG(CHALLENGE), RESP("\0\0\0\1") };
	struct trial *t = RUN(&toc_decoder_rfb, 5900, v33);
	trials_has(t, 0, "outcome", "\"failure\"");
	trials_has(t, 1, "auth", "false");
	trial_free(t);
	const struct trial_step none37[] = { RESP("RFB 003.007\n"), ORIG("RFB 003.007\n"), RESP("\1\1"), ORIG("\1\0"),
					     RESP(INIT) };
	t = RUN(&toc_decoder_rfb, 5900, none37);
	trials_has(t, 0, "authentication_method", "\"None\"");
	trials_has(t, 0, "auth", NULL);
	trials_has(t, 0, "share_flag", "false");
	trial_free(t);
	const struct trial_step tls[] = { RESP("RFB 003.008\n"), ORIG("RFB 003.008\n"), RESP("\1\23"), ORIG("\23"),
					  RESP("\0\2") };
	t = RUN(&toc_decoder_rfb, 5900, tls);
	trials_has(t, 0, "authentication_method", "\"VeNCrypt\"");
	trial_free(t);
	const struct trial_step refused[] = { RESP("RFB 003.008\n"), ORIG("RFB 003.008\n"), RESP("\0\0\0\0\3no!") };
	t = RUN(&toc_decoder_rfb, 5900, refused);
	trials_has(t, 0, "authentication_method", NULL);
	trial_free(t);
	const struct trial_step apple[] = { RESP("RFB 003.889\n"), ORIG("RFB 003.889\n"), RESP("\1\36"), ORIG("\36"),
					    RESP("\0\2\0\2abcd\0\0\0\0") };
	t = RUN(&toc_decoder_rfb, 5900, apple);
	trials_has(t, 1, "authentication_method", "\"Apple Remote Desktop\"");
	trials_has(t, 1, "auth", "true");
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	PROBE(&toc_decoder_rfb, TOC_RESP, false, "RFB 003.008\n", TOC_YES);
	PROBE(&toc_decoder_rfb, TOC_RESP, true, "RFB 00x.008\n", TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(vnc38), cmocka_unit_test(older_and_others),
					    cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
