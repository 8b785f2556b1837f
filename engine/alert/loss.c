/* loss - buckets of a minute; which share was lost is asked when an alert is told. */
#include "alert/loss.h"

void loss_note(struct loss *l, toc_time at, uint64_t came, uint64_t lost)
{
	const int64_t minute = at / TOC_MIN;
	if (minute < 0)
		return;
	const unsigned i = (unsigned)(minute % LOSS_MINUTES);
	if (l->at[i].minute != minute)
		l->at[i].came = l->at[i].lost = 0;
	l->at[i].minute = minute;
	l->at[i].came += came;
	l->at[i].lost += lost;
	l->lost += lost;
}

double loss_share(const struct loss *l, toc_time at, toc_time span)
{
	if (at < 0) /* before the first input: what a restart took over is told */
		return 0;
	const toc_time longest = span > TOC_DAY ? TOC_DAY : span;
	const int64_t last = at / TOC_MIN, first = (at - (longest > TOC_MIN ? longest : TOC_MIN)) / TOC_MIN;
	uint64_t came = 0, lost = 0;
	for (int64_t minute = first; l->lost && minute <= last; minute++) {
		const unsigned i = (unsigned)(minute < 0 ? 0 : minute % LOSS_MINUTES);
		if (minute < 0 || l->at[i].minute != minute)
			continue;
		came += l->at[i].came;
		lost += l->at[i].lost;
	}
	return came ? (double)lost / (double)came : lost ? 1 : 0;
}
