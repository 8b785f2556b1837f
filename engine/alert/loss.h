/* loss - which share of the packets the capture lost lately, minute by minute. */
#ifndef ALERT_LOSS_H
#define ALERT_LOSS_H

#include <stdint.h>

#include "tocsin/time.h"

enum { LOSS_MINUTES = 24 * 60 + 2 };

struct loss {
	struct {
		int64_t minute; /* since 1970: what is older than a day is overwritten */
		uint64_t came, lost;
	} at[LOSS_MINUTES];
	uint64_t lost; /* ever: while it is 0 nothing is looked for */
};

/* came: all that should have been captured, the lost ones included. */
void loss_note(struct loss *l, toc_time at, uint64_t came, uint64_t lost);

/* Lost by came, over at least the span before `at`; a minute at the least, a day at the most. */
double loss_share(const struct loss *l, toc_time at, toc_time span);

#endif
