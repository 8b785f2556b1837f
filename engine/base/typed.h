/* typed - text to a value of a declared type, in an event under construction. */
#ifndef BASE_TYPED_H
#define BASE_TYPED_H

#include "tocsin/draft.h"

/*
 * Puts the text as that type: decimal numbers, true and false, addresses in their usual forms; durations and times in
 * seconds with up to nine decimals. false: the text is none of it, and nothing is put.
 */
bool toc_put_typed(struct toc_draft *d, unsigned field, enum toc_type type, struct toc_span text);

/* The same as an element of the field's list (toc_list_open has made it). */
bool toc_list_typed(struct toc_draft *d, unsigned field, enum toc_type type, struct toc_span text);

/* Seconds with up to nine decimals, such as 1772438400.25; more are cut. false: it is no such text. */
bool toc_seconds_parse(struct toc_span text, toc_time *out);

#endif
