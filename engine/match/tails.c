/* tails - a small hash table for each length, the tail itself its key. */
#include "match/tails.h"

uint64_t toc_tails_of(struct toc_span text)
{
	uint64_t x = 0;
	if (text.n >= TOC_TAIL)
		memcpy(&x, text.p + text.n - TOC_TAIL, TOC_TAIL);
	else if (text.n)
		memcpy((uint8_t *)&x + (TOC_TAIL - text.n), text.p, text.n);
	return x;
}

/* In memory the last bytes of a number are its upper ones, or its lower ones. */
static uint64_t shortened(uint64_t tail, unsigned length)
{
	if (length == 0)
		return 0; /* a shift by all bits is undefined */
	unsigned away = 8 * (TOC_TAIL - length);
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? tail >> away : tail << away;
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
	struct toc_tail_slot *slot = slot_of(table, shortened(toc_tails_of(text), length));
	if (!slot->used) {
		*slot = (struct toc_tail_slot){ shortened(toc_tails_of(text), length), 0, 1 };
		table->n++;
		t->n++;
		t->lengths |= 1u << length;
	}
	return &slot->first;
}

uint32_t toc_tails_get(const struct toc_tails *t, uint64_t tail, unsigned length)
{
	return slot_of(&t->by_length[length], shortened(tail, length))->first;
}
