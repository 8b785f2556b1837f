/* event_count - how many events lie in one window (Sigma correlations, event_count). */
#include "correlate/cell.h"

static double value(const struct tally *t)
{
	return (double)t->weight;
}

const struct toc_corr_kind toc_corr_event_count = { .name = "event_count", .counts = true, .value = value };
