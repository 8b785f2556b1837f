/* stamp - calendar to nanoseconds. */
#include "normalise/stamp.h"

static int digit(struct toc_span s, size_t i)
{
	return i < s.n && s.p[i] >= '0' && s.p[i] <= '9' ? s.p[i] - '0' : -1;
}

/* Two digits at i, or -1; the first may be a space. */
static int two(struct toc_span s, size_t i)
{
	int a = i < s.n && s.p[i] == ' ' ? 0 : digit(s, i), b = digit(s, i + 1);
	return a < 0 || b < 0 ? -1 : a * 10 + b;
}

static int four(struct toc_span s, size_t i)
{
	int a = two(s, i), b = two(s, i + 2);
	return a < 0 || b < 0 || digit(s, i) < 0 ? -1 : a * 100 + b;
}

static int year_of(toc_time t)
{
	int64_t z = t / TOC_DAY + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	return (int)(yoe + era * 400 + (doy >= 306)); /* days count from March */
}

/* "Jan", "JAN" … at i, or 0. */
static int month(struct toc_span s, size_t i)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	if (i + 3 > s.n || s.p[i] < 'A')
		return 0;
	const char low[3] = { (char)toc_lower(s.p[i]), (char)toc_lower(s.p[i + 1]), (char)toc_lower(s.p[i + 2]) };
	for (int m = 0; m < 12; m++)
		if (memcmp(low, names + 3 * m, 3) == 0)
			return m + 1;
	return 0;
}

/* hh:mm:ss and a fraction at *i; -1 when it is none. */
static toc_time clock_at(struct toc_span s, size_t *i)
{
	int h = two(s, *i), m = two(s, *i + 3), sec = two(s, *i + 6);
	if (*i + 8 > s.n || s.p[*i + 2] != ':' || s.p[*i + 5] != ':' || h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 ||
	    sec > 60)
		return -1;
	toc_time t = ((toc_time)h * 3600 + m * 60 + sec) * TOC_SEC, unit = TOC_SEC;
	*i += 8;
	bool colon = *i + 4 < s.n && s.p[*i] == ':' && digit(s, *i + 1) >= 0 && digit(s, *i + 3) >= 0; /* Comware */
	if (*i < s.n && (s.p[*i] == '.' || s.p[*i] == ',' || colon) && digit(s, *i + 1) >= 0)
		for (++*i; digit(s, *i) >= 0; ++*i) {
			unit /= 10;
			t += digit(s, *i) * unit;
		}
	else if (*i < s.n && s.p[*i] == '.')
		++*i;
	return t;
}

/* Z, +hh:mm, +hhmm at *i. */
static bool read_offset(struct toc_span s, size_t *i, toc_time *out)
{
	if (*i >= s.n)
		return false;
	if (s.p[*i] == 'Z' || s.p[*i] == 'z') {
		++*i;
		*out = 0;
		return true;
	}
	size_t colon = *i + 3 < s.n && s.p[*i + 3] == ':';
	int h = two(s, *i + 1), m = two(s, *i + 3 + colon);
	if ((s.p[*i] != '+' && s.p[*i] != '-') || h < 0 || h > 14 || m < 0 || m > 59)
		return false;
	*out = ((toc_time)h * 60 + m) * TOC_MIN * (s.p[*i] == '-' ? -1 : 1);
	*i += 5 + colon;
	return true;
}

/* Names of zones that devices write behind the time; of a name with several meanings the one that routers have. */
static const struct {
	const char *name;
	int16_t minutes;
} zone_names[] = { { "UTC", 0 },    { "GMT", 0 },    { "CET", 60 },    { "CEST", 120 },	 { "EST", -300 },
		   { "EDT", -240 }, { "CST", -360 }, { "CDT", -300 },  { "MST", -420 },	 { "MDT", -360 },
		   { "PST", -480 }, { "PDT", -420 }, { "AKST", -540 }, { "AKDT", -480 }, { "HST", -600 },
		   { "BST", 60 },   { "WET", 0 },    { "WEST", 60 },   { "EET", 120 },	 { "EEST", 180 },
		   { "MSK", 180 },  { "SGT", 480 },  { "HKT", 480 },   { "JST", 540 },	 { "IST", 330 },
		   { "AWST", 480 }, { "AEST", 600 }, { "AEDT", 660 },  { "NZST", 720 },	 { "NZDT", 780 },
		   { "BRT", -180 }, { "ART", -180 } };

