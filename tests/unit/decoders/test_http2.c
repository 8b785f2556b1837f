/* http2: frames by hand from RFC 9113 with header blocks of RFC 7541, appendix C. */
#include "test.h"

#include "decoders/hex.h"
#include "harness.h"

extern const struct toc_decoder toc_decoder_http2;

#define PREFACE	 "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a"
#define SETTINGS "000000040000000000"
#define GET	 "828684410f7777772e6578616d706c652e636f6d"

struct conversation {
	uint8_t bytes[4096];
	size_t n, nsteps;
	struct trial_step steps[16];
};

static void say(struct conversation *c, enum toc_dir dir, const char *hex)
{
	size_t n = hex_read(hex, c->bytes + c->n);
	c->steps[c->nsteps++] = (struct trial_step){ dir, c->bytes + c->n, n };
	c->n += n;
}

static struct trial *run(const struct conversation *c)
{
	struct trial *t = trial_new(&toc_decoder_http2, TOC_OVER_TCP, 8080);
	for (size_t i = 0; i < c->nsteps; i++)
		trial_feed(t, &c->steps[i]);
	trial_end(t, TOC_END_CLOSED);
	assert_true(trial_same_however_cut(&toc_decoder_http2, 8080, c->steps, c->nsteps, 40));
	return t;
}

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
	struct conversation c = { 0 };
	say(&c, TOC_ORIG, PREFACE SETTINGS "000014010500000001" GET);
	say(&c, TOC_RESP,
	    SETTINGS "000001010400000001"
		     "88"
		     "000005000100000001"
		     "68656c6c6f");
	struct trial *t = run(&c);
	assert_int_equal(trial_events(t), 1);
	assert_string_equal(trial_kind(t, 0), "http");
	expect(t, 0, "method", "\"GET\"");
	expect(t, 0, "uri", "\"/\"");
	expect(t, 0, "host", "\"www.example.com\"");
	expect(t, 0, "version", "\"2\"");
	expect(t, 0, "status_code", "200");
	expect(t, 0, "request_body_len", "0");
	expect(t, 0, "response_body_len", "5");
	expect(t, 0, "resp_mime_types", "[\"text/plain\"]");
	assert_non_null(strstr(trial_text(t), "\"confirm\":\"http2\""));
	trial_free(t);
}

/* A block over HEADERS and two CONTINUATIONs, with padding and priority; a request that is not answered. */
static void continued(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	say(&c, TOC_ORIG,
	    PREFACE SETTINGS "00000b012900000003"
			     "02"
			     "0000000010"
			     "828684"
			     "0000"
			     "000001090000000003"
			     "41"
			     "00002a090400000003"
			     "0f7777772e6578616d706c652e636f6d"
			     "400a637573746f6d2d6b65790d637573746f6d2d686561646572"); /* custom-key: custom-header */
	struct trial *t = run(&c);
	assert_int_equal(trial_events(t), 1);
	expect(t, 0, "host", "\"www.example.com\"");
	expect(t, 0, "client_header_names", "[\"CUSTOM-KEY\"]");
	expect(t, 0, "status_code", NULL);
	trial_free(t);
}

/* Two streams interleaved: the first body is a file, the other is counted; the table serves both. */
static void interleaved(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	say(&c, TOC_ORIG,
	    PREFACE SETTINGS "000014010500000001" GET "000004010500000003"
			     "828684be");
	say(&c, TOC_RESP,
	    SETTINGS "000001010400000001"
		     "88"
		     "000001010400000003"
		     "8d"
		     "000003000000000001"
		     "616263"
		     "000002000000000003"
		     "6465"
		     "000003000800000003"
		     "01"
		     "66"
		     "00"
		     "000000000100000003"
		     "000001000100000001"
		     "64");
	struct trial *t = run(&c);
	assert_int_equal(trial_events(t), 2);
	expect(t, 0, "trans_depth", "2");
	expect(t, 0, "status_code", "404");
	expect(t, 0, "host", "\"www.example.com\"");
	expect(t, 0, "response_body_len", "3");
	expect(t, 0, "resp_fuids", NULL);
	expect(t, 1, "trans_depth", "1");
	expect(t, 1, "response_body_len", "4");
	trial_free(t);
}

/* 103, then 200, a body, trailers; then a reset stream. */
static void interim_trailers_reset(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	say(&c, TOC_ORIG, PREFACE SETTINGS "000014010500000001" GET);
	say(&c, TOC_RESP,
	    SETTINGS "000005010400000001"
		     "0803313033"
		     "000001010400000001"
		     "88"
		     "000001000000000001"
		     "61"
		     "000005010500000001"
		     "0001620163");
	say(&c, TOC_ORIG,
	    "000004010500000003"
	    "828684be");
	say(&c, TOC_RESP,
	    "000004030000000003"
	    "00000008");
	struct trial *t = run(&c);
	assert_int_equal(trial_events(t), 2);
	expect(t, 0, "info_code", "103");
	expect(t, 0, "status_code", "200");
	expect(t, 0, "response_body_len", "1");
	expect(t, 1, "status_code", NULL);
	trial_free(t);
}

/* Data of stream 0, which carries none, is no body's. */
static void data_of_no_stream(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	say(&c, TOC_ORIG, PREFACE SETTINGS "000014010500000001" GET);
	say(&c, TOC_RESP,
	    SETTINGS "000003000000000000"
		     "616263"
		     "000001010500000001"
		     "88");
	struct trial *t = run(&c);
	assert_int_equal(trial_events(t), 1);
	expect(t, 0, "response_body_len", "0");
	assert_null(strstr(trial_text(t), "data without open"));
	trial_free(t);
}

