/* http_state - what the HTTP/1 decoder keeps of a connection, for the files that change it. */
#ifndef DECODERS_HTTP_STATE_H
#define DECODERS_HTTP_STATE_H

#include "decoders/http.h"

struct http {
	struct http_side side[2];	/* requests, replies */
	bool flipped;			/* the originator is the server: a capture that began late */
	bool oriented, child;		/* child: the rest belongs to another protocol */
	const char *child_name;		/* NULL: whichever it is */
	bool tunnel;			/* to wherever CONNECT said */
	uint64_t heads, connects, bare; /* request n was HEAD (CONNECT, HTTP/0.9): bit n % 64 */
	uint64_t tokens;		/* it had a token of NTLM or GSSAPI */
};

static inline enum toc_dir http_dir_of(const struct http *h, bool reply)
{
	return reply != h->flipped ? TOC_RESP : TOC_ORIG;
}

/* Reply n is complete. */
static inline bool http_answered(const struct http *h, uint32_t n)
{
	const struct http_side *replies = &h->side[1];
	return replies->n > n || (replies->n == n && !replies->body_open);
}

/* http_body.c: the bodies of both sides. The row of the body under way may be gone: the reply was quicker, or there is
 * none. */
bool http_has_no_row(const struct http *h, bool reply);

/* By the framing of the side. head: NULL where it told of no body. */
void http_body_open(struct http *h, bool reply, const struct http_head *head, struct toc_sink *s);
void http_body_give(struct http *h, bool reply, struct toc_span bytes, struct toc_sink *s);
void http_body_gap(struct http *h, bool reply, uint64_t n, struct toc_sink *s);
void http_body_close(struct http *h, bool reply, struct toc_body_summary *sum, struct toc_sink *s);

/* http_early.c: rows of requests whose head is not complete. */

/* Whole lines of a head that is not all there, for the row of the next request. A line begins at `from`. */
void http_early_keep(struct http *h, struct toc_span rest, size_t from, struct toc_sink *s);

/* The head is complete: what follows is written into the row of request n, new or its reply's. */
struct toc_draft *http_early_take(struct http *h, uint32_t n, struct toc_sink *s);

/* The row of message n has words of its reply: from now on it is not made anew. */
void http_early_join(struct http *h, uint32_t n);

/* Is the head of request n under way? Its reply's row then waits for it. */
bool http_early_awaits(const struct http *h, uint32_t n);

/* No more comes of the head under way: it counts as a request, and the row of a reply that waited for it goes out. */
void http_early_settle(struct http *h, struct toc_sink *s);

#endif
