/* http_auth: NTLM and Negotiate within HTTP's heads, and what the status says of them. */
#include "trials.h"
#include "wire.h"

extern const struct toc_decoder toc_decoder_http;

static void base64(const struct wire *w, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < w->n; i += 3) {
		uint32_t v = (uint32_t)w->b[i] << 16 | (i + 1 < w->n ? (uint32_t)w->b[i + 1] << 8 : 0) |
			     (i + 2 < w->n ? w->b[i + 2] : 0u);
		*out++ = digits[v >> 18];
		*out++ = digits[v >> 12 & 63];
		*out++ = i + 1 < w->n ? digits[v >> 6 & 63] : '=';
		*out++ = i + 2 < w->n ? digits[v & 63] : '=';
	}
	*out = 0;
}

static void message(uint32_t type, const char *user, char *out)
{
	struct wire w = { .n = 0 };
	size_t n = user ? 2 * strlen(user) : 0;
	wire_bytes(&w, "NTLMSSP", 8);
	wire_le(&w, 4, type);
	if (type != 3) {
		wire_zeros(&w, 36);
		base64(&w, out);
		return;
	}
	for (unsigned i = 0; i < 6; i++) { /* responses, domain, user, host, key: Len, MaxLen, Offset */
		wire_le(&w, 2, i == 3 ? n : 0);
		wire_le(&w, 2, i == 3 ? n : 0);
		wire_le(&w, 4, 64);
	}
	wire_le(&w, 4, 1);
	wire_utf16(&w, user);
	base64(&w, out);
}

/* status: of the reply to the last token. */
static struct trial *exchange(const char *scheme, bool proxy, unsigned status)
{
	char one[256], two[256], three[256], text[4][1024];
	const char *ask = proxy ? "Proxy-Authorization" : "Authorization";
	const char *answer = proxy ? "Proxy-Authenticate" : "WWW-Authenticate";
	message(1, NULL, one);
	message(2, NULL, two);
	message(3, "anna", three);
	snprintf(text[0], sizeof(text[0]), "GET /a HTTP/1.1\r\nHost: h\r\n%s: %s %s\r\n\r\n", ask, scheme, one);
	snprintf(text[1], sizeof(text[1]),
		 "HTTP/1.1 %u No\r\n%s: Basic realm=\"x\"\r\n%s: %s %s\r\nContent-Length: 0\r\n\r\n", proxy ? 407 : 401,
		 answer, answer, scheme, two);
	snprintf(text[2], sizeof(text[2]), "GET /a HTTP/1.1\r\nHost: h\r\n%s: %s %s\r\n\r\n", ask, scheme, three);
	snprintf(text[3], sizeof(text[3]), "HTTP/1.1 %u X\r\n%s: %s\r\nContent-Length: 0\r\n\r\n", status, answer,
		 scheme);
	struct trial_step steps[4];
	for (unsigned i = 0; i < 4; i++)
		steps[i] =
			(struct trial_step){ i % 2 ? TOC_RESP : TOC_ORIG, (const uint8_t *)text[i], strlen(text[i]) };
	return RUN(&toc_decoder_http, 80, steps);
}

static unsigned row(struct trial *t)
{
	for (unsigned i = 0; i < trial_events(t); i++)
		if (trial_value(t, i, "username"))
			return i;
	fail_msg("no row of ntlm");
	return 0;
}

static void the_status_is_the_outcome(void **state)
{
	static const struct {
		const char *scheme;
		bool proxy;
		unsigned status;
		const char *success;
	} cases[] = { { "NTLM", false, 200, "true" },
		      { "Negotiate", false, 403, "true" },
		      { "NTLM", false, 401, "false" },
		      { "negotiate", true, 200, "true" },
		      { "Negotiate", true, 407, "false" } };
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trial *t = exchange(cases[i].scheme, cases[i].proxy, cases[i].status);
		unsigned at = row(t);
		trials_has(t, at, "username", "\"anna\"");
		trials_has(t, at, "success", cases[i].success);
		assert_int_equal(trial_events(t), 3);
		trial_free(t);
	}
}

static void other_schemes_have_no_token(void **state)
{
	const struct trial_step steps[] = {
		ORIG("GET /a HTTP/1.1\r\nAuthorization: Digest TlRMTVNTUAADAAAA\r\n\r\n"),
		RESP("HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n"),
		ORIG("GET /a HTTP/1.1\r\nAuthorization: NTLM ====\r\n\r\n"),
		RESP("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	};
	(void)state;
	struct trial *t = RUN(&toc_decoder_http, 80, steps);
	assert_int_equal(trial_events(t), 2);
	trial_free(t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(the_status_is_the_outcome),
						   cmocka_unit_test(other_schemes_have_no_token) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
