/* http - pieces shared by the files of the HTTP/1 decoder. */
#ifndef DECODERS_HTTP_H
#define DECODERS_HTTP_H

#include <stddef.h>

#include "tocsin/decoder.h"

enum { HTTP_PROXIED = 8, HTTP_TEXT = 8192 };

/* The head of one message: all spans are borrowed from it. */
struct http_head {
	bool reply;
	struct toc_span method, uri, version; /* version "1.1" */
	uint16_t status;
	struct toc_span reason;
	struct toc_span host, referrer, user_agent, origin, authorization, disposition;
	struct toc_span upgrade_to, subprotocol; /* Upgrade, Sec-WebSocket-Protocol */
	struct toc_span proxied_name[HTTP_PROXIED], proxied_value[HTTP_PROXIED];
	unsigned nproxied;
	uint64_t length; /* Content-Length; UINT64_MAX = not given */
	bool chunked;
	enum toc_coding coding;
};

/* Could these bytes begin a request (reply)? MAYBE: too few to tell. */
enum toc_probe http_starts(struct toc_span bytes, bool reply);

/* Bytes of the head that begins in `bytes`, with the empty line behind it; 0 = not all there. `scanned` = where an
 * earlier search stopped; it is moved on. */
size_t http_head_end(struct toc_span bytes, uint32_t *scanned);

/* false: the first line is neither a request nor a status line. */
bool http_head_read(struct toc_span bytes, struct http_head *out);

/* %XX undone, as far as room reaches. */
struct toc_span http_unescape(struct toc_span text, uint8_t *out, size_t room);

/* User name of `Basic …` (RFC 7617); the password is never looked at further. n = 0: none. */
struct toc_span http_basic_user(struct toc_span authorization, uint8_t *out, size_t room);

/* filename="…" of Content-Disposition (RFC 6266); n = 0: none. */
struct toc_span http_filename(struct toc_span disposition);

/* Decoder of what follows a 101 reply; NULL: not known. */
const char *http_upgraded_to(const struct http_head *reply);

/* Host, URI and User-Agent of a request, for the row of the WebSocket that it asked for. */
enum { HTTP_WS_KEPT = 3 };
struct http_kept {
	size_t n;
	uint8_t text[2048];
};
void http_websocket_keep(struct toc_draft *row, const unsigned from[HTTP_WS_KEPT], struct http_kept out[HTTP_WS_KEPT]);

/* Emits it; the fields stand after `kind` in that order, then the subprotocol. */
void http_websocket_row(unsigned kind, const struct http_kept kept[HTTP_WS_KEPT], const struct http_head *reply,
			struct toc_sink *s);

#endif
