/* syslog: facility and severity of messages in datagrams and streams, framed in both ways; never their words. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_syslog;

static void datagrams(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_syslog, TOC_OVER_UDP, 514);
	const struct trial_step steps[] = { ORIG("<34>Oct 11 22:14:15 mx su: marker"), ORIG("marker without"),
					    ORIG("<999>x"), ORIG("<191>1 2003-10-11T22:14:15.003Z h a - - - marker") };
	for (unsigned i = 0; i < 4; i++)
		trial_feed(t, &steps[i]);
	trial_end(t, TOC_END_TIMEOUT);
	trials_hides(t, "marker");
	assert_int_equal(trial_events(t), 4);
	trials_has(t, 0, "proto", "\"udp\"");
	trials_has(t, 0, "facility", "\"AUTH\"");
	trials_has(t, 0, "severity", "\"CRIT\"");
	trials_has(t, 1, "facility", "\"UNSPECIFIED\"");
	trials_has(t, 2, "severity", "\"UNSPECIFIED\"");
	trials_has(t, 3, "facility", "\"LOCAL7\"");
	trials_has(t, 3, "severity", "\"DEBUG\"");
	trial_free(t);
}

static void streams(void **state)
{
	(void)state;
	const struct trial_step steps[] = {
		ORIG("<13>Oct 11 x: marker\n<14>Oct 12 y\r\n18 <15>two\nlines mark12 <0>marker 8\n"), GAP(TOC_ORIG, 30),
		ORIG("<1>rest\n<2>whole\n")
	};
	struct trial *t = RUN(&toc_decoder_syslog, 514, steps);
	trials_hides(t, "marker");
	assert_int_equal(trial_events(t), 5);
	trials_has(t, 0, "severity", "\"NOTICE\"");
	trials_has(t, 1, "severity", "\"INFO\"");
	trials_has(t, 2, "severity", "\"DEBUG\"");
	trials_has(t, 3, "severity", "\"EMERG\"");
	trials_has(t, 4, "severity", "\"CRIT\"");
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_syslog;
	PROBE(d, TOC_ORIG, false, "<34>Oct 11 ", TOC_YES);
	assert_int_equal(d->probe(toc_span_str("<34>1 - h a"), TOC_ORIG, false), TOC_YES);
	assert_int_equal(d->probe(toc_span_str("15 <34>Oct 11 22"), TOC_ORIG, false), TOC_YES);
	assert_int_equal(d->probe(toc_span_str("<34>something"), TOC_ORIG, false), TOC_NO);
	assert_int_equal(d->probe(toc_span_str("<34>something"), TOC_ORIG, true), TOC_YES);
	assert_int_equal(d->probe(toc_span_str("<?xml version"), TOC_ORIG, true), TOC_NO);
	assert_int_equal(d->probe(toc_span_of("1022\0root\0root\0id\0", 18), TOC_ORIG, true), TOC_NO); /* rsh */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(datagrams), cmocka_unit_test(streams),
					    cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
