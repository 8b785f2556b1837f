/* http2_dns - DNS within HTTP/2 (RFC 8484): messages go to the dns decoder, each stream a conversation of its own. */
#include "decoders/base64.h"
#include "decoders/http2.h"

enum { MESSAGE_MOST = 1024 };

bool http2_is_dns(const struct http2_head *head)
{
	return toc_span_ieq(head->type, toc_span_str("application/dns-message"));
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
	size_t n = base64_read(text, message, sizeof(message));
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
