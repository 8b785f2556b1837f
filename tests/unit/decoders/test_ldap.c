/* ldap: binds, searches, changes, SASL, StartTLS, losses (RFC 4511); filters as RFC 4515 has them. */
#include "test.h"

#include "decoders/ldap.h"
#include "harness.h"
#include "wire.h"

extern const struct toc_decoder toc_decoder_ldap;

/* What w has from `at` on becomes the operation `op` of message `id`. */
static void message(struct wire *w, size_t at, uint8_t op, uint32_t id)
{
	struct wire head = { .n = 0 };
	wire_wrap(w, at, op);
	wire_num(&head, 0x02, id);
	size_t n = w->n - at;
	wire_zeros(w, head.n);
	memmove(w->b + at + head.n, w->b + at, n);
	memcpy(w->b + at, head.b, head.n);
	wire_wrap(w, at, 0x30);
}

static void result(struct wire *w, uint8_t op, uint32_t id, uint8_t code, const char *words)
{
	size_t at = w->n;
	wire_element(w, 0x0a, &code, 1);
	wire_str(w, 0x04, "");
	wire_str(w, 0x04, words);
	message(w, at, op, id);
}

static void bind(struct wire *w, uint32_t id, const char *name, const char *password)
{
	size_t at = w->n;
	wire_num(w, 0x02, 3);
	wire_str(w, 0x04, name);
	wire_str(w, 0x80, password);
	message(w, at, 0x60, id);
}

static void bind_sasl(struct wire *w, uint32_t id, const char *mechanism, const void *token, size_t n)
{
	size_t at = w->n;
	wire_num(w, 0x02, 3);
	wire_str(w, 0x04, "");
	size_t sasl = w->n;
	wire_str(w, 0x04, mechanism);
	wire_element(w, 0x04, token, n);
	wire_wrap(w, sasl, 0xa3);
	message(w, at, 0x60, id);
}

static void equal(struct wire *w, uint8_t tag, const char *attribute, const char *value)
{
	size_t at = w->n;
	wire_str(w, 0x04, attribute);
	wire_str(w, 0x04, value);
	wire_wrap(w, at, tag);
}

/* (&(objectClass=user)(!(cn=x))) below dc=school. */
static void search(struct wire *w, uint32_t id)
{
	size_t at = w->n;
	wire_str(w, 0x04, "dc=school");
	wire_bytes(w, "\x0a\1\2\x0a\1\0\2\1\0\2\1\0\1\1\0", 15);
	size_t filter = w->n;
	equal(w, 0xa3, "objectClass", "user");
	size_t not = w->n;
	equal(w, 0xa3, "cn", "x");
	wire_wrap(w, not, 0xa2);
	wire_wrap(w, filter, 0xa0);
	size_t list = w->n;
	wire_str(w, 0x04, "cn");
	wire_str(w, 0x04, "mail");
	wire_wrap(w, list, 0x30);
	message(w, at, 0x63, id);
}

static void entry(struct wire *w, uint32_t id, size_t size)
{
	size_t at = w->n;
	wire_str(w, 0x04, "cn=someone,dc=school");
	wire_zeros(w, size);
	message(w, at, 0x64, id);
}