/* A hole in a body is counted; in front of a frame the tables are gone, and what is known is told. */
static void gaps(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	say(&c, TOC_ORIG, PREFACE SETTINGS "000014010500000001" GET);
	say(&c, TOC_RESP,
	    SETTINGS "000001010400000001"
		     "88"
		     "000005000100000001"
		     "68");
	c.steps[c.nsteps++] = (struct trial_step){ TOC_RESP, NULL, 2 };
	say(&c, TOC_RESP, "6c6f");
	c.steps[c.nsteps++] = (struct trial_step){ TOC_ORIG, NULL, 9 };
	say(&c, TOC_ORIG,
	    "000004010500000003"
	    "828684be");
	struct trial *t = run(&c);
	assert_int_equal(trial_events(t), 1);
	expect(t, 0, "status_code", "200");
	assert_non_null(strstr(trial_text(t), "missing=2"));
	trial_free(t);
}

/* CONTINUATIONs without end, and blocks that are none: told once, the flow is let go. */
static void floods(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	say(&c, TOC_ORIG,
	    PREFACE SETTINGS "000001010000000001"
			     "82");
	for (unsigned i = 0; i < 10; i++)
		say(&c, TOC_ORIG,
		    "000000090000000001"
		    "000000090000000001"
		    "000000090000000001"
		    "000000090000000001");
	struct trial *t = run(&c);
	assert_non_null(strstr(trial_text(t), "http2_bad_header_block"));
	assert_non_null(strstr(trial_text(t), "\"done\""));
	trial_free(t);
	struct conversation bad = { 0 };
	say(&bad, TOC_ORIG,
	    PREFACE SETTINGS "000001010400000001"
			     "80");
	t = run(&bad);
	assert_non_null(strstr(trial_text(t), "http2_bad_header_block"));
	trial_free(t);
}

/* RFC 8484's example, www.example.com A, asked by POST; by GET the message stands in the path. */
#define DNS_QUERY "00000100000100000000000003777777076578616d706c6503636f6d0000010001"
#define DNS_REPLY "00008180000100010000000003777777076578616d706c6503636f6d0000010001c00c00010001000000800004c0000201"
static void dns_inside(void **state)
{
	(void)state;
	struct conversation c = { 0 };
	say(&c, TOC_ORIG,
	    PREFACE SETTINGS "00001e010400000001"
			     "838784"
			     "0f10176170706c69636174696f6e2f646e732d6d657373616765"
			     "86"
			     "000021000100000001" DNS_QUERY);
	say(&c, TOC_RESP,
	    SETTINGS "00001b010400000001"
		     "88"
		     "0f10176170706c69636174696f6e2f646e732d6d657373616765"
		     "000031000100000001" DNS_REPLY);
	struct trial *t = run(&c);
	assert_int_equal(trial_events(t), 2);
	assert_string_equal(trial_kind(t, 0), "dns");
	expect(t, 0, "query", "\"www.example.com\"");
	expect(t, 0, "answers", "[\"192.0.2.1\"]");
	expect(t, 0, "proto", "\"tcp\"");
	assert_string_equal(trial_kind(t, 1), "http");
	expect(t, 1, "method", "\"POST\"");
	assert_non_null(strstr(trial_text(t), "\"confirm\":\"doh\""));
	trial_free(t);
	static const char path[] = "/dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB";
	static const char accept[] = "application/dns-message";
	struct conversation get = { 0 };
	char block[512] = "8287"
			  "04",
	     *at = block + 6;
	at += sprintf(at, "%02zx", sizeof(path) - 1);
	for (size_t i = 0; i + 1 < sizeof(path); i++)
		at += sprintf(at, "%02x", (unsigned)path[i]);
	at += sprintf(at, "0f04%02zx", sizeof(accept) - 1);
	for (size_t i = 0; i + 1 < sizeof(accept); i++)
		at += sprintf(at, "%02x", (unsigned)accept[i]);
	char all[768];
	snprintf(all, sizeof(all), PREFACE SETTINGS "%06zx010500000001%s", strlen(block) / 2, block);
	say(&get, TOC_ORIG, all);
	t = run(&get);
	assert_int_equal(trial_events(t), 2);
	expect(t, 1, "query", "\"www.example.com\"");
	trial_free(t);
}

static void probes(void **state)
{
	(void)state;
	uint8_t bytes[64];
	size_t n = hex_read(PREFACE, bytes);
	enum toc_probe (*probe)(struct toc_span, enum toc_dir, bool) = toc_decoder_http2.probe;
	assert_int_equal(probe(toc_span_of(bytes, n), TOC_ORIG, false), TOC_YES);
	assert_int_equal(probe(toc_span_of(bytes, 5), TOC_ORIG, false), TOC_MAYBE);
	assert_int_equal(probe(toc_span_str("PRI * HTTP/1.1\r\n\r\n"), TOC_ORIG, true), TOC_NO);
	n = hex_read("000006040000000000000300000064", bytes);
	assert_int_equal(probe(toc_span_of(bytes, n), TOC_RESP, false), TOC_YES);
	assert_int_equal(probe(toc_span_str("GET / HTTP/1.1\r\n"), TOC_ORIG, false), TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(one_request), cmocka_unit_test(continued),
					    cmocka_unit_test(interleaved), cmocka_unit_test(interim_trailers_reset),
					    cmocka_unit_test(gaps),	   cmocka_unit_test(data_of_no_stream),
					    cmocka_unit_test(floods),	   cmocka_unit_test(dns_inside),
					    cmocka_unit_test(probes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
