/* ntlm: messages of MS-NLMP bare and within SPNEGO, outcomes, Kerberos inside, and what is broken. */
#include "test.h"

#include "decoders/ntlm.h"
#include "harness.h"
#include "wire.h"

extern const struct toc_decoder toc_decoder_ntlm;

static void signature(struct wire *w, uint32_t type)
{
	wire_bytes(w, "NTLMSSP", 8);
	wire_le(w, 4, type);
}

static void field(struct wire *w, size_t n, size_t at)
{
	wire_le(w, 2, n);
	wire_le(w, 2, n);
	wire_le(w, 4, at);
}

/* MS-NLMP, section 2.2.1.2. */
static void challenge(struct wire *w, size_t cut)
{
	struct wire info = { .n = 0 };
	static const struct {
		uint16_t id;
		const char *text;
	} pairs[] = { { 2, "SCHOOL" },
		      { 1, "DC1" },
		      { 4, "school.example" },
		      { 3, "dc1.school.example" },
		      { 5, "forest.example" } };
	for (size_t i = 0; i < 5; i++) {
		wire_le(&info, 2, pairs[i].id);
		wire_le(&info, 2, 2 * strlen(pairs[i].text));
		wire_utf16(&info, pairs[i].text);
	}
	wire_zeros(&info, 4);
	signature(w, 2);
	field(w, 12, 56);
	wire_le(w, 4, 0x20000201);
	wire_bytes(w, "\1\2\3\4\5\6\7\10", 8);
	wire_zeros(w, 8);
	field(w, info.n, 68);
	wire_zeros(w, 8);
	wire_utf16(w, "SCHOOL");
	wire_bytes(w, info.b, info.n - cut);
}

/* Section 2.2.1.3: responses of 24 bytes of '!' must never be seen in an event. */
static void authenticate(struct wire *w, const char *domain, const char *user, const char *host, bool unicode)
{
	size_t size = unicode ? 2 : 1, at = 64;
	size_t d = size * strlen(domain), u = size * strlen(user), h = size * strlen(host);
	signature(w, 3);
	field(w, 24, at + d + u + h);
	field(w, 24, at + d + u + h + 24);
	field(w, d, at);
	field(w, u, at + d);
	field(w, h, at + d + u);
	field(w, 0, at + d + u + h);
	wire_le(w, 4, unicode ? 1 : 2);
	if (unicode) {
		wire_utf16(w, domain);
		wire_utf16(w, user);
		wire_utf16(w, host);
	} else {
		wire_text(w, domain);
		wire_text(w, user);
		wire_text(w, host);
	}
	for (unsigned i = 0; i < 48; i++)
		wire_text(w, "!");
}

/* NegTokenInit in its frame, or NegTokenResp (RFC 4178, section 4.2). state < 0: none. */
static void spnego(struct wire *w, bool init, int state, const struct wire *inside)
{
	size_t at = w->n;
	if (!init && state >= 0) {
		uint8_t s[3] = { 0x0a, 1, (uint8_t)state };
		wire_element(w, 0xa0, s, 3);
	}
	if (inside) {
		size_t token = w->n;
		wire_element(w, 0x04, inside->b, inside->n);
		wire_wrap(w, token, 0xa2);
	}
	wire_wrap(w, at, 0x30);
	wire_wrap(w, at, init ? 0xa0 : 0xa1);
	if (!init)
		return;
	static const uint8_t oid[] = { 0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02 };
	size_t n = w->n - at;
	wire_zeros(w, sizeof(oid));
	memmove(w->b + at + sizeof(oid), w->b + at, n);
	memcpy(w->b + at, oid, sizeof(oid));
	wire_wrap(w, at, 0x60);
}

static void feed(struct trial *t, enum toc_dir dir, const struct wire *w)
{
	struct trial_step step = { dir, w->b, w->n };
	trial_feed(t, &step);
}

static void expect(struct trial *t, unsigned i, const char *name, const char *text)
{
	const char *got = trial_value(t, i, name);
	if (!text) {
		assert_null(got);
		return;
	}
	assert_non_null(got);
	assert_string_equal(got, text);
}

/* A whole exchange; state: what the server says in the end, -1: nothing. */
static struct trial *exchange(bool wrapped, int state, const char *user, const char *host)
{
	struct trial *t = trial_new(&toc_decoder_ntlm, TOC_OVER_INNER, 445);
	struct wire ask = { .n = 0 }, answer = { .n = 0 }, proof = { .n = 0 }, token = { .n = 0 };
	signature(&ask, 1);
	wire_zeros(&ask, 20);
	challenge(&answer, 0);
	authenticate(&proof, "SCHOOL", user, host, true);
	if (wrapped)
		spnego(&token, true, -1, &ask);
	feed(t, TOC_ORIG, wrapped ? &token : &ask);
	token.n = 0;
	spnego(&token, false, 1, &answer);
	feed(t, TOC_RESP, wrapped ? &token : &answer);
	token.n = 0;
	spnego(&token, false, -1, &proof);
	feed(t, TOC_ORIG, wrapped ? &token : &proof);
	token.n = 0;
	if (state >= 0) {
		spnego(&token, false, state, NULL);
		feed(t, TOC_RESP, &token);
	}
	trial_end(t, TOC_END_CLOSED);
	assert_int_equal(trial_events(t), 1);
	assert_null(strstr(trial_text(t), "!"));
	return t;
}

