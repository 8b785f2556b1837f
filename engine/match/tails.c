/* tails - a small hash table for each length, the tail itself its key. */
#include "match/tails.h"

static uint64_t tail_of(struct toc_span text, unsigned length)
{
	uint8_t room[TOC_TAIL] = { 0 };
	uint64_t x;
	memcpy(room, text.p + text.n - length, length);
	memcpy(&x, room, sizeof(x));
	return x;
}

static struct toc_tail_slot *slot_of(const struct toc_tail_table *t, uint64_t tail)
{
	uint32_t i = (uint32_t)((tail ^ tail >> 32) * UINT64_C(0x9e3779b97f4a7c15) >> 40) & t->mask;
	while (t->slots[i].used && t->slots[i].tail != tail)
		i = (i + 1) & t->mask;
	return &t->slots[i];
}

static void grow(struct toc_tail_table *t, struct toc_arena *arena)
{
	struct toc_tail_table bigger = { .mask = t->slots ? 2 * t->mask + 1 : 7, .n = t->n };
	bigger.slots = toc_arena_alloc(arena, ((size_t)bigger.mask + 1) * sizeof(*bigger.slots));
	for (uint32_t i = 0; t->slots && i <= t->mask; i++)
		if (t->slots[i].used)
			*slot_of(&bigger, t->slots[i].tail) = t->slots[i];
	*t = bigger;
}

uint32_t *toc_tails_put(struct toc_tails *t, struct toc_arena *arena, struct toc_span text)
{
	unsigned length = text.n < TOC_TAIL ? (unsigned)text.n : TOC_TAIL;
	struct toc_tail_table *table = &t->by_length[length];
	if (!table->slots || 2 * table->n > table->mask)
		grow(table, arena);
	struct toc_tail_slot *slot = slot_of(table, tail_of(text, length));
	if (!slot->used) {
		*slot = (struct toc_tail_slot){ tail_of(text, length), 0, 1 };
		table->n++;
		t->n++;
	}
	return &slot->first;
}

uint32_t toc_tails_get(const struct toc_tails *t, struct toc_span value, unsigned length)
{
	const struct toc_tail_table *table = &t->by_length[length];
	return table->n && value.n >= length ? slot_of(table, tail_of(value, length))->first : 0;
}
