/* http: rows of requests and replies, bodies, gaps, and the same whatever the segments are. */
#include "test.h"

#include "harness.h"

extern const struct toc_decoder toc_decoder_http;

#define GET(path)	 "GET " path " HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: T/1\r\n\r\n"
#define OK(length, body) "HTTP/1.1 200 OK\r\nContent-Length: " length "\r\n\r\n" body

static struct trial *run(const struct trial_step *steps, size_t n)
{
	struct trial *t = trial_new(&toc_decoder_http, TOC_OVER_TCP, 80);
	for (size_t i = 0; i < n; i++)
		trial_feed(t, &steps[i]);
	trial_end(t, TOC_END_CLOSED);
	assert_true(trial_same_however_cut(&toc_decoder_http, 80, steps, n, 20));
	return t;
}

#define RUN(steps) run(steps, sizeof(steps) / sizeof(steps[0]))

static void expect(struct trial *t, unsigned i, const char *field, const char *text)
{
	const char *got = trial_value(t, i, field);
	if (!text) {
		assert_null(got);
		return;
	}
	assert_non_null(got);
	assert_string_equal(got, text);
}

static void one_request(void **state)
{
	(void)state;
	const struct trial_step steps[] = { TRIAL_TEXT(TOC_ORIG, GET("/a%20b?c=%2f")),
					    TRIAL_TEXT(TOC_RESP, OK("5", "hello")) };
	struct trial *t = RUN(steps);
	assert_int_equal(trial_events(t), 1);
	expect(t, 0, "method", "\"GET\"");
	expect(t, 0, "uri", "\"/a b?c=/\"");
	expect(t, 0, "host", "\"www.example.org\"");
	expect(t, 0, "version", "\"1.1\"");
	expect(t, 0, "status_code", "200");
	expect(t, 0, "status_msg", "\"OK\"");
	expect(t, 0, "trans_depth", "1");
	expect(t, 0, "request_body_len", "0");
	expect(t, 0, "response_body_len", "5");
	expect(t, 0, "client_header_names", "[\"HOST\",\"USER-AGENT\"]");
	expect(t, 0, "server_header_names", "[\"CONTENT-LENGTH\"]");
	trial_free(t);
}

/* Of many fields the first are named, each cut. */
static void names_of_fields(void **state)
{
	(void)state;
	char head[32000], name[200];
	size_t n = (size_t)snprintf(head, sizeof(head), "GET / HTTP/1.1\r\nAuthorization: Bearer x\r\n");
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	for (unsigned i = 0; i < 100; i++)
		n += (size_t)snprintf(head + n, sizeof(head) - n, "%s: x\r\n", name);
	n += (size_t)snprintf(head + n, sizeof(head) - n, "\r\n");
	const struct trial_step steps[] = { { TOC_ORIG, head, n }, TRIAL_TEXT(TOC_RESP, OK("0", "")) };
	struct trial *t = RUN(steps);
	const char *got = trial_value(t, 0, "client_header_names");
	assert_non_null(got);
	assert_memory_equal(got, "[\"AUTHORIZATION\",\"NNN", 21);
	assert_int_equal(strlen(got), strlen("[\"AUTHORIZATION\"") + 63 * (64 + 3) + 1);
	trial_free(t);
}

static void pipelined(void **state)
{
	(void)state;
	const struct trial_step steps[] = { TRIAL_TEXT(TOC_ORIG, GET("/1") GET("/2") GET("/3")),
					    TRIAL_TEXT(TOC_RESP, OK("1", "a") "HTTP/1.1 304 Not Modified\r\n\r\n" OK(
									 "3", "ccc")) };
	struct trial *t = RUN(steps);
	assert_int_equal(trial_events(t), 3);
	for (unsigned i = 0; i < 3; i++) {
		const char *uris[] = { "\"/1\"", "\"/2\"", "\"/3\"" }, *codes[] = { "200", "304", "200" };
		expect(t, i, "uri", uris[i]);
		expect(t, i, "status_code", codes[i]);
	}
	trial_free(t);
}

