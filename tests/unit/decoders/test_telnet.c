/* telnet: names and outcomes of logins, typed at once or letter by letter, between options. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_telnet;

#define TRY(steps) RUN(&toc_decoder_telnet, 23, steps)

static void logins(void **state)
{
	(void)state;
	const struct trial_step steps[] = { RESP("\377\375\30\377\373\1"),
					    ORIG("\377\373\30\377\372\30\0xterm\377\360"),
					    RESP("box login: "),
					    ORIG("an\177nn\377\361a\r\0"),
					    RESP("anna\r\nPassword: "),
					    ORIG("marker\r\n"),
					    RESP("\r\nLogin incorrect\r\nbox login: "),
					    ORIG("bob\r\n"),
					    RESP("bob\r\nPassword: "),
					    ORIG("mar"),
					    ORIG("ker\r\0"),
					    RESP("\r\nLast login: Mon\r\n"),
					    RESP("$ password: "),
					    ORIG("marker\r\n") };
	struct trial *t = TRY(steps);
	trials_hides(t, "marker");
	trials_says(t, "{\"confirm\":\"telnet\"}");
	assert_int_equal(trial_events(t), 2);
	trials_has(t, 0, "user", "\"anna\"");
	trials_has(t, 0, "outcome", "\"failure\"");
	trials_has(t, 1, "user", "\"bob\"");
	trials_has(t, 1, "outcome", "\"success\"");
	trial_free(t);
}

/* After a loss nothing typed is a name until the next prompt. */
static void losses(void **state)
{
	(void)state;
	const struct trial_step steps[] = { RESP("login: "),	GAP(TOC_ORIG, 9), ORIG("marker\r\n"),
					    RESP("Password: "), ORIG("x\r\n"),	  RESP("\r\n$ ") };
	struct trial *t = TRY(steps);
	trials_hides(t, "marker");
	trials_has(t, 0, "user", NULL);
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_telnet;
	PROBE(d, TOC_RESP, false, "\377\375\30\377\375\40", TOC_YES);
	PROBE(d, TOC_RESP, true, "\377\375\30", TOC_YES);
	PROBE(d, TOC_RESP, true, "\r\nUsername:", TOC_YES);
	PROBE(d, TOC_RESP, false, "\377\330\377\340", TOC_NO); /* a JPEG */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(logins), cmocka_unit_test(losses),
					    cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
