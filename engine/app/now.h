/* now - the two clocks, read in app/ alone (capture/ and receive/ stamp what comes in by themselves). */
#ifndef APP_NOW_H
#define APP_NOW_H

#include <time.h>

#include "tocsin/time.h"

/* Of the clock that the machine shows, since 1970 UTC. */
static inline toc_time toc_now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (toc_time)ts.tv_sec * TOC_SEC + ts.tv_nsec;
}

/* Of one that is never set: for what lies between two moments. */
static inline toc_time toc_now_monotonic(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (toc_time)ts.tv_sec * TOC_SEC + ts.tv_nsec;
}

#endif
