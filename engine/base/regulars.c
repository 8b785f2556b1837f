/* regulars - two LRU tables; behind each cell stands what was seen of it, by which it moves from one to the other. */
#include "base/regulars.h"

#include <stdlib.h>
#include <string.h>

struct seen {
	toc_time last; /* used */
	int64_t period;
	uint32_t periods;
	bool regular;
};

struct toc_regulars {
	struct toc_lru *regulars, *strangers;
	size_t key_n, size; /* size: of the owner's part, rounded up */
	uint32_t most;
	void (*evicted)(void *user, void *cell, bool regular);
	void *user;
};

static struct seen *seen_of(const struct toc_regulars *t, const void *cell)
{
	return (struct seen *)((uint8_t *)(uintptr_t)cell + t->size);
}

static void gone(void *user, void *cell)
{
	const struct toc_regulars *t = user;
	if (t->evicted)
		t->evicted(t->user, cell, seen_of(t, cell)->regular);
}

struct toc_regulars *toc_regulars_new(size_t key_n, size_t size, uint32_t regulars, uint32_t strangers,
				      const struct toc_hash_key *key,
				      void (*evicted)(void *user, void *cell, bool regular), void *user)
{
	struct toc_regulars *t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	*t = (struct toc_regulars){
		.key_n = key_n, .size = (size + 7) & ~(size_t)7, .most = regulars, .evicted = evicted, .user = user
	};
	t->regulars = toc_lru_new(key_n, t->size + sizeof(struct seen), regulars, key, gone, t);
	t->strangers = toc_lru_new(key_n, t->size + sizeof(struct seen), strangers, key, gone, t);
	if (t->regulars && t->strangers)
		return t;
	toc_regulars_free(t);
	return NULL;
}

void toc_regulars_free(struct toc_regulars *t)
{
	if (!t)
		return;
	toc_lru_free(t->regulars);
	toc_lru_free(t->strangers);
	free(t);
}

/* A place among the regulars, or one whom nobody will miss. */
static bool has_place(const struct toc_regulars *t, toc_time now)
{
	const void *oldest = toc_lru_count(t->regulars) < t->most ? NULL : toc_lru_oldest(t->regulars);
	return !oldest || now - seen_of(t, oldest)->last > REGULARS_SILENCE * TOC_SEC;
}

static void *promote(struct toc_regulars *t, void *stranger)
{
	bool fresh;
	void *cell = toc_lru_add(t->regulars, stranger, &fresh);
	memcpy(cell, stranger, t->size + sizeof(struct seen));
	toc_lru_remove(t->strangers, stranger);
	seen_of(t, cell)->regular = true;
	return cell;
}

void *toc_regulars_add(struct toc_regulars *t, const void *key, bool sure, toc_time now, bool *fresh)
{
	void *cell = toc_lru_get(t->regulars, key);
	*fresh = false;
	if (!cell) {
		const bool at_once = sure && has_place(t, now);
		cell = toc_lru_add(t->strangers, key, fresh);
		if (at_once || (seen_of(t, cell)->periods >= REGULARS_PERIODS && has_place(t, now)))
			cell = promote(t, cell);
	}
	seen_of(t, cell)->last = now;
	return cell;
}

void toc_regulars_seen(struct toc_regulars *t, void *cell, toc_time now)
{
	struct seen *s = seen_of(t, cell);
	const int64_t period = now / (REGULARS_PERIOD * TOC_SEC);
	if (s->regular || (s->periods && s->period == period))
		return;
	s->period = period;
	s->periods += s->periods < REGULARS_PERIODS;
}

void *toc_regulars_peek(const struct toc_regulars *t, const void *key)
{
	void *cell = toc_lru_peek(t->regulars, key);
	return cell ? cell : toc_lru_peek(t->strangers, key);
}

bool toc_regulars_is(const struct toc_regulars *t, const void *cell)
{
	return seen_of(t, cell)->regular;
}

void toc_regulars_each_regular(struct toc_regulars *t, void (*visit)(void *user, void *cell), void *user)
{
	toc_lru_each(t->regulars, visit, user);
}

void toc_regulars_each(struct toc_regulars *t, void (*visit)(void *user, void *cell), void *user)
{
	toc_lru_each(t->regulars, visit, user);
	toc_lru_each(t->strangers, visit, user);
}

uint32_t toc_regulars_count(const struct toc_regulars *t, bool regular)
{
	return toc_lru_count(regular ? t->regulars : t->strangers);
}
