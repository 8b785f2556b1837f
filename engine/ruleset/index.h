/* index - names to items of a table, by hash; private to ruleset/. */
#ifndef RULESET_INDEX_H
#define RULESET_INDEX_H

#include "base/arena.h"

struct index_slot;

struct index {
	struct index_slot *slots;
	size_t n, mask; /* mask 0: empty */
};

/* Puts a name where it is not there yet; false: it is (*found gets its number, where asked for). The name is borrowed.
 */
bool index_put(struct toc_arena *arena, struct index *x, struct toc_span name, unsigned number, unsigned *found);
/* The same, but a later number takes the place of an earlier one. */
void index_set(struct toc_arena *arena, struct index *x, struct toc_span name, unsigned number);
bool index_get(const struct index *x, struct toc_span name, unsigned *number);

#endif
