/* lru - cells in one growing array, chained by index: buckets for finding, a list for the order of use. */
#include "base/lru.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { NONE = -1, FIRST = 64 };

struct link {
	int32_t bucket_next; /* also the free list */
	int32_t newer, older;
};

struct toc_lru {
	size_t key_n, cell;
	uint32_t most, room, count, nbuckets;
	struct toc_hash_key key;
	struct link *links;
	uint8_t *cells;
	int32_t *buckets;
	int32_t newest, oldest, free;
	uint64_t evictions;
	void (*evicted)(void *user, void *cell);
	void *user;
};

static void *cell_at(const struct toc_lru *t, int32_t i)
{
	return t->cells + (size_t)i * t->cell;
}

static int32_t *bucket_of(const struct toc_lru *t, const void *key)
{
	return &t->buckets[toc_hash(&t->key, key, t->key_n) & (t->nbuckets - 1)];
}

struct toc_lru *toc_lru_new(size_t key_n, size_t size, uint32_t most, const struct toc_hash_key *key,
			    void (*evicted)(void *user, void *cell), void *user)
{
	struct toc_lru *t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	*t = (struct toc_lru){ .key_n = key_n,
			       .cell = (size + 7) & ~(size_t)7,
			       .most = most,
			       .key = *key,
			       .newest = NONE,
			       .oldest = NONE,
			       .free = NONE,
			       .evicted = evicted,
			       .user = user };
	return t;
}

void toc_lru_free(struct toc_lru *t)
{
	if (!t)
		return;
	free(t->links);
	free(t->cells);
	free(t->buckets);
	free(t);
}

static void unlink_order(struct toc_lru *t, int32_t i)
{
	struct link *l = &t->links[i];
	*(l->newer == NONE ? &t->newest : &t->links[l->newer].older) = l->older;
	*(l->older == NONE ? &t->oldest : &t->links[l->older].newer) = l->newer;
}

static void make_newest(struct toc_lru *t, int32_t i)
{
	t->links[i].newer = NONE;
	t->links[i].older = t->newest;
	*(t->newest == NONE ? &t->oldest : &t->links[t->newest].newer) = i;
	t->newest = i;
}

static int32_t find(const struct toc_lru *t, const void *key)
{
	int32_t i = t->nbuckets ? *bucket_of(t, key) : NONE;
	while (i != NONE && memcmp(cell_at(t, i), key, t->key_n) != 0)
		i = t->links[i].bucket_next;
	return i;
}

void *toc_lru_peek(const struct toc_lru *t, const void *key)
{
	int32_t i = find(t, key);
	return i == NONE ? NULL : cell_at(t, i);
}

void *toc_lru_get(struct toc_lru *t, const void *key)
{
	int32_t i = find(t, key);
	if (i == NONE)
		return NULL;
	if (t->newest != i) {
		unlink_order(t, i);
		make_newest(t, i);
	}
	return cell_at(t, i);
}

/* Pages of 2 MB where it is large: a look at random misses the cache once then, not also for its page's place. */
static void *roomy(size_t n)
{
	enum { LINE = 64 };
	static const size_t huge = (size_t)2 << 20;
	const size_t align = n >= huge ? huge : LINE, whole = (n + align - 1) & ~(align - 1);
	void *p = aligned_alloc(align, whole);
	if (p && align == huge)
		(void)madvise(p, whole, MADV_HUGEPAGE); /* a wish */
	return p;
}

/* Doubles the room, and rehashes. False: no memory, the table stays as it is. */
static bool grow(struct toc_lru *t)
{
	uint32_t room = t->room ? 2 * t->room : FIRST, nbuckets = FIRST;
	if (room > t->most)
		room = t->most;
	while (nbuckets / 2 < room) /* chains are one cell long, mostly: every further one is a miss of the cache */
		nbuckets *= 2;
	struct link *links = realloc(t->links, room * sizeof(*links));
	if (links)
		t->links = links;
	int32_t *buckets = links ? roomy(nbuckets * sizeof(*buckets)) : NULL;
	uint8_t *cells = buckets ? roomy(room * t->cell) : NULL;
	if (!cells) {
		free(buckets);
		return false;
	}
	if (t->cells)
		memcpy(cells, t->cells, t->room * t->cell);
	free(t->cells);
	t->cells = cells;
	free(t->buckets);
	t->buckets = buckets;
	t->nbuckets = nbuckets;
	t->room = room;
	for (uint32_t i = 0; i < nbuckets; i++)
		buckets[i] = NONE;
	for (int32_t i = t->oldest; i != NONE; i = t->links[i].newer) {
		int32_t *b = bucket_of(t, cell_at(t, i));
		t->links[i].bucket_next = *b;
		*b = i;
	}
	return true;
}

void toc_lru_remove(struct toc_lru *t, void *cell)
{
	int32_t i = (int32_t)((size_t)((uint8_t *)cell - t->cells) / t->cell);
	int32_t *at = bucket_of(t, cell);
	while (*at != i)
		at = &t->links[*at].bucket_next;
	*at = t->links[i].bucket_next;
	unlink_order(t, i);
	t->links[i].bucket_next = t->free;
	t->free = i;
	t->count--;
}

static int32_t place(struct toc_lru *t)
{
	if (t->free == NONE && t->count == t->room && (t->room == t->most || !grow(t)) && t->oldest != NONE) {
		void *old = cell_at(t, t->oldest);
		if (t->evicted)
			t->evicted(t->user, old);
		toc_lru_remove(t, old);
		t->evictions++;
	}
	int32_t i = t->free;
	if (i != NONE)
		t->free = t->links[i].bucket_next;
	else
		i = (int32_t)t->count;
	return i;
}

void *toc_lru_add(struct toc_lru *t, const void *key, bool *fresh)
{
	void *cell = toc_lru_get(t, key);
	*fresh = cell == NULL;
	if (cell)
		return cell;
	int32_t i = place(t);
	if ((uint32_t)i >= t->room)
		abort(); /* not even the first cells could be had: start-up */
	cell = cell_at(t, i);
	memset(cell, 0, t->cell);
	memcpy(cell, key, t->key_n);
	int32_t *b = bucket_of(t, key);
	t->links[i].bucket_next = *b;
	*b = i;
	make_newest(t, i);
	t->count++;
	return cell;
}

void *toc_lru_oldest(struct toc_lru *t)
{
	return t->oldest == NONE ? NULL : cell_at(t, t->oldest);
}

void toc_lru_each(struct toc_lru *t, void (*visit)(void *user, void *cell), void *user)
{
	for (int32_t i = t->oldest; i != NONE; i = t->links[i].newer)
		visit(user, cell_at(t, i));
}

uint32_t toc_lru_count(const struct toc_lru *t)
{
	return t->count;
}

uint64_t toc_lru_evicted(const struct toc_lru *t)
{
	return t->evictions;
}
