/* clock - sources by hash; skew as a slow average of what honest lines show. */
#include "normalise/clock.h"

#include <stdlib.h>

#include "base/lru.h"

enum { LEARN_SHIFT = 4, LEARN_LINES = 16 };

/* A clock may be wrong by a zone and a change of daylight saving, not by more. */
static const toc_time most_skew = 27 * TOC_HOUR;

struct source {
	uint64_t key[2];
	uint32_t number;
	uint32_t ahead; /* lines in a row that were ahead by more than is believed */
	toc_time skew;	/* how far ahead of receipt it usually is; never negative */
};

struct clocks {
	const struct toc_hash_key *key;
	toc_time tolerance;
	struct toc_lru *sources;
	struct source *now;
	struct toc_addr peer; /* of the line before, and its hash: many lines come from few peers */
	uint64_t peer_hash;
	uint32_t next;
};

struct clocks *clocks_new(unsigned most, toc_time tolerance, const struct toc_hash_key *key)
{
	struct clocks *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->key = key;
	c->tolerance = tolerance;
	c->peer_hash = toc_hash(key, c->peer.b, sizeof(c->peer.b));
	c->sources = toc_lru_new(sizeof(((struct source *)NULL)->key), sizeof(struct source), most, key, NULL, NULL);
	if (c->sources)
		return c;
	free(c);
	return NULL;
}

void clocks_free(struct clocks *c)
{
	if (!c)
		return;
	toc_lru_free(c->sources);
	free(c);
}

uint32_t clocks_source(struct clocks *c, const struct toc_addr *peer, struct toc_span host, uint32_t hint)
{
	if (!toc_addr_eq(peer, &c->peer)) {
		c->peer = *peer;
		c->peer_hash = toc_hash(c->key, peer->b, sizeof(peer->b));
	}
	uint64_t key[2] = { toc_hash(c->key, host.p, host.n), c->peer_hash + hint };
	bool fresh;
	if (c->now && c->now->key[0] == key[0] && c->now->key[1] == key[1])
		return c->now->number;
	c->now = toc_lru_add(c->sources, key, &fresh);
	if (fresh) {
		/* unlike that of other threads' sources: the hint is in front */
		c->next = c->next % ((1u << 20) - 1) + 1;
		c->now->number = (hint & 0xfff) << 20 | c->next;
	}
	return c->now->number;
}

bool clocks_believe(struct clocks *c, toc_time written, toc_time receipt)
{
	struct source *s = c->now;
	toc_time ahead = written - receipt;
	if (ahead <= s->skew + c->tolerance) {
		s->ahead = 0;
		s->skew -= (s->skew - (ahead > 0 ? ahead : 0)) >> LEARN_SHIFT;
		return true;
	}
	/* a clock that is always ahead is set wrong; one line that is ahead is a lie or a slip */
	if (ahead < most_skew && ++s->ahead > LEARN_LINES)
		s->skew += (ahead - s->skew) >> LEARN_SHIFT;
	return false;
}
