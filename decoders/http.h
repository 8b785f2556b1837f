/* http - pieces shared by the files of the HTTP/1 decoder. */
#ifndef DECODERS_HTTP_H
#define DECODERS_HTTP_H

#include <stddef.h>

#include "tocsin/decoder.h"

enum { HTTP_PROXIED = 8, HTTP_TEXT = 8192, HTTP_CODINGS = 4, HTTP_NAMES = 64, HTTP_NAME = 64 };

/* What a head says of the body behind it. */
struct http_framing {
	uint64_t length; /* Content-Length, the first one; UINT64_MAX = not given */
	bool chunked;
	uint8_t ncodings;
	uint8_t codings[HTTP_CODINGS]; /* enum toc_coding, in the order of being applied */
};

/* The head of one message: all spans are borrowed from it. */
struct http_head {
	bool reply;
	struct toc_span method, uri, version; /* version "1.1" */
	uint16_t status;		      /* 0: not three digits */
	struct toc_span reason;
	struct toc_span host, referrer, user_agent, origin, authorization, disposition, content_type;
	struct toc_span proxied_name[HTTP_PROXIED], proxied_value[HTTP_PROXIED];
	unsigned nproxied;
	struct http_framing framing;
	struct toc_span proxy_authorization;
	struct toc_span challenge;		 /* WWW- or Proxy-Authenticate, the first that has a token */
	struct toc_span upgrade_to, subprotocol; /* Upgrade, Sec-WebSocket-Protocol */
	const char *odd;			 /* a weird's name: how the head departs from RFC 9112 */
	struct toc_span names[HTTP_NAMES];	 /* of its fields, as they stand there */
	unsigned nnames;
};

/* Where one direction stands. */
enum http_at {
	AT_HEAD,
	AT_BODY,
	AT_FIRST_CHUNK, /* chunks are announced: whether they come is seen by the first bytes */
	AT_CHUNK_SIZE,
	AT_SIZE_LINE, /* the rest of that line */
	AT_CHUNK,
	AT_CHUNK_END,
	AT_TRAILER,
	AT_UNTIL_CLOSE,
	AT_RESYNC,
	AT_CUT_HEAD
};

/* The last head announces a body that its status does not allow. */
enum http_bodiless { HTTP_MAY_FOLLOW, HTTP_AFTER_INFO, HTTP_AFTER_REPLY };

struct http_side {
	enum http_at at;
	bool body_open;
	bool parts; /* the body is in parts (http_parts.h) */
	bool started;
	uint8_t early;	  /* what the row has that waits for the rest of a head (http_early.c) */
	uint8_t bodiless; /* enum http_bodiless */
	bool rowless;	  /* the row of the body under way is gone */
	uint32_t n;	  /* messages so far; of the present one: its number */
	uint32_t scanned;
	uint64_t left;
	toc_time start; /* of the present head's first byte */
	struct http_framing framing;
};

/* Could these bytes begin a request (reply)? MAYBE: too few to tell. */
enum toc_probe http_starts(struct toc_span bytes, bool reply);

/* A request line without a version: HTTP/0.9, which has no header fields. */
bool http_is_bare(struct toc_span line);

/* Bytes of the head that begins in `bytes`, with the empty line behind it; 0 = not all there. `scanned` = where an
 * earlier search stopped; it is moved on. */
size_t http_head_end(struct toc_span bytes, uint32_t *scanned);

/* false: the first line is neither a request nor a status line. */
bool http_head_read(struct toc_span bytes, struct http_head *out);

/* Do these bytes begin with the size of a chunk? MAYBE: too few to tell. */
enum toc_probe http_chunk_starts(struct toc_span bytes);

/* Value of a hexadecimal digit, or -1. */
int http_hex(uint8_t c);

/* %XX undone, as far as room reaches. */
struct toc_span http_unescape(struct toc_span text, uint8_t *out, size_t room);

/* The lines of a folded value on one line, as far as room reaches. */
struct toc_span http_unfold(struct toc_span text, uint8_t *out, size_t room);

/* Blanks, line ends and control characters taken out, lower case: what lenient readers make of a name. */
struct toc_span http_squeeze(struct toc_span text, uint8_t *out, size_t room);

/* User name of `Basic …` (RFC 7617); the password is never looked at further. n = 0: none. */
struct toc_span http_basic_user(struct toc_span authorization, uint8_t *out, size_t room);

/* filename="…" of Content-Disposition (RFC 6266); n = 0: none. */
struct toc_span http_filename(struct toc_span disposition);

/* http_row.c: the event. */
enum { HTTP_NFIELDS = 30 };
extern const struct toc_field_decl http_fields[HTTP_NFIELDS];
extern const uint16_t http_on_demand[];

/* The row of message n: the one that waits, or a new one. Ends with commit or hold. */
struct toc_draft *http_row(struct toc_sink *s, const struct http_side *side, uint32_t n);
void http_commit(struct toc_sink *s, struct toc_draft *d);
/* replied: the row has its reply's version. */
void http_put_request(struct toc_draft *d, const struct http_head *head, bool replied);

/* Adds a field's name to a list of names, in upper case as Zeek has it, cut to HTTP_NAME bytes. */
void http_put_name(struct toc_draft *d, unsigned field, struct toc_span name);
void http_put_reply(struct toc_sink *s, struct toc_draft *d, const struct http_head *head);
void http_put_info(struct toc_draft *d, const struct http_head *head);
void http_put_filename(struct toc_draft *d, bool reply, struct toc_span disposition);
void http_put_body(struct toc_draft *d, bool reply, const struct toc_body_summary *sum);
void http_put_file(struct toc_draft *d, bool reply, const struct toc_body_summary *sum);

/* Puts the row aside until the reply's body is over; of an upgrade to WebSocket a row of its own goes out. */
void http_hold_reply(struct toc_draft *d, const struct http_head *head, uint32_t n, const char *upgraded_to,
		     struct toc_sink *s);

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

enum { HTTP_ROW = 0 }; /* the kind, an index of http_fields */

#endif
