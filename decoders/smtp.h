/* smtp - what the decoder's files share. */
#ifndef DECODERS_SMTP_H
#define DECODERS_SMTP_H

#include "decoders/line.h"

/* Where the end of a message's content is looked for; the content itself is nobody's. */
struct smtp_dot {
	uint8_t strict; /* how much of CRLF.CRLF has passed (RFC 5321, section 4.5.2) */
	uint8_t lax;	/* the same with any line end: what some servers take for the end */
};

/* The content begins: as behind a line's end. */
void smtp_dot_start(struct smtp_dot *dot);

/* Passes over content up to and with its end; false when all of *in is content. Nothing is kept. */
bool smtp_dot_skip(struct smtp_dot *dot, struct toc_cursor *in);

/* Do the last bytes passed over look like an end to a server that is not strict? */
bool smtp_dot_lax(const struct smtp_dot *dot);

/* FROM:<path> params: the path without its brackets, empty for <> and for what is no path. */
struct toc_span smtp_path(struct toc_span arg, const char *key);

/* The domain of a path, or empty. */
struct toc_span smtp_domain(struct toc_span path);

/*
 * A reply as told: "250 text". Words with an @ are hidden; `person`: the text may name a recipient or quote the
 * message, then only the code and the enhanced code (RFC 3463) are told. Returns the length written to out.
 */
enum { SMTP_REPLY = 256 };
size_t smtp_reply_told(const struct line_reply *r, bool person, uint8_t out[SMTP_REPLY]);

#endif
