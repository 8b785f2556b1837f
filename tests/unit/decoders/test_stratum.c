/* stratum: miners of both kinds; no other JSON-RPC. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_stratum;

static void miners(void **state)
{
	(void)state;
	const struct trial_step steps[] = {
		ORIG("{\"id\": 1, \"method\": \"mining.subscribe\", \"params\": [\"cpuminer/2.5\"]}\n"),
		RESP("{\"id\":1,\"result\":[[],\"08\",4],\"error\":null}\n"),
		ORIG("{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"worker.1\",\"marker\"]}\n"),
		RESP("{\"id\":null,\"method\":\"mining.notify\",\"params\":[]}\n"),
		ORIG("{\"id\":1,\"method\":\"login\",\"params\":{\"login\":\"4Abc\",\"pass\":\"marker\",\"agent\":"
		     "\"XMRig/6\"}}\n"),
		ORIG("{\"id\":4,\"method\":\"mining.submit\",\"params\":[\"x\"]}\n")
	};
	struct trial *t = RUN(&toc_decoder_stratum, 3333, steps);
	trials_hides(t, "marker");
	trials_says(t, "{\"confirm\":\"stratum\"}");
	assert_int_equal(trial_events(t), 3);
	trials_has(t, 0, "agent", "\"cpuminer/2.5\"");
	trials_has(t, 0, "user", NULL);
	trials_has(t, 1, "user", "\"worker.1\"");
	trials_has(t, 2, "method", "\"login\"");
	trials_has(t, 2, "user", "\"4Abc\"");
	trials_has(t, 2, "agent", "\"XMRig/6\"");
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_stratum;
	PROBE(d, TOC_ORIG, false, "{\"method\":\"mining.subscribe\"}\n", TOC_YES);
	PROBE(d, TOC_ORIG, false, "{\"method\":\"login\",\"params\":{\"user\":\"x\"}}\n", TOC_NO);
	PROBE(d, TOC_RESP, false, "{\"method\":\"mining.set_difficulty\",\"params\":[1]}\n", TOC_YES);
	PROBE(d, TOC_ORIG, false, "[1]\n", TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(miners), cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
