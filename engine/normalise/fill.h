/* fill - text of a log line to typed fields. */
#ifndef NORMALISE_FILL_H
#define NORMALISE_FILL_H

#include "normalise/normaliser.h"
#include "tocsin/draft.h"

/* Puts text as the field's declared type; text that is none of it stays a string: nothing is lost. */
void fill_field(struct toc_draft *d, const struct toc_normalisers *n, unsigned field, struct toc_span text);

/* An event being filled by a normaliser; scratch: room for redacted text, one value at a time. */
struct filling {
	struct toc_draft *draft;
	const struct toc_normalisers *n;
	const struct normaliser *by;
	uint8_t *scratch;
	size_t room;
	bool once;    /* names may come again (arrays): the first one counts */
	bool no_rest; /* names without a field are left out, whatever the normaliser says */
};

/* Is it one of the values that stand for nothing? */
bool fill_unset(const struct normaliser *by, struct toc_span value);

/* Every pair whose name the normaliser wants; where it says rest: true, the others as a list (rest.h). */
void fill_pairs(const struct filling *f, const struct payload *p);

/*
 * Structured data beside a text: what the normaliser (NULL: nobody knows the line) has a field for, and the header's
 * sequenceId (RFC 5424, section 7.3.1); keep_rest: the others as a list of name=value (rest.h).
 */
void fill_data(const struct filling *f, const struct payload *p, bool keep_rest);

/* Columns by the layout that fits; false: none does, and nothing was put. */
bool fill_columns(const struct filling *f, const struct payload *p);

#endif
