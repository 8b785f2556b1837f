/* value_sum, value_avg - sum and mean of a numeric field in one window (Sigma correlations). */
#include "correlate/cell.h"

static double sum(const struct tally *t)
{
	return t->sum;
}

static double mean(const struct tally *t)
{
	return t->n ? t->sum / t->n : 0;
}

const struct toc_corr_kind toc_corr_value_sum = {
	.name = "value_sum", .needs_field = true, .number = true, .value = sum
};
const struct toc_corr_kind toc_corr_value_avg = {
	.name = "value_avg", .needs_field = true, .number = true, .value = mean
};
