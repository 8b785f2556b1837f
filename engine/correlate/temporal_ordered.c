/* temporal_ordered - the rules hit within one window in the order in which they are listed (Sigma correlations). */
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

/*
 * reach[k] = the latest start of a chain of the rules 0 … k so far; a chain that starts later leaves more of the
 * window. One pass over the hits that can share a window with the new one. Equal times count as in order.
 */
static bool judge(struct cell *c, uint32_t at)
{
	const struct toc_corr_rule *r = c->rule;
	toc_time reach[TOC_CORR_REFS];
	unsigned deepest = 0;
	for (unsigned k = 0; k < r->nrefs; k++)
		reach[k] = INT64_MIN;
	for (uint32_t i = toc_cell_from(c, at);
	     i < c->nhits && (i <= at || c->hits[i].ts - c->hits[at].ts <= r->timespan); i++) {
		unsigned k = (unsigned)c->hits[i].of.ref;
		toc_time start = k == 0 ? c->hits[i].ts : reach[k - 1];
		if (start == INT64_MIN || c->hits[i].ts - start > r->timespan)
			continue;
		reach[k] = start > reach[k] ? start : reach[k];
		deepest = k + 1 > deepest ? k + 1 : deepest;
		if (k + 1 == r->nrefs) {
			c->from = start;
			c->to = c->hits[i].ts;
			c->value = r->nrefs;
			c->count = r->nrefs;
			return true;
		}
	}
	c->value = deepest;
	c->count = deepest;
	return false;
}

const struct toc_corr_kind toc_corr_temporal_ordered = { "temporal_ordered", false, true, judge, read_hit };