static void accepted(void **state)
{
	struct trial *t = exchange(true, 0, "anna", "PC7");
	(void)state;
	expect(t, 0, "username", "\"anna\"");
	expect(t, 0, "hostname", "\"PC7\"");
	expect(t, 0, "domainname", "\"SCHOOL\"");
	expect(t, 0, "server_nb_computer_name", "\"DC1\"");
	expect(t, 0, "server_dns_computer_name", "\"dc1.school.example\"");
	expect(t, 0, "server_tree_name", "\"forest.example\"");
	expect(t, 0, "success", "true");
	assert_non_null(strstr(trial_text(t), "{\"confirm\":\"gssapi\"}"));
	assert_non_null(strstr(trial_text(t), "{\"confirm\":\"ntlm\"}"));
	trial_free(t);
}

static void refused_and_unknown(void **state)
{
	(void)state;
	struct trial *t = exchange(true, 2, "anna", "PC7");
	expect(t, 0, "success", "false");
	trial_free(t);
	t = exchange(true, -1, "anna", "PC7");
	expect(t, 0, "success", NULL);
	trial_free(t);
	t = exchange(false, -1, "anna", "PC7"); /* bare: no word of GSSAPI */
	expect(t, 0, "username", "\"anna\"");
	assert_null(strstr(trial_text(t), "gssapi"));
	trial_free(t);
	t = exchange(true, 0, "", ""); /* anonymous */
	expect(t, 0, "username", NULL);
	expect(t, 0, "success", "true");
	trial_free(t);
}

static void oem_names(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_ntlm, TOC_OVER_INNER, 445);
	struct wire w = { .n = 0 };
	authenticate(&w, "OLD", "j\xfcrgen", "WIN95", false);
	feed(t, TOC_ORIG, &w);
	trial_end(t, TOC_END_CLOSED);
	expect(t, 0, "username", "\"j\xc3\xbcrgen\"");
	expect(t, 0, "hostname", "\"WIN95\"");
	trial_free(t);
}

/* Whatever is cut off or points outside is left out. */
static void broken(void **state)
{
	(void)state;
	struct wire whole = { .n = 0 };
	authenticate(&whole, "SCHOOL", "anna", "PC7", true);
	for (size_t n = 0; n < whole.n; n++) {
		struct trial *t = trial_new(&toc_decoder_ntlm, TOC_OVER_INNER, 445);
		struct trial_step step = { TOC_ORIG, whole.b, n };
		trial_feed(t, &step);
		trial_end(t, TOC_END_CLOSED);
		if (n < 52)
			assert_int_equal(trial_events(t), 0);
		trial_free(t);
	}
	struct trial *t = trial_new(&toc_decoder_ntlm, TOC_OVER_INNER, 445);
	struct wire w = { .n = 0 };
	challenge(&w, 6); /* the list of pairs has no end, the last is cut */
	feed(t, TOC_RESP, &w);
	trial_end(t, TOC_END_CLOSED);
	expect(t, 0, "server_nb_computer_name", "\"DC1\"");
	expect(t, 0, "server_tree_name", NULL);
	trial_free(t);
	t = trial_new(&toc_decoder_ntlm, TOC_OVER_INNER, 445);
	w.n = 0;
	authenticate(&w, "SCHOOL", "anna", "PC7", true);
	wire_put(&w, 40, 4, 0xfffffff0); /* the user's offset */
	feed(t, TOC_ORIG, &w);
	trial_end(t, TOC_END_CLOSED);
	expect(t, 0, "username", NULL);
	expect(t, 0, "hostname", "\"PC7\"");
	trial_free(t);
}

/* A mechanism token that is an AP-REQ goes to the decoder of Kerberos. */
static void kerberos_inside(void **state)
{
	(void)state;
	static const uint8_t ap_rep[] = { 0x60, 0x1e, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01,
					  0x02, 0x02, 0x02, 0x00, 0x6f, 0x0f, 0x30, 0x0d, 0xa0, 0x03, 0x02,
					  0x01, 0x05, 0xa1, 0x03, 0x02, 0x01, 0x0f, 0xa2, 0x01, 0x00 };
	struct trial *t = trial_new(&toc_decoder_ntlm, TOC_OVER_INNER, 445);
	struct wire inside = { .n = 0 }, w = { .n = 0 };
	wire_bytes(&inside, ap_rep, sizeof(ap_rep));
	spnego(&w, false, 0, &inside);
	feed(t, TOC_RESP, &w);
	trial_end(t, TOC_END_CLOSED);
	assert_int_equal(trial_events(t), 1);
	assert_string_equal(trial_kind(t, 0), "kerberos");
	expect(t, 0, "success", "true");
	trial_free(t);
}

static void users(void **state)
{
	(void)state;
	char out[NTLM_USER];
	struct wire proof = { .n = 0 }, token = { .n = 0 };
	authenticate(&proof, "SCHOOL", "anna", "PC7", true);
	spnego(&token, false, -1, &proof);
	size_t n = ntlm_user(toc_span_of(token.b, token.n), out);
	assert_int_equal(n, 11);
	assert_memory_equal(out, "SCHOOL\\anna", 11);
	assert_int_equal(ntlm_user(toc_span_of(token.b, 40), out), 0);
	assert_int_equal(ntlm_user(toc_span_of("", 0), out), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted), cmocka_unit_test(refused_and_unknown), cmocka_unit_test(oem_names),
		cmocka_unit_test(broken),   cmocka_unit_test(kerberos_inside),	   cmocka_unit_test(users),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
