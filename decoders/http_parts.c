/* http_parts - multipart bodies to files (RFC 2046, section 5.1; RFC 7578, section 4). */
#include "decoders/http_parts.h"

#include <string.h>

/*
 * Only parts with a file name are looked at: the others are what people typed into a form, passwords among it.
 * A delimiter begins with CR and has no other: so where a match fails, nothing but the present byte can begin one.
 */
enum { BOUNDARY = 70, MARK = 4 /* CR LF - - */, LINE = 300, KEY = 1 };

enum at { PREAMBLE, DELIMITED, LAST_DASH, HEADER, CONTENT, EPILOGUE };

struct http_parts {
	uint8_t delimiter[MARK + BOUNDARY];
	uint8_t n, matched; /* of the delimiter */
	uint8_t assumed;    /* bytes of the match that were not there: the line end before the first line */
	uint8_t at;	    /* enum at */
	bool file;
	uint16_t line_n, disposition_n;
	uint64_t seen;
	uint8_t line[LINE], disposition[LINE];
};

static struct toc_span boundary_of(struct toc_span type)
{
	static const char multipart[] = "multipart/", key[] = "boundary=";
	if (!toc_span_ieq(toc_span_first(type, sizeof(multipart) - 1), toc_span_str(multipart)))
		return toc_span_str("");
	for (; type.n >= sizeof(key); type = toc_span_from(type, 1)) {
		if (!toc_span_ieq(toc_span_first(type, sizeof(key) - 1), toc_span_str(key)))
			continue;
		struct toc_span v = toc_span_from(type, sizeof(key) - 1);
		if (v.p[0] == '"') {
			v = toc_span_from(v, 1);
			return toc_span_first(v, toc_span_find(v, '"'));
		}
		v = toc_span_first(v, toc_span_find(v, ';'));
		return toc_span_first(v, toc_span_find(v, ' '));
	}
	return toc_span_str("");
}

struct http_parts *http_parts_of(struct toc_sink *s)
{
	return toc_sink_memory(s, KEY, 0);
}

void http_parts_forget(struct toc_sink *s)
{
	toc_sink_forget(s, KEY);
}

bool http_parts_begin(struct toc_span content_type, struct toc_sink *s)
{
	struct toc_span boundary = boundary_of(content_type);
	if (boundary.n == 0 || boundary.n > BOUNDARY || toc_span_find(boundary, '\r') < boundary.n)
		return false;
	struct http_parts *p = toc_sink_memory(s, KEY, sizeof(*p));
	if (!p)
		return false;
	*p = (struct http_parts){ .n = (uint8_t)(MARK + boundary.n), .matched = 2, .assumed = 2 };
	memcpy(p->delimiter, "\r\n--", MARK);
	memcpy(p->delimiter + MARK, boundary.p, boundary.n);
	return true;
}

static void give(const struct http_parts *p, struct toc_span bytes, enum toc_dir dir, struct toc_sink *s)
{
	if (p->file && bytes.n)
		toc_body_data(s, dir, bytes);
}

/* What looked like a delimiter was content. */
static void give_matched(struct http_parts *p, enum toc_dir dir, struct toc_sink *s)
{
	struct toc_span all = toc_span_of(p->delimiter, p->matched);
	give(p, toc_span_from(all, p->assumed), dir, s);
	p->matched = p->assumed = 0;
}

static bool close_file(struct http_parts *p, enum toc_dir dir, struct toc_sink *s, struct toc_body_summary *file)
{
	bool was = p->file;
	if (was)
		toc_body_close(s, dir, file);
	p->file = false;
	return was;
}

/* A run of content, or the next byte of a delimiter; true when that is complete. */
static bool content(struct http_parts *p, struct toc_span *bytes, enum toc_dir dir, struct toc_sink *s)
{
	uint8_t c = bytes->p[0];
	if (p->matched && c != p->delimiter[p->matched])
		give_matched(p, dir, s);
	if (!p->matched && c != '\r') {
		size_t run = toc_span_find(*bytes, '\r');
		give(p, toc_span_first(*bytes, run), dir, s);
		*bytes = toc_span_from(*bytes, run);
		return false;
	}
	*bytes = toc_span_from(*bytes, 1);
	p->matched++;
	return p->matched == p->n;
}

static void take_line(struct http_parts *p, enum toc_dir dir, struct toc_sink *s)
{
	static const char name[] = "content-disposition:";
	struct toc_span line = toc_span_of(p->line, p->line_n);
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	p->line_n = 0;
	if (toc_span_ieq(toc_span_first(line, sizeof(name) - 1), toc_span_str(name))) {
		memcpy(p->disposition, line.p, line.n);
		p->disposition_n = (uint16_t)line.n;
	}
	if (line.n)
		return;
	struct toc_span filename = http_filename(toc_span_of(p->disposition, p->disposition_n));
	p->at = CONTENT;
	p->matched = p->assumed = 2; /* a part without content has its delimiter here */
	p->file = filename.n != 0;
	if (p->file)
		toc_body_open(s, dir, "HTTP", filename, UINT64_MAX);
}

/* Lines around the delimiter and in front of the content, byte by byte. */
static void between(struct http_parts *p, uint8_t c, enum toc_dir dir, struct toc_sink *s)
{
	switch ((enum at)p->at) {
	case DELIMITED: /* blanks may follow a delimiter */
		p->at = c == '-' ? LAST_DASH : c == '\n' ? HEADER : DELIMITED;
		p->line_n = p->disposition_n = 0;
		return;
	case LAST_DASH:
		p->at = c == '-' ? EPILOGUE : DELIMITED;
		return;
	case HEADER:
		if (c == '\n')
			take_line(p, dir, s);
		else if (p->line_n < LINE)
			p->line[p->line_n++] = c;
		return;
	case PREAMBLE:
	case CONTENT:
	case EPILOGUE:
		return;
	}
}

bool http_parts_feed(struct http_parts *p, struct toc_span *bytes, enum toc_dir dir, struct toc_sink *s,
		     struct toc_body_summary *file)
{
	size_t all = bytes->n;
	while (bytes->n && p->at != EPILOGUE) {
		if (p->at != PREAMBLE && p->at != CONTENT) {
			between(p, bytes->p[0], dir, s);
			*bytes = toc_span_from(*bytes, 1);
			continue;
		}
		if (!content(p, bytes, dir, s))
			continue;
		p->at = DELIMITED;
		p->matched = p->assumed = 0;
		if (p->file) {
			p->seen += all - bytes->n;
			return close_file(p, dir, s, file);
		}
	}
	if (p->at == EPILOGUE)
		*bytes = toc_span_from(*bytes, bytes->n);
	p->seen += all;
	return false;
}

/* A delimiter may be in the hole: what follows is taken for the same part. Lost headers: for no file. */
void http_parts_gap(struct http_parts *p, uint64_t n, enum toc_dir dir, struct toc_sink *s)
{
	p->seen += n;
	give_matched(p, dir, s);
	if (p->file)
		toc_body_gap(s, dir, n);
	else if (p->at != EPILOGUE)
		p->at = PREAMBLE;
}

bool http_parts_end(struct http_parts *p, enum toc_dir dir, struct toc_sink *s, struct toc_body_summary *file)
{
	if (p->at == CONTENT)
		give_matched(p, dir, s);
	return close_file(p, dir, s, file);
}

uint64_t http_parts_seen(const struct http_parts *p)
{
	return p->seen;
}

struct toc_span http_parts_disposition(const struct http_parts *p)
{
	return toc_span_of(p->disposition, p->disposition_n);
}
