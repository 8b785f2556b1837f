/* value_percentile, value_median - order statistics of a numeric field in one window (Sigma correlations). */
#include "correlate/cell.h"
#include "correlate/ranks.h"

static bool add(struct tally *t, const struct hit *h)
{
	return ranks_add(&t->ranks, h->of.number, t->budget);
}

static void drop(struct tally *t, const struct hit *h)
{
	ranks_drop(t->ranks, h->of.number, t->budget);
}

/* Linear between the two nearest ranks. */
static double at_percent(const struct tally *t, double percent)
{
	const uint32_t n = ranks_count(t->ranks);
	if (n == 0)
		return 0;
	const double rank = percent / 100 * (n - 1);
	const uint32_t k = (uint32_t)rank;
	const double below = ranks_at(t->ranks, k);
	return k + 1 < n ? below + (rank - k) * (ranks_at(t->ranks, k + 1) - below) : below;
}

static double percentile(const struct tally *t)
{
	return at_percent(t, t->rule->percentile);
}

static double median(const struct tally *t)
{
	return at_percent(t, 50);
}

const struct toc_corr_kind toc_corr_value_percentile = {
	.name = "value_percentile", .needs_field = true, .number = true, .add = add, .drop = drop, .value = percentile
};
const struct toc_corr_kind toc_corr_value_median = {
	.name = "value_median", .needs_field = true, .number = true, .add = add, .drop = drop, .value = median
};
