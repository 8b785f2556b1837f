/* journal_export - fields of "NAME=value" or, where a value is no text, "NAME", its length in 8 bytes, and the value;
 * an empty line ends the record. */
#include "receive/journal_export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 64, LENGTH = 8, LEAST_LINE = 64, ESCAPED = 6 };

static const uint64_t longest_value = UINT64_C(768) << 20; /* systemd's own limit */

/* What is kept of a record. */
static const char *const kept[] = {
	"__REALTIME_TIMESTAMP", "_HOSTNAME", "SYSLOG_IDENTIFIER", "_COMM", "SYSLOG_PID", "_PID", "PRIORITY",
	"SYSLOG_FACILITY",	"MESSAGE"
};

enum state { NAMING, TEXT, MEASURING, BINARY, BEHIND };

struct journal_export {
	enum state state;
	char name[NAME];
	unsigned name_n, length_n;
	uint64_t left;	 /* MEASURING: the length so far; BINARY: bytes still to come */
	bool keeps, cut; /* the value at hand is kept; the line is longer than max */
	size_t max, n;
	uint8_t out[];
};

struct journal_export *journal_export_new(size_t max_line)
{
	if (max_line < LEAST_LINE)
		max_line = LEAST_LINE;
	struct journal_export *x = malloc(sizeof(*x) + max_line);
	if (x)
		*x = (struct journal_export){ .max = max_line };
	return x;
}

void journal_export_free(struct journal_export *x)
{
	free(x);
}

bool journal_export_begins(struct toc_span line)
{
	return toc_span_starts(line, "__CURSOR=") || toc_span_starts(line, "__REALTIME_TIMESTAMP=");
}

/* --- the line that a record becomes ------------------------------------------------------------------------------- */

/* Two bytes stay free for what closes a string and the object. */
static void put(struct journal_export *x, const char *text, size_t n)
{
	if (x->cut || x->n + n > x->max - 2) {
		x->cut = true;
		return;
	}
	memcpy(x->out + x->n, text, n);
	x->n += n;
}

static void put_escaped(struct journal_export *x, struct toc_span bytes)
{
	for (size_t i = 0; i < bytes.n && !x->cut; i++) {
		char text[ESCAPED + 1] = { '\\', (char)bytes.p[i] };
		if (bytes.p[i] == '"' || bytes.p[i] == '\\') {
			put(x, text, 2);
		} else if (bytes.p[i] >= 0x20) {
			put(x, text + 1, 1);
		} else {
			snprintf(text, sizeof(text), "\\u%04x", bytes.p[i]);
			put(x, text, ESCAPED);
		}
	}
}

static void close_text(struct journal_export *x)
{
	if (x->keeps)
		x->out[x->n++] = '"';
	x->keeps = false;
}

/* A field that there is no room for is left out whole. */
static void open_text(struct journal_export *x)
{
	x->keeps = false;
	for (unsigned i = 0; i < sizeof(kept) / sizeof(kept[0]) && !x->keeps; i++)
		x->keeps = strlen(kept[i]) == x->name_n && memcmp(kept[i], x->name, x->name_n) == 0;
	if (!x->keeps)
		return;
	char before[NAME + 8];
	const int n = snprintf(before, sizeof(before), "%s\"%.*s\":\"", x->n ? "," : "{", (int)x->name_n, x->name);
	put(x, before, (size_t)n);
	x->keeps = !x->cut;
}

static void give(struct journal_export *x, void (*line)(void *user, struct toc_span text, bool truncated), void *user)
{
	if (x->n) {
		x->out[x->n++] = '}';
		line(user, toc_span_of(x->out, x->n), x->cut);
	}
	x->n = 0;
	x->cut = false;
}

/* --- the parts of a record: each takes what it can of the bytes, and says what is left
 * -------------------------------- */

static struct toc_span take_name(struct journal_export *x, struct toc_span in, bool *whole)
{
	*whole = false;
	while (in.n) {
		const uint8_t c = in.p[0];
		in = toc_span_from(in, 1);
		if (c == '=' || c == '\n') {
			*whole = c == '\n' && x->name_n == 0;
			if (*whole)
				return in;
			open_text(x);
			x->state = c == '=' ? TEXT : MEASURING;
			x->left = x->length_n = x->name_n = 0;
			return in;
		}
		if (x->name_n < NAME)
			x->name[x->name_n++] = (char)c; /* names are shorter (64 bytes): a longer one is none of ours */
	}
	return in;
}

static struct toc_span take_text(struct journal_export *x, struct toc_span in)
{
	const size_t end = toc_span_find(in, '\n');
	if (x->keeps)
		put_escaped(x, toc_span_first(in, end));
	if (end == in.n)
		return toc_span_from(in, end);
	close_text(x);
	x->state = NAMING;
	return toc_span_from(in, end + 1);
}

static struct toc_span take_length(struct journal_export *x, struct toc_span in)
{
	while (in.n && x->length_n < LENGTH) {
		x->left |= (uint64_t)in.p[0] << (8 * x->length_n++);
		in = toc_span_from(in, 1);
	}
	if (x->length_n == LENGTH)
		x->state = BINARY;
	return in;
}

static struct toc_span take_binary(struct journal_export *x, struct toc_span in)
{
	const size_t n = in.n < x->left ? in.n : (size_t)x->left;
	if (x->keeps)
		put_escaped(x, toc_span_first(in, n));
	x->left -= n;
	if (x->left == 0) {
		close_text(x);
		x->state = BEHIND;
	}
	return toc_span_from(in, n);
}

bool journal_export_feed(struct journal_export *x, struct toc_span bytes, bool end,
			 void (*line)(void *user, struct toc_span text, bool truncated), void *user)
{
	bool whole;
	while (bytes.n) {
		if (x->state == NAMING) {
			bytes = take_name(x, bytes, &whole);
			if (whole)
				give(x, line, user);
		} else if (x->state == TEXT) {
			bytes = take_text(x, bytes);
		} else if (x->state == MEASURING) {
			bytes = take_length(x, bytes);
			if (x->state == BINARY && x->left > longest_value)
				return false;
		} else if (x->state == BINARY) {
			bytes = take_binary(x, bytes);
		} else { /* BEHIND: a line end, by the format */
			if (bytes.p[0] != '\n')
				return false;
			x->state = NAMING;
			bytes = toc_span_from(bytes, 1);
		}
	}
	if (end) {
		close_text(x);
		give(x, line, user);
	}
	return true;
}
