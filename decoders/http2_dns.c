/* http2_dns - DNS within HTTP/2 (RFC 8484): messages go to the dns decoder, each stream a conversation of its own. */
#include "decoders/http2.h"

enum { MESSAGE_MOST = 1024 };

bool http2_is_dns(const struct http2_head *head)
{
	return toc_span_ieq(head->type, toc_span_str("application/dns-message"));
}

static int digit(uint8_t c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* base64url without padding (RFC 4648, section 5), up to what is none of it. */
static size_t decode(struct toc_span text, uint8_t *out, size_t room)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0;
	for (size_t i = 0; i < text.n && n < room; i++) {
		int v = digit(text.p[i]);
		if (v < 0)
			break;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (uint8_t)(bits >> have);
		}
	}
	return n;
}

/* The value of `dns` among the path's parameters; n = 0: none. */
static struct toc_span parameter(struct toc_span path)
{
	struct toc_span rest = toc_span_from(path, toc_span_find(path, '?') + 1);
	while (rest.n) {
		size_t end = toc_span_find(rest, '&');
		if (toc_span_starts(rest, "dns="))
			return toc_span_from(toc_span_first(rest, end), 4);
		rest = toc_span_from(rest, end + 1);
	}
	return rest;
}

void http2_dns_get(const struct http2_head *head, uint32_t stream, enum toc_dir dir, struct toc_sink *s)
{
	uint8_t message[MESSAGE_MOST];
	struct toc_span text = toc_span_is(head->method, "GET") ? parameter(head->path) : toc_span_of(NULL, 0);
	size_t n = decode(text, message, sizeof(message));
	if (n > 12)
		http2_dns_message(toc_span_of(message, n), stream, dir, s);
}

void http2_dns_message(struct toc_span message, uint32_t stream, enum toc_dir dir, struct toc_sink *s)
{
	if (toc_sink_inner(s, "dns", stream, dir, message))
		toc_sink_confirm(s, "doh");
}

void http2_dns_end(uint32_t stream, struct toc_sink *s)
{
	toc_sink_inner_close(s, "dns", stream);
}
