/* baseline - what is remembered of one key's weeks. */
#ifndef CORRELATE_BASELINE_H
#define CORRELATE_BASELINE_H

#include "correlate/rule.h"

enum { WEEK_HOURS = 7 * 24 };

struct base {
	uint8_t key[16];
	toc_time first; /* ts of the first hit ever */
	int64_t hour;	/* the newest, by the clock on the wall */
	double *peaks; /* the highest window of each hour, a ring of (weeks + 1) * WEEK_HOURS; NULL: there was no memory
			*/
};

static inline uint64_t base_bytes(const struct toc_corr_rule *r)
{
	return (r->baseline.weeks + 1u) * WEEK_HOURS * sizeof(double);
}

#endif
