/* lru - a capped hash table of fixed-size cells: the least recently used goes first, and is counted. */
#ifndef BASE_LRU_H
#define BASE_LRU_H

#include <stdbool.h>

#include "base/hash.h"

struct toc_lru;

/*
 * Cells of `size` bytes found by a key of `key_n` bytes, which is the cell's beginning. At most `most` cells; memory
 * grows with use up to there. evicted (may be NULL) sees a cell before its place is used again. Owned by the caller.
 */
struct toc_lru *toc_lru_new(size_t key_n, size_t size, uint32_t most, const struct toc_hash_key *key,
			    void (*evicted)(void *user, void *cell), void *user);
void toc_lru_free(struct toc_lru *t);

/* The cell, made the most recently used one; NULL if there is none. Valid until the next add. */
void *toc_lru_get(struct toc_lru *t, const void *key);

/* The cell without touching the order of use. */
void *toc_lru_peek(const struct toc_lru *t, const void *key);

/*
 * A search in three steps, so that those of several keys wait for memory together: search asks for the index' line,
 * approach for the cell, arrive gives it (NULL: none), its order of use untouched; nothing is added or removed
 * meanwhile. Beside each cell there is a hint, zero at first: the place of another cell that will be asked for with
 * this one. approach asks for that one, too; whoever uses it looks at its key, as places are given anew. key must last
 * as long as the search.
 */
struct toc_lru_search {
	const void *key;
	uint64_t hash;
	unsigned way;
};
struct toc_lru_search toc_lru_search(const struct toc_lru *t, const void *key);
void toc_lru_approach(const struct toc_lru *t, struct toc_lru_search *s);
void *toc_lru_arrive(const struct toc_lru *t, const struct toc_lru_search *s, uint32_t **hint);
uint32_t toc_lru_place(const struct toc_lru *t, const void *cell);
void *toc_lru_at(const struct toc_lru *t, uint32_t place); /* NULL: no such place */

/* The cell; if new it is zeroed but for its key, and *fresh is true. */
void *toc_lru_add(struct toc_lru *t, const void *key, bool *fresh);

/* Removes a cell that get or add gave. */
void toc_lru_remove(struct toc_lru *t, void *cell);

/* The least recently used cell, or NULL: for expiry from the old end. */
void *toc_lru_oldest(struct toc_lru *t);

/* Calls visit for every cell, least recently used first; visit may not add or remove. */
void toc_lru_each(struct toc_lru *t, void (*visit)(void *user, void *cell), void *user);

uint32_t toc_lru_count(const struct toc_lru *t);
uint64_t toc_lru_evicted(const struct toc_lru *t);

#endif
