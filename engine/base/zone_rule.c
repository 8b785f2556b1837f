/* zone_rule - reading a TZ string, and the days that it names. */
#include "base/zone_rule.h"

#include "tocsin/cursor.h"

enum { HOURS_MOST = 167, SECONDS_A_DAY = 86400 };

static bool at_digit(const struct toc_span *s)
{
	return s->n && s->p[0] >= '0' && s->p[0] <= '9';
}

static bool take(struct toc_span *s, char c)
{
	bool is = s->n && s->p[0] == (uint8_t)c;
	if (is)
		*s = toc_span_from(*s, 1);
	return is;
}

/* A number of at most three digits and at most `most`; -1: there is none. */
static int number(struct toc_span *s, int most)
{
	int n = -1;
	for (unsigned i = 0; i < 3 && at_digit(s); i++) {
		n = (n < 0 ? 0 : n) * 10 + (s->p[0] - '0');
		*s = toc_span_from(*s, 1);
	}
	return n > most ? -1 : n;
}

/* [+-]h[:m[:s]] */
static bool read_seconds(struct toc_span *s, int64_t *out)
{
	bool minus = take(s, '-');
	if (!minus)
		take(s, '+');
	int parts[3] = { number(s, HOURS_MOST), 0, 0 };
	for (unsigned i = 1; i < 3 && take(s, ':'); i++)
		parts[i] = number(s, 59);
	*out = (parts[0] * 60 + parts[1]) * INT64_C(60) + parts[2];
	*out = minus ? -*out : *out;
	return parts[0] >= 0 && parts[1] >= 0 && parts[2] >= 0;
}

static bool skip_name(struct toc_span *s)
{
	size_t n = 0;
	if (take(s, '<')) {
		n = toc_span_find(*s, '>');
		*s = toc_span_from(*s, n);
		return take(s, '>') && n >= 3;
	}
	while (n < s->n && ((s->p[n] >= 'A' && s->p[n] <= 'Z') || (s->p[n] >= 'a' && s->p[n] <= 'z')))
		n++;
	*s = toc_span_from(*s, n);
	return n >= 3;
}

static bool read_day(struct toc_span *s, struct zone_day *out)
{
	bool ok;
	*out = (struct zone_day){ .form = ZONE_ZERO, .second = 2 * 3600 };
	if (!take(s, ','))
		return false;
	if (take(s, 'M')) {
		out->form = ZONE_WEEKDAY;
		out->month = number(s, 12);
		out->week = take(s, '.') ? number(s, 5) : -1;
		out->day = take(s, '.') ? number(s, 6) : -1;
		ok = out->month >= 1 && out->week >= 1;
	} else {
		out->form = take(s, 'J') ? ZONE_JULIAN : ZONE_ZERO;
		out->day = number(s, 365);
		ok = out->form == ZONE_ZERO || out->day >= 1;
	}
	return ok && out->day >= 0 && (!take(s, '/') || read_seconds(s, &out->second));
}

bool zone_rule_read(struct toc_span text, struct zone_rule *out)
{
	int64_t west;
	*out = (struct zone_rule){ 0 };
	if (!skip_name(&text) || !read_seconds(&text, &west))
		return false;
	out->standard = -west;
	out->summer = out->standard + 3600;
	if (text.n == 0)
		return true;
	out->changes = true;
	if (!skip_name(&text))
		return false;
	if (text.n && text.p[0] != ',') {
		if (!read_seconds(&text, &west))
			return false;
		out->summer = -west;
	}
	return read_day(&text, &out->begin) && read_day(&text, &out->end) && text.n == 0;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970 to a year's first. */
static int64_t days_to(int year)
{
	int64_t before = year - 1;
	return before * 365 + before / 4 - before / 100 + before / 400 - 719162;
}

/* Days of the year before a month, from 1. */
static int days_before(int year, int month)
{
	static const int days[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 };
	return days[month - 1] + (month > 2 && is_leap(year));
}

/* The w-th such weekday of the month, 5: the last; 1970 began on a Thursday. */
static int64_t weekday(const struct zone_day *d, int year)
{
	int64_t first = days_to(year) + days_before(year, d->month);
	int64_t next = d->month == 12 ? days_to(year + 1) : days_to(year) + days_before(year, d->month + 1);
	int64_t day = first + (d->day - (first + 4) % 7 + 7) % 7 + 7 * (d->week - 1);
	return day < next ? day : day - 7;
}

static int64_t moment(const struct zone_day *d, int year, int64_t offset)
{
	int64_t day = days_to(year);
	if (d->form == ZONE_WEEKDAY)
		day = weekday(d, year);
	else if (d->form == ZONE_ZERO)
		day += d->day;
	else
		day += d->day - 1 + (d->day >= 60 && is_leap(year));
	return day * SECONDS_A_DAY + d->second - offset;
}

int64_t zone_rule_begin(const struct zone_rule *r, int year)
{
	return moment(&r->begin, year, r->standard);
}

int64_t zone_rule_end(const struct zone_rule *r, int year)
{
	return moment(&r->end, year, r->summer);
}
