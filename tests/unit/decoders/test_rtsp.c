/* rtsp: requests and replies, media between them, no passwords in URIs. */
#include "trials.h"

extern const struct toc_decoder toc_decoder_rtsp;

static void a_session(void **state)
{
	(void)state;
	const struct trial_step steps[] = {
		ORIG("DESCRIBE rtsp://anna:marker@cam.example/1 RTSP/1.0\r\nCSeq: 2\r\nUser-Agent: T\r\n\r\n"),
		RESP("RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 6\r\n\r\nmarker"),
		ORIG("PLAY rtsp://cam/1 RTSP/1.0\r\nCSeq: 3\r\n\r\n"),
		RESP("$\0\0\6markerRTSP/1.0 401 No\r\nCSeq: 3\r\n\r\n$\1\0\6mar"),
		GAP(TOC_RESP, 100),
		RESP("junk\r\n\r\nRTSP/1.0 200 OK\r\nCSeq: 9\r\n\r\n")
	};
	struct trial *t = RUN(&toc_decoder_rtsp, 554, steps);
	trials_hides(t, "marker");
	assert_int_equal(trial_events(t), 3);
	trials_has(t, 0, "method", "\"DESCRIBE\"");
	trials_has(t, 0, "uri", "\"rtsp://cam.example/1\"");
	trials_has(t, 0, "status_code", "200");
	trials_has(t, 1, "method", "\"PLAY\"");
	trials_has(t, 1, "status_code", "401");
	trials_has(t, 2, "seq", "9");
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_rtsp;
	PROBE(d, TOC_ORIG, false, "OPTIONS rtsp://x RTSP/1.0\r\n", TOC_YES);
	PROBE(d, TOC_ORIG, false, "OPTIONS * HTTP/1.1\r\n", TOC_NO);
	PROBE(d, TOC_RESP, false, "RTSP/1.0 ", TOC_YES);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_session), cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
