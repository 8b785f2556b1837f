/* truths - the predicates that hold for one event: a bit each, and a list so that clearing costs what was set. */
#ifndef MATCH_TRUTHS_H
#define MATCH_TRUTHS_H

#include <stdbool.h>
#include <stdint.h>

struct toc_truths {
	uint64_t *bits;
	uint32_t *list; /* room for every predicate */
	uint32_t n;
};

static inline bool toc_truths_has(const struct toc_truths *t, uint32_t p)
{
	return t->bits[p >> 6] >> (p & 63) & 1;
}

static inline void toc_truths_set(struct toc_truths *t, uint32_t p)
{
	if (toc_truths_has(t, p))
		return;
	t->bits[p >> 6] |= UINT64_C(1) << (p & 63);
	t->list[t->n++] = p;
}

/* Any of n that follow each other in number? */
static inline bool toc_truths_any(const struct toc_truths *t, uint32_t first, uint32_t n)
{
	for (uint32_t end = first + n, next; first < end; first = next) {
		next = (first | 63) + 1;
		uint64_t word = t->bits[first >> 6] >> (first & 63);
		if (next > end)
			word &= (UINT64_C(1) << (end - first)) - 1;
		if (word)
			return true;
	}
	return false;
}

static inline void toc_truths_clear(struct toc_truths *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		t->bits[t->list[i] >> 6] = 0;
	t->n = 0;
}

#endif