/* " CET" at *i, with a space or a colon behind it. */
static bool read_zone_name(struct toc_span s, size_t *i, toc_time *out)
{
	size_t begin = *i + 1, n = 0;
	if (*i >= s.n || s.p[*i] != ' ' || begin >= s.n || s.p[begin] < 'A' || s.p[begin] > 'W')
		return false;
	while (begin + n < s.n && n < 5 && s.p[begin + n] >= 'A' && s.p[begin + n] <= 'Z')
		n++;
	if (n < 3 || n > 4 || (begin + n < s.n && s.p[begin + n] != ' ' && s.p[begin + n] != ':'))
		return false;
	for (size_t z = 0; z < sizeof(zone_names) / sizeof(zone_names[0]); z++)
		if (toc_span_is(toc_span_of(s.p + begin, n), zone_names[z].name)) {
			*out = zone_names[z].minutes * TOC_MIN;
			*i = begin + n;
			return true;
		}
	return false;
}

static toc_time to_utc(toc_time local, const struct stamp_rules *rules)
{
	return local - (rules->zone ? toc_zone_offset(rules->zone, local) : rules->offset);
}

static int plain_year(struct toc_span s, size_t i)
{
	int y = four(s, i);
	return y >= 1970 && y <= 2200 && (i + 4 == s.n || s.p[i + 4] == ' ' || s.p[i + 4] == ':') ? y : -1;
}

/* "Mar  2", "Mar 2 " at *i: the month in *m; the day, or -1. */
static int read_day(struct toc_span s, size_t *i, int *m)
{
	*m = month(s, *i);
	if (!*m || *i + 6 > s.n || s.p[*i + 3] != ' ')
		return -1;
	bool one = digit(s, *i + 4) >= 0 && digit(s, *i + 5) < 0; /* "Mar 2 …", not padded */
	int day = one ? digit(s, *i + 4) : two(s, *i + 4);
	*i += one ? 5 : 6;
	return day >= 1 && day <= 31 && *i < s.n && s.p[(*i)++] == ' ' ? day : -1;
}

/* Before the clock ("2026 Mar 2 …", "Mar 2 2026 …") or behind it ("Mar 2 08:00:00 2026"); `in` moves past all of it. */
static bool read_bsd(struct toc_span *in, const struct stamp_rules *rules, toc_time *out)
{
	struct toc_span s = *in;
	size_t i = 0;
	int m, year = digit(s, 0) >= 0 && s.n > 4 && s.p[4] == ' ' ? plain_year(s, 0) : -1;
	i = year > 0 ? 5 : 0;
	int day = s.n < 14 ? -1 : read_day(s, &i, &m);
	if (day < 0)
		return false;
	if (year < 0 && (year = plain_year(s, i)) > 0)
		i += 5;
	toc_time clock = clock_at(s, &i), offset = 0;
	if (clock < 0)
		return false;
	if (year < 0 && i < s.n && s.p[i] == ' ' && (year = plain_year(s, i + 1)) > 0)
		i += 5;
	int guess = year > 0 ? year : year_of(rules->now);
	bool zoned = (i < s.n && s.p[i] != ' ' && read_offset(s, &i, &offset)) || read_zone_name(s, &i, &offset);
	toc_time local = toc_days_from_civil(guess, m, day) * TOC_DAY + clock;
	*out = zoned ? local - offset : to_utc(local, rules);
	if (year < 0 && *out > rules->now + TOC_DAY) {
		local = toc_days_from_civil(guess - 1, m, day) * TOC_DAY + clock;
		*out = zoned ? local - offset : to_utc(local, rules);
	}
	*in = toc_span_from(s, i);
	return true;
}

