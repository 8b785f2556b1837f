/* value_set - open addressing, at most half full; the hash is the key, so it spreads by itself. */
#include "correlate/value_set.h"

#include <string.h>

enum { FIRST = 8 };

struct slot {
	uint64_t value;
	uint32_t times; /* 0: free */
};

struct values {
	uint32_t n, room; /* room: a power of two */
	struct slot slots[];
};

static uint64_t size_of(uint32_t room)
{
	return sizeof(struct values) + (uint64_t)room * sizeof(struct slot);
}

static uint32_t home_of(const struct values *v, uint64_t value)
{
	return (uint32_t)(value >> 7) & (v->room - 1);
}

static uint32_t next_slot(const struct values *v, uint32_t at)
{
	return (at + 1) & (v->room - 1);
}

static struct slot *slot_of(struct values *v, uint64_t value)
{
	uint32_t at = home_of(v, value);
	while (v->slots[at].times && v->slots[at].value != value)
		at = next_slot(v, at);
	return &v->slots[at];
}

static bool grow(struct values **set, struct budget *budget)
{
	struct values *old = *set;
	const uint32_t room = old ? 2 * old->room : FIRST;
	struct values *v = budget_resize(budget, NULL, 0, size_of(room));
	if (!v)
		return false;
	memset(v, 0, size_of(room));
	v->room = room;
	for (uint32_t i = 0; old && i < old->room; i++) {
		if (!old->slots[i].times)
			continue;
		*slot_of(v, old->slots[i].value) = old->slots[i];
		v->n++;
	}
	values_free(old, budget);
	*set = v;
	return true;
}

bool values_add(struct values **set, uint64_t value, struct budget *budget)
{
	if (!*set && !grow(set, budget))
		return false;
	struct slot *s = slot_of(*set, value);
	if (!s->times && 2 * (*set)->n >= (*set)->room) {
		if (!grow(set, budget))
			return false;
		s = slot_of(*set, value);
	}
	(*set)->n += s->times++ == 0;
	s->value = value;
	return true;
}

/* Where a value is gone, those behind it move up, so that no search ends at the hole. */
void values_drop(struct values *v, uint64_t value)
{
	uint32_t hole = (uint32_t)(slot_of(v, value) - v->slots);
	if (--v->slots[hole].times)
		return;
	v->n--;
	for (uint32_t at = next_slot(v, hole); v->slots[at].times; at = next_slot(v, at)) {
		const uint32_t home = home_of(v, v->slots[at].value);
		if (((at - home) & (v->room - 1)) < ((at - hole) & (v->room - 1)))
			continue;
		v->slots[hole] = v->slots[at];
		v->slots[at].times = 0;
		hole = at;
	}
}

uint32_t values_distinct(const struct values *v)
{
	return v ? v->n : 0;
}

void values_free(struct values *v, struct budget *budget)
{
	if (v)
		budget_free(budget, v, size_of(v->room));
}
