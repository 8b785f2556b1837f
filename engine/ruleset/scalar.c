/* scalar - what an unquoted YAML word is (YAML 1.1, https://yaml.org/type/, as Sigma's own tools read it). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ruleset/load.h"

static bool among(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

/* Value of the digits of a base, `_` left out; false: another character, or no digit. */
static bool digits(const char *text, unsigned base, double *out)
{
	bool any = false;
	*out = 0;
	for (; *text; text++) {
		unsigned d = *text >= '0' && *text <= '9'   ? (unsigned)(*text - '0')
			     : *text >= 'a' && *text <= 'f' ? (unsigned)(*text - 'a' + 10)
			     : *text >= 'A' && *text <= 'F' ? (unsigned)(*text - 'A' + 10)
							    : 99;
		if (*text == '_')
			continue;
		if (d >= base)
			return false;
		*out = *out * base + d;
		any = true;
	}
	return any;
}

/* 0b1 0x1f 017 17 */
static bool read_whole(const char *text, double *out)
{
	if (text[0] == '0' && text[1] == 'b')
		return digits(text + 2, 2, out);
	if (text[0] == '0' && text[1] == 'x')
		return digits(text + 2, 16, out);
	if (text[0] == '0' && text[1])
		return digits(text + 1, 8, out);
	return *text >= '0' && *text <= '9' && digits(text, 10, out);
}

/* 1.5 1. .5 1.5e+3 (the exponent has its sign); 1e3 is a string. */
static bool read_float(const char *text, double *out)
{
	char plain[64];
	size_t n = 0, dots = 0;
	const char *at = text;
	if (!(*at >= '0' && *at <= '9') && !(*at == '.' && at[1] >= '0' && at[1] <= '9'))
		return false;
	for (; *at && strchr("0123456789._", *at) && n + 1 < sizeof(plain); at++) {
		dots += *at == '.';
		if (*at != '_')
			plain[n++] = *at;
	}
	if (dots != 1)
		return false;
	if (*at && (strspn(at, "eE") != 1 || strspn(at + 1, "+-") != 1 || !at[2] ||
		    strspn(at + 2, "0123456789") != strlen(at + 2)))
		return false;
	n += (size_t)snprintf(plain + n, sizeof(plain) - n, "%.12s", at);
	plain[n < sizeof(plain) ? n : sizeof(plain) - 1] = '\0';
	*out = strtod(plain, NULL);
	return true;
}

/* 1:30:00 is a number of base 60. */
static bool read_sixty(const char *text, double *out)
{
	if (!strchr(text, ':') || *text < '1' || *text > '9')
		return false;
	char *end;
	*out = 0;
	for (const char *at = text;; at = end + 1) {
		if (*at < '0' || *at > '9')
			return false;
		double part = strtod(at, &end);
		if (at > text && (part >= 60 || end - at > 2))
			return false;
		*out = *out * 60 + part;
		if (*end != ':')
			return !*end;
		if (strchr(at, '.') && strchr(at, '.') < end)
			return false;
	}
}

static bool read_special(const char *text, double *out)
{
	static const char *const infinite[] = { ".inf", ".Inf", ".INF", NULL };
	static const char *const none[] = { ".nan", ".NaN", ".NAN", NULL };
	if (!among(text, infinite) && !among(text, none))
		return false;
	*out = among(text, none) ? NAN : INFINITY;
	return true;
}

static bool read_number(const char *text, double *out)
{
	bool minus = *text == '-';
	const char *rest = text + (minus || *text == '+');
	if (!read_whole(rest, out) && !read_float(rest, out) && !read_sixty(rest, out) && !read_special(rest, out))
		return false;
	*out = minus ? -*out : *out;
	return true;
}

/* 2026-03-02, also with a time behind it. */
static bool is_date(const char *text)
{
	size_t n = strlen(text);
	if (n < 8 || strspn(text, "0123456789") != 4 || text[4] != '-')
		return false;
	size_t month = strspn(text + 5, "0123456789");
	if (month < 1 || month > 2 || text[5 + month] != '-')
		return false;
	const char *day = text + 6 + month;
	size_t d = strspn(day, "0123456789");
	if (d < 1 || d > 2)
		return false;
	if (!day[d])
		return n == 10; /* a date alone has all its digits */
	return strchr("Tt \t", day[d]) && strchr(day + d, ':');
}

struct scalar scalar_read(const struct toc_yaml *node)
{
	static const char *const yes[] = { "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", NULL };
	static const char *const no[] = { "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", NULL };
	struct scalar s = { .kind = SCALAR_STRING };
	const char *text = toc_yaml_str(node);
	if (toc_yaml_is_null(node)) {
		s.kind = SCALAR_NULL;
	} else if (text && node->plain) {
		if (read_number(text, &s.number))
			s.kind = SCALAR_NUMBER;
		else if (among(text, yes) || among(text, no))
			s = (struct scalar){ .kind = SCALAR_BOOL, .yes = among(text, yes) };
		else if (is_date(text))
			s.kind = SCALAR_DATE;
	}
	return s;
}

bool day_end_read(const struct toc_yaml *node, toc_time *out)
{
	static const int8_t lengths[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const int64_t most = INT64_MAX / TOC_DAY - 1; /* 2262; whoever says 9999 means as late as there is */
	const char *text = toc_yaml_str(node);
	int year, month, day, end = 0;
	if (!text || sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || text[end] || year < 1970 ||
	    month < 1 || month > 12 || day < 1 || day > lengths[month - 1] ||
	    (month == 2 && day == 29 && (year % 4 || (year % 100 == 0 && year % 400))))
		return false;
	/* days since 1970 of the proleptic Gregorian calendar, March first in the year */
	int64_t y = year - (month <= 2), m = (month + 9) % 12;
	int64_t days = 365 * y + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1 - 719468;
	*out = (days < most ? days + 1 : most) * TOC_DAY;
	return true;
}
