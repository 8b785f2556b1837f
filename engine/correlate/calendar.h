/* calendar - days and hours of a site: is it then? */
#ifndef CORRELATE_CALENDAR_H
#define CORRELATE_CALENDAR_H

#include <stdbool.h>

#include "base/zone.h"

/* On these days of the week (bit 0 = Monday) from a minute of the day to another (exclusive; before `from`: of the next
 * day). */
struct toc_calendar_hours {
	uint8_t days;
	uint16_t from, to;
};

/* Whole days, as days since 1970-01-01, both included. */
struct toc_calendar_dates {
	int64_t first, last;
};

struct toc_calendar {
	const char *name;
	const struct toc_calendar *negated; /* everything but that one; the rest is unused then */
	const struct toc_zone *zone;	    /* NULL = UTC */
	unsigned nhours, ndates, nwithout;
	const struct toc_calendar_hours *hours;
	const struct toc_calendar_dates *dates;	  /* none: every day */
	const struct toc_calendar_dates *without; /* days that are left out; wins */
};

/* The moment until which, from `since` on, so much time of the calendar has passed; whole minutes. c NULL: all time
 * counts. TOC_NEVER: not within a year. */
toc_time toc_calendar_after(const struct toc_calendar *c, toc_time since, toc_time span);

bool calendar_holds(const struct toc_calendar *c, toc_time ts);

#endif