/* 2026-03-02T08:00:00.25Z; a space for T; without zone. */
static bool read_iso(struct toc_span *in, const struct stamp_rules *rules, toc_time *out)
{
	struct toc_span s = *in;
	int y = four(s, 0), m = two(s, 5), d = two(s, 8);
	size_t i = 11;
	toc_time offset;
	if (s.n < 19 || y < 1970 || y > 2200 || m < 1 || m > 12 || d < 1 || d > 31 ||
	    (s.p[4] != '-' && s.p[4] != '/' && s.p[4] != ':' && s.p[4] != '.') || s.p[7] != s.p[4] ||
	    (s.p[10] != 'T' && s.p[10] != ' ' &&
	     !(s.p[10] == '-' && s.p[4] == ':'))) /* "2026:03:02-08:00:00": Astaro */
		return false;
	toc_time clock = clock_at(s, &i);
	if (clock < 0)
		return false;
	toc_time local = toc_days_from_civil(y, m, d) * TOC_DAY + clock;
	i += i + 1 < s.n && s.p[i] == ' ' && (s.p[i + 1] == '+' || s.p[i + 1] == '-') && digit(s, i + 2) >= 0;
	*out = read_offset(s, &i, &offset) || read_zone_name(s, &i, &offset) ? local - offset : to_utc(local, rules);
	*in = toc_span_from(s, i);
	return true;
}

/* "Mon Mar  2 08:00:41 2026", as asctime writes it: the day of the week says nothing. */
static struct toc_span without_weekday(struct toc_span s)
{
	static const char names[] = "SunMonTueWedThuFriSat";
	if (s.n < 5 || s.p[3] != ' ' || s.p[4] < 'A')
		return s;
	for (size_t i = 0; i < sizeof(names) - 1; i += 3)
		if (memcmp(s.p, names + i, 3) == 0)
			return toc_span_from(s, 4);
	return s;
}

/* "03/02/2026:08:00:41 GMT": NetScaler; month first as it is delivered, unless that cannot be one.
 * "03/02/2026-08:00:41.860293": Suricata's fast.log. */
static bool read_slashed(struct toc_span *in, const struct stamp_rules *rules, toc_time *out)
{
	struct toc_span s = *in;
	int m = two(s, 0), d = two(s, 3), y = four(s, 6);
	size_t i = 11;
	toc_time offset;
	if (s.n < 19 || s.p[2] != '/' || s.p[5] != '/' || (s.p[10] != ':' && s.p[10] != '-') || y < 1970 || y > 2200)
		return false;
	if (m > 12) {
		int day = m;
		m = d;
		d = day;
	}
	toc_time clock = clock_at(s, &i);
	if (clock < 0 || m < 1 || m > 12 || d < 1 || d > 31)
		return false;
	toc_time local = toc_days_from_civil(y, m, d) * TOC_DAY + clock;
	*out = read_zone_name(s, &i, &offset) ? local - offset : to_utc(local, rules);
	*in = toc_span_from(s, i);
	return true;
}

