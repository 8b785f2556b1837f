/* fill - text of a log line to a typed field. */
#ifndef NORMALISE_FILL_H
#define NORMALISE_FILL_H

#include "normalise/normaliser.h"
#include "tocsin/draft.h"

/* Puts text as the field's declared type; text that is none of it stays a string: nothing is lost. */
void fill_field(struct toc_draft *d, const struct toc_normalisers *n, unsigned field, struct toc_span text);

#endif
