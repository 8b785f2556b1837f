/* mysql: logins and commands, without what proves or sets a password. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_mysql;

#define ZERO23 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define GREETING                                                                                                       \
	"\53\0\0\0\12"                                                                                                 \
	"8.0.3\0"                                                                                                      \
	"\1\0\0\0abcdefgh\0\377\367\10\2\0\377\201\25\0\0\0\0\0\0\0\0\0\0abcde"
#define LOGIN "\53\0\0\1\205\242\36\0\0\0\0\1\10" ZERO23 "anna\0marker"
#define OK    "\7\0\0\2\0\3\0\2\0\0\0"

static void a_session(void **state)
{
	(void)state;
	const struct trial_step steps[] = { RESP(GREETING),
					    ORIG(LOGIN),
					    RESP("\5\0\0\2\376abc\0"), /* another method is asked for */
					    ORIG("\6\0\0\3marker"),
					    RESP(OK),
					    ORIG("\11\0\0\0\3select 1"),
					    RESP("\1\0\0\1\1\1\0\0\2x"),
					    ORIG("\44\0\0\0\3set password = 'marker-and-more-so'"),
					    RESP("\20\0\0\1\377\42\4#28000denied!"),
					    ORIG("\1\0\0\0\1") };
	struct trial *t = RUN(&toc_decoder_mysql, 3306, steps);
	trials_hides(t, "marker");
	assert_int_equal(trial_events(t), 5);
	trials_has(t, 0, "cmd", "\"login\"");
	trials_has(t, 0, "arg", "\"anna\"");
	trials_has(t, 0, "success", "true");
	trials_has(t, 0, "rows", "3");
	trials_has(t, 1, "outcome", "\"success\"");
	trials_has(t, 2, "cmd", "\"query\"");
	trials_has(t, 2, "arg", "\"select 1\"");
	trials_has(t, 3, "arg", "\"set password\"");
	trials_has(t, 3, "success", "false");
	trials_has(t, 3, "response", "\"denied!\"");
	trials_has(t, 4, "cmd", "\"quit\"");
	trials_has(t, 4, "success", NULL);
	trial_free(t);
}

static void tls_and_losses(void **state)
{
	(void)state;
	const struct trial_step tls[] = { RESP(GREETING), ORIG("\40\0\0\1\205\252\36\0\0\0\0\1\10" ZERO23 "\26\3\1") };
	struct trial *t = RUN(&toc_decoder_mysql, 3306, tls);
	trials_says(t, "{\"child\":\"ssl\"}");
	trial_free(t);
	const struct trial_step lost[] = { RESP(GREETING), ORIG(LOGIN), RESP(OK), ORIG("\11\0\0\0\3select 2"),
					   GAP(TOC_RESP, 9) };
	t = RUN(&toc_decoder_mysql, 3306, lost);
	trials_has(t, 2, "arg", "\"select 2\"");
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_mysql;
	assert_int_equal(d->probe(toc_span_of(GREETING, sizeof(GREETING) - 1), TOC_RESP, false), TOC_YES);
	assert_int_equal(d->probe(toc_span_of(LOGIN, sizeof(LOGIN) - 1), TOC_ORIG, true), TOC_YES);
	assert_int_equal(d->probe(toc_span_of(LOGIN, sizeof(LOGIN) - 1), TOC_ORIG, false), TOC_NO);
	PROBE(d, TOC_RESP, true, "HTTP/1.1 200", TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_session), cmocka_unit_test(tls_and_losses),
					    cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
