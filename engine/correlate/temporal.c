/* temporal - different rules hit within one window, in any order (Sigma correlations, temporal). */
#include "correlate/cell.h"

static bool read_hit(const struct toc_corr_rule *rule, unsigned ref, const struct toc_view *view,
		     const struct toc_hash_key *key, struct hit *hit)
{
	(void)key;
	(void)rule;
	(void)view;
	hit->of.ref = ref;
	return true;
}

/* How many of the rules are there: all of them where the rule sets no bound. */
static bool enough(const struct toc_corr_rule *r, unsigned n)
{
	return r->nbounds ? toc_corr_bounds_hold(r, n) : n == r->nrefs;
}

static bool judge(struct cell *c, uint32_t at)
{
	uint32_t from = toc_cell_from(c, at), seen = 0;
	uint32_t count[TOC_CORR_REFS] = { 0 };
	unsigned n = 0;
	for (uint32_t end = from;
	     end < c->nhits && (end <= at || c->hits[end].ts - c->hits[at].ts <= c->rule->timespan); end++) {
		n += count[c->hits[end].of.ref]++ == 0;
		for (; c->hits[end].ts - c->hits[from].ts > c->rule->timespan; from++)
			n -= --count[c->hits[from].of.ref] == 0;
		if (end < at)
			continue;
		c->from = c->hits[from].ts;
		c->to = c->hits[end].ts;
		c->count = end - from + 1;
		seen = n > seen ? n : seen;
		c->value = n;
		if (enough(c->rule, n))
			return true;
	}
	c->value = seen;
	return false;
}

const struct toc_corr_kind toc_corr_temporal = { "temporal", false, true, judge, read_hit };
