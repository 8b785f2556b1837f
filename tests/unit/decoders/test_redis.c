/* redis: commands and outcomes, pipelined and nested, without values and proofs. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_redis;

#define TRY(steps) RUN(&toc_decoder_redis, 6379, steps)

static void commands(void **state)
{
	(void)state;
	const struct trial_step steps[] = { ORIG("*2\r\n$4\r\nAUTH\r\n$6\r\nmarker\r\n"),
					    RESP("-WRONGPASS marker\r\n"),
					    ORIG("*3\r\n$5\r\nHELLO\r\n$6\r\nmarker\r\n$0\r\n\r\n*1\r\n$4\r\nPING\r\n"),
					    RESP("*2\r\n*1\r\n$6\r\nmarker\r\n:5\r\n+PONG\r\n"),
					    ORIG("*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$8\r\nmarker\r\n\r\n*2\r\n$"
						 "3\r\nGET\r\n$3\r\nkey\r\nINFO all\r\n"),
					    RESP("+OK\r\n$8\r\nmarker\r\n\r\n$-1\r\n"),
					    ORIG("*2\r\n$4\r\nKEYS\r\n$1\r\n*\r\n"),
					    RESP("*0\r\n+push\r\n") };
	struct trial *t = TRY(steps);
	trials_hides(t, "marker");
	assert_int_equal(trial_events(t), 8);
	trials_has(t, 0, "cmd.name", "\"AUTH\"");
	trials_has(t, 0, "cmd.key", NULL);
	trials_has(t, 0, "success", "false");
	trials_has(t, 0, "reply.value", "\"WRONGPASS\"");
	trials_has(t, 1, "outcome", "\"failure\"");
	trials_has(t, 2, "cmd.name", "\"HELLO\"");
	trials_has(t, 3, "reply.value", "\"PONG\"");
	trials_has(t, 4, "cmd.key", "\"key\"");
	trials_has(t, 4, "success", "true");
	trials_has(t, 5, "cmd.name", "\"GET\"");
	trials_has(t, 5, "reply.value", NULL);
	trials_has(t, 6, "cmd.name", "\"INFO\"");
	trials_has(t, 7, "success", "true");
	trial_free(t);
}

static void broken(void **state)
{
	(void)state;
	const struct trial_step steps[] = { ORIG("*1\r\n$4\r\nPING\r\n*x\r\n") };
	struct trial *t = TRY(steps);
	trials_says(t, "{\"bad\":\"redis\"}");
	trials_has(t, 0, "success", NULL);
	trial_free(t);
	const struct trial_step lost[] = { ORIG("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$9000\r\nmarker"), GAP(TOC_ORIG, 5000),
					   ORIG("marker"), GAP(TOC_ORIG, 4000) };
	t = TRY(lost);
	trials_says(t, "{\"done\":\"redis\"}");
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_redis;
	PROBE(d, TOC_ORIG, false, "*2\r\n$4\r\n", TOC_YES);
	PROBE(d, TOC_ORIG, false, "* OK IMAP\r\n", TOC_NO);
	PROBE(d, TOC_RESP, true, "-NOAUTH x\r\n", TOC_YES);
	PROBE(d, TOC_RESP, false, "220 x\r\n", TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(commands), cmocka_unit_test(broken),
					    cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
