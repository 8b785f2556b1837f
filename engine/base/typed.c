/* typed - one reader for each type. */
#include "base/typed.h"

#include <stdlib.h>

static bool read_uint(struct toc_span s, uint64_t *out)
{
	uint64_t v = 0;
	if (s.n == 0 || s.n > 19)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(s.p[i] - '0');
	}
	*out = v;
	return true;
}

static bool read_int(struct toc_span s, int64_t *out)
{
	bool minus = s.n && s.p[0] == '-';
	uint64_t v;
	if (!read_uint(toc_span_from(s, minus), &v) || v > INT64_MAX)
		return false;
	*out = minus ? -(int64_t)v : (int64_t)v;
	return true;
}

static bool read_double(struct toc_span s, double *out)
{
	char text[40], *end;
	if (s.n == 0 || s.n >= sizeof(text) || !memchr("-.0123456789", s.p[0], 12))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	*out = strtod(text, &end);
	return *end == '\0';
}

bool toc_seconds_parse(struct toc_span text, toc_time *out)
{
	size_t dot = toc_span_find(text, '.');
	struct toc_span whole = toc_span_first(text, dot);
	bool minus = whole.n && whole.p[0] == '-';
	uint64_t seconds;
	toc_time ns = 0, unit = TOC_SEC;
	if (!read_uint(toc_span_from(whole, minus), &seconds) || seconds > (uint64_t)(INT64_MAX / TOC_SEC) - 1)
		return false;
	for (size_t i = dot + 1; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		unit /= 10;
		ns += unit * (text.p[i] - '0');
	}
	*out = ((toc_time)seconds * TOC_SEC + ns) * (minus ? -1 : 1);
	return true;
}

static bool put_number(struct toc_draft *d, unsigned field, enum toc_type type, struct toc_span text)
{
	uint64_t u;
	int64_t i;
	double f;
	toc_time t;
	if (type == TOC_UINT && read_uint(text, &u))
		toc_put_uint(d, field, u);
	else if (type == TOC_INT && read_int(text, &i))
		toc_put_int(d, field, i);
	else if (type == TOC_DOUBLE && read_double(text, &f))
		toc_put_double(d, field, f);
	else if (type == TOC_DURATION && toc_seconds_parse(text, &t))
		toc_put_duration(d, field, t);
	else if (type == TOC_TIME && toc_seconds_parse(text, &t))
		toc_put_time(d, field, t);
	else
		return false;
	return true;
}

bool toc_put_typed(struct toc_draft *d, unsigned field, enum toc_type type, struct toc_span text)
{
	struct toc_addr a;
	struct toc_mac m;
	if (type == TOC_STRING)
		toc_put_str(d, field, text);
	else if (type == TOC_IP && toc_addr_parse(text, &a))
		toc_put_ip(d, field, &a);
	else if (type == TOC_MAC && toc_mac_parse(text, &m))
		toc_put_mac(d, field, &m);
	else if (type == TOC_BOOL && (toc_span_is(text, "true") || toc_span_is(text, "false")))
		toc_put_bool(d, field, text.n == 4);
	else
		return put_number(d, field, type, text);
	return true;
}

bool toc_list_typed(struct toc_draft *d, unsigned field, enum toc_type type, struct toc_span text)
{
	struct toc_addr a;
	uint64_t u;
	toc_time t;
	if (type == TOC_STRING)
		toc_list_str(d, field, text);
	else if (type == TOC_IP && toc_addr_parse(text, &a))
		toc_list_ip(d, field, &a);
	else if (type == TOC_UINT && read_uint(text, &u))
		toc_list_uint(d, field, u);
	else if (type == TOC_DURATION && toc_seconds_parse(text, &t))
		toc_list_duration(d, field, t);
	else if (type == TOC_BOOL && (toc_span_is(text, "true") || toc_span_is(text, "false")))
		toc_list_bool(d, field, text.n == 4);
	else
		return false;
	return true;
}
