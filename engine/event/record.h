/* record - events that were printed before (`--events`) and are read back: a line of JSON each. */
#ifndef EVENT_RECORD_H
#define EVENT_RECORD_H

#include "base/emit.h"
#include "event/dictionary.h"

struct toc_records;

/* dictionary and names are only read, and are borrowed as emit is. Owned by the caller. */
struct toc_records *toc_records_new(const struct toc_dictionary *dictionary, const struct toc_intern *names,
				    struct toc_emit *emit);
void toc_records_free(struct toc_records *r);

/*
 * {"event":"dns","ts":1700000000.123456,"uid":"C…","query":…}: the event goes to emit, flagged TOC_EVENT_STORED, `at` =
 * the running maximum of `ts`. Fields that the dictionary does not give this kind, and values that are not of the
 * field's type, are left out and counted. false: the line is no event of a kind that exists (counted).
 */
bool toc_records_take(struct toc_records *r, struct toc_span line, uint64_t ordinal);

/* The running maximum. */
toc_time toc_records_at(const struct toc_records *r);

struct toc_record_counters {
	uint64_t events, bad, left_out;
	uint64_t bad_line;   /* the first that is bad, from 1; 0 = none */
	char left_field[64]; /* the first field that was left out */
};
const struct toc_record_counters *toc_records_count(const struct toc_records *r);

/* Does a file that begins so hold such lines? */
bool toc_records_begin(struct toc_span first);

#endif