static void chunks_and_trailers(void **state)
{
	(void)state;
	const struct trial_step steps[] = {
		TRIAL_TEXT(TOC_ORIG, GET("/c")),
		TRIAL_TEXT(TOC_RESP,
			   "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
			   "chunked\r\n\r\n4;x=y\r\nwiki\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n" OK("2", "ok"))
	};
	struct trial *t = RUN(steps);
	expect(t, 0, "response_body_len", "14");
	assert_int_equal(trial_events(t), 2); /* the second reply has no request, and is told */
	expect(t, 1, "method", NULL);
	trial_free(t);
}

static void interim_replies_and_head(void **state)
{
	(void)state;
	const struct trial_step steps[] = {
		TRIAL_TEXT(TOC_ORIG,
			   "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"),
		TRIAL_TEXT(TOC_RESP, "HTTP/1.1 100 Continue\r\n\r\n"),
		TRIAL_TEXT(TOC_ORIG, "data"),
		TRIAL_TEXT(TOC_RESP, OK("0", "")),
		TRIAL_TEXT(TOC_ORIG, "HEAD /h HTTP/1.1\r\n\r\n" GET("/after")),
		TRIAL_TEXT(TOC_RESP, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" OK("1", "x"))
	};
	struct trial *t = RUN(steps);
	assert_int_equal(trial_events(t), 3);
	expect(t, 0, "info_code", "100");
	expect(t, 0, "request_body_len", "4");
	expect(t, 1, "method", "\"HEAD\"");
	expect(t, 1, "response_body_len", "0");
	expect(t, 2, "uri", "\"/after\"");
	trial_free(t);
}

static void until_close(void **state)
{
	(void)state;
	const struct trial_step steps[] = { TRIAL_TEXT(TOC_ORIG, "GET /old HTTP/1.0\r\n\r\n"),
					    TRIAL_TEXT(TOC_RESP, "HTTP/1.0 200 OK\r\n\r\nall the rest") };
	struct trial *t = RUN(steps);
	expect(t, 0, "response_body_len", "12");
	expect(t, 0, "version", "\"1.0\"");
	trial_free(t);
}

/* The name is told, the password never; what is no name:password is not told either. */
static void basic_user(void **state)
{
	(void)state;
	const struct trial_step steps[] = {
		TRIAL_TEXT(TOC_ORIG, "GET / HTTP/1.1\r\nAuthorization: Basic  ZXJpbjpodW50ZXIy\r\n\r\n"),
		TRIAL_TEXT(TOC_ORIG, "GET / HTTP/1.1\r\nAuthorization: Basic aHVudGVyMg==\r\n\r\n"),
		TRIAL_TEXT(TOC_ORIG, "GET / HTTP/1.1\r\nAuthorization: Bearer hunter2\r\n\r\n")
	};
	struct trial *t = RUN(steps);
	assert_int_equal(trial_events(t), 3);
	expect(t, 0, "username", "\"erin\"");
	expect(t, 1, "username", NULL);
	expect(t, 2, "username", NULL);
	assert_null(strstr(trial_text(t), "hunter2"));
	trial_free(t);
}

static void gap_in_a_body(void **state)
{
	(void)state;
	const struct trial_step steps[] = { TRIAL_TEXT(TOC_ORIG, GET("/1") GET("/2")),
					    TRIAL_TEXT(TOC_RESP, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n012"),
					    { TOC_RESP, NULL, 4 },
					    TRIAL_TEXT(TOC_RESP, "789" OK("1", "x")) };
	struct trial *t = RUN(steps);
	assert_int_equal(trial_events(t), 2);
	expect(t, 0, "status_code", "200");
	expect(t, 1, "uri", "\"/2\"");
	expect(t, 1, "status_code", "200");
	trial_free(t);
}

/* The hole ends with the body: what comes behind it is read on; or behind it: the next head that is whole. */
static void gap_to_the_end_of_a_body(void **state)
{
	(void)state;
	const struct trial_step exact[] = { TRIAL_TEXT(TOC_ORIG, GET("/1") GET("/2")),
					    TRIAL_TEXT(TOC_RESP, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n012"),
					    { TOC_RESP, NULL, 7 },
					    TRIAL_TEXT(TOC_RESP, "HTTP/1.1 204 No\r\n\r\n") };
	struct trial *t = RUN(exact);
	assert_int_equal(trial_events(t), 2);
	expect(t, 0, "response_body_len", "10");
	expect(t, 1, "uri", "\"/2\"");
	expect(t, 1, "status_code", "204");
	trial_free(t);
	const struct trial_step beyond[] = { TRIAL_TEXT(TOC_ORIG, GET("/1") GET("/2")),
					     TRIAL_TEXT(TOC_RESP, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n012"),
					     { TOC_RESP, NULL, 30 },
					     TRIAL_TEXT(TOC_RESP, "x: y\r\n\r\n") };
	t = RUN(beyond);
	assert_int_equal(trial_events(t), 2);
	expect(t, 0, "response_body_len", "10");
	trial_free(t);
}

static void gap_in_a_head(void **state)
{
	(void)state;
	const struct trial_step steps[] = { TRIAL_TEXT(TOC_ORIG, GET("/1") "GET /lo"),
					    { TOC_ORIG, NULL, 40 },
					    TRIAL_TEXT(TOC_ORIG, "ccept: x\r\n\r\n" GET("/3")) };
	struct trial *t = RUN(steps);
	assert_int_equal(trial_events(t), 2);
	expect(t, 1, "uri", "\"/3\"");
	trial_free(t);
}

/* The capture ends within the head: its whole lines are told. */
static void half_a_head(void **state)
{
	(void)state;
	const struct trial_step steps[] = { TRIAL_TEXT(TOC_ORIG, GET("/1") "POST /2 HTTP/1.0\r\nHost: a\r\nUser-Ag") };
	struct trial *t = RUN(steps);
	assert_int_equal(trial_events(t), 2);
	expect(t, 1, "method", "\"POST\"");
	expect(t, 1, "uri", "\"/2\"");
	expect(t, 1, "host", "\"a\"");
	expect(t, 1, "user_agent", NULL);
	trial_free(t);
}

static void not_http(void **state)
{
	(void)state;
	assert_int_equal(toc_decoder_http.probe(toc_span_str("SSH-2.0-OpenSSH"), TOC_ORIG, false), TOC_NO);
	assert_int_equal(toc_decoder_http.probe(toc_span_str("GE"), TOC_ORIG, false), TOC_MAYBE);
	assert_int_equal(toc_decoder_http.probe(toc_span_str("GET / HTTP/1.1"), TOC_ORIG, false), TOC_YES);
	assert_int_equal(toc_decoder_http.probe(toc_span_str("PRI * HTTP/2.0"), TOC_ORIG, false), TOC_NO);
}

/* A client that speaks something else to a server's port is answered, and the answer is told. */
static void reply_to_anything(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_http;
	assert_int_equal(d->probe(toc_span_str("\1\2\3\n"), TOC_ORIG, true), TOC_MAYBE);
	assert_int_equal(d->probe(toc_span_str("\1\2\3\n"), TOC_RESP, true), TOC_NO);
	assert_int_equal(d->probe(toc_span_str("HTTP/1.1 400 Bad Request\r\n"), TOC_RESP, true), TOC_YES);
	const struct trial_step steps[] = { TRIAL_TEXT(TOC_ORIG, "\1\2\3\nmore of it"),
					    TRIAL_TEXT(TOC_RESP,
						       "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno") };
	struct trial *t = RUN(steps);
	assert_int_equal(trial_events(t), 1);
	expect(t, 0, "method", NULL);
	expect(t, 0, "status_code", "400");
	expect(t, 0, "response_body_len", "2");
	trial_free(t);
	const struct trial_step neither[] = { TRIAL_TEXT(TOC_ORIG, "\1\2\3\n"), TRIAL_TEXT(TOC_RESP, "\4\5\6\n") };
	t = RUN(neither);
	assert_int_equal(trial_events(t), 0);
	assert_non_null(strstr(trial_text(t), "\"bad\""));
	trial_free(t);
}

static void upgrade_hands_over(void **state)
{
	(void)state;
	const struct trial_step steps[] = { TRIAL_TEXT(TOC_ORIG, "CONNECT a.example:443 HTTP/1.1\r\n\r\n"),
					    TRIAL_TEXT(TOC_RESP,
						       "HTTP/1.1 200 Connection established\r\n\r\n\x16\x03\x01") };
	struct trial *t = RUN(steps);
	assert_non_null(strstr(trial_text(t), "\"child\""));
	expect(t, 0, "uri", "\"a.example:443\"");
	trial_free(t);
}

/* RFC 7578: files are told, what was typed into the form is not; what only resembles a delimiter is content. */
static void files_of_a_form(void **state)
{
	(void)state;
	static const char body[] =
		"--b\r\nContent-Disposition: form-data; name=p\r\n\r\nsecret\r\n--b\r\n"
		"Content-Disposition: form-data; name=f; filename=\"a.txt\"\r\n\r\nx\r\n--\r\n-y\r\n--b--\r\n";
	char head[256], all[512];
	snprintf(head, sizeof(head),
		 "POST /up HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %zu\r\n\r\n",
		 sizeof(body) - 1);
	snprintf(all, sizeof(all), "%s%s", head, body);
	const struct trial_step steps[] = { { TOC_ORIG, all, strlen(all) }, TRIAL_TEXT(TOC_RESP, OK("0", "")) };
	struct trial *t = RUN(steps);
	assert_non_null(strstr(trial_text(t), "a.txt"));
	assert_null(strstr(trial_text(t), "secret"));
	char length[16];
	snprintf(length, sizeof(length), "%zu", sizeof(body) - 1);
	expect(t, 0, "request_body_len", length);
	expect(t, 0, "orig_filenames", "[\"a.txt\"]");
	trial_free(t);
}

/* Empty lines in front of the first message are passed over (RFC 9112, section 2.2), also behind a CONNECT. */
static void empty_lines_in_front(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_http;
	assert_int_equal(d->probe(toc_span_str("\n"), TOC_RESP, false), TOC_MAYBE);
	assert_int_equal(d->probe(toc_span_str("\r\nGET / HTTP/1.1\r\n"), TOC_ORIG, false), TOC_YES);
	assert_int_equal(d->probe(toc_span_str("\n\1\2\3"), TOC_ORIG, false), TOC_NO);
	const struct trial_step steps[] = { TRIAL_TEXT(TOC_RESP, "\n"),
					    TRIAL_TEXT(TOC_ORIG, "\r\nGET /a HTTP/1.1\r\nHost: h\r\n\r\n"),
					    TRIAL_TEXT(TOC_RESP, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") };
	struct trial *t = RUN(steps);
	assert_int_equal(trial_events(t), 1);
	expect(t, 0, "uri", "\"/a\"");
	expect(t, 0, "status_code", "200");
	trial_free(t);
}

static unsigned times(const char *text, const char *what)
{
	unsigned n = 0;
	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

/* One row for both, with every field once, whatever came of the reply before the request's head was all there. */
static void shared_row(const struct trial_step *steps, size_t n, const char *length)
{
	struct trial *t = run(steps, n);
	assert_int_equal(trial_events(t), 1);
	expect(t, 0, "uri", "\"/1\"");
	expect(t, 0, "host", "\"a\"");
	expect(t, 0, "status_code", "200");
	expect(t, 0, "version", "\"1.1\"");
	expect(t, 0, "response_body_len", length);
	expect(t, 0, "proxied", "[\"VIA -> x\",\"VIA -> y\"]");
	expect(t, 0, "client_header_names", "[\"HOST\",\"VIA\",\"VIA\"]");
	assert_int_equal(times(trial_text(t), "\"version\""), 1);
	assert_int_equal(times(trial_text(t), "\"host\""), 1);
	trial_free(t);
}

static void reply_before_request(void **state)
{
	(void)state;
	const struct trial_step first[] = { TRIAL_TEXT(TOC_RESP, "HTTP/1.1 200 OK\r\n\r\nxyz"),
					    TRIAL_TEXT(TOC_ORIG,
						       "GET /1 HTTP/1.0\r\nHost: a\r\nVia: x\r\nVia: y\r\n\r\n") };
	const struct trial_step within[] = { TRIAL_TEXT(TOC_ORIG, "GET /1 HTTP/1.0\r\nHost: a\r\nVia: x\r\nVi"),
					     TRIAL_TEXT(TOC_RESP, OK("2", "x")), TRIAL_TEXT(TOC_ORIG, "a: y\r\n\r\n"),
					     TRIAL_TEXT(TOC_RESP, "y") };
	const struct trial_step over[] = { TRIAL_TEXT(TOC_ORIG, "GET /1 HTTP/1.0\r\nHost: a\r\nVia: x\r\nVi"),
					   TRIAL_TEXT(TOC_RESP, OK("2", "xy")), TRIAL_TEXT(TOC_ORIG, "a: y\r\n\r\n") };
	const struct trial_step sooner[] = { TRIAL_TEXT(TOC_ORIG, "GE"), TRIAL_TEXT(TOC_RESP, OK("2", "xy")),
					     TRIAL_TEXT(TOC_ORIG, "T /1 HTTP/1.0\r\nHost: a\r\nVia: x\r\n"),
					     TRIAL_TEXT(TOC_ORIG, "Via: y\r\n\r\n") };
	shared_row(first, 2, "3");
	shared_row(within, 4, "2");
	shared_row(over, 3, "2");
	shared_row(sooner, 4, "2");
}

/* The row waits for the head no longer than it can come: the flow ends, or a hole swallows the rest. */
static void reply_to_half_a_head(void **state)
{
	(void)state;
	const struct trial_step ends[] = { TRIAL_TEXT(TOC_ORIG, GET("/1") "GET /2 HTTP/1.1\r\nHost: b\r\nCooki"),
					   TRIAL_TEXT(TOC_RESP,
						      OK("0", "") "HTTP/1.1 408 Slow\r\nContent-Length: 0\r\n\r\n") };
	struct trial *t = RUN(ends);
	assert_int_equal(trial_events(t), 2);
	expect(t, 1, "host", "\"b\"");
	expect(t, 1, "status_code", "408");
	trial_free(t);
	const struct trial_step hole[] = { TRIAL_TEXT(TOC_ORIG, "GET /1 HTTP/1.1\r\nHost: b\r\nCooki"),
					   TRIAL_TEXT(TOC_RESP, OK("0", "")),
					   { TOC_ORIG, NULL, 40 },
					   TRIAL_TEXT(TOC_ORIG, "ccept: x\r\n\r\n" GET("/2")),
					   TRIAL_TEXT(TOC_RESP, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n") };
	t = RUN(hole);
	assert_int_equal(trial_events(t), 2);
	expect(t, 0, "uri", "\"/1\"");
	expect(t, 0, "status_code", "200");
	expect(t, 1, "uri", "\"/2\"");
	expect(t, 1, "status_code", "404");
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_lines_in_front), cmocka_unit_test(one_request),
		cmocka_unit_test(names_of_fields),	cmocka_unit_test(pipelined),
		cmocka_unit_test(chunks_and_trailers),	cmocka_unit_test(interim_replies_and_head),
		cmocka_unit_test(until_close),		cmocka_unit_test(basic_user),
		cmocka_unit_test(gap_in_a_body),	cmocka_unit_test(gap_to_the_end_of_a_body),
		cmocka_unit_test(gap_in_a_head),	cmocka_unit_test(not_http),
		cmocka_unit_test(reply_to_anything),	cmocka_unit_test(half_a_head),
		cmocka_unit_test(upgrade_hands_over),	cmocka_unit_test(files_of_a_form),
		cmocka_unit_test(reply_before_request), cmocka_unit_test(reply_to_half_a_head),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
