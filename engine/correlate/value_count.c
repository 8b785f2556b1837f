/* value_count - how many different values a field has in one window (Sigma correlations, value_count). */
#include "correlate/cell.h"
#include "correlate/value_set.h"

static bool add(struct tally *t, const struct hit *h)
{
	return values_add(&t->values, h->of.hash, t->budget);
}

static void drop(struct tally *t, const struct hit *h)
{
	values_drop(t->values, h->of.hash);
}

static double value(const struct tally *t)
{
	return values_distinct(t->values);
}

const struct toc_corr_kind toc_corr_value_count = {
	.name = "value_count", .needs_field = true, .counts = true, .add = add, .drop = drop, .value = value
};
