/* temporal - different rules hit within one window, in any order (Sigma correlations, temporal; SEP 198). */
#include <string.h>

#include "correlate/cell.h"

/* How often each of the rules is there; behind that, those that are, as bits, and their number. */
static bool add(struct tally *t, const struct hit *h)
{
	const unsigned n = t->rule->nrefs;
	if (!t->refs) {
		t->refs = budget_resize(t->budget, NULL, 0, (n + 2) * sizeof(*t->refs));
		if (!t->refs)
			return false;
		memset(t->refs, 0, (n + 2) * sizeof(*t->refs));
	}
	if (t->refs[h->ref]++ == 0) {
		t->refs[n] |= UINT32_C(1) << h->ref;
		t->refs[n + 1]++;
	}
	return true;
}

static void drop(struct tally *t, const struct hit *h)
{
	const unsigned n = t->rule->nrefs;
	if (--t->refs[h->ref] == 0) {
		t->refs[n] &= ~(UINT32_C(1) << h->ref);
		t->refs[n + 1]--;
	}
}

static double value(const struct tally *t)
{
	return t->refs ? t->refs[t->rule->nrefs + 1] : 0;
}

/* A condition over their names; else so many; else all of them. */
static bool enough(const struct tally *t, double value_now)
{
	const struct toc_corr_rule *r = t->rule;
	if (r->expr.n)
		return t->refs && expr_holds(&r->expr, t->refs[r->nrefs]);
	return r->nbounds ? bounds_hold(r->bounds, r->nbounds, value_now) : value_now >= r->nrefs;
}

const struct toc_corr_kind toc_corr_temporal = {
	.name = "temporal", .by_rule = true, .add = add, .drop = drop, .value = value, .enough = enough
};