static int hex_digit(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "@" and 24 hexadecimal digits: seconds since 1970 TAI above 2^62, then nanoseconds (cr.yp.to/libtai/tai64.html). */
static bool read_tai64n(struct toc_span *in, toc_time *out)
{
	enum { DIGITS = 24, TAI_AHEAD = 10 };
	uint64_t seconds = 0, nanos = 0;
	if (in->n < DIGITS + 2 || in->p[DIGITS + 1] != ' ')
		return false;
	for (size_t i = 1; i <= DIGITS; i++) {
		int v = hex_digit(in->p[i]);
		uint64_t *part = i <= 16 ? &seconds : &nanos;
		if (v < 0)
			return false;
		*part = *part << 4 | (uint64_t)v;
	}
	seconds -= (UINT64_C(1) << 62) + TAI_AHEAD;
	if (seconds > UINT32_MAX || nanos >= (uint64_t)TOC_SEC)
		return false;
	*out = (toc_time)seconds * TOC_SEC + (toc_time)nanos;
	*in = toc_span_from(*in, DIGITS + 1);
	return true;
}

bool stamp_read(struct toc_span *in, const struct stamp_rules *rules, toc_time *out)
{
	if (in->n == 0)
		return false;
	if (in->p[0] == '@')
		return read_tai64n(in, out);
	if (digit(*in, 0) >= 0 && (read_iso(in, rules, out) || read_slashed(in, rules, out)))
		return true;
	struct toc_span dated = without_weekday(*in);
	bool read = read_bsd(&dated, rules, out);
	*in = read ? dated : *in;
	return read;
}

bool stamp_day_first(struct toc_span text, const struct stamp_rules *rules, toc_time *out)
{
	int d = two(text, 0), m = month(text, 3), y = four(text, 7);
	size_t i = 12;
	toc_time offset = 0;
	if (text.n < 20 || d < 1 || d > 31 || !m || y < 1970 || y > 2200 || (text.p[2] != '/' && text.p[2] != '-') ||
	    text.p[6] != text.p[2] || (text.p[11] != ':' && text.p[11] != ' '))
		return false;
	toc_time clock = clock_at(text, &i);
	if (clock < 0)
		return false;
	toc_time local = toc_days_from_civil(y, m, d) * TOC_DAY + clock;
	i += i < text.n && text.p[i] == ' ';
	*out = read_offset(text, &i, &offset) ? local - offset : to_utc(local, rules);
	return true;
}

/* Two readings of the same digits: the one that is not in the future counts, of two such the later one. */
static toc_time nearer(toc_time a, toc_time b, toc_time now)
{
	bool a_ahead = a > now + TOC_DAY, b_ahead = b > now + TOC_DAY;
	return a_ahead != b_ahead ? (a_ahead ? b : a) : a > b ? a : b;
}

/* One or two digits at *i, and what stands behind them; -1: none. */
static int some(struct toc_span s, size_t *i)
{
	int v = digit(s, *i);
	if (v < 0)
		return -1;
	++*i;
	if (digit(s, *i) >= 0)
		v = v * 10 + digit(s, (*i)++);
	return v;
}

/* "3/2/2026 8:00:41 AM" at the front, "2.3.2026 08:00:41": hours of 12 or 24; the clock alone. */
static toc_time clock_of_locale(struct toc_span s, size_t *i)
{
	int h = some(s, i), m, sec;
	if (h < 0 || *i >= s.n || s.p[(*i)++] != ':' || (m = some(s, i)) < 0 || *i >= s.n || s.p[(*i)++] != ':' ||
	    (sec = some(s, i)) < 0 || h > 23 || m > 59 || sec > 60)
		return -1;
	bool am = toc_span_starts(toc_span_from(s, *i), " AM"), pm = toc_span_starts(toc_span_from(s, *i), " PM");
	if ((am || pm) && (h < 1 || h > 12))
		return -1;
	if (am || pm)
		h = h % 12 + (pm ? 12 : 0);
	*i += am || pm ? 3 : 0;
	return ((toc_time)h * 3600 + m * 60 + sec) * TOC_SEC;
}

bool stamp_locale(struct toc_span text, const struct stamp_rules *rules, toc_time *out)
{
	size_t i = 0;
	int a = some(text, &i), b, y;
	const uint8_t between = i < text.n ? text.p[i] : 0;
	if (a < 1 || (between != '/' && between != '.' && between != '-'))
		return false;
	i++;
	b = some(text, &i);
	if (b < 1 || i >= text.n || text.p[i++] != between || (y = four(text, i)) < 1970 || y > 2200 ||
	    text.n < i + 11 || text.p[i + 4] != ' ')
		return false;
	i += 5;
	const toc_time clock = clock_of_locale(text, &i);
	const bool month_first = a <= 12 && b <= 31 && between == '/', day_first = b <= 12 && a <= 31;
	if (clock < 0 || !(month_first || day_first) || (i < text.n && text.p[i] != ' ' && text.p[i] != ','))
		return false;
	const toc_time m = month_first ? to_utc(toc_days_from_civil(y, a, b) * TOC_DAY + clock, rules) : 0;
	const toc_time d = day_first ? to_utc(toc_days_from_civil(y, b, a) * TOC_DAY + clock, rules) : 0;
	*out = month_first && day_first ? nearer(m, d, rules->now) : month_first ? m : d;
	return true;
}

bool stamp_epoch(struct toc_span text, toc_time *out)
{
	uint64_t v = 0, fraction = 0;
	size_t i = 0;
	uint64_t unit = (uint64_t)TOC_SEC;
	for (; digit(text, i) >= 0 && i < 19; i++)
		v = v * 10 + (uint64_t)digit(text, i);
	if (i < 9 || i > 19)
		return false;
	if (i < text.n && text.p[i] == '.')
		for (i++; digit(text, i) >= 0 && unit > 1; i++) {
			unit /= 10;
			fraction += (uint64_t)digit(text, i) * unit;
		}
	while (digit(text, i) >= 0)
		i++;
	uint64_t scale = v < UINT64_C(100000000000)	    ? 1000000000
			 : v < UINT64_C(100000000000000)    ? 1000000
			 : v < UINT64_C(100000000000000000) ? 1000
							    : 1;
	if (i != text.n || v > INT64_MAX / scale)
		return false;
	*out = (toc_time)(v * scale + (scale == 1000000000 ? fraction : 0));
	return true;
}
