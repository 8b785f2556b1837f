/* payload_cef - ArcSight's CEF (implementation standard, version 26) and IBM's LEEF 1.0 and 2.0. */
#include "normalise/payload.h"

static const char *const header_names[] = { "device_vendor",  "device_product", "device_version",
					    "event_class_id", "name",		"severity" };

static bool escapes(struct toc_span s, size_t i)
{
	return s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == '|' || s.p[i + 1] == '\\');
}

/* The next bar that no backslash hides; s.n: there is none. */
static size_t bar_of(struct toc_span s)
{
	size_t i = 0;
	while (i < s.n && s.p[i] != '|')
		i += escapes(s, i) ? 2 : 1;
	return i;
}

/* Up to the next bar; *s moves behind it. false: there is none. */
static bool header_part(struct payload *out, struct toc_span *s, struct toc_span *part)
{
	size_t begin = out->text_n, i = 0;
	bool plain = true;
	for (; i < s->n && s->p[i] != '|'; i++) {
		const bool escape = escapes(*s, i);
		if (escape && plain) {
			payload_puts(out, toc_span_first(*s, i));
			plain = false;
		}
		i += escape;
		if (!plain)
			payload_put(out, s->p[i]);
	}
	if (i == s->n)
		return false;
	*part = plain ? toc_span_first(*s, i) : payload_made(out, begin);
	*s = toc_span_from(*s, i + 1);
	return true;
}

/* \= \\ \n \r of an extension's value. */
static struct toc_span unescape(struct payload *out, struct toc_span v)
{
	size_t begin = out->text_n;
	if (!memchr(v.p, '\\', v.n))
		return v;
	for (size_t i = 0; i < v.n; i++) {
		uint8_t c = v.p[i], next = i + 1 < v.n ? v.p[i + 1] : 0;
		bool escape = c == '\\' && (next == '=' || next == '\\' || next == '|' || next == 'n' || next == 'r');
		payload_put(out, !escape ? c : next == 'n' || next == 'r' ? ' ' : next);
		i += escape;
	}
	return payload_made(out, begin);
}

/* csN, cnN, deviceCustomDateN … are also there under the name that csNLabel gives them. */
static void add_labels(struct payload *out)
{
	unsigned n = out->n;
	for (unsigned i = 0; i < n; i++) {
		struct toc_span name = out->pairs[i].name, tail = toc_span_str("Label");
		if (name.n <= tail.n || !toc_span_eq(toc_span_from(name, name.n - tail.n), tail))
			continue;
		struct toc_span value = payload_get(out, toc_span_first(name, name.n - tail.n));
		if (value.n && out->pairs[i].value.n)
			payload_add(out, out->pairs[i].value, value);
	}
}

bool payload_cef(struct payload *out, struct toc_span message)
{
	static const struct payload_style extension = { '=', ' ', true, false };
	struct toc_span s = message, part[6];
	if (toc_span_starts(s, "CEF:"))
		s = toc_span_from(s, 4);
	while (s.n && s.p[0] == ' ')
		s = toc_span_from(s, 1);
	if (s.n < 2 || s.p[0] < '0' || s.p[0] > '9' || s.p[1] != '|')
		return false;
	s = toc_span_from(s, 2);
	/* the extension is read first: reading clears what was there */
	struct toc_span rest = s;
	for (unsigned bars = 0; bars < 6; bars++) {
		const size_t bar = bar_of(rest);
		if (bar == rest.n)
			return false;
		rest = toc_span_from(rest, bar + 1);
	}
	payload_pairs(out, rest, &extension);
	for (unsigned i = 0; i < out->n; i++)
		out->pairs[i].value = unescape(out, out->pairs[i].value);
	for (unsigned i = 0; i < 6; i++) {
		if (!header_part(out, &s, &part[i]))
			return false;
		payload_add(out, toc_span_str(header_names[i]), part[i]);
	}
	add_labels(out);
	return true;
}

/* LEEF 2.0 names its separator: a character, or its code as x09 or 0x09. */
static uint8_t separator(struct toc_span s)
{
	unsigned v = 0;
	if (s.n == 1)
		return s.p[0];
	if (s.n && s.p[0] == '0')
		s = toc_span_from(s, 1);
	if (s.n < 2 || (s.p[0] != 'x' && s.p[0] != 'X'))
		return '\t';
	for (size_t i = 1; i < s.n && i < 3; i++) {
		uint8_t c = toc_lower(s.p[i]);
		v = 16 * v + (c >= 'a' ? c - 'a' + 10u : (unsigned)c - '0') % 16;
	}
	return (uint8_t)v;
}

bool payload_leef(struct payload *out, struct toc_span message)
{
	struct payload_style style = { '=', '\t', false, false };
	struct toc_span s = message, part[6];
	unsigned n = toc_span_starts(s, "LEEF:2") ? 5 : 4;
	size_t bar = toc_span_find(s, '|');
	if (!toc_span_starts(s, "LEEF:") || bar == s.n)
		return false;
	s = toc_span_from(s, bar + 1);
	payload_clear(out);
	for (unsigned i = 0; i < n; i++)
		if (!header_part(out, &s, &part[i])) {
			if (i < 4)
				return false;
			part[i] = toc_span_str("");
		}
	if (n == 5 && part[4].n)
		style.between = separator(part[4]);
	else if (!memchr(s.p, '\t', s.n))
		style = (struct payload_style){ '=', ' ', true, false }; /* tabs became spaces on the way */
	payload_pairs(out, s, &style);
	for (unsigned i = 0; i < 4; i++)
		payload_add(out, toc_span_str(header_names[i]), part[i]);
	return true;
}
