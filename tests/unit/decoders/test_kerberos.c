/* kerberos: tickets asked for, granted and refused, over TCP, UDP and in tokens (RFC 4120, section 5). */
#include "test.h"

#include "harness.h"
#include "wire.h"

extern const struct toc_decoder toc_decoder_kerberos;

/* [tag] INTEGER, [tag] GeneralString, [tag] KerberosTime: each in its explicit tag. */
static void num(struct wire *w, unsigned tag, uint32_t v)
{
	size_t at = w->n;
	wire_num(w, 0x02, v);
	wire_wrap(w, at, (uint8_t)(0xa0 | tag));
}

static void str(struct wire *w, unsigned tag, uint8_t kind, const char *s)
{
	size_t at = w->n;
	wire_str(w, kind, s);
	wire_wrap(w, at, (uint8_t)(0xa0 | tag));
}

/* PrincipalName of one or two parts. */
static void name(struct wire *w, unsigned tag, const char *a, const char *b)
{
	size_t at = w->n, seq = w->n;
	num(w, 0, 1);
	size_t list = w->n;
	wire_str(w, 0x1b, a);
	if (b)
		wire_str(w, 0x1b, b);
	wire_wrap(w, list, 0x30);
	wire_wrap(w, list, 0xa1);
	wire_wrap(w, seq, 0x30);
	wire_wrap(w, at, (uint8_t)(0xa0 | tag));
}

/* EncryptedData: '!' must never be seen. */
static void encrypted(struct wire *w, unsigned tag, uint32_t etype)
{
	size_t at = w->n;
	num(w, 0, etype);
	str(w, 2, 0x04, "!!!!!!!!");
	wire_wrap(w, at, 0x30);
	wire_wrap(w, at, (uint8_t)(0xa0 | tag));
}

static void ticket(struct wire *w, unsigned tag, const char *a, const char *b, uint32_t etype)
{
	size_t at = w->n;
	num(w, 0, 5);
	str(w, 1, 0x1b, "SCHOOL.EXAMPLE");
	name(w, 2, a, b);
	encrypted(w, 3, etype);
	wire_wrap(w, at, 0x30);
	wire_wrap(w, at, 0x61);
	wire_wrap(w, at, (uint8_t)(0xa0 | tag));
}

/* KDC-REQ; padata: type of the one element, 0: none. */
static void request(struct wire *w, bool as, const char *client, const char *a, const char *b, uint32_t padata)
{
	static const uint8_t options[] = { 0x03, 0x05, 0x00, 0x40, 0x81, 0x00, 0x10 }; /* forwardable, renewable … */
	size_t at = w->n;
	num(w, 1, 5);
	num(w, 2, as ? 10 : 12);
	if (padata) {
		size_t list = w->n;
		num(w, 1, padata);
		str(w, 2, 0x04, "!!!!");
		wire_wrap(w, list, 0x30);
		wire_wrap(w, list, 0x30);
		wire_wrap(w, list, 0xa3);
	}
	size_t body = w->n;
	wire_element(w, 0xa0, options, sizeof(options));
	if (client)
		name(w, 1, client, NULL);
	str(w, 2, 0x1b, "SCHOOL.EXAMPLE");
	name(w, 3, a, b);
	str(w, 5, 0x18, "20370913024805Z");
	num(w, 7, 12345);
	wire_wrap(w, body, 0x30);
	wire_wrap(w, body, 0xa4);
	wire_wrap(w, at, 0x30);
	wire_wrap(w, at, as ? 0x6a : 0x6c);
}

