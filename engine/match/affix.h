/* affix - which of many prefixes a value has: one walk along a tree from its beginning. */
#ifndef MATCH_AFFIX_H
#define MATCH_AFFIX_H

#include "match/keys.h"

/* Zeroed is empty. Node 0 is the root; `first` of a node heads the chain of what ends there. */
struct toc_affixes {
	uint64_t
		*steps; /* open addressing: node << 8 | byte in the upper 36 bits, the node behind it in the lower 28 */
	uint32_t mask, nodes, room;
	uint32_t *first;
};

/* The head of the chain for a text; 0 when new. The caller keeps what it heads. text.n > 0. */
uint32_t *toc_affixes_put(struct toc_affixes *a, struct toc_arena *arena, struct toc_span text);

/* The walk: starts with *node = 0, *at = 0; each call goes to the next node with a chain and returns its head, 0 = no
 * more. Never more steps than the value has bytes. */
uint32_t toc_affixes_next(const struct toc_affixes *a, struct toc_span value, uint32_t *node, size_t *at);

#endif
