/* steady - the sensor's clock: the machine's, as long as nobody sets that. */
#ifndef APP_STEADY_H
#define APP_STEADY_H

#include <stdatomic.h>

#include "tocsin/time.h"

/*
 * Small steps are followed. Over half a minute the sensor goes on by the clock that is never set, so that threads agree
 * on the order of what comes and no window ends for it, until it has told and is started anew by the new time (run.c).
 * Of all threads.
 */
struct toc_steady {
	_Atomic toc_time offset;  /* of the machine's clock over the one that is never set, as it was believed last */
	_Atomic toc_time jump;	  /* what the machine's clock is off that; 0 = it has not jumped */
	_Atomic toc_time stepped; /* what was followed, and not told yet */
	_Atomic toc_time at;	  /* by the clock that is never set: when a step that is told was followed; 0 = never */
};

void toc_steady_begin(struct toc_steady *s);

/* Notices, too, that the clock was set. */
toc_time toc_steady_now(struct toc_steady *s);

/*
 * "steady": nobody has set the machine's clock by two seconds or more within the hour; "stepped": somebody has; "held":
 * by so much that it is not followed. Whether it is right nobody here knows.
 */
const char *toc_steady_state(struct toc_steady *s);

/* When that was which the machine's clock stamped so; last: the one before it. */
toc_time toc_steady_stamp(struct toc_steady *s, toc_time stamp, toc_time last);

#endif
