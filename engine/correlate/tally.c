/* tally - what all kinds know of a window: hits, sums; and the bounds. */
#include <math.h>

#include "correlate/cell.h"
#include "correlate/ranks.h"
#include "correlate/value_set.h"

static bool bound_holds(const struct toc_corr_bound *b, double value)
{
	switch (b->op) {
	case TOC_CORR_GT:
		return value > b->value;
	case TOC_CORR_GTE:
		return value >= b->value;
	case TOC_CORR_LT:
		return value < b->value;
	case TOC_CORR_LTE:
		return value <= b->value;
	case TOC_CORR_EQ:
		return value >= b->value && value <= b->value;
	case TOC_CORR_NEQ:
		return value < b->value || value > b->value;
	}
	return false;
}

bool bounds_hold(const struct toc_corr_bound *bounds, unsigned n, double value)
{
	for (unsigned i = 0; i < n; i++)
		if (!bound_holds(&bounds[i], value))
			return false;
	return n > 0;
}

void tally_begin(struct tally *t, const struct toc_corr_rule *rule, struct budget *budget)
{
	*t = (struct tally){ .rule = rule, .budget = budget };
}

static bool sums(const struct tally *t)
{
	return t->rule->kind->number || t->rule->ratio.n;
}

void tally_raise(struct tally *t, const struct hit *h)
{
	if (h->raised)
		t->raised[h->raised]++;
}

void tally_lower(struct tally *t, const struct hit *h)
{
	if (h->raised)
		t->raised[h->raised]--;
}

uint8_t tally_raised(const struct tally *t)
{
	uint8_t most = TOC_SEVERITIES - 1;
	while (most && !t->raised[most])
		most--;
	return most;
}

uint8_t hits_raised(const struct cell *c, uint32_t from, uint32_t end)
{
	uint8_t most = 0;
	for (; from < end; from++)
		most = cell_hit(c, from)->raised > most ? cell_hit(c, from)->raised : most;
	return most;
}

bool tally_add(struct tally *t, const struct hit *h)
{
	if (t->rule->kind->add && !t->rule->kind->add(t, h))
		return false;
	t->n++;
	t->weight += h->weight;
	tally_raise(t, h);
	if (sums(t)) {
		t->sum += t->rule->kind->number ? h->of.number : 0;
		t->second += h->second;
	}
	return true;
}

/* Adding and taking away leaves errors behind, and what overflowed stays: after as many as are left it is done anew,
 * which costs a constant for each. */
static void sum_anew(struct tally *t, const struct hit *stay)
{
	t->left = 0;
	t->sum = t->second = 0;
	for (uint32_t i = 0; i < t->n; i++) {
		t->sum += stay[i].of.number;
		t->second += stay[i].second;
	}
}

void tally_drop(struct tally *t, const struct hit *h, const struct hit *stay)
{
	if (t->rule->kind->drop)
		t->rule->kind->drop(t, h);
	t->n--;
	t->weight -= h->weight;
	tally_lower(t, h);
	if (!sums(t))
		return;
	t->sum -= t->rule->kind->number ? h->of.number : 0;
	t->second -= h->second;
	if (++t->left > t->n || !isfinite(t->sum) || !isfinite(t->second))
		sum_anew(t, stay);
}

double tally_value(const struct tally *t)
{
	return t->rule->kind->value(t);
}

/* Sum over sum: all of nothing is as much as one likes. */
static bool ratio_holds(const struct tally *t)
{
	const double ratio = t->second > 0 ? t->sum / t->second : t->sum > 0 ? INFINITY : 0;
	return bounds_hold(t->rule->ratio.bounds, t->rule->ratio.n, ratio);
}

bool tally_holds(const struct tally *t, double value)
{
	const struct toc_corr_rule *r = t->rule;
	const bool enough = r->kind->enough ? r->kind->enough(t, value) : bounds_hold(r->bounds, r->nbounds, value);
	return enough && (!r->ratio.n || ratio_holds(t));
}

void tally_free(struct tally *t)
{
	values_free(t->values, t->budget);
	ranks_free(t->ranks, t->budget);
	if (t->refs)
		budget_free(t->budget, t->refs, (t->rule->nrefs + 2) * sizeof(*t->refs));
	if (t->reach)
		budget_free(t->budget, t->reach, chain_room(t->rule) * sizeof(*t->reach));
	t->values = NULL;
	t->ranks = NULL;
	t->refs = NULL;
	t->reach = NULL;
}
