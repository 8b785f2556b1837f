/* value_sum - the sum of a numeric field in one window (Sigma correlations, value_sum). */
#include "correlate/cell.h"

static bool read_hit(const struct toc_corr_rule *rule, unsigned ref, const struct toc_view *view,
		     const struct toc_hash_key *key, struct hit *hit)
{
	(void)key;
	const struct toc_event *owner;
	struct toc_value v = toc_fieldset_get(&rule->refs[ref].value, view, &owner);
	return !v.list && toc_value_number(&v, &hit->of.number);
}

static bool judge(struct cell *c, uint32_t at)
{
	const struct toc_corr_rule *r = c->rule;
	uint32_t from = toc_cell_from(c, at), end = at;
	double sum = 0, best = 0;
	bool holds = false;
	for (uint32_t i = from; i < at; i++)
		sum += c->hits[i].of.number;
	for (; end < c->nhits && c->hits[end].ts - c->hits[at].ts <= r->timespan && !holds; end++) {
		sum += c->hits[end].of.number;
		for (; c->hits[end].ts - c->hits[from].ts > r->timespan; from++)
			sum -= c->hits[from].of.number;
		holds = toc_corr_bounds_hold(r, sum);
		if (end == at || sum > best || holds) {
			best = sum;
			c->from = c->hits[from].ts;
			c->to = c->hits[end].ts;
			c->count = end - from + 1;
		}
	}
	c->value = best;
	return holds;
}

const struct toc_corr_kind toc_corr_value_sum = { "value_sum", true, false, judge, read_hit };
