/* imap: logins and counts; literals and mail are passed over. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_imap;

#define TRY(steps) RUN(&toc_decoder_imap, 143, steps)

static void a_session(void **state)
{
	(void)state;
	const struct trial_step steps[] = { RESP("* OK IMAP4rev1 ready\r\n"),
					    ORIG("a1 LOGIN anna \"marker\"\r\n"),
					    RESP("* CAPABILITY x\r\na1 NO marker\r\n"),
					    ORIG("a2 LOGIN {4}\r\nanna {6}\r\nmarker\r\n"),
					    RESP("+ go\r\n+ go\r\na2 OK in\r\n"),
					    ORIG("a3 UID FETCH 1 BODY[]\r\na4 FETCH 2 BODY[]\r\n"),
					    RESP("* 1 FETCH (BODY[] {23}\r\na9 OK marker\r\nmarker\r\n)\r\na3 OK\r\n"),
					    ORIG("a5 APPEND x {24+}\r\nb LOGIN marker marker1\r\n\r\n"),
					    ORIG("a6 LOGOUT\r\n") };
	struct trial *t = TRY(steps);
	trials_hides(t, "marker");
	assert_int_equal(trial_events(t), 3);
	trials_has(t, 0, "outcome", "\"failure\"");
	trials_has(t, 0, "user", "\"anna\"");
	trials_has(t, 1, "outcome", "\"success\"");
	trials_has(t, 2, "fetches", "2");
	trials_has(t, 2, "appends", "1");
	trials_has(t, 2, "success", "true");
	trial_free(t);
}

static void tls_and_proofs(void **state)
{
	(void)state;
	const struct trial_step tls[] = { RESP("* OK x\r\n"), ORIG("1 STARTTLS\r\n"), RESP("1 OK\r\n") };
	struct trial *t = TRY(tls);
	trials_says(t, "{\"child\":\"ssl\"}");
	trial_free(t);
	const struct trial_step sasl[] = { RESP("* OK x\r\n"), ORIG("1 AUTHENTICATE PLAIN\r\n"),
					   RESP("+\r\n"),      ORIG("x LOGIN marker marker\r\n"),
					   RESP("1 OK\r\n"),   ORIG("2 AUTHENTICATE PLAIN\r\n"),
					   RESP("+\r\n"),      ORIG("AGFubmEAbWFya2Vy\r\n"),
					   RESP("2 NO\r\n") };
	t = TRY(sasl);
	trials_hides(t, "marker");
	trials_has(t, 0, "method", "\"PLAIN\"");
	trials_has(t, 1, "user", "\"anna\"");
	trial_free(t);
	const struct trial_step lost[] = { RESP("* OK x\r\n"), ORIG("1 NOOP\r\n"), GAP(TOC_ORIG, 100),
					   ORIG("2 LOGIN marker x\r\n") };
	t = TRY(lost);
	trials_hides(t, "marker"); /* may be mail, for all that is known */
	assert_int_equal(trial_events(t), 1);
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_imap;
	PROBE(d, TOC_RESP, true, "* OK hi\r\n", TOC_YES);
	assert_int_equal(d->probe(toc_span_str("* OK IMAP4 hi\r\n"), TOC_RESP, false), TOC_YES);
	PROBE(d, TOC_ORIG, false, "a001 CAPABILITY\r\n", TOC_YES);
	PROBE(d, TOC_ORIG, true, "EHLO x\r\n", TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_session), cmocka_unit_test(tls_and_proofs),
					    cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
