/* payload - structured messages as pairs of name and value: JSON objects and key=value. */
#ifndef NORMALISE_PAYLOAD_H
#define NORMALISE_PAYLOAD_H

#include "tocsin/span.h"

enum { PAYLOAD_PAIRS = 256, PAYLOAD_ROOM = 32768 };

struct payload_pair {
	struct toc_span name, value; /* in the message, or in `text` where escapes were undone */
};

/* Memory of one reader of lines; not small. */
struct payload {
	unsigned n;
	bool cut; /* more pairs, or more escaped text, than there is room for */
	struct payload_pair pairs[PAYLOAD_PAIRS];
	size_t text_n;
	uint8_t text[PAYLOAD_ROOM];
};

/*
 * One flat JSON object (RFC 8259): strings, numbers, true and false; null is left out, objects and arrays within it are
 * skipped. Bytes that are not UTF-8 are kept. false: it is none.
 */
bool payload_json(struct payload *out, struct toc_span message);

/* name=value name="quoted \"value\"" …, at least two pairs. */
bool payload_pairs(struct payload *out, struct toc_span message);

/* The value of a name, or n = 0. */
struct toc_span payload_get(const struct payload *p, struct toc_span name);

#endif
