/*
 * http_auth - GSSAPI and NTLM tokens in the header fields of a message (RFC 4559; MS-NTHT, section 2.1). Both schemes
 * prove who speaks for the whole connection, so the tokens are one conversation, and the status that follows the last
 * of them is its outcome.
 */
#include "decoders/http_auth.h"

#include "decoders/base64.h"
#include "decoders/ntlm.h"

enum { TOKEN = 16384 };

struct toc_span http_auth_token(struct toc_span value)
{
	static const char *const schemes[] = { "NTLM ", "Negotiate " };
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i]);
		if (!toc_span_ieq(toc_span_first(value, n), toc_span_str(schemes[i])))
			continue;
		value = toc_span_from(value, n);
		while (value.n && value.p[0] == ' ')
			value = toc_span_from(value, 1);
		return value;
	}
	return toc_span_first(value, 0);
}

static bool give(struct toc_span value, enum toc_dir dir, struct toc_sink *s)
{
	uint8_t bytes[TOKEN];
	struct toc_span token = toc_span_of(bytes, base64_read(http_auth_token(value), bytes, sizeof(bytes)));
	if (token.n)
		toc_sink_inner(s, "ntlm", 0, dir, token);
	return token.n != 0;
}

bool http_auth_request(const struct http_head *head, enum toc_dir dir, struct toc_sink *s)
{
	bool origin = give(head->authorization, dir, s);
	return give(head->proxy_authorization, dir, s) || origin;
}

void http_auth_reply(const struct http_head *head, bool asked, enum toc_dir dir, struct toc_sink *s)
{
	enum { UNAUTHORIZED = 401, PROXY_AUTHENTICATION_REQUIRED = 407 };
	bool refused = head->status == UNAUTHORIZED || head->status == PROXY_AUTHENTICATION_REQUIRED;
	bool goes_on = give(head->challenge, dir, s) && refused;
	if (asked && head->status && !goes_on)
		ntlm_outcome(s, 0, !refused);
}
