/* index - open addressing in the arena; grows by doubling. */
#include "ruleset/index.h"

#include "base/hash.h"

struct index_slot {
	struct toc_span name; /* p NULL: free */
	unsigned number;
};

static struct index_slot *slot_of(const struct index *x, struct toc_span name)
{
	size_t i = (size_t)toc_hash_fixed(name.p, name.n) & x->mask;
	while (x->slots[i].name.p && !toc_span_eq(x->slots[i].name, name))
		i = (i + 1) & x->mask;
	return &x->slots[i];
}

static void grow(struct toc_arena *arena, struct index *x)
{
	struct index old = *x;
	size_t room = x->mask ? 2 * (x->mask + 1) : 64;
	x->slots = toc_arena_alloc(arena, room * sizeof(*x->slots));
	x->mask = room - 1;
	for (size_t i = 0; old.mask && i <= old.mask; i++)
		if (old.slots[i].name.p)
			*slot_of(x, old.slots[i].name) = old.slots[i];
	if (old.mask)
		toc_arena_drop(arena, old.slots, (old.mask + 1) * sizeof(*old.slots));
}

bool index_put(struct toc_arena *arena, struct index *x, struct toc_span name, unsigned number, unsigned *found)
{
	if (2 * (x->n + 1) > x->mask)
		grow(arena, x);
	struct index_slot *slot = slot_of(x, name);
	if (slot->name.p) {
		if (found)
			*found = slot->number;
		return false;
	}
	*slot = (struct index_slot){ toc_span_of(name.p ? name.p : (const uint8_t *)"", name.n), number };
	x->n++;
	return true;
}

void index_set(struct toc_arena *arena, struct index *x, struct toc_span name, unsigned number)
{
	if (!index_put(arena, x, name, number, NULL))
		slot_of(x, name)->number = number;
}

bool index_get(const struct index *x, struct toc_span name, unsigned *number)
{
	const struct index_slot *slot = x->mask ? slot_of(x, name) : NULL;
	if (!slot || !slot->name.p)
		return false;
	*number = slot->number;
	return true;
}
