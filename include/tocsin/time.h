/* time - nanoseconds since 1970-01-01 UTC, and durations in nanoseconds. */
#ifndef TOCSIN_TIME_H
#define TOCSIN_TIME_H

#include <stdint.h>

/* Event time, carried as a value: no clock is read below app/, capture/ and receive/. */
typedef int64_t toc_time;

#define TOC_US	  ((toc_time)1000)
#define TOC_MS	  ((toc_time)1000000)
#define TOC_SEC	  ((toc_time)1000000000)
#define TOC_MIN	  (60 * TOC_SEC)
#define TOC_HOUR  (60 * TOC_MIN)
#define TOC_DAY	  (24 * TOC_HOUR)
#define TOC_NEVER INT64_MAX

#endif
