/* http: messages that receivers read though RFC 9112 forbids them, and so the ones behind which things are hidden. */
#include "test.h"

#include "harness.h"

extern const struct toc_decoder toc_decoder_http;

#define GET "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"

/* A reply to GET, and what the body must come to: its length, the codings noted, and an oddity. */
struct odd {
	const char *reply;
	size_t n;
	unsigned seen;
	const char *note;
};
#define ODD(reply, seen, note)                                                                                         \
	{                                                                                                              \
		reply, sizeof(reply) - 1, seen, note                                                                   \
	}
#define CHUNKS "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
#define PLAIN  "hello world"
#define TE     "Transfer-Encoding: chunked\r\n\r\n"
#define HEAD   "HTTP/1.1 200 ok\r\n"
#define LENGTH "Content-Length: 11\r\n\r\n"

static const struct odd odd[] = {
	/* chunks that are said to come, and do not; and that come under a crooked name */
	ODD(HEAD TE PLAIN, 11, "http_odd_framing"),
	ODD(HEAD "Content-Length: 11\r\n" TE PLAIN, 11, "http_odd_framing"),
	ODD("HTTP/1.0 200 ok\r\n" TE CHUNKS, 11, NULL),
	ODD(HEAD "Transfer-Encoding : chunked\r\n\r\n" CHUNKS, 11, NULL),
	ODD(HEAD "Transfer-\0Encoding: chunked\r\n\r\n" CHUNKS, 11, "http_odd_framing"),
	ODD(HEAD "Transfer-Encoding:\x0b"
		 "chun\0ked\r\n\r\n" CHUNKS,
	    11, NULL),
	ODD(HEAD "Transfer-Encoding: chunked and more\r\n\r\n" CHUNKS, 11, "http_odd_framing"),
	ODD(HEAD "Transfer-Encoding:\r\n \r\n chunked\r\n \r\nServer: s\r\n\r\n" CHUNKS, 11, NULL),
	ODD(HEAD "Transfer-Encoding\r\n : chunked\r\n\r\n" CHUNKS, 11, NULL),
	ODD(HEAD "Server: s\r\n\tTransfer-Encoding: chunked\r\n\r\n" CHUNKS, 11, "http_odd_framing"),
	ODD(HEAD "Server: s\rTransfer-Encoding: chunked\r\n\r\n" CHUNKS, 11, NULL),
	ODD(HEAD TE "\r\n \t5\r\nhello\r\n\r\n6;x=y\r\n world\r\n\x0b"
		    "0\r\n\r\n",
	    11, NULL),
	ODD(HEAD TE "5xy\r\nhello\r\n6\0\r\n world\r\n0\r\n\r\n", 11, NULL),
	ODD(HEAD TE "5\r\nhello\r\nno size\r\n", 5, "HTTP_bad_chunk_size"),
	/* lengths */
	ODD(HEAD "Content-Length: 11\r\nContent-Length: 5\r\n\r\n" PLAIN, 11, "http_length_conflict"),
	ODD(HEAD "Content-Length: 11;\r\n\r\n" PLAIN "junk", 11, NULL),
	ODD(HEAD "Content-Length: \r\n 11\r\n 5\r\n\r\n" PLAIN "junk", 11, NULL),
	ODD(HEAD "Content-Length: eleven\r\n\r\n" PLAIN, 11, NULL),
	/* ends of lines and of heads */
	ODD("HTTP/1.1 200 ok\nContent-Length: 11\n\n" PLAIN, 11, NULL),
	ODD(HEAD "Content-Length: 11\n\r\r\n" PLAIN, 11, NULL),
	ODD(HEAD "Content-Length: 11\r\n \n" PLAIN, 11, NULL),
	ODD(HEAD "Server: s\r\n\r\r\nContent-Length: 11\r\n\r\n" PLAIN "junk", 11, NULL),
	/* first lines */
	ODD("HTTP/1.1\r\n" LENGTH PLAIN, 11, "bad_HTTP_reply"),
	ODD("HTTP/1.1 2xx ok\r\n" LENGTH PLAIN, 11, "bad_HTTP_reply"),
	ODD("HTTP/1.1 0204 ok\r\n" LENGTH PLAIN, 11, "bad_HTTP_reply"),
	ODD("HTTP/1.1word\r\n" LENGTH PLAIN, 11, "bad_HTTP_reply"),
	ODD("HTTP/1.1\0"
	    "200\0ok\r\n" LENGTH PLAIN,
	    11, NULL),
	ODD(" \r\n\t" HEAD LENGTH PLAIN, 11, NULL),
	ODD(" SIP/2.0 200 ok\r\n" HEAD LENGTH PLAIN, 11, NULL),
	/* bodies where none may be */
	ODD("HTTP/1.1 100 go on\r\n" LENGTH PLAIN, 11, "unexpected_server_HTTP_data"),
	ODD("HTTP/1.1 304 not modified\r\n" LENGTH PLAIN, 11, "unexpected_server_HTTP_data"),
	/* codings: the last named comes off first */
	ODD(HEAD "Content-Encoding: deflate, x-gzip\r\n" LENGTH PLAIN, 11, "name= gzip deflate"),
	ODD(HEAD "Content-Encoding: br\r\n" LENGTH PLAIN, 11, "name= brotli"),
	ODD(HEAD "Content-Encoding:: gzip\r\nContent-Encoding: identity\r\n" LENGTH PLAIN, 11, "name= gzip "),
};

