/* sip: rows of requests and replies by their transaction, over UDP and TCP. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_sip;

#define INVITE                                                                                                         \
	"INVITE sip:bob@b.example SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9\r\nFrom: \"A\" "                      \
	"<sip:a@a.example>;tag=1\r\n"                                                                                  \
	"t: <sip:bob@b.example>\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\nUser-Agent: T/1\r\nAuthorization: marker\r\n"      \
	"Subject: marker\r\nContent-Length: 8\r\n\r\nv=marker"
#define REPLY(code, seq)                                                                                               \
	"SIP/2.0 " code                                                                                                \
	"\r\nFrom: \"A\" <sip:a@a.example>;tag=1\r\nTo: <sip:bob@b.example>;tag=2\r\ni: c1\r\nCSeq: " seq              \
	"\r\nl: 0\r\n\r\n"

static void a_call(void **state)
{
	(void)state;
	const struct trial_step steps[] = { ORIG(INVITE),
					    RESP(REPLY("100 Trying", "1 INVITE") REPLY("180 Ringing", "1 INVITE")),
					    ORIG("\r\n\r\n" INVITE),
					    RESP(REPLY("200 OK", "1 INVITE")),
					    ORIG("ACK sip:bob@b SIP/2.0\r\nCall-ID: c1\r\nCSeq: 1 ACK\r\n\r\n"),
					    ORIG("BYE sip:bob@b SIP/2.0\r\nCall-ID: c1\r\nCSeq: 2 BYE\r\n\r\n") };
	struct trial *t = RUN(&toc_decoder_sip, 5060, steps);
	trials_hides(t, "marker");
	assert_int_equal(trial_events(t), 4);
	const char *codes[] = { "100", "180", "200", NULL };
	for (unsigned i = 0; i < 4; i++) {
		trials_has(t, i, "status_code", codes[i]);
		trials_has(t, i, "method", i < 3 ? "\"INVITE\"" : "\"BYE\"");
		trials_has(t, i, "trans_depth", i < 3 ? "1" : "2");
		trials_has(t, i, "user_agent", i < 3 ? "\"T/1\"" : NULL);
		trials_has(t, i, "request_from", i < 3 ? "\"\\\"A\\\" <sip:a@a.example>\"" : NULL);
	}
	trials_has(t, 0, "uri", "\"sip:bob@b.example\"");
	trials_has(t, 0, "request_path", "[\"SIP/2.0/UDP 10.0.0.1\"]");
	trials_has(t, 0, "request_body_len", "8");
	trials_has(t, 0, "response_to", "\"<sip:bob@b.example>\"");
	trial_free(t);
}

/* A request within a dialog, then its CANCEL: both replies to the first are told with what it said. */
static void cancelled(void **state)
{
	(void)state;
#define AGAIN(method)                                                                                                  \
	method " sip:bob@b.example SIP/2.0\r\nFrom: <sip:a@a.example>;tag=1\r\nTo: "                                   \
	       "<sip:bob@b.example>;tag=2\r\nCall-ID: c1\r\nCSeq: 3 " method "\r\n\r\n"
	const struct trial_step steps[] = { ORIG(AGAIN("INVITE")), RESP(REPLY("100 Trying", "3 INVITE")),
					    ORIG(AGAIN("CANCEL")), RESP(REPLY("200 OK", "3 CANCEL")),
					    RESP(REPLY("487 Request Terminated", "3 INVITE")) };
	struct trial *t = RUN(&toc_decoder_sip, 5060, steps);
	assert_int_equal(trial_events(t), 3);
	trials_has(t, 2, "status_code", "487");
	trials_has(t, 2, "method", "\"INVITE\"");
	trials_has(t, 2, "uri", "\"sip:bob@b.example\"");
	trials_has(t, 2, "trans_depth", "1");
	trials_has(t, 2, "request_to", "\"<sip:bob@b.example>;tag=2\"");
	trials_has(t, 2, "response_to", "\"<sip:bob@b.example>\"");
	trial_free(t);
}

static void datagrams(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_sip, TOC_OVER_UDP, 5060);
	const struct trial_step steps[] = { ORIG("\r\n\r\n"), RESP(REPLY("401 Unauthorized", "7 REGISTER")),
					    ORIG("jaK") };
	for (unsigned i = 0; i < 3; i++)
		trial_feed(t, &steps[i]);
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 1);
	trials_has(t, 0, "method", "\"REGISTER\"");
	trials_has(t, 0, "status_code", "401");
	trial_free(t);
}

static void losses(void **state)
{
	(void)state;
	const struct trial_step steps[] = { ORIG(INVITE), RESP("SIP/2.0 180 R\r\nCSe"), GAP(TOC_RESP, 50),
					    RESP("x: y\r\n\r\n" REPLY("200 OK", "1 INVITE")) };
	struct trial *t = RUN(&toc_decoder_sip, 5060, steps);
	assert_int_equal(trial_events(t), 1);
	trials_has(t, 0, "status_code", "200");
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_sip;
	PROBE(d, TOC_ORIG, false, "REGISTER sip:x SIP/2.0\r\n", TOC_YES);
	PROBE(d, TOC_RESP, false, "SIP/2.0 200 OK\r\n", TOC_YES);
	PROBE(d, TOC_ORIG, true, "GET /sip HTTP/1.1\r\n", TOC_NO);
	PROBE(d, TOC_ORIG, false, "OPTIONS rtsp://x RTSP/1.0\r\n", TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_call), cmocka_unit_test(cancelled),
					    cmocka_unit_test(datagrams), cmocka_unit_test(losses),
					    cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
