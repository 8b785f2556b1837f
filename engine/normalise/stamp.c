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

/* "Jan" … at i, or 0. */
static int month(struct toc_span s, size_t i)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	for (int m = 0; i + 3 <= s.n && m < 12; m++)
		if (memcmp(s.p + i, names + 3 * m, 3) == 0)
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
	if (*i < s.n && (s.p[*i] == '.' || s.p[*i] == ',') && digit(s, *i + 1) >= 0)
		for (++*i; digit(s, *i) >= 0; ++*i) {
			unit /= 10;
			t += digit(s, *i) * unit;
		}
	return t;
}

static toc_time to_utc(toc_time local, const struct stamp_rules *rules)
{
	return local - (rules->zone ? toc_zone_offset(rules->zone, local) : rules->offset);
}

/* "Mar  2 08:00:00", "Mar 02 2026 08:00:11". */
static bool read_bsd(struct toc_span *in, const struct stamp_rules *rules, toc_time *out)
{
	struct toc_span s = *in;
	int m = month(s, 0), day, year = -1;
	size_t i = 4;
	if (!m || s.n < 14 || s.p[3] != ' ')
		return false;
	if (digit(s, 4) >= 0 && digit(s, 5) < 0) { /* "Mar 2 …", not padded */
		day = digit(s, 4);
		i = 5;
	} else {
		day = two(s, 4);
		i = 6;
	}
	if (day < 1 || day > 31 || i >= s.n || s.p[i++] != ' ')
		return false;
	int y = four(s, i);
	if (y >= 1970 && y <= 2200 && i + 4 < s.n && s.p[i + 4] == ' ') {
		year = y;
		i += 5;
	}
	toc_time clock = clock_at(s, &i);
	if (clock < 0)
		return false;
	int guess = year > 0 ? year : year_of(rules->now);
	*out = to_utc(toc_days_from_civil(guess, m, day) * TOC_DAY + clock, rules);
	if (year < 0 && *out > rules->now + TOC_DAY)
		*out = to_utc(toc_days_from_civil(guess - 1, m, day) * TOC_DAY + clock, rules);
	*in = toc_span_from(s, i);
	return true;
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

/* 2026-03-02T08:00:00.25Z; a space for T; without zone. */
static bool read_iso(struct toc_span *in, const struct stamp_rules *rules, toc_time *out)
{
	struct toc_span s = *in;
	int y = four(s, 0), m = two(s, 5), d = two(s, 8);
	size_t i = 11;
	toc_time offset;
	if (s.n < 19 || y < 1970 || y > 2200 || m < 1 || m > 12 || d < 1 || d > 31 ||
	    (s.p[4] != '-' && s.p[4] != '/') || s.p[7] != s.p[4] || (s.p[10] != 'T' && s.p[10] != ' '))
		return false;
	toc_time clock = clock_at(s, &i);
	if (clock < 0)
		return false;
	toc_time local = toc_days_from_civil(y, m, d) * TOC_DAY + clock;
	*out = read_offset(s, &i, &offset) ? local - offset : to_utc(local, rules);
	*in = toc_span_from(s, i);
	return true;
}

bool stamp_read(struct toc_span *in, const struct stamp_rules *rules, toc_time *out)
{
	if (in->n == 0)
		return false;
	return digit(*in, 0) >= 0 ? read_iso(in, rules, out) : read_bsd(in, rules, out);
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