/* TGS-REQ with a ticket in an AP-REQ, as the first element of its padata but one. */
static void showing_request(struct wire *w)
{
	static const uint8_t options[] = { 0x03, 0x05, 0x00, 0x40, 0x81, 0x00, 0x10 };
	num(w, 1, 5);
	num(w, 2, 12);
	size_t list = w->n, other = w->n;
	num(w, 1, 128);
	str(w, 2, 0x04, "!!!!");
	wire_wrap(w, other, 0x30);
	size_t element = w->n;
	num(w, 1, 1);
	size_t value = w->n;
	num(w, 0, 5);
	num(w, 1, 14);
	ticket(w, 3, "krbtgt", "SCHOOL.EXAMPLE", 18);
	encrypted(w, 4, 18);
	wire_wrap(w, value, 0x30);
	wire_wrap(w, value, 0x6e);
	wire_wrap(w, value, 0x04);
	wire_wrap(w, value, 0xa2);
	wire_wrap(w, element, 0x30);
	wire_wrap(w, list, 0x30);
	wire_wrap(w, list, 0xa3);
	size_t body = w->n;
	wire_element(w, 0xa0, options, sizeof(options));
	str(w, 2, 0x1b, "SCHOOL.EXAMPLE");
	name(w, 3, "cifs", "files.school.example");
	str(w, 5, 0x18, "20370913024805Z");
	num(w, 7, 12345);
	wire_wrap(w, body, 0x30);
	wire_wrap(w, body, 0xa4);
	wire_wrap(w, 0, 0x30);
	wire_wrap(w, 0, 0x6c);
}

static void reply(struct wire *w, bool as, const char *client, const char *a, const char *b, uint32_t etype)
{
	size_t at = w->n;
	num(w, 0, 5);
	num(w, 1, as ? 11 : 13);
	str(w, 3, 0x1b, "SCHOOL.EXAMPLE");
	name(w, 4, client, NULL);
	ticket(w, 5, a, b, etype);
	encrypted(w, 6, 18);
	wire_wrap(w, at, 0x30);
	wire_wrap(w, at, as ? 0x6b : 0x6d);
}

static void refuse(struct wire *w, uint32_t code)
{
	size_t at = w->n;
	num(w, 0, 5);
	num(w, 1, 30);
	str(w, 4, 0x18, "20240101000000Z");
	num(w, 5, 1);
	num(w, 6, code);
	str(w, 9, 0x1b, "SCHOOL.EXAMPLE");
	name(w, 10, "krbtgt", "SCHOOL.EXAMPLE");
	wire_wrap(w, at, 0x30);
	wire_wrap(w, at, 0x7e);
}

