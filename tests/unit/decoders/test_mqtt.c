/* mqtt: connections, publications with their receipts, subscriptions; no payloads, no passwords. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_mqtt;

#define TRY(steps) RUN(&toc_decoder_mqtt, 1883, steps)
#define CONNECT311 "\20\53\0\4MQTT\4\306\0\74\0\3dev\0\4will\0\6marker\0\4anna\0\6marker"

static void version311(void **state)
{
	(void)state;
	const struct trial_step steps[] = { ORIG(CONNECT311),
					    RESP("\40\2\0\0"),
					    ORIG("\202\14\0\1\0\3a/b\1\0\1#\0"),
					    RESP("\220\4\0\1\1\0"),
					    ORIG("\60\13\0\3a/bmarker"),
					    ORIG("\63\15\0\3a/b\0\7marker"),
					    RESP("\100\2\0\7"),
					    RESP("\64\15\0\3c/d\0\11marker"),
					    ORIG("\120\2\0\11\160\2\0\11"),
					    ORIG("\62\15\0\3e/f\0\10marker"),
					    ORIG("\242\7\0\2\0\3a/b"),
					    RESP("\260\2\0\2") };
	struct trial *t = TRY(steps);
	trials_hides(t, "marker");
	assert_int_equal(trial_events(t), 8);
	trials_has(t, 0, "proto_version", "\"3.1.1\"");
	trials_has(t, 0, "client_id", "\"dev\"");
	trials_has(t, 0, "user", "\"anna\"");
	trials_has(t, 0, "will_topic", "\"will\"");
	trials_has(t, 0, "connect_status", "\"Connection Accepted\"");
	trials_has(t, 1, "outcome", "\"success\"");
	trials_has(t, 2, "topics", "[\"a/b\",\"#\"]");
	trials_has(t, 2, "qos_levels", "[1,0]");
	trials_has(t, 2, "granted_qos_level", "1");
	trials_has(t, 2, "ack", "true");
	trials_has(t, 3, "qos", "\"at most once\"");
	trials_has(t, 3, "payload_len", "6");
	trials_has(t, 4, "retain", "true");
	trials_has(t, 4, "status", "\"ok\"");
	trials_has(t, 5, "from_client", "false");
	trials_has(t, 5, "qos", "\"exactly once\"");
	trials_has(t, 6, "action", "\"MQTT::UNSUBSCRIBE\"");
	trials_has(t, 7, "topic", "\"e/f\""); /* no receipt came */
	trials_has(t, 7, "status", NULL);
	trial_free(t);
}

static void version5(void **state)
{
	(void)state;
	const struct trial_step steps[] = { ORIG("\20\32\0\4MQTT\5\200\0\0\5\21\0\0\0\1\0\2id\0\4anna"),
					    RESP("\40\3\0\207\0"), ORIG("\60\12\0\1t\3\43\0\1abc"), GAP(TOC_ORIG, 9) };
	struct trial *t = TRY(steps);
	trials_has(t, 0, "proto_version", "\"5.0\"");
	trials_has(t, 0, "connect_status", "\"Connection Refused: not authorized\"");
	trials_has(t, 1, "outcome", "\"failure\"");
	trials_has(t, 2, "payload_len", "3");
	trials_says(t, "{\"done\":\"mqtt\"}");
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_mqtt;
	assert_int_equal(d->probe(toc_span_of(CONNECT311, sizeof(CONNECT311) - 1), TOC_ORIG, false), TOC_YES);
	assert_int_equal(d->probe(toc_span_of("\320\0", 2), TOC_RESP, false), TOC_YES);
	assert_int_equal(d->probe(toc_span_of("\300\0", 2), TOC_ORIG, false), TOC_MAYBE);
	assert_int_equal(d->probe(toc_span_of("\20\13\0\4HTTP\4", 9), TOC_ORIG, true), TOC_NO);
	PROBE(d, TOC_ORIG, true, "GET ", TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(version311), cmocka_unit_test(version5),
					    cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
