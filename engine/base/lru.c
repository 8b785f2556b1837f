/*
 * lru - cells in one growing array; an index for finding, a list for the order of use.
 *
 * The index is lines of the cache, WAYS places each, by hash. A key that finds its line full goes into the next one
 * that is not, and each line that it passed counts it: a search goes on only behind a line that somebody passed. A tag
 * of the hash stands beside the cell's number, so that a look touches one line and the one cell that it is about.
 */
#include "base/lru.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { NONE = -1, FIRST = 64, WAYS = 6, LINE = 64 };

struct line {
	uint16_t tag[WAYS]; /* 0: empty */
	uint16_t passed;
	int32_t cell[WAYS];
	uint32_t hint[WAYS];
};
_Static_assert(sizeof(struct line) == LINE, "one line of the cache");

struct link {
	int32_t newer, older; /* older: the free list, too */
};

struct toc_lru {
	size_t key_n, cell;
	uint32_t most, room, count, nlines;
	struct toc_hash_key key;
	struct link *links;
	uint8_t *cells;
	struct line *lines;
	int32_t newest, oldest, free;
	uint64_t evictions;
	void (*evicted)(void *user, void *cell);
	void *user;
};

struct found {
	struct line *line; /* NULL: not there */
	unsigned way;
};

static void *cell_at(const struct toc_lru *t, int32_t i)
{
	return t->cells + (size_t)i * t->cell;
}

static int32_t number_of(const struct toc_lru *t, const void *cell)
{
	return (int32_t)((size_t)((const uint8_t *)cell - t->cells) / t->cell);
}

static struct line *home_of(const struct toc_lru *t, uint64_t hash)
{
	return &t->lines[hash & (t->nlines - 1)];
}

static struct line *next_line(const struct toc_lru *t, struct line *l)
{
	return l + 1 == t->lines + t->nlines ? t->lines : l + 1;
}