/* Over TCP a length stands in front. */
static void frame(struct wire *out, const struct wire *w)
{
	wire_be(out, 4, w->n);
	wire_bytes(out, w->b, w->n);
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

static struct trial *run(const struct wire *orig, const struct wire *resp, enum toc_carrier carrier)
{
	struct wire a = { .n = 0 }, b = { .n = 0 };
	bool tcp = carrier == TOC_OVER_TCP;
	if (tcp)
		frame(&a, orig);
	if (tcp)
		frame(&b, resp);
	const struct trial_step steps[] = { { TOC_ORIG, tcp ? a.b : orig->b, tcp ? a.n : orig->n },
					    { TOC_RESP, tcp ? b.b : resp->b, tcp ? b.n : resp->n } };
	struct trial *t = trial_new(&toc_decoder_kerberos, carrier, 88);
	trial_feed(t, &steps[0]);
	trial_feed(t, &steps[1]);
	trial_end(t, TOC_END_CLOSED);
	assert_null(strstr(trial_text(t), "!"));
	if (tcp)
		assert_true(trial_same_however_cut(&toc_decoder_kerberos, 88, steps, 2, 20));
	return t;
}

static void as_exchange(void **state)
{
	(void)state;
	for (unsigned tcp = 0; tcp < 2; tcp++) {
		struct wire a = { .n = 0 }, b = { .n = 0 };
		request(&a, true, "anna", "krbtgt", "SCHOOL.EXAMPLE", 2);
		reply(&b, true, "anna", "krbtgt", "SCHOOL.EXAMPLE", 18);
		struct trial *t = run(&a, &b, tcp ? TOC_OVER_TCP : TOC_OVER_UDP);
		assert_int_equal(trial_events(t), 1);
		expect(t, 0, "request_type", "\"AS\"");
		expect(t, 0, "client", "\"anna/SCHOOL.EXAMPLE\"");
		expect(t, 0, "service", "\"krbtgt/SCHOOL.EXAMPLE\"");
		expect(t, 0, "success", "true");
		expect(t, 0, "cipher", "\"aes256-cts-hmac-sha1-96\"");
		expect(t, 0, "forwardable", "true");
		expect(t, 0, "renewable", "true");
		expect(t, 0, "till", "2136422885.000000");
		expect(t, 0, "from", NULL);
		expect(t, 0, "preauth", "2");
		assert_non_null(strstr(trial_text(t), tcp ? "{\"confirm\":\"krb_tcp\"}" : "{\"confirm\":\"krb\"}"));
		trial_free(t);
	}
}

static void without_preauthentication(void **state)
{
	(void)state;
	struct wire a = { .n = 0 }, b = { .n = 0 };
	request(&a, true, "anna", "krbtgt", "SCHOOL.EXAMPLE", 128); /* a PAC request proves nothing */
	reply(&b, true, "anna", "krbtgt", "SCHOOL.EXAMPLE", 23);
	struct trial *t = run(&a, &b, TOC_OVER_UDP);
	expect(t, 0, "preauth", "0");
	expect(t, 0, "cipher", "\"rc4-hmac\"");
	expect(t, 0, "reply_cipher", "\"aes256-cts-hmac-sha1-96\""); /* the ticket's is the service's key */
	trial_free(t);
}

static void refused(void **state)
{
	(void)state;
	struct wire a = { .n = 0 }, b = { .n = 0 };
	request(&a, true, "anna", "krbtgt", "SCHOOL.EXAMPLE", 0);
	refuse(&b, 25);
	struct trial *t = run(&a, &b, TOC_OVER_TCP);
	expect(t, 0, "success", "false");
	expect(t, 0, "error_msg", "\"KDC_ERR_PREAUTH_REQUIRED\"");
	expect(t, 0, "client", "\"anna/SCHOOL.EXAMPLE\"");
	trial_free(t);
	b.n = 0;
	refuse(&b, 999);
	t = run(&a, &b, TOC_OVER_TCP);
	expect(t, 0, "error_msg", "\"unknown-999\"");
	trial_free(t);
}

static void service_ticket(void **state)
{
	(void)state;
	struct wire a = { .n = 0 }, b = { .n = 0 };
	request(&a, false, NULL, "cifs", "files.school.example", 1);
	reply(&b, false, "anna", "cifs", "files.school.example", 77);
	struct trial *t = run(&a, &b, TOC_OVER_TCP);
	expect(t, 0, "request_type", "\"TGS\"");
	expect(t, 0, "client", "\"anna/SCHOOL.EXAMPLE\"");
	expect(t, 0, "service", "\"cifs/files.school.example\"");
	expect(t, 0, "cipher", "\"unknown-77\"");
	expect(t, 0, "preauth", NULL);
	trial_free(t);
}

/* A TGS request that shows a ticket in its PA-TGS-REQ: what it was given for, and what it gets, are joined by hashes.
 */
static void tickets_are_joined(void **state)
{
	/* of the eight bytes that encrypted() has */
	static const char given[] = "\"c6f8e740f39178a88b2ba0ddd97a367784dce01919680db66ae3cf10304cc05a\"";
	(void)state;
	struct wire a = { .n = 0 }, b = { .n = 0 };
	request(&a, true, "anna", "krbtgt", "SCHOOL.EXAMPLE", 2);
	reply(&b, true, "anna", "krbtgt", "SCHOOL.EXAMPLE", 18);
	struct trial *t = run(&a, &b, TOC_OVER_TCP);
	expect(t, 0, "new_ticket_sha256", given);
	expect(t, 0, "auth_ticket_sha256", NULL);
	trial_free(t);
	a.n = b.n = 0;
	showing_request(&a);
	reply(&b, false, "anna", "cifs", "files.school.example", 18);
	t = run(&a, &b, TOC_OVER_TCP);
	expect(t, 0, "auth_ticket_sha256", given);
	expect(t, 0, "new_ticket_sha256", given); /* all tickets here have the same bytes */
	expect(t, 0, "service", "\"cifs/files.school.example\"");
	trial_free(t);
}

/* A request without an answer, an answer without its request. */
static void one_sided(void **state)
{
	(void)state;
	struct wire a = { .n = 0 };
	struct trial *t = trial_new(&toc_decoder_kerberos, TOC_OVER_UDP, 88);
	request(&a, true, "anna", "krbtgt", "SCHOOL.EXAMPLE", 2);
	struct trial_step step = { TOC_ORIG, a.b, a.n };
	trial_feed(t, &step);
	trial_end(t, TOC_END_TIMEOUT);
	assert_int_equal(trial_events(t), 1);
	expect(t, 0, "success", NULL);
	trial_free(t);
	a.n = 0;
	t = trial_new(&toc_decoder_kerberos, TOC_OVER_UDP, 88);
	reply(&a, true, "anna", "krbtgt", "SCHOOL.EXAMPLE", 18);
	step = (struct trial_step){ TOC_RESP, a.b, a.n };
	trial_feed(t, &step);
	expect(t, 0, "request_type", "\"AS\"");
	expect(t, 0, "success", "true");
	trial_free(t);
}

/* An AP-REQ in a context token (RFC 4121, section 4.1); the client's own AP-REP answers nothing. */
static void application(void **state)
{
	(void)state;
	static const uint8_t head[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x01, 0x00 };
	struct wire a = { .n = 0 }, b = { .n = 0 };
	wire_bytes(&a, head, sizeof(head));
	size_t at = a.n;
	num(&a, 0, 5);
	num(&a, 1, 14);
	ticket(&a, 3, "cifs", "files", 17);
	encrypted(&a, 4, 17);
	wire_wrap(&a, at, 0x30);
	wire_wrap(&a, at, 0x6e);
	wire_wrap(&a, 0, 0x60);
	num(&b, 0, 5);
	num(&b, 1, 15);
	encrypted(&b, 2, 17);
	wire_wrap(&b, 0, 0x30);
	wire_wrap(&b, 0, 0x6f);
	struct trial *t = trial_new(&toc_decoder_kerberos, TOC_OVER_INNER, 445);
	struct trial_step steps[] = { { TOC_ORIG, a.b, a.n }, { TOC_RESP, b.b, b.n }, { TOC_ORIG, b.b, b.n } };
	for (unsigned i = 0; i < 3; i++)
		trial_feed(t, &steps[i]);
	trial_end(t, TOC_END_CLOSED);
	assert_int_equal(trial_events(t), 1);
	expect(t, 0, "request_type", "\"AP\"");
	assert_non_null(trial_value(t, 0, "auth_ticket_sha256"));
	expect(t, 0, "client", "\"/SCHOOL.EXAMPLE\"");
	expect(t, 0, "service", "\"cifs/files\"");
	expect(t, 0, "cipher", "\"aes128-cts-hmac-sha1-96\"");
	expect(t, 0, "success", "true");
	trial_free(t);
}

static void probing(void **state)
{
	(void)state;
	struct wire a = { .n = 0 }, b = { .n = 0 };
	request(&a, true, "anna", "krbtgt", "SCHOOL.EXAMPLE", 2);
	frame(&b, &a);
	assert_int_equal(toc_decoder_kerberos.probe(toc_span_of(a.b, a.n), TOC_ORIG, false), TOC_YES);
	assert_int_equal(toc_decoder_kerberos.probe(toc_span_of(b.b, b.n), TOC_ORIG, false), TOC_YES);
	assert_int_equal(toc_decoder_kerberos.probe(toc_span_of(b.b, 6), TOC_ORIG, false), TOC_MAYBE);
	assert_int_equal(toc_decoder_kerberos.probe(toc_span_of(a.b, a.n - 1), TOC_ORIG, false), TOC_NO);
	assert_int_equal(toc_decoder_kerberos.probe(toc_span_of("GET / HTTP/1.1\r\n", 16), TOC_ORIG, true), TOC_NO);
}

/* Cut anywhere, over UDP: no event, no harm. */
static void truncated(void **state)
{
	(void)state;
	struct wire a = { .n = 0 };
	reply(&a, true, "anna", "krbtgt", "SCHOOL.EXAMPLE", 18);
	for (size_t n = 1; n < a.n; n++) {
		struct trial *t = trial_new(&toc_decoder_kerberos, TOC_OVER_UDP, 88);
		struct trial_step step = { TOC_RESP, a.b, n };
		trial_feed(t, &step);
		trial_end(t, TOC_END_CLOSED);
		assert_int_equal(trial_events(t), 0);
		trial_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_exchange),
		cmocka_unit_test(without_preauthentication),
		cmocka_unit_test(refused),
		cmocka_unit_test(service_ticket),
		cmocka_unit_test(tickets_are_joined),
		cmocka_unit_test(one_sided),
		cmocka_unit_test(application),
		cmocka_unit_test(probing),
		cmocka_unit_test(truncated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
