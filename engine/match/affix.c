/* affix - a tree of bytes; its steps lie in one hash table. */
#include "match/affix.h"

enum { NODE_BITS = 28, NODE_MASK = (1 << NODE_BITS) - 1 };

static uint32_t place(const struct toc_affixes *a, uint64_t step)
{
	return (uint32_t)(step * UINT64_C(0x9e3779b97f4a7c15) >> 32) & a->mask;
}

/* The slot of a step, or the free one where it belongs. */
static uint64_t *slot_of(const struct toc_affixes *a, uint64_t step)
{
	uint32_t i = place(a, step);
	while (a->steps[i] && a->steps[i] >> NODE_BITS != step)
		i = (i + 1) & a->mask;
	return &a->steps[i];
}

static void grow(struct toc_affixes *a, struct toc_arena *arena)
{
	struct toc_affixes bigger = *a;
	bigger.room = a->room ? 2 * a->room : 64;
	bigger.mask = 2 * bigger.room - 1;
	bigger.steps = toc_arena_alloc(arena, ((size_t)bigger.mask + 1) * sizeof(*bigger.steps));
	bigger.first = toc_arena_alloc(arena, bigger.room * sizeof(*bigger.first));
	for (uint32_t i = 0; a->steps && i <= a->mask; i++)
		if (a->steps[i])
			*slot_of(&bigger, a->steps[i] >> NODE_BITS) = a->steps[i];
	if (a->nodes)
		memcpy(bigger.first, a->first, a->nodes * sizeof(*a->first));
	else
		bigger.nodes = 1;
	*a = bigger;
}

uint32_t *toc_affixes_put(struct toc_affixes *a, struct toc_arena *arena, struct toc_span text)
{
	uint32_t node = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (a->nodes + 1 >= a->room)
			grow(a, arena);
		uint8_t c = text.p[i];
		uint64_t step = (uint64_t)node << 8 | c, *slot = slot_of(a, step);
		if (!*slot)
			*slot = step << NODE_BITS | a->nodes++;
		node = (uint32_t)(*slot & NODE_MASK);
	}
	return &a->first[node];
}

uint32_t toc_affixes_next(const struct toc_affixes *a, struct toc_span value, uint32_t *node, size_t *at)
{
	while (*at < value.n) {
		uint8_t c = value.p[*at];
		*node = (uint32_t)(*slot_of(a, (uint64_t)*node << 8 | c) & NODE_MASK);
		(*at)++;
		if (*node == 0)
			*at = value.n; /* no step leads to the root: nothing goes on from here */
		else if (a->first[*node])
			return a->first[*node];
	}
	return 0;
}
