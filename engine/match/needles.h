/* needles - which of many literals occur in a text: one look at every place of the text for all of them. */
#ifndef MATCH_NEEDLES_H
#define MATCH_NEEDLES_H

#include "base/arena.h"
#include "match/places.h"
#include "match/truths.h"

struct needle {
	struct toc_span text; /* folded, not empty; borrowed */
	uint32_t id;	      /* what holds, or may hold, where it occurs */
};

/* A needle under one of its grams: bytes `at` and behind. */
struct toc_gram {
	uint64_t head; /* the first eight bytes, or those that there are and zeros */
	const uint8_t *text;
	uint32_t n, at, id;
};

/*
 * Needles by length. The long are entered under neighbouring grams, the rarest that they have: four of eight bytes, so
 * that every fourth place of a text need be looked at, or two of four; those of four bytes under these; the short under
 * two bytes. A filter says for a hashed gram whether any needle has it, wrong once in seventy
 * times; only then is its bucket compared. Measured on 10,573 literals of one field: 1 ns a byte and less where one
 * Vectorscan database takes 14. Where needles are few, or the short ones among them, sets (match/places.h) tell which
 * places are worth a look.
 */
enum toc_gram_class { TOC_GRAM_LONG, TOC_GRAM_HALF, TOC_GRAM_MIDDLE, TOC_GRAM_SHORT, TOC_GRAM_CLASSES };
enum {
	TOC_NEEDLES_BEHIND = TOC_PLACES_BEHIND + 8,
	TOC_NEEDLE_SKIPS = 5 /* bytes; such a needle lets places be left out */
};
struct toc_gram_table {
	uint32_t n;
	uint32_t filter_shift, bucket_shift;
	uint64_t *filter; /* two bits a gram, in one word */
	uint32_t *bucket; /* by hash: first gram; the next entry is its end */
	struct toc_gram *grams;
};

struct toc_needles {
	uint32_t n, nsets;
	enum toc_gram_class by_places; /* from here on the sets tell where to look, and four bytes and more are
					* under one gram of four */
	toc_places_find find;
	struct toc_places *sets;
	struct toc_gram_table tables[TOC_GRAM_CLASSES];
};

/* Copies the needles to the arena; text stays borrowed. */
void toc_needles_build(struct toc_needles *out, struct toc_arena *arena, const struct needle *needles, uint32_t n,
		       enum toc_places_how how);

/* Sets the ids of all that occur. Behind the text lie TOC_NEEDLES_BEHIND bytes that can be read. */
void toc_needles_scan(const struct toc_needles *t, struct toc_span text, struct toc_truths *out);

/* Does any occur, or nearly: what follows its first eight bytes is not compared. */
bool toc_needles_any(const struct toc_needles *t, struct toc_span text);

#endif
