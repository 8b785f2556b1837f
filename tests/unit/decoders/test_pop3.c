/* pop3: logins and counts; mail is passed over, whatever it looks like. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_pop3;

#define TRY(steps) RUN(&toc_decoder_pop3, 110, steps)

static void a_session(void **state)
{
	(void)state;
	const struct trial_step steps[] = {
		RESP("+OK ready\r\n"),
		ORIG("CAPA\r\n"),
		RESP("+OK\r\nUSER\r\nSTLS\r\n.\r\n"),
		ORIG("USER anna\r\n"),
		RESP("+OK\r\n"),
		ORIG("PASS marker\r\n"),
		RESP("-ERR no marker\r\n"),
		ORIG("USER anna\r\nPASS marker2\r\n"),
		RESP("+OK\r\n+OK in\r\n"),
		ORIG("LIST\r\nRETR 1\r\nRETR 2\r\nDELE 1\r\nLIST 1\r\n"),
		RESP("+OK\r\n1 5\r\n.\r\n+OK\r\nSubject: marker\r\n\r\n+OK marker\r\n..\r\n.\r\n"
		     "-ERR none\r\n+OK\r\n+OK 1 5\r\n"),
		ORIG("QUIT\r\n"),
		RESP("+OK\r\n")
	};
	struct trial *t = TRY(steps);
	trials_hides(t, "marker");
	assert_int_equal(trial_events(t), 3);
	trials_has(t, 0, "outcome", "\"failure\"");
	trials_has(t, 1, "outcome", "\"success\"");
	trials_has(t, 2, "user", "\"anna\"");
	trials_has(t, 2, "success", "true");
	trials_has(t, 2, "retrieved", "1");
	trials_has(t, 2, "deleted", "1");
	trials_has(t, 2, "tls", "false");
	trial_free(t);
}

static void tls_and_proofs(void **state)
{
	(void)state;
	const struct trial_step tls[] = { RESP("+OK x\r\n"), ORIG("STLS\r\n"), RESP("+OK\r\n") };
	struct trial *t = TRY(tls);
	trials_says(t, "{\"child\":\"ssl\"}");
	trials_has(t, 0, "tls", "true");
	trial_free(t);
	const struct trial_step sasl[] = { RESP("+OK x\r\n"),		ORIG("AUTH PLAIN\r\n"), RESP("+ \r\n"),
					   ORIG("USER marker\r\n"),	RESP("+OK\r\n"),	GAP(TOC_RESP, 5),
					   ORIG("APOP bob marker\r\n"), RESP("x\r\n+OK\r\n") };
	t = TRY(sasl);
	trials_hides(t, "marker");
	trials_has(t, 0, "method", "\"PLAIN\"");
	trials_has(t, 1, "method", "\"APOP\"");
	trials_has(t, 1, "user", "\"bob\"");
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_pop3;
	PROBE(d, TOC_RESP, true, "+OK\r\n", TOC_YES);
	PROBE(d, TOC_RESP, false, "+OK POP3 ready\r\n", TOC_YES);
	PROBE(d, TOC_RESP, false, "+OK\r\n", TOC_NO);
	PROBE(d, TOC_ORIG, false, "STLS\r\n", TOC_YES);
	PROBE(d, TOC_ORIG, false, "USER a\r\n", TOC_MAYBE);
	PROBE(d, TOC_RESP, true, "220 x\r\n", TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_session), cmocka_unit_test(tls_and_proofs),
					    cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
