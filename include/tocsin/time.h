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

/* Days from 1970-01-01 to a date of the Gregorian calendar (Hinnant, "chrono-Compatible Low-Level Date Algorithms", public
 * domain). month 1 … 12, day 1 … 31. */
static inline int64_t toc_days_from_civil(int year, int month, int day)
{
	year -= month <= 2;
	int era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
	int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return (int64_t)era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

#endif
