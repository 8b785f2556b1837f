/* socks: versions 4, 4a and 5, proofs that are not told, and what is tunnelled. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_socks;

static void version5(void **state)
{
	(void)state;
	const struct trial_step steps[] = { ORIG("\5\2\0\2"),
					    RESP("\5\2"),
					    ORIG("\1\4anna\6marker"),
					    RESP("\1\0"),
					    ORIG("\5\1\0\3\13example.org\1\273"),
					    RESP("\5\0\0\1\12\0\0\2\4\1\26\3\1") };
	struct trial *t = RUN(&toc_decoder_socks, 1080, steps);
	trials_hides(t, "marker");
	trials_says(t, "{\"tunnel\":\"Tunnel::SOCKS\"}");
	trials_says(t, "{\"child\":\"(probe)\"}");
	assert_int_equal(trial_events(t), 1);
	trials_has(t, 0, "version", "5");
	trials_has(t, 0, "user", "\"anna\"");
	trials_has(t, 0, "request.name", "\"example.org\"");
	trials_has(t, 0, "request_p", "443");
	trials_has(t, 0, "status", "\"succeeded\"");
	trials_has(t, 0, "bound.host", "\"10.0.0.2\"");
	trials_has(t, 0, "bound_p", "1025");
	trial_free(t);
}

static void refused(void **state)
{
	(void)state;
	const struct trial_step denied[] = { ORIG("\5\1\2"), RESP("\5\2"), ORIG("\1\4anna\6marker"), RESP("\1\1") };
	struct trial *t = RUN(&toc_decoder_socks, 1080, denied);
	trials_has(t, 0, "user", "\"anna\"");
	trials_has(t, 0, "status", NULL);
	trials_hides(t, "marker");
	trial_free(t);
	const struct trial_step unreachable[] = { ORIG("\5\1\0"), RESP("\5\0"), ORIG("\5\1\0\1\1\2\3\4\0\120"),
						  RESP("\5\4\0\1\0\0\0\0\0\0") };
	t = RUN(&toc_decoder_socks, 1080, unreachable);
	trials_has(t, 0, "status", "\"Host unreachable\"");
	trials_has(t, 0, "request.host", "\"1.2.3.4\"");
	trials_hides(t, "child");
	trials_hides(t, "tunnel");
	trial_free(t);
}

static void version4(void **state)
{
	(void)state;
	const struct trial_step steps[] = { ORIG("\4\1\0\120\1\2\3\4me\0"),
					    RESP("\0\132\0\120\1\2\3\4HTTP/1.1 200 OK\r\n\r\n") };
	struct trial *t = RUN(&toc_decoder_socks, 1080, steps);
	trials_has(t, 0, "version", "4");
	trials_has(t, 0, "user", "\"me\"");
	trials_has(t, 0, "request.host", "\"1.2.3.4\"");
	trials_says(t, "child");
	trial_free(t);
	const struct trial_step named[] = { ORIG("\4\1\0\120\0\0\0\1\0host.example\0"), RESP("\0\133\0\0\0\0\0\0") };
	t = RUN(&toc_decoder_socks, 1080, named);
	trials_has(t, 0, "request.name", "\"host.example\"");
	trials_has(t, 0, "status", "\"general SOCKS server failure\"");
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_socks;
	PROBE(d, TOC_ORIG, true, "\5\1\0", TOC_YES);
	PROBE(d, TOC_ORIG, false, "\5\1\0", TOC_MAYBE);
	PROBE(d, TOC_ORIG, false, "\5\1\0\5\1\0\3", TOC_YES);
	PROBE(d, TOC_ORIG, true, "\5\0\13\3\20\0", TOC_NO); /* DCE/RPC */
	assert_int_equal(d->probe(toc_span_of("\5\0", 2), TOC_RESP, false), TOC_YES);
	assert_int_equal(d->probe(toc_span_of("\5\0\14\3", 4), TOC_RESP, false), TOC_NO);
	assert_int_equal(d->probe(toc_span_of("\4\1\0\120\1\2\3\4me\0", 11), TOC_ORIG, true), TOC_YES);
	assert_int_equal(d->probe(toc_span_of("\4\1\0\120\1\2\3\4me\0x", 12), TOC_ORIG, true), TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(version5), cmocka_unit_test(refused),
					    cmocka_unit_test(version4), cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
