/* line - lines and words of text protocols: bounded, ended by CRLF or a bare LF, the same however a stream is cut. */
#ifndef DECODERS_LINE_H
#define DECODERS_LINE_H

#include "tocsin/decoder.h"

/* One direction's reader; zeroed at first. */
struct line_reader {
	bool skipping; /* in a line whose beginning was told: nothing until its end */
	bool lost;     /* bytes are missing in front of the next ones */
	bool doubtful; /* the line just read came after a loss: may be the end of one, so only what is surely a message
			  counts */
};

enum { LINE_MOST = 4096 }; /* of a longer line only so many bytes are told */

/*
 * Takes the next line, without its end, out of the stream; false when it is not all there. `most` <= LINE_MOST bounds
 * what is told of it and what has to be kept unread.
 */
bool line_read(struct line_reader *r, struct toc_cursor *in, size_t most, struct toc_span *line);

/* Passes over the rest of a line that was told in part; false when its end is still to come. */
bool line_skip_rest(struct line_reader *r, struct toc_cursor *in);

/* What parse returns after line_read said false. */
static inline enum toc_parse line_wait(const struct toc_cursor *in, struct toc_sink *s)
{
	return toc_more(s, toc_left(in) + 1);
}

/* After lost bytes: the next line is read as doubtful. */
static inline void line_lost(struct line_reader *r)
{
	r->skipping = false;
	r->lost = true;
}

/* Cuts the first word (up to a space or tab) off *rest, and the blanks around it. Empty at the end. */
struct toc_span line_word(struct toc_span *rest);

/* Without blanks at both ends. */
struct toc_span line_trim(struct toc_span s);

/* Does s begin with the word, in either case? */
bool line_starts(struct toc_span s, const char *word);

/* Offset of the first place where the text occurs, in either case, or s.n. */
size_t line_find(struct toc_span s, const char *text);

/* All of s as a decimal number; false when it is none or too large. */
bool line_uint(struct toc_span s, uint64_t *v);

/* How many decimal digits s begins with. */
size_t line_digits(struct toc_span s);

static inline bool line_is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static inline bool line_is_alpha(uint8_t c)
{
	return toc_lower(c) >= 'a' && toc_lower(c) <= 'z';
}

/* Printable ASCII, tabs and bytes of UTF-8, none of the controls. */
bool line_is_text(struct toc_span s);

/*
 * A reply of three digits (RFC 959 section 4.2, RFC 5321 section 4.2): its code, its text, and whether more lines of
 * it follow. False when the line is none.
 */
struct line_reply {
	unsigned code;
	bool more;
	struct toc_span text;
};
bool line_reply(struct toc_span line, struct line_reply *r);

/*
 * Heads of messages as HTTP, SIP and RTSP have them: length of what s begins with up to and with the empty line, or 0.
 * line_header takes the next "Name: value" off *head (folded lines are not joined); false at the end.
 */
size_t line_head_end(struct toc_span s);
bool line_header(struct toc_span *head, struct toc_span *name, struct toc_span *value);

/* The first line of s, without its end, taken off *s. */
struct toc_span line_first(struct toc_span *s);

/* What probes ask: a text that s begins with in either case, or could (TOC_MAYBE: s is too short to tell). */
enum toc_probe line_begins(struct toc_span s, const char *text);

/* The best answer of line_begins for a NULL-terminated list. */
enum toc_probe line_begins_any(struct toc_span s, const char *const *texts);

/* A name kept in a decoder's state, cut to what fits. */
#define LINE_NAME 128
struct line_name {
	uint8_t n;
	uint8_t b[LINE_NAME];
};
void line_keep(struct line_name *name, struct toc_span s);
static inline struct toc_span line_kept(const struct line_name *name)
{
	return toc_span_of(name->b, name->n);
}

#endif
