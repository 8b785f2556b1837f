/* budget - memory that is counted for a rule and for all rules, and refused beyond. */
#ifndef CORRELATE_BUDGET_H
#define CORRELATE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct budget {
	uint64_t bytes, most;
	struct budget *above; /* may be NULL */
};

static inline bool budget_allows(const struct budget *b, uint64_t more)
{
	for (; b; b = b->above)
		if (b->bytes + more > b->most)
			return false;
	return true;
}

static inline void budget_note(struct budget *b, uint64_t before, uint64_t after)
{
	for (; b; b = b->above)
		b->bytes += after - before;
}

/* As realloc; NULL, and the block stays, when the budget or the system has no more. */
static inline void *budget_resize(struct budget *b, void *p, uint64_t before, uint64_t after)
{
	if (after > before && !budget_allows(b, after - before))
		return NULL;
	const uint64_t size = after ? after : 1; /* realloc of nothing would be free */
	void *out = p ? realloc(p, size) : malloc(size);
	if (out)
		budget_note(b, before, after);
	return out;
}

static inline void budget_free(struct budget *b, void *p, uint64_t size)
{
	if (p)
		budget_note(b, size, 0);
	free(p);
}

#endif
