/* snapshot - what writer, reader and reload share. */
#ifndef CORRELATE_SNAPSHOT_H
#define CORRELATE_SNAPSHOT_H

#include <bson/bson.h>

#include "correlate/baseline.h"
#include "correlate/packed.h"
#include "correlate/state.h"

/*
 * A snapshot is BSON documents one behind the other:
 *
 *   head   { tocsin: "correlations", version, sha256, bytes }: of all that follows
 *   body   { number, values: { k0, k1 }, clock: { boot, offset }, rules, cells }; a clock where it is known
 *   rules  { id, hash, novel_since, novel, inhibited, bases }: as many as the body says; tables are binary, in rows
 *   cells  { rule, key, open, …, hits, opener, evidence }: least recently fed first
 *
 * Numbers in binary are little-endian, times nanoseconds. Another layout is another version.
 */
enum { HIT_BYTES = 32 };

/* What the head says. */
struct snapshot_form {
	const char *name;
	int32_t version;
};
extern const struct snapshot_form snapshot_correlations;

/* novel.c, inhibit.c: what their tables hold. */
struct novel_seen {
	uint8_t key[16]; /* hash of scope and value */
	toc_time first, last;
};

struct inhibition {
	uint8_t key[16]; /* hash of the inhibitor and of the values that both have */
	toc_time until;	 /* ts; TOC_NEVER: it is open */
};

static inline uint32_t base_numbers(const struct toc_corr_rule *r)
{
	return (uint32_t)(base_bytes(r) / sizeof(double));
}

/* snapshot_head.c. seal: head and body as one block, to be freed; NULL: no memory. */
uint8_t *snapshot_seal(const struct snapshot_form *form, struct toc_span body, size_t *n);
/* The body of a whole snapshot; false: *what says what it is instead. */
bool snapshot_open(const struct snapshot_form *form, struct toc_span bytes, struct toc_span *body, const char **what);
/* Rows as one element of a document, which empties them; a document behind the others, which begins it anew. */
void snapshot_rows(bson_t *doc, const char *name, struct packed *rows, struct packed *out);
void snapshot_put(struct packed *out, bson_t *doc);

/*
 * A document that may say anything. What is asked for and is not there, or of another type or size, makes it bad: after
 * that all is 0.
 */
struct document {
	struct toc_span bytes;
	bool bad;
	toc_time moved; /* its times are given later by so much */
};

/* An iterator over its elements; false where there is none. */
bool document_iter(const struct document *d, bson_iter_t *it);
/* Takes the next one off the bytes; bad when there is none. */
struct document document_next(struct toc_span *rest);
/* Below another one; bad when that is. */
struct document document_below(struct document *d, const char *name);
bool document_has(const struct document *d, const char *name);
int64_t document_int(struct document *d, const char *name);
bool document_bool(struct document *d, const char *name);
double document_double(struct document *d, const char *name); /* finite */
struct toc_span document_text(struct document *d, const char *name);
struct toc_span document_bytes(struct document *d, const char *name);
uint32_t document_count(struct document *d, const char *name); /* 0 … 2^31 - 1 */
/* A time that can be reckoned with, or (where it is not 0) this one. */
toc_time document_time(struct document *d, const char *name, toc_time or_this);
bool snapshot_time_is_sound(toc_time t);

/* snapshot_event.c: an event with the names of its fields; back: to be freed, NULL makes d bad. */
void event_document(bson_t *out, const struct toc_event *ev, const struct toc_intern *names);
struct toc_event *event_of_document(struct document *d, struct toc_intern *names);

#endif
