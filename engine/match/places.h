/* places - where in a text a gram of few needles may begin: thirty-two or sixty-four places at a time. */
#ifndef MATCH_PLACES_H
#define MATCH_PLACES_H

#include <stdbool.h>

#include "tocsin/span.h"

enum { TOC_PLACES = 64, TOC_PLACES_GRAM = 8, TOC_PLACES_BEHIND = TOC_PLACES + TOC_PLACES_GRAM };

/*
 * Zeroed is empty. Needles lie in eight groups, a bit each. A place is left out when no group has, for each of the
 * bytes there, a needle with that byte (of 128; the upper half of all bytes stands for the lower), or, where only
 * sixteen can be looked up at once, one with such a lower half and one with such an upper half of it (known as Teddy in
 * Hyperscan).
 */
struct toc_places {
	uint8_t byte[TOC_PLACES_GRAM][128];
	uint8_t low[TOC_PLACES_GRAM][16], high[TOC_PLACES_GRAM][16];
};

/* How this processor can do it, the later the better; NONE: needles are looked for in another way. */
enum toc_places_how { TOC_PLACES_NONE, TOC_PLACES_HALVES, TOC_PLACES_BYTES };
enum toc_places_how toc_places_best(void);

/* Enters a gram of one to TOC_PLACES_GRAM bytes; what it lacks may be anything. */
void toc_places_add(struct toc_places *t, struct toc_span gram, unsigned group);

/* Adds the places of a text to those that others have, bit i of word w for text[64 * w + i]. Behind the text lie
 * TOC_PLACES_BEHIND bytes that can be read; what is told of places there is for the caller to drop. */
typedef void (*toc_places_find)(const struct toc_places *t, const uint8_t *text, uint64_t *places, size_t words);

/* Who looks, at all bytes of grams or, in sets of few, at the first half: they are told apart by these, and half of the
 * tables is read. Not for NONE. */
toc_places_find toc_places_finder(enum toc_places_how how, bool few);

#endif