static void bodies_come_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		const struct trial_step steps[] = { TRIAL_TEXT(TOC_ORIG, GET), { TOC_RESP, odd[i].reply, odd[i].n } };
		char *text = trial_run(&toc_decoder_http, TOC_OVER_TCP, 80, steps, 2), seen[64];
		snprintf(seen, sizeof(seen), "seen=%u missing=0", odd[i].seen);
		if (!strstr(text, seen) || (odd[i].note && !strstr(text, odd[i].note)))
			fail_msg("%zu: %s\ngave %s", i, odd[i].reply, text);
		free(text);
		assert_true(trial_same_however_cut(&toc_decoder_http, 80, steps, 2, 20));
	}
}

static void a_reply_without_a_status_has_none(void **state)
{
	const struct trial_step steps[] = { TRIAL_TEXT(TOC_ORIG, GET),
					    TRIAL_TEXT(TOC_RESP, "HTTP/1.1\r\n" LENGTH PLAIN) };
	struct trial *t = trial_new(&toc_decoder_http, TOC_OVER_TCP, 80);
	(void)state;
	trial_feed(t, &steps[0]);
	trial_feed(t, &steps[1]);
	assert_int_equal(trial_events(t), 1);
	assert_null(trial_value(t, 0, "status_code"));
	assert_string_equal(trial_value(t, 0, "response_body_len"), "11");
	trial_free(t);
}

static void the_first_version_has_no_heads(void **state)
{
	const struct trial_step steps[] = { TRIAL_TEXT(TOC_ORIG, "GET /old\r\n"),
					    TRIAL_TEXT(TOC_RESP, "<html>old</html>") };
	char *text = trial_run(&toc_decoder_http, TOC_OVER_TCP, 80, steps, 2);
	(void)state;
	assert_non_null(strstr(text, "\"version\":\"0.9\""));
	assert_non_null(strstr(text, "seen=16"));
	free(text);
	assert_true(trial_same_however_cut(&toc_decoder_http, 80, steps, 2, 20));
}

/* Replies that may have no body and have none, one behind another: none is taken for the body of the one before. */
static void announced_is_not_sent(void **state)
{
	const struct trial_step steps[] = { TRIAL_TEXT(TOC_ORIG, GET GET GET),
					    TRIAL_TEXT(TOC_RESP, "HTTP/1.1 304 a\r\n" LENGTH
								 "HTTP/1.1 100 b\r\n" LENGTH HEAD LENGTH PLAIN
								 "HTTP/1.1 204 d\r\n" LENGTH) };
	char *text = trial_run(&toc_decoder_http, TOC_OVER_TCP, 80, steps, 2);
	(void)state;
	assert_null(strstr(text, "weird"));
	assert_non_null(strstr(text, "\"status_code\":304"));
	assert_non_null(strstr(text, "\"status_code\":204"));
	free(text);
	assert_true(trial_same_however_cut(&toc_decoder_http, 80, steps, 2, 20));
}

static void a_folded_value_is_on_one_line(void **state)
{
	const struct trial_step steps[] = { TRIAL_TEXT(
		TOC_ORIG, "GET / HTTP/1.1\r\nUser-Agent: one\r\n\t two\r\nHost: h\r\n\r\n") };
	char *text = trial_run(&toc_decoder_http, TOC_OVER_TCP, 80, steps, 1);
	(void)state;
	assert_non_null(strstr(text, "\"user_agent\":\"one two\""));
	assert_non_null(strstr(text, "\"host\":\"h\""));
	free(text);
}

static void connect_is_a_tunnel(void **state)
{
	const struct trial_step steps[] = { TRIAL_TEXT(TOC_ORIG, "CONNECT h:25 HTTP/1.1\r\n\r\n"),
					    TRIAL_TEXT(TOC_RESP, "HTTP/1.1 200 yes\r\n\r\n220 ready\r\n") };
	char *text = trial_run(&toc_decoder_http, TOC_OVER_TCP, 80, steps, 2);
	(void)state;
	assert_non_null(strstr(text, "{\"tunnel\":\"Tunnel::HTTP\"}"));
	assert_non_null(strstr(text, "{\"child\":\"(probe)\"}"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_come_out),
		cmocka_unit_test(a_reply_without_a_status_has_none),
		cmocka_unit_test(the_first_version_has_no_heads),
		cmocka_unit_test(announced_is_not_sent),
		cmocka_unit_test(a_folded_value_is_on_one_line),
		cmocka_unit_test(connect_is_a_tunnel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