static uint16_t tag_of(uint64_t hash)
{
	return (uint16_t)(hash >> 48 | 1);
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
	free(t->lines);
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

static bool has_key(const struct toc_lru *t, int32_t i, const void *key)
{
	return memcmp(cell_at(t, i), key, t->key_n) == 0;
}

static struct found find(const struct toc_lru *t, const void *key, uint64_t hash)
{
	const uint16_t tag = tag_of(hash);
	struct line *l = t->nlines ? home_of(t, hash) : NULL;
	for (uint32_t left = t->nlines; left; left--, l = next_line(t, l)) {
		for (unsigned way = 0; way < WAYS; way++)
			if (l->tag[way] == tag && has_key(t, l->cell[way], key))
				return (struct found){ l, way };
		if (!l->passed)
			break;
	}
	return (struct found){ 0 };
}

static uint64_t hash_of(const struct toc_lru *t, const void *key)
{
	return toc_hash(&t->key, key, t->key_n);
}

/* Into the first line from its own on that has a place; the lines are a third larger than what they hold. */
static void enter(struct toc_lru *t, int32_t i, uint64_t hash, uint32_t hint)
{
	for (struct line *l = home_of(t, hash);; l = next_line(t, l)) {
		for (unsigned way = 0; way < WAYS; way++) {
			if (l->tag[way])
				continue;
			l->tag[way] = tag_of(hash);
			l->cell[way] = i;
			l->hint[way] = hint;
			return;
		}
		l->passed++;
	}
}

static void leave(struct toc_lru *t, struct found at, uint64_t hash)
{
	if (!at.line)
		return; /* no cell of the table */
	at.line->tag[at.way] = 0;
	for (struct line *l = home_of(t, hash); l != at.line; l = next_line(t, l))
		l->passed--;
}

struct toc_lru_search toc_lru_search(const struct toc_lru *t, const void *key)
{
	const struct toc_lru_search s = { key, hash_of(t, key), WAYS };
	if (t->nlines)
		__builtin_prefetch(home_of(t, s.hash));
	return s;
}

/* Of the home line only: whoever is in another one is looked for then. */
void toc_lru_approach(const struct toc_lru *t, struct toc_lru_search *s)
{
	const struct line *l = t->nlines ? home_of(t, s->hash) : NULL;
	const uint16_t tag = tag_of(s->hash);
	for (s->way = 0; l && s->way < WAYS && l->tag[s->way] != tag;)
		s->way++;
	if (!l || s->way == WAYS)
		return;
	const uint8_t *cell = cell_at(t, l->cell[s->way]), *hinted = toc_lru_at(t, l->hint[s->way]);
	for (size_t i = 0; i < t->cell; i += LINE) {
		__builtin_prefetch(cell + i);
		if (hinted)
			__builtin_prefetch(hinted + i);
	}
}

void *toc_lru_arrive(const struct toc_lru *t, const struct toc_lru_search *s, uint32_t **hint)
{
	struct line *l = t->nlines ? home_of(t, s->hash) : NULL;
	struct found at = { l, s->way };
	if (!l || (s->way == WAYS && !l->passed))
		return NULL;
	if (s->way == WAYS || !has_key(t, l->cell[s->way], s->key))
		at = find(t, s->key, s->hash);
	if (!at.line)
		return NULL;
	*hint = &at.line->hint[at.way];
	return cell_at(t, at.line->cell[at.way]);
}

uint32_t toc_lru_place(const struct toc_lru *t, const void *cell)
{
	return (uint32_t)number_of(t, cell) + 1;
}

void *toc_lru_at(const struct toc_lru *t, uint32_t place)
{
	return place && place <= t->room ? cell_at(t, (int32_t)place - 1) : NULL;
}

void *toc_lru_peek(const struct toc_lru *t, const void *key)
{
	const struct found at = find(t, key, hash_of(t, key));
	return at.line ? cell_at(t, at.line->cell[at.way]) : NULL;
}

static void *use(struct toc_lru *t, struct found at)
{
	const int32_t i = at.line->cell[at.way];
	if (t->newest != i) {
		unlink_order(t, i);
		make_newest(t, i);
	}
	return cell_at(t, i);
}

void *toc_lru_get(struct toc_lru *t, const void *key)
{
	const struct found at = find(t, key, hash_of(t, key));
	return at.line ? use(t, at) : NULL;
}

/* Pages of 2 MB where it is large: a look at random misses the cache once then, not also for its page's place. */
static void *roomy(size_t n)
{
	static const size_t huge = (size_t)2 << 20;
	const size_t align = n >= huge ? huge : LINE, whole = (n + align - 1) & ~(align - 1);
	void *p = aligned_alloc(align, whole);
	if (p && align == huge)
		(void)madvise(p, whole, MADV_HUGEPAGE); /* a wish */
	return p;
}

/* All cells of the old lines; their hints with them. */
static void enter_all(struct toc_lru *t, const struct line *old, uint32_t nold)
{
	for (uint32_t i = 0; i < nold; i++) { /* the first time there are none, at NULL */
		const struct line *l = &old[i];
		for (unsigned way = 0; way < WAYS; way++)
			if (l->tag[way])
				enter(t, l->cell[way], hash_of(t, cell_at(t, l->cell[way])), l->hint[way]);
	}
}

/* Doubles the room, and rehashes. False: no memory, the table stays as it is. */
static bool grow(struct toc_lru *t)
{
	uint32_t room = t->room ? 2 * t->room : FIRST, nlines = FIRST / 4;
	if (room > t->most)
		room = t->most;
	while (nlines * 4 < room)
		nlines *= 2;
	struct link *links = realloc(t->links, room * sizeof(*links));
	if (links)
		t->links = links;
	struct line *lines = links ? roomy(nlines * sizeof(*lines)) : NULL, *old = t->lines;
	uint8_t *cells = lines ? roomy(room * t->cell) : NULL;
	if (!cells) {
		free(lines);
		return false;
	}
	if (t->cells)
		memcpy(cells, t->cells, t->room * t->cell);
	free(t->cells);
	t->cells = cells;
	const uint32_t nold = t->nlines;
	memset(lines, 0, nlines * sizeof(*lines));
	t->lines = lines;
	t->nlines = nlines;
	t->room = room;
	enter_all(t, old, nold);
	free(old);
	return true;
}

void toc_lru_remove(struct toc_lru *t, void *cell)
{
	const int32_t i = number_of(t, cell);
	const uint64_t hash = hash_of(t, cell);
	leave(t, find(t, cell, hash), hash);
	memset(cell, 0xff, t->key_n); /* a hint may still lead here */
	unlink_order(t, i);
	t->links[i].older = t->free;
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
		t->free = t->links[i].older;
	else
		i = (int32_t)t->count;
	return i;
}

void *toc_lru_add(struct toc_lru *t, const void *key, bool *fresh)
{
	const uint64_t hash = hash_of(t, key);
	const struct found at = find(t, key, hash);
	*fresh = !at.line;
	if (at.line)
		return use(t, at);
	const int32_t i = place(t);
	if ((uint32_t)i >= t->room)
		abort(); /* not even the first cells could be had: start-up */
	void *cell = cell_at(t, i);
	memset(cell, 0, t->cell);
	memcpy(cell, key, t->key_n);
	enter(t, i, hash, 0);
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
