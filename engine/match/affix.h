/* affix - which of many prefixes a value has: one walk along a tree from its beginning. */
#ifndef MATCH_AFFIX_H
#define MATCH_AFFIX_H

#include "match/keys.h"

/* What all texts that come this way have in common, behind the byte that leads here. */
struct toc_affix_node {
	const uint8_t *label;
	uint32_t n;
	uint32_t first; /* heads the chain of what ends here; 0 = none */
};

/*
 * A tree that branches only where texts part (a radix tree, Morrison 1968), so that a walk along "c:\windows\system32\"
 * is a few comparisons. Zeroed is empty. Node 0 is the root.
 */
struct toc_affixes {
	uint64_t
		*steps; /* open addressing: node << 8 | byte in the upper 36 bits, the node behind it in the lower 28 */
	struct toc_affix_node *at;
	uint32_t mask, nodes, room;
};

/* The head of the chain for a text; 0 when new. The caller keeps what it heads. text.n > 0; borrowed. The pointer is
 * good until the next call. */
uint32_t *toc_affixes_put(struct toc_affixes *a, struct toc_arena *arena, struct toc_span text);

/* The walk: starts with *node = 0, *at = 0; each call goes to the next node with a chain and returns its head, 0 = no
 * more. Never more steps than the value has bytes. */
uint32_t toc_affixes_next(const struct toc_affixes *a, struct toc_span value, uint32_t *node, size_t *at);

#endif
