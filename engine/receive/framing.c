/* framing - syslog over a stream: octet counting and non-transparent framing (RFC 6587, section 3.4), or a journal's
 * export. */
#include <stdlib.h>

#include "receive/journal_export.h"
#include "receive/receive.h"

enum { COUNT_DIGITS = 7, LEAST_LINE = 16 };

enum state { NEW, FIRST_LINE, LINES, COUNT, OCTETS, EXPORT };

struct toc_framing {
	enum state state;
	size_t max, n;
	size_t left;	 /* OCTETS: bytes of this message still to come */
	unsigned digits; /* COUNT: read so far */
	uint8_t count[7];
	bool cut;			/* the present line is longer than max */
	bool told;			/* a first count was whole: this peer counts */
	struct journal_export *journal; /* EXPORT */
	uint8_t text[];
};

struct toc_framing *toc_framing_new(size_t max_line)
{
	if (max_line < LEAST_LINE)
		max_line = LEAST_LINE;
	struct toc_framing *f = malloc(sizeof(*f) + max_line);
	if (f)
		*f = (struct toc_framing){ .max = max_line };
	return f;
}

void toc_framing_free(struct toc_framing *f)
{
	if (f)
		journal_export_free(f->journal);
	free(f);
}

bool toc_framing_waits(const struct toc_framing *f)
{
	return f->state == OCTETS || (f->state == COUNT && f->digits);
}

typedef void (*line_fn)(void *user, struct toc_span text, bool truncated);

static void keep(struct toc_framing *f, struct toc_span bytes)
{
	size_t n = bytes.n < f->max - f->n ? bytes.n : f->max - f->n;
	memcpy(f->text + f->n, bytes.p, n);
	f->n += n;
	f->cut = f->cut || n < bytes.n;
}

static void give(struct toc_framing *f, line_fn line, void *user)
{
	if (f->n)
		line(user, toc_span_of(f->text, f->n), f->cut);
	f->n = 0;
	f->cut = false;
}

/* Up to a line feed or NUL. Whole lines that lie in the input are given without a copy. */
static struct toc_span take_lines(struct toc_framing *f, struct toc_span in, line_fn line, void *user)
{
	size_t end = toc_span_find(in, '\n'), nul = toc_span_find(toc_span_first(in, end), 0);
	if (nul < end)
		end = nul;
	struct toc_span part = toc_span_first(in, end);
	if (end == in.n) {
		keep(f, part);
		return toc_span_from(in, in.n);
	}
	if (f->n == 0 && part.n <= f->max) {
		if (part.n)
			line(user, part, false);
	} else {
		keep(f, part);
		give(f, line, user);
	}
	return toc_span_from(in, end + 1);
}

/* A first line that begins with an underscore: of a journal's export, or one like others. false: no memory. */
static bool take_first_line(struct toc_framing *f, struct toc_span *in, line_fn line, void *user)
{
	const size_t end = toc_span_find(*in, '\n');
	const bool whole = end < in->n;
	keep(f, toc_span_first(*in, end));
	*in = toc_span_from(*in, end + whole);
	if (!whole)
		return true;
	const struct toc_span first = toc_span_of(f->text, f->n);
	f->state = LINES;
	if (!journal_export_begins(first)) {
		give(f, line, user);
		return true;
	}
	f->state = EXPORT;
	f->journal = journal_export_new(f->max);
	f->n = 0;
	f->cut = false;
	return f->journal && journal_export_feed(f->journal, first, false, line, user) &&
	       journal_export_feed(f->journal, toc_span_str("\n"), false, line, user);
}

/* What began with a digit and is no count: lines that begin with their date, say. */
static void turn_to_lines(struct toc_framing *f, uint8_t next)
{
	f->state = LINES;
	f->left = 0;
	f->n = f->digits;
	memcpy(f->text, f->count, f->digits);
	if (next != '\n' && next != 0)
		f->text[f->n++] = next;
}

/* Digits, then a space: the length of the next message. false: broken. */
static bool take_count(struct toc_framing *f, struct toc_span *in)
{
	while (in->n) {
		uint8_t c = in->p[0];
		*in = toc_span_from(*in, 1);
		if (c == ' ' && f->digits && f->left) {
			f->state = OCTETS;
			f->told = true;
			return true;
		}
		if ((c == '\n' || c == '\r' || c == 0) && !f->digits)
			continue; /* senders that add a line end to a counted message */
		bool digit = c >= '0' && c <= '9' && f->digits < COUNT_DIGITS;
		if (!digit && f->told)
			return false;
		if (!digit) {
			turn_to_lines(f, c);
			return true;
		}
		f->count[f->digits++] = c;
		f->left = f->left * 10 + (size_t)(c - '0');
	}
	return true;
}

static struct toc_span take_octets(struct toc_framing *f, struct toc_span in, line_fn line, void *user)
{
	size_t n = in.n < f->left ? in.n : f->left;
	keep(f, toc_span_first(in, n));
	f->left -= n;
	if (f->left == 0) {
		give(f, line, user);
		f->state = COUNT;
		f->digits = 0;
	}
	return toc_span_from(in, n);
}

/* What the first byte says of all that follow. */
static enum state begin(uint8_t first)
{
	if (first == '_')
		return FIRST_LINE;
	return first >= '0' && first <= '9' ? COUNT : LINES;
}

bool toc_framing_feed(struct toc_framing *f, struct toc_span bytes, bool end, line_fn line, void *user)
{
	bool ok = true;
	if (f->state == NEW && bytes.n)
		f->state = begin(bytes.p[0]);
	while (bytes.n && ok) {
		if (f->state == EXPORT)
			return journal_export_feed(f->journal, bytes, end, line, user);
		if (f->state == LINES)
			bytes = take_lines(f, bytes, line, user);
		else if (f->state == OCTETS)
			bytes = take_octets(f, bytes, line, user);
		else if (f->state == FIRST_LINE)
			ok = take_first_line(f, &bytes, line, user);
		else
			ok = take_count(f, &bytes);
	}
	if (end && f->journal)
		journal_export_feed(f->journal, bytes, true, line, user);
	else if (end && ok)
		give(f, line, user); /* a last line without its end */
	return ok;
}