static struct trial *play(const struct trial_step *steps, size_t n)
{
	struct trial *t = trial_new(&toc_decoder_ldap, TOC_OVER_TCP, 389);
	for (size_t i = 0; i < n; i++)
		trial_feed(t, &steps[i]);
	trial_end(t, TOC_END_CLOSED);
	assert_true(trial_same_however_cut(&toc_decoder_ldap, 389, steps, n, 20));
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

static void simple_bind_and_search(void **state)
{
	(void)state;
	struct wire a = { .n = 0 }, b = { .n = 0 };
	bind(&a, 1, "cn=anna,dc=school", "geheim");
	search(&a, 2);
	message(&a, a.n, 0x42, 3);
	result(&b, 0x61, 1, 49, "80090308: LdapErr");
	entry(&b, 2, 10);
	entry(&b, 2, 300);
	result(&b, 0x65, 2, 0, "");
	const struct trial_step steps[] = { { TOC_ORIG, a.b, a.n }, { TOC_RESP, b.b, b.n } };
	struct trial *t = play(steps, 2);
	assert_null(strstr(trial_text(t), "geheim"));
	assert_int_equal(trial_events(t), 3);
	expect(t, 0, "opcode", "\"unbind\"");
	expect(t, 1, "message_id", "1");
	expect(t, 1, "version", "3");
	expect(t, 1, "opcode", "\"bind simple\"");
	expect(t, 1, "object", "\"cn=anna,dc=school\"");
	expect(t, 1, "argument", "\"REDACTED\"");
	expect(t, 1, "result", "\"invalid credentials\"");
	expect(t, 1, "diagnostic_message", "\"80090308: LdapErr\"");
	expect(t, 2, "scope", "\"tree\"");
	expect(t, 2, "deref_aliases", "\"never\"");
	expect(t, 2, "base_object", "\"dc=school\"");
	expect(t, 2, "filter", "\"(&(objectClass=user)(!(cn=x)))\"");
	expect(t, 2, "attributes", "[\"cn\",\"mail\"]");
	expect(t, 2, "result_count", "2");
	expect(t, 2, "result", "\"success\"");
	trial_free(t);
}

static void over_udp(void **state)
{
	(void)state;
	struct wire a = { .n = 0 }, b = { .n = 0 };
	search(&a, 7);
	entry(&b, 7, 5);
	result(&b, 0x65, 7, 0, "");
	const struct trial_step steps[] = { { TOC_ORIG, a.b, a.n }, { TOC_RESP, b.b, b.n } };
	char *text = trial_run(&toc_decoder_ldap, TOC_OVER_UDP, 389, steps, 2);
	assert_non_null(strstr(text, "\"result_count\":1"));
	assert_non_null(strstr(text, "{\"confirm\":\"ldap_udp\"}"));
	free(text);
}

/* NTLM in GSS-SPNEGO; then what is wrapped: sealed by NTLM, which looks as signed does, signed by NTLM, signed by
 * Kerberos both ways, sealed by it. */
static void sasl(void **state)
{
	(void)state;
	static const char token[] = "NTLMSSP\0\3\0\0\0"
				    "\0\0\0\0\x40\0\0\0"
				    "\0\0\0\0\x40\0\0\0"
				    "\0\0\0\0\x40\0\0\0"
				    "\4\0\4\0\x40\0\0\0"
				    "\0\0\0\0\x44\0\0\0"
				    "\0\0\0\0\x44\0\0\0"
				    "\2\0\0\0"
				    "anna";
	struct wire a = { .n = 0 }, b = { .n = 0 }, inside = { .n = 0 };
	bind_sasl(&a, 1, "GSS-SPNEGO", token, sizeof(token) - 1);
	result(&b, 0x61, 1, 0, "");
	for (unsigned i = 0; i < 5; i++) {
		unsigned kind = i ? i - 1 : 0;
		inside.n = 0;
		search(&inside, 10 + kind);
		for (size_t at = 0; i == 0 && at < inside.n; at++)
			inside.b[at] ^= 0xa5;
		wire_be(&a, 4, 16 + inside.n + (kind == 1 || kind == 2 ? 12 : 0));
		if (kind == 0)
			wire_bytes(&a, "\1\0\0\0xxxxxxxxssss", 16);
		else
			wire_bytes(&a,
				   kind == 1   ? "\5\4\0\xff\0\x0c\0\0\0\0\0\0\0\0\0\1"
				   : kind == 2 ? "\5\4\0\xff\0\x0c\0\x0c\0\0\0\0\0\0\0\1"
					       : "\5\4\2\xff\0\0\0\0\0\0\0\0\0\0\0\1",
				   16);
		if (kind == 2)
			wire_text(&a, "checksum____");
		wire_bytes(&a, inside.b, inside.n);
		if (kind == 1)
			wire_text(&a, "checksum____");
	}
	const struct trial_step steps[] = { { TOC_ORIG, a.b, a.n }, { TOC_RESP, b.b, b.n } };
	struct trial *t = play(steps, 2);
	expect(t, 0, "opcode", "\"bind SASL\"");
	expect(t, 0, "argument", "\"GSS-SPNEGO\"");
	unsigned searches = 0, ntlm = 0;
	for (unsigned i = 0; i < trial_events(t); i++) {
		searches += strcmp(trial_kind(t, i), "ldap_search") == 0;
		ntlm += strcmp(trial_kind(t, i), "ntlm") == 0;
	}
	assert_int_equal(searches, 3);
	assert_int_equal(ntlm, 1);
	assert_null(strstr(trial_text(t), "weird"));
	trial_free(t);
}

/* An entry of 90,000 bytes, more than a decoder may leave unread, within what was wrapped: counted. */
static void wrapped_answers_are_streamed(void **state)
{
	(void)state;
	enum { ENTRY = 90000, OP = ENTRY + 5, MESSAGE = OP + 3 };
	static const uint8_t entry_bytes[ENTRY];
	struct wire a = { .n = 0 }, b = { .n = 0 }, done = { .n = 0 }, next = { .n = 0 }, last = { .n = 0 };
	bind_sasl(&a, 1, "GSS-SPNEGO", "", 0);
	search(&a, 2);
	search(&a, 3);
	result(&b, 0x61, 1, 0, "");
	result(&done, 0x65, 2, 0, "");
	result(&last, 0x65, 3, 0, "");
	wire_be(&next, 4, 16 + last.n); /* what was wrapped ends where it says */
	wire_bytes(&next, "\1\0\0\0xxxxxxxxssss", 16);
	wire_bytes(&next, last.b, last.n);
	wire_be(&b, 4, 16 + 12 + 5 + MESSAGE + done.n);
	wire_bytes(&b, "\5\4\0\xff\0\x0c\0\x0c\0\0\0\0\0\0\0\1checksum____", 28);
	wire_bytes(&b, "\x30\x83", 2);
	wire_be(&b, 3, MESSAGE);
	wire_bytes(&b, "\2\1\2\x64\x83", 5);
	wire_be(&b, 3, ENTRY);
	const struct trial_step steps[] = { { TOC_ORIG, a.b, a.n },
					    { TOC_RESP, b.b, b.n },
					    { TOC_RESP, entry_bytes, ENTRY },
					    { TOC_RESP, done.b, done.n },
					    { TOC_RESP, next.b, next.n } };
	struct trial *t = play(steps, 5);
	assert_int_equal(trial_events(t), 3);
	expect(t, 2, "message_id", "3");
	expect(t, 2, "result_count", "0");
	expect(t, 1, "result_count", "1");
	expect(t, 1, "result", "\"success\"");
	trial_free(t);
}

static void changes(void **state)
{
	(void)state;
	struct wire a = { .n = 0 }, b = { .n = 0 };
	static const struct {
		uint8_t op;
		const char *attribute, *value;
	} mods[] = { { 2, "telephoneNumber", "123" }, { 2, "unicodePwd", "geheim" }, { 0, "member", "cn=(x)" } };
	wire_str(&a, 0x04, "cn=anna");
	size_t list = a.n;
	for (size_t i = 0; i < 3; i++) {
		size_t one = a.n;
		wire_element(&a, 0x0a, &mods[i].op, 1);
		size_t attribute = a.n;
		wire_str(&a, 0x04, mods[i].attribute);
		size_t set = a.n;
		wire_str(&a, 0x04, mods[i].value);
		wire_wrap(&a, set, 0x31);
		wire_wrap(&a, attribute, 0x30);
		wire_wrap(&a, one, 0x30);
	}
	wire_wrap(&a, list, 0x30);
	message(&a, 0, 0x66, 4);
	size_t at = a.n;
	wire_text(&a, "cn=gone");
	message(&a, at, 0x4a, 5);
	result(&b, 0x67, 4, 50, "");
	result(&b, 0x6b, 5, 0, "");
	const struct trial_step steps[] = { { TOC_ORIG, a.b, a.n }, { TOC_RESP, b.b, b.n } };
	struct trial *t = play(steps, 2);
	assert_null(strstr(trial_text(t), "geheim"));
	expect(t, 0, "opcode", "\"modify\"");
	expect(t, 0, "argument",
	       "\"replace(telephoneNumber=123),replace(unicodePwd=REDACTED),add(member=cn=\\\\28x\\\\29)\"");
	expect(t, 0, "result", "\"insufficient access rights\"");
	expect(t, 1, "opcode", "\"delete\"");
	expect(t, 1, "object", "\"cn=gone\"");
	trial_free(t);
}

static void start_tls(void **state)
{
	(void)state;
	struct wire a = { .n = 0 }, b = { .n = 0 };
	wire_str(&a, 0x80, "1.3.6.1.4.1.1466.20037");
	message(&a, 0, 0x77, 1);
	result(&b, 0x78, 1, 0, "");
	const struct trial_step steps[] = { { TOC_ORIG, a.b, a.n }, { TOC_RESP, b.b, b.n } };
	struct trial *t = play(steps, 2);
	expect(t, 0, "opcode", "\"extended\"");
	expect(t, 0, "argument", "\"StartTLS\"");
	assert_non_null(strstr(trial_text(t), "{\"child\":\"ssl\"}"));
	trial_free(t);
	b.n = 0;
	result(&b, 0x78, 1, 52, "");
	const struct trial_step refused[] = { { TOC_ORIG, a.b, a.n }, { TOC_RESP, b.b, b.n } };
	t = play(refused, 2);
	assert_null(strstr(trial_text(t), "child"));
	trial_free(t);
}

static void losses(void **state)
{
	(void)state;
	struct wire a = { .n = 0 }, b = { .n = 0 };
	bind(&a, 1, "cn=anna", "geheim");
	search(&b, 2);
	const struct trial_step steps[] = { { TOC_ORIG, a.b, a.n },
					    { TOC_ORIG, NULL, 100 },
					    { TOC_ORIG, "0\1\2\2\1\1 rest of something", 23 },
					    { TOC_ORIG, b.b, b.n } };
	struct trial *t = play(steps, 4);
	assert_int_equal(trial_events(t), 2);
	assert_string_equal(trial_kind(t, 1), "ldap_search");
	trial_free(t);
}

static void filter_is(const struct wire *w, const char *text)
{
	char out[LDAP_FILTER];
	size_t n = ldap_filter_text(toc_cursor_of(toc_span_of(w->b, w->n)), out, sizeof(out));
	assert_int_equal(n, strlen(text));
	assert_memory_equal(out, text, n);
}

static void filters(void **state)
{
	(void)state;
	struct wire w = { .n = 0 };
	equal(&w, 0xa5, "age", "5");
	filter_is(&w, "(age>=5)");
	w.n = 0;
	equal(&w, 0xa6, "age", "5");
	filter_is(&w, "(age<=5)");
	w.n = 0;
	equal(&w, 0xa8, "cn", "ann");
	filter_is(&w, "(cn~=ann)");
	w.n = 0;
	wire_str(&w, 0x87, "mail");
	filter_is(&w, "(mail=*)");
	w.n = 0;
	equal(&w, 0xa3, "cn", "a*(b)\\\x01");
	filter_is(&w, "(cn=a\\2a\\28b\\29\\5c\\01)");
	w.n = 0;
	wire_str(&w, 0x04, "cn");
	size_t list = w.n;
	wire_str(&w, 0x80, "a");
	wire_str(&w, 0x81, "b");
	wire_str(&w, 0x82, "c");
	wire_wrap(&w, list, 0x30);
	wire_wrap(&w, 0, 0xa4);
	filter_is(&w, "(cn=a*b*c)");
	w.n = 0;
	wire_str(&w, 0x04, "cn");
	list = w.n;
	wire_str(&w, 0x81, "b");
	wire_wrap(&w, list, 0x30);
	wire_wrap(&w, 0, 0xa4);
	filter_is(&w, "(cn=*b*)");
	w.n = 0;
	wire_str(&w, 0x81, "1.2.840.113556.1.4.803");
	wire_str(&w, 0x82, "userAccountControl");
	wire_str(&w, 0x83, "2");
	wire_wrap(&w, 0, 0xa9);
	filter_is(&w, "(userAccountControl:1.2.840.113556.1.4.803:=2)");
	w.n = 0;
	wire_str(&w, 0x87, "a");
	for (unsigned i = 0; i < 60; i++) /* too deep: cut, and no harm */
		wire_wrap(&w, 0, 0xa2);
	char out[LDAP_FILTER];
	assert_in_range(ldap_filter_text(toc_cursor_of(toc_span_of(w.b, w.n)), out, sizeof(out)), 40, 100);
	assert_int_equal(ldap_filter_text(toc_cursor_of(toc_span_of(w.b, w.n)), out, 10), 10);
}

static void probing(void **state)
{
	(void)state;
	struct wire a = { .n = 0 };
	bind(&a, 1, "cn=anna", "x");
	assert_int_equal(toc_decoder_ldap.probe(toc_span_of(a.b, a.n), TOC_ORIG, false), TOC_YES);
	assert_int_equal(toc_decoder_ldap.probe(toc_span_of(a.b, 5), TOC_ORIG, true), TOC_MAYBE);
	assert_int_equal(toc_decoder_ldap.probe(toc_span_of("0\x0c\2\1\1\x30\7", 7), TOC_ORIG, true), TOC_NO);
	assert_int_equal(toc_decoder_ldap.probe(toc_span_of("GET / HTTP/1.1", 14), TOC_ORIG, true), TOC_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(simple_bind_and_search),
		cmocka_unit_test(over_udp),
		cmocka_unit_test(sasl),
		cmocka_unit_test(wrapped_answers_are_streamed),
		cmocka_unit_test(changes),
		cmocka_unit_test(start_tls),
		cmocka_unit_test(losses),
		cmocka_unit_test(filters),
		cmocka_unit_test(probing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
