/* payload_xml - flat reading of one XML element (XML 1.0): no DTD, no entities but the five and character numbers. */
#include "normalise/payload.h"

enum { DEPTH = 16 };

struct reading {
	struct payload *out;
	struct toc_span s; /* what is left */
	struct toc_span open[DEPTH];
	unsigned depth;
};

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct toc_span take(struct toc_span *s, size_t n)
{
	struct toc_span got = toc_span_first(*s, n);
	*s = toc_span_from(*s, n);
	return got;
}

static size_t name_length(struct toc_span s)
{
	size_t n = 0;
	while (n < s.n && !is_space(s.p[n]) && s.p[n] != '=' && s.p[n] != '>' && s.p[n] != '/')
		n++;
	return n;
}

static void put_utf8(struct payload *out, uint32_t c)
{
	if (c < 0x80) {
		payload_put(out, (uint8_t)c);
		return;
	}
	if (c < 0x800) {
		payload_put(out, (uint8_t)(0xc0 | c >> 6));
	} else {
		payload_put(out, (uint8_t)(0xe0 | (c >> 12 & 15)));
		payload_put(out, (uint8_t)(0x80 | (c >> 6 & 63)));
	}
	payload_put(out, (uint8_t)(0x80 | (c & 63)));
}

/* &lt; &#10; &#xA; behind the ampersand; the length with its semicolon, or 0. */
static size_t entity(struct payload *out, struct toc_span s)
{
	static const struct {
		const char *name;
		uint8_t is;
	} known[] = { { "lt;", '<' }, { "gt;", '>' }, { "amp;", '&' }, { "quot;", '"' }, { "apos;", '\'' } };
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (toc_span_starts(s, known[i].name)) {
			payload_put(out, known[i].is);
			return strlen(known[i].name);
		}
	size_t end = toc_span_find(toc_span_first(s, 10), ';');
	bool hex = s.n > 1 && (s.p[1] == 'x' || s.p[1] == 'X');
	uint32_t v = 0;
	if (s.n < 3 || s.p[0] != '#' || end >= 10 || end >= s.n)
		return 0;
	for (size_t i = 1 + hex; i < end; i++) {
		uint8_t c = toc_lower(s.p[i]);
		unsigned digit = c >= 'a' && hex ? c - 'a' + 10u : (unsigned)c - '0';
		if (digit > (hex ? 15u : 9u))
			return 0;
		v = (hex ? 16 : 10) * v + digit;
	}
	put_utf8(out, v < 0x10000 ? v : '?');
	return end + 1;
}

static struct toc_span text_of(struct payload *out, struct toc_span raw)
{
	size_t begin = out->text_n;
	if (!raw.n || !memchr(raw.p, '&', raw.n))
		return raw;
	for (size_t i = 0; i < raw.n; i++) {
		size_t n = raw.p[i] == '&' ? entity(out, toc_span_from(raw, i + 1)) : 0;
		if (!n)
			payload_put(out, raw.p[i]);
		i += n;
	}
	return payload_made(out, begin);
}

static void add_attribute(struct reading *r, struct toc_span element, struct toc_span name, struct toc_span value)
{
	size_t begin = r->out->text_n;
	payload_puts(r->out, element);
	payload_put(r->out, '.');
	payload_puts(r->out, name);
	payload_add(r->out, payload_made(r->out, begin), value);
}

/* Attributes up to the tag's end; *data gets the value of Name. true: the element is empty (/>). */
static bool attributes(struct reading *r, struct toc_span element, struct toc_span *data)
{
	while (r->s.n && r->s.p[0] != '>') {
		if (r->s.p[0] == '/' || is_space(r->s.p[0])) {
			bool ends = r->s.p[0] == '/';
			take(&r->s, 1);
			if (ends && r->s.n && r->s.p[0] == '>') {
				take(&r->s, 1);
				return true;
			}
			continue;
		}
		struct toc_span name = take(&r->s, name_length(r->s)), value = toc_span_first(r->s, 0);
		if (r->s.n > 1 && r->s.p[0] == '=' && (r->s.p[1] == '"' || r->s.p[1] == '\'')) {
			uint8_t quote = r->s.p[1];
			take(&r->s, 2);
			value = text_of(r->out, take(&r->s, toc_span_find(r->s, quote)));
			take(&r->s, 1);
		} else if (!name.n) {
			take(&r->s, 1);
			continue;
		}
		if (toc_span_is(name, "Name") && toc_span_is(element, "Data"))
			*data = value;
		else if (value.n && !toc_span_starts(name, "xmlns"))
			add_attribute(r, element, name, value);
	}
	take(&r->s, 1);
	return false;
}

static bool open_element(struct reading *r)
{
	struct toc_span element = take(&r->s, name_length(r->s)), data = toc_span_first(r->s, 0);
	if (!element.n)
		return false;
	bool empty = attributes(r, element, &data);
	if (empty)
		return true;
	if (r->depth == DEPTH)
		return false;
	r->open[r->depth++] = data.n ? data : element;
	return true;
}

bool payload_xml(struct payload *out, struct toc_span message)
{
	struct reading r = { .out = out, .s = message };
	payload_clear(out);
	while (r.s.n) {
		struct toc_span raw = take(&r.s, toc_span_find(r.s, '<'));
		bool closes = r.s.n > 1 && r.s.p[1] == '/';
		if (raw.n && r.depth && closes)
			payload_add(out, r.open[r.depth - 1], text_of(out, raw));
		if (r.s.n < 2)
			break;
		take(&r.s, 1);
		if (closes) {
			take(&r.s, toc_span_find(r.s, '>') + 1);
			r.depth -= r.depth > 0;
		} else if (r.s.p[0] == '?' || r.s.p[0] == '!') {
			take(&r.s, toc_span_find(r.s, '>') + 1);
		} else if (!open_element(&r)) {
			return false;
		}
	}
	return out->n > 0;
}
