/* postgresql: startup, logins, statements, TLS; passwords are passed over. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_postgresql;

#define TRY(steps) RUN(&toc_decoder_postgresql, 5432, steps)
#define STARTUP	   "\0\0\0\65\0\3\0\0user\0anna\0database\0db\0application_name\0psql\0\0"
#define AUTH_OK	   "R\0\0\0\10\0\0\0\0"
#define READY	   "Z\0\0\0\5I"

static void a_session(void **state)
{
	(void)state;
	const struct trial_step steps[] = { ORIG("\0\0\0\10\4\322\26\57"),
					    RESP("N"),
					    ORIG(STARTUP),
					    RESP("R\0\0\0\10\0\0\0\3"),
					    ORIG("p\0\0\0\13marker\0"),
					    RESP(AUTH_OK READY),
					    ORIG("Q\0\0\0\15select 1\0"),
					    RESP("T\0\0\0\10markC\0\0\0\15SELECT 7\0" READY),
					    ORIG("Q\0\0\0\43alter role x password 'marker'\0"),
					    RESP("E\0\0\0\33SERROR\0C42501\0Mmarker\0\0" READY),
					    ORIG("P\0\0\0\17s1\0begin\0\0\0S\0\0\0\4"),
					    RESP("1\0\0\0\4" READY),
					    ORIG("X\0\0\0\4") };
	struct trial *t = TRY(steps);
	trials_hides(t, "marker");
	assert_int_equal(trial_events(t), 7);
	trials_has(t, 0, "frontend", "\"ssl_request\"");
	trials_has(t, 0, "backend_arg", "\"N\"");
	trials_has(t, 1, "frontend", "\"startup\"");
	trials_has(t, 1, "user", "\"anna\"");
	trials_has(t, 1, "database", "\"db\"");
	trials_has(t, 1, "application_name", "\"psql\"");
	trials_has(t, 1, "backend", "\"auth_ok\"");
	trials_has(t, 2, "outcome", "\"success\"");
	trials_has(t, 3, "frontend_arg", "\"select 1\"");
	trials_has(t, 3, "rows", "7");
	trials_has(t, 4, "frontend_arg", "\"alter role x password\"");
	trials_has(t, 4, "success", "false");
	trials_has(t, 4, "backend_arg", "\"42501\"");
	trials_has(t, 5, "frontend", "\"parse\"");
	trials_has(t, 5, "success", NULL);
	trials_has(t, 6, "frontend", "\"terminate\"");
	trial_free(t);
}

static void refused_and_tls(void **state)
{
	(void)state;
	const struct trial_step tls[] = { ORIG("\0\0\0\10\4\322\26\57"), RESP("S\26\3\3") };
	struct trial *t = TRY(tls);
	trials_says(t, "{\"child\":\"ssl\"}");
	trial_free(t);
	const struct trial_step refused[] = { ORIG(STARTUP), RESP("E\0\0\0\14C28P01\0\0") };
	t = TRY(refused);
	trials_has(t, 0, "success", "false");
	trials_has(t, 1, "outcome", "\"failure\"");
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_postgresql;
	assert_int_equal(d->probe(toc_span_of(STARTUP, sizeof(STARTUP) - 1), TOC_ORIG, false), TOC_YES);
	assert_int_equal(d->probe(toc_span_of("\0\0\0\10\4\322\26\57", 8), TOC_ORIG, false), TOC_YES);
	assert_int_equal(d->probe(toc_span_of("Q\0\0\0\15sel", 8), TOC_ORIG, true), TOC_YES);
	assert_int_equal(d->probe(toc_span_of("Q\0\0\0\15sel", 8), TOC_ORIG, false), TOC_NO);
	PROBE(d, TOC_ORIG, false, "GET / HTTP/1.0", TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_session), cmocka_unit_test(refused_and_tls),
					    cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
