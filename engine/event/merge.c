/* merge - the least head of all rings, once every silent ring has promised not to come before it. */
#include "event/merge.h"

#include <stdlib.h>

struct order {
	toc_time at;
	uint64_t ordinal;
	uint32_t index;
};

/* One thread's stream: first what was set aside, then the ring. */
struct stream {
	struct toc_ring *ring;
	bool spills, ended;
	struct order promise; /* nothing before this will come */
	uint8_t *aside;
	size_t aside_at, aside_n, aside_room;
	const struct toc_event *head;
	bool head_aside;
};

struct toc_merge {
	struct stream *streams;
	unsigned n;
	struct toc_bell *bell;
	struct stream *taken; /* whose head was given out and is to be popped */
	toc_time told;
	size_t worst;
};

static bool before(const struct order *a, const struct order *b)
{
	if (a->at != b->at)
		return a->at < b->at;
	if (a->ordinal != b->ordinal)
		return a->ordinal < b->ordinal;
	return a->index < b->index;
}

static struct order order_of(const struct toc_event *ev)
{
	return (struct order){ ev->at, ev->ordinal, ev->index };
}

struct toc_merge *toc_merge_new(struct toc_ring *const *rings, const bool *spills, unsigned n, struct toc_bell *bell)
{
	struct toc_merge *m = calloc(1, sizeof(*m));
	struct stream *streams = calloc(n, sizeof(*streams));
	if (!m || !streams) {
		free(m);
		free(streams);
		return NULL;
	}
	m->streams = streams;
	m->n = n;
	m->bell = bell;
	m->told = INT64_MIN;
	for (unsigned i = 0; i < n; i++) {
		streams[i] = (struct stream){ .ring = rings[i], .spills = spills[i], .promise = { INT64_MIN, 0, 0 } };
		toc_ring_attach(rings[i], bell);
	}
	return m;
}

void toc_merge_free(struct toc_merge *m)
{
	if (!m)
		return;
	for (unsigned i = 0; i < m->n; i++)
		free(m->streams[i].aside);
	free(m->streams);
	free(m);
}

static void pop(struct stream *s)
{
	if (!s->head_aside)
		toc_ring_pop(s->ring);
	else
		s->aside_at += s->head->size;
	if (s->aside_at == s->aside_n)
		s->aside_at = s->aside_n = 0;
	s->head = NULL;
}

/* Looks for the stream's next event, eating ticks on the way. */
static void look(struct stream *s)
{
	while (!s->head && !s->ended) {
		s->head_aside = s->aside_at < s->aside_n;
		s->head = s->head_aside ? (const struct toc_event *)(const void *)(s->aside + s->aside_at)
					: toc_ring_peek(s->ring);
		if (!s->head)
			return;
		s->promise = order_of(s->head);
		s->ended = s->head->flags & TOC_EVENT_END;
		if (s->head->flags & (TOC_EVENT_TICK | TOC_EVENT_END))
			pop(s);
	}
}

/* Moves everything the ring holds to memory. The head, if it was in the ring, moves too. */
static void spill(struct toc_merge *m, struct stream *s)
{
	const struct toc_event *ev;
	while (s->spills && (ev = toc_ring_peek(s->ring))) {
		if (s->aside_n + ev->size > s->aside_room) {
			s->aside_room = 2 * s->aside_room + ev->size + 65536;
			s->aside = realloc(s->aside, s->aside_room);
			if (!s->aside)
				abort(); /* bounded by one batch of each worker; without it the order would be lost */
		}
		memcpy(s->aside + s->aside_n, ev, ev->size);
		s->aside_n += ev->size;
		toc_ring_pop(s->ring);
	}
	if (s->aside_n - s->aside_at > m->worst)
		m->worst = s->aside_n - s->aside_at;
	s->head = NULL; /* it may have moved: look again */
}

/* The stream with the least head, if no other can still come before it; else NULL and the least promise. */
static struct stream *ready(struct toc_merge *m, struct order *least)
{
	struct stream *best = NULL;
	*least = (struct order){ INT64_MAX, UINT64_MAX, UINT32_MAX };
	for (unsigned i = 0; i < m->n; i++) {
		struct stream *s = &m->streams[i];
		look(s);
		if (s->ended && !s->head)
			continue;
		if (before(&s->promise, least) || (!best && !before(least, &s->promise))) {
			*least = s->promise;
			best = s;
		} else if (!before(least, &s->promise) && s->head && !best->head) {
			best = s; /* equal: one that is here goes before one that is merely promised */
		}
	}
	return best && best->head ? best : NULL;
}

static bool all_ended(const struct toc_merge *m)
{
	for (unsigned i = 0; i < m->n; i++)
		if (!m->streams[i].ended || m->streams[i].head)
			return false;
	return true;
}

/* What can be said now; IDLE when the merge has to wait. */
static enum toc_merged poll_streams(struct toc_merge *m, const struct toc_event **ev, toc_time *at)
{
	struct order least;
	struct stream *s = ready(m, &least);
	if (s) {
		m->taken = s;
		*ev = s->head;
		*at = s->head->at;
		return TOC_MERGED_EVENT;
	}
	if (all_ended(m))
		return TOC_MERGED_END;
	if (least.at <= m->told)
		return TOC_MERGED_IDLE;
	*at = m->told = least.at;
	return TOC_MERGED_TICK;
}

enum toc_merged toc_merge_next(struct toc_merge *m, int timeout_ms, const struct toc_event **ev, toc_time *at)
{
	if (m->taken)
		pop(m->taken);
	m->taken = NULL;
	enum toc_merged found = poll_streams(m, ev, at);
	if (found != TOC_MERGED_IDLE)
		return found;
	for (unsigned i = 0; i < m->n; i++)
		spill(m, &m->streams[i]);
	uint32_t seen = toc_bell_enter(m->bell);
	found = poll_streams(m, ev, at);
	if (found == TOC_MERGED_IDLE)
		toc_bell_wait(m->bell, seen, timeout_ms > TOC_RING_NAP_MS ? TOC_RING_NAP_MS : timeout_ms);
	toc_bell_leave(m->bell);
	return found == TOC_MERGED_IDLE ? poll_streams(m, ev, at) : found;
}

size_t toc_merge_spilled(const struct toc_merge *m)
{
	return m->worst;
}
