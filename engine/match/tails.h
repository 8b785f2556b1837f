/* tails - which of many suffixes a value may have: one look for each length of tail, up to eight bytes. */
#ifndef MATCH_TAILS_H
#define MATCH_TAILS_H

#include "base/arena.h"

enum { TOC_TAIL = 8 };

/* Zeroed is empty. */
struct toc_tails {
	uint32_t n, lengths; /* lengths: a bit for each that there is */
	struct toc_tail_table {
		struct toc_tail_slot {
			uint64_t tail;
			uint32_t first, used; /* the chain of suffixes with this tail */
		} * slots;
		uint32_t mask, n;
	} by_length[TOC_TAIL + 1];
};

/* The head of the chain for the text's tail; 0 when new. Longer texts of the chain are for the caller to compare. */
uint32_t *toc_tails_put(struct toc_tails *t, struct toc_arena *arena, struct toc_span text);

/* The last bytes of a value, eight or as many as it has. */
uint64_t toc_tails_of(struct toc_span value);

/* The chain for the last `length` bytes of a value that has so many; 0 = none. Only for lengths that there are. */
uint32_t toc_tails_get(const struct toc_tails *t, uint64_t tail, unsigned length);

#endif
