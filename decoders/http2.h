/* http2 - what a header block of HTTP/2 says, as far as a row tells of it. */
#ifndef DECODERS_HTTP2_H
#define DECODERS_HTTP2_H

#include "decoders/hpack.h"
#include "decoders/http.h"

enum { HTTP2_TEXT = 16384, HTTP2_PROXIED = 4 };

/* Spans point into `text`. */
struct http2_head {
	struct toc_span method, path, authority, host, referrer, user_agent, origin, authorization, disposition, type,
		accept;
	struct toc_span upgrade; /* :protocol (RFC 8441) */
	struct toc_span proxied_name[HTTP2_PROXIED], proxied_value[HTTP2_PROXIED];
	unsigned nproxied;
	unsigned nnames; /* of the fields, the first HTTP_NAMES, each cut to HTTP_NAME bytes */
	unsigned status; /* 0 = none: a request, or trailers */
	uint64_t length;
	enum toc_coding coding;
	bool cut; /* values were left out: the block says more than there is room for */
	size_t text_n;
	uint8_t text[HTTP2_TEXT];
	uint8_t name_n[HTTP_NAMES], name[HTTP_NAMES][HTTP_NAME];
};

/* Decodes a block. false: it cannot be decoded, and none after it. */
bool http2_head_read(struct hpack *table, struct toc_span block, struct http2_head *out);

/* DNS over HTTPS (RFC 8484) as far as it is in clear. The request of a GET stands in its path. */
bool http2_is_dns(const struct http2_head *head);
void http2_dns_get(const struct http2_head *head, uint32_t stream, enum toc_dir dir, struct toc_sink *s);
void http2_dns_message(struct toc_span message, uint32_t stream, enum toc_dir dir, struct toc_sink *s);
void http2_dns_end(uint32_t stream, struct toc_sink *s);

#endif
