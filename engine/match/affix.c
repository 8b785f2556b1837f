/* affix - a tree of texts; its steps lie in one hash table. */
#include "match/affix.h"

enum { NODE_BITS = 28, NODE_MASK = (1 << NODE_BITS) - 1, SMALLEST = 64, NEW_MOST = 2 /* nodes, of one text */ };

static uint32_t place(const struct toc_affixes *a, uint64_t step)
{
	return (uint32_t)(step * UINT64_C(0x9e3779b97f4a7c15) >> 32) & a->mask;
}

static uint64_t step_of(uint32_t node, uint8_t byte)
{
	return (uint64_t)node << 8 | byte;
}

/* The slot of a step, or the free one where it belongs. */
static uint64_t *slot_of(const struct toc_affixes *a, uint64_t step)
{
	uint32_t i = place(a, step);
	while (a->steps[i] && a->steps[i] >> NODE_BITS != step)
		i = (i + 1) & a->mask;
	return &a->steps[i];
}

static void lead(const struct toc_affixes *a, uint64_t step, uint32_t to)
{
	*slot_of(a, step) = step << NODE_BITS | to;
}

static void grow(struct toc_affixes *a, struct toc_arena *arena)
{
	struct toc_affixes bigger = *a;
	bigger.room = a->room ? 2 * a->room : SMALLEST;
	bigger.mask = 2 * bigger.room - 1;
	bigger.steps = toc_arena_alloc(arena, ((size_t)bigger.mask + 1) * sizeof(*bigger.steps));
	bigger.at = toc_arena_alloc(arena, bigger.room * sizeof(*bigger.at));
	for (uint32_t i = 0; a->steps && i <= a->mask; i++)
		if (a->steps[i])
			*slot_of(&bigger, a->steps[i] >> NODE_BITS) = a->steps[i];
	if (a->nodes)
		memcpy(bigger.at, a->at, a->nodes * sizeof(*a->at));
	else
		bigger.nodes = 1;
	*a = bigger;
}

static uint32_t add(struct toc_affixes *a, struct toc_span label)
{
	a->at[a->nodes] = (struct toc_affix_node){ label.p, (uint32_t)label.n, 0 };
	return a->nodes++;
}

static uint32_t in_common(const struct toc_affix_node *node, struct toc_span text)
{
	uint32_t n = 0;
	while (n < node->n && n < text.n && node->label[n] == text.p[n])
		n++;
	return n;
}

/* The node that a step leads to ends after n bytes of its label; what is behind becomes a node of its own. */
static uint32_t split(struct toc_affixes *a, uint64_t step, uint32_t child, uint32_t n)
{
	struct toc_affix_node *node = &a->at[child];
	uint32_t upper = add(a, toc_span_of(node->label, n));
	lead(a, step, upper);
	lead(a, step_of(upper, node->label[n]), child);
	node->label += n + 1;
	node->n -= n + 1;
	return upper;
}

uint32_t *toc_affixes_put(struct toc_affixes *a, struct toc_arena *arena, struct toc_span text)
{
	uint32_t node = 0;
	if (a->nodes + NEW_MOST > a->room)
		grow(a, arena);
	while (text.n) {
		uint64_t step = step_of(node, text.p[0]);
		uint32_t child = (uint32_t)(*slot_of(a, step) & NODE_MASK);
		text = toc_span_from(text, 1);
		if (!child) {
			node = add(a, text);
			lead(a, step, node);
			break;
		}
		uint32_t n = in_common(&a->at[child], text);
		node = n < a->at[child].n ? split(a, step, child, n) : child;
		text = toc_span_from(text, n);
	}
	return &a->at[node].first;
}

uint32_t toc_affixes_next(const struct toc_affixes *a, struct toc_span value, uint32_t *node, size_t *at)
{
	while (*at < value.n) {
		uint32_t child = (uint32_t)(*slot_of(a, step_of(*node, value.p[*at])) & NODE_MASK);
		const struct toc_affix_node *to = &a->at[child];
		const struct toc_span rest = toc_span_from(value, *at + 1);
		if (child == 0 || rest.n < to->n || memcmp(rest.p, to->label, to->n) != 0)
			break; /* no step leads to the root: nothing goes on from here */
		*node = child;
		*at += 1 + to->n;
		if (to->first)
			return to->first;
	}
	return 0;
}
