/* skew - of each source the least lateness of two spans of ten minutes. */
#include "identity/skew.h"

#include <stdlib.h>

#include "base/lru.h"

enum { ENOUGH = 3 }; /* lines, before a clock is judged */

/* A clock that is farther behind cannot be told from one that sends late: it is taken as it is. */
static const toc_time span = 10 * TOC_MIN, most_behind = -15 * TOC_MIN;

struct clock {
	uint32_t source;	  /* key */
	uint32_t lines;		  /* in this span */
	toc_time since, least[2]; /* its time less its receipt: in this span, in the one before */
};

struct skew {
	struct toc_lru *clocks;
};

struct skew *skew_new(uint32_t most, const struct toc_hash_key *key)
{
	struct skew *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->clocks = toc_lru_new(sizeof(uint32_t), sizeof(struct clock), most, key, NULL, NULL);
	if (s->clocks)
		return s;
	free(s);
	return NULL;
}

void skew_free(struct skew *s)
{
	if (!s)
		return;
	toc_lru_free(s->clocks);
	free(s);
}

static void note(struct clock *c, toc_time ahead, toc_time at)
{
	if (at - c->since > span && c->lines >= ENOUGH) {
		c->least[1] = c->least[0];
		c->least[0] = ahead;
		c->since = at;
		c->lines = 0;
	}
	c->lines++;
	if (ahead > c->least[0])
		c->least[0] = ahead;
}

/* What is allowed to come late has no slow clock for that. */
static toc_time beyond(toc_time off, toc_time late)
{
	if (off >= 0)
		return off;
	return off + late < 0 ? off + late : 0;
}

toc_time skew_right(struct skew *s, const struct toc_event *ev, toc_time late)
{
	bool fresh;
	if (!ev->source || ev->ts == ev->at) /* the wire, or a time that was not believed */
		return ev->ts;
	const uint32_t source = ev->source;
	struct clock *c = toc_lru_add(s->clocks, &source, &fresh);
	toc_time ahead = ev->ts - ev->at;
	if (fresh) {
		c->since = ev->at;
		c->least[0] = ahead;
		c->least[1] = INT64_MIN;
	}
	note(c, ahead, ev->at);
	toc_time off = c->least[0] > c->least[1] ? c->least[0] : c->least[1];
	bool judged = c->least[1] != INT64_MIN || c->lines >= ENOUGH;
	off = judged ? beyond(off, late) : 0;
	if (off < most_behind)
		return ev->ts;
	return ev->ts - off < ev->at ? ev->ts - off : ev->at;
}
