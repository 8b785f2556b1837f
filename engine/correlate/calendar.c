/* calendar - local day, minute and weekday of a time, against a site's hours. */
#include "correlate/calendar.h"

enum { DAY_MINUTES = 24 * 60 };

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static bool among(const struct toc_calendar_dates *dates, unsigned n, int64_t day)
{
	for (unsigned i = 0; i < n; i++)
		if (day >= dates[i].first && day <= dates[i].last)
			return true;
	return false;
}

/* Is this day one of the calendar's, and open hours on it at all? */
static bool day_counts(const struct toc_calendar *c, int64_t day)
{
	return !among(c->without, c->nwithout, day) && (!c->ndates || among(c->dates, c->ndates, day));
}

static unsigned weekday(int64_t day) /* 1970-01-01 was a Thursday */
{
	return (unsigned)(((day + 3) % 7 + 7) % 7);
}

static bool in_hours(const struct toc_calendar *c, const struct toc_calendar_hours *h, int64_t day, int minute)
{
	const bool today = h->days >> weekday(day) & 1 && day_counts(c, day);
	if (h->from < h->to)
		return today && minute >= h->from && minute < h->to;
	/* over midnight: what began today, or the end of what began yesterday */
	const bool yesterday = h->days >> weekday(day - 1) & 1 && day_counts(c, day - 1);
	return (today && minute >= h->from) || (yesterday && minute < h->to);
}

bool calendar_holds(const struct toc_calendar *c, toc_time ts)
{
	if (c->negated)
		return !calendar_holds(c->negated, ts);
	const toc_time local = ts + toc_zone_offset_at(c->zone, ts);
	const int64_t minute = floor_div(local, TOC_MIN), day = floor_div(minute, DAY_MINUTES);
	if (!c->nhours)
		return day_counts(c, day);
	for (unsigned i = 0; i < c->nhours; i++)
		if (in_hours(c, &c->hours[i], day, (int)(minute - day * DAY_MINUTES)))
			return true;
	return false;
}

toc_time toc_calendar_after(const struct toc_calendar *c, toc_time since, toc_time span)
{
	if (!c)
		return since + span;
	for (toc_time at = since; at < since + 366 * TOC_DAY; at += TOC_MIN) {
		if (span <= 0)
			return at;
		span -= calendar_holds(c, at) ? TOC_MIN : 0;
	}
	return TOC_NEVER;
}
