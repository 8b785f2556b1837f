/* temporal_ordered - the rules hit within one window in the order in which they are listed (Sigma correlations). */
#include "correlate/cell.h"

/* Only of windows that are looked at as a whole; while hits come, window.c asks chain.c. */
static bool add(struct tally *t, const struct hit *h)
{
	const uint64_t size = chain_room(t->rule) * sizeof(*t->reach);
	if (!t->reach) {
		t->reach = budget_resize(t->budget, NULL, 0, size);
		if (!t->reach)
			return false;
		chain_clear(t->rule, t->reach);
	}
	chain_step(t->rule, t->reach, h);
	return true;
}

static double value(const struct tally *t)
{
	toc_time start;
	return t->reach ? chain_length(t->rule, t->reach, INT64_MIN + 1, &start) : 0;
}

static bool enough(const struct tally *t, double value_now)
{
	return chain_enough(t->rule, (unsigned)value_now);
}

const struct toc_corr_kind toc_corr_temporal_ordered = {
	.name = "temporal_ordered", .by_rule = true, .sequence = true, .add = add, .value = value, .enough = enough
};
