/* event_count - how many hits lie in one window (Sigma correlations, event_count). */
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

/* Windows that contain hit `at` end at it or at one of the hits within a timespan after it. */
static bool judge(struct cell *c, uint32_t at)
{
	const struct toc_corr_rule *r = c->rule;
	uint64_t sum = 0, best = 0;
	uint32_t from = toc_cell_from(c, at), end = at;
	bool holds = false;
	for (uint32_t i = from; i < at; i++)
		sum += c->hits[i].weight;
	for (; end < c->nhits && c->hits[end].ts - c->hits[at].ts <= r->timespan && !holds; end++) {
		sum += c->hits[end].weight;
		for (; c->hits[end].ts - c->hits[from].ts > r->timespan; from++)
			sum -= c->hits[from].weight;
		holds = toc_corr_bounds_hold(r, (double)sum);
		if (sum > best || holds) {
			best = sum;
			c->from = c->hits[from].ts;
			c->to = c->hits[end].ts;
		}
	}
	c->count = best;
	c->value = (double)best;
	return holds;
}

const struct toc_corr_kind toc_corr_event_count = { "event_count", false, false, judge, read_hit };
