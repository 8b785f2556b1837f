/* liner - lines of a stored file, read in large pieces. */
#include "app/liner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "receive/journal_export.h"

enum { ROOM = 2 * TOC_LONGEST_LINE, TICK_EVERY = 256 };

static toc_time reached(const struct toc_liner *l)
{
	return l->records ? toc_records_at(l->records) : toc_lines_at(l->lines);
}

static void take(void *user, struct toc_span text, bool truncated)
{
	struct toc_liner *l = user;
	if (text.n && text.p[text.n - 1] == '\r')
		text.n--;
	l->count++;
	l->feed.ordinal = (uint64_t)l->input << 48 | l->count;
	if (l->records) {
		toc_records_take(l->records, text, l->feed.ordinal);
		return;
	}
	struct toc_line line = {
		.text = text, .ordinal = l->feed.ordinal, .truncated = truncated, .source_hint = l->input
	};
	uint64_t before = l->feed.events;
	toc_lines_take(l->lines, &line);
	if (l->feed.events == before && l->count % TICK_EVERY == 0)
		toc_feed_tick(&l->feed, toc_lines_at(l->lines), l->feed.ordinal + 1, 0);
}

/* Hands over all whole lines in buffer[0, n); returns how many bytes they took. */
static size_t split(struct toc_liner *l, const uint8_t *buffer, size_t n)
{
	size_t at = 0;
	const uint8_t *end;
	while (at < n && (end = memchr(buffer + at, '\n', n - at))) {
		size_t length = (size_t)(end - buffer) - at;
		bool cut = length > TOC_LONGEST_LINE;
		take(l, toc_span_of(buffer + at, cut ? TOC_LONGEST_LINE : length), cut);
		at += length + 1;
	}
	return at;
}

/* Bytes up to and with the next line end are skipped: the rest of a line that was cut. */
static size_t skip_rest(const uint8_t *buffer, size_t n, bool *skipping)
{
	const uint8_t *end = *skipping ? memchr(buffer, '\n', n) : NULL;
	if (!*skipping)
		return 0;
	*skipping = end == NULL;
	return end ? (size_t)(end - buffer) + 1 : n;
}

/* An export is a stream of records, not of lines. Returns how many bytes it took; an errno where they are none of it.
 */
static size_t take_export(struct toc_liner *l, const uint8_t *buffer, size_t n, int *error)
{
	if (!journal_export_feed(l->journal, toc_span_of(buffer, n), n == 0, take, l))
		*error = EBADMSG;
	return n;
}

static void recognise(struct toc_liner *l, const uint8_t *buffer, size_t n)
{
	if (l->lines && l->count == 0 && !l->journal && journal_export_begins(toc_span_of(buffer, n)))
		l->journal = journal_export_new(TOC_LONGEST_LINE);
}

static ssize_t read_more(const struct toc_liner *l, uint8_t *buffer, size_t n)
{
	ssize_t got;
	do
		got = read(l->fd, buffer + n, ROOM - n);
	while (got < 0 && errno == EINTR);
	return got;
}

void *toc_liner_run(void *arg)
{
	struct toc_liner *l = arg;
	uint8_t *buffer = malloc(ROOM);
	size_t n = 0;
	bool skipping = false;
	int broken = 0;
	ssize_t got = buffer ? 1 : -1;
	while (got > 0 && !broken) {
		got = read_more(l, buffer, n);
		n += got > 0 ? (size_t)got : 0;
		recognise(l, buffer, n);
		if (l->journal) {
			n -= take_export(l, buffer, n, &broken);
			continue;
		}
		size_t used = skip_rest(buffer, n, &skipping);
		used += split(l, buffer + used, n - used);
		if (n - used > TOC_LONGEST_LINE) {
			take(l, toc_span_of(buffer + used, TOC_LONGEST_LINE), true);
			skipping = true;
			used = n;
		}
		memmove(buffer, buffer + used, n - used);
		n -= used;
	}
	l->error = got < 0 ? errno : broken;
	if (n && !skipping)
		take(l, toc_span_of(buffer, n), false); /* the last line has no line end */
	free(buffer);
	toc_feed_tick(&l->feed, reached(l) + 1, UINT64_MAX, TOC_EVENT_END);
	return NULL;
}

void toc_liner_free(struct toc_liner *l)
{
	toc_lines_free(l->lines);
	toc_records_free(l->records);
	journal_export_free(l->journal);
	if (l->fd >= 0)
		close(l->fd);
}
