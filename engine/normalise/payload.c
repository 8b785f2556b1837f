/* payload - our own readers: a hostile line costs its length and no more. */
#include "normalise/payload.h"

#include "tocsin/cursor.h"

enum { JSON_DEPTH = 32 };

static void add(struct payload *out, struct toc_span name, struct toc_span value)
{
	if (out->n == PAYLOAD_PAIRS)
		out->cut = true;
	else
		out->pairs[out->n++] = (struct payload_pair){ name, value };
}

static uint8_t peek(const struct toc_cursor *c)
{
	return c->p < c->end ? *c->p : 0;
}

static void skip_space(struct toc_cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '\r' || *c->p == '\n'))
		c->p++;
}

static void put(struct payload *out, uint8_t byte)
{
	if (out->text_n < PAYLOAD_ROOM)
		out->text[out->text_n++] = byte;
	else
		out->cut = true;
}

static void put_utf8(struct payload *out, uint32_t c)
{
	if (c < 0x80) {
		put(out, (uint8_t)c);
	} else if (c < 0x800) {
		put(out, (uint8_t)(0xc0 | c >> 6));
		put(out, (uint8_t)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		put(out, (uint8_t)(0xe0 | c >> 12));
		put(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		put(out, (uint8_t)(0x80 | (c & 0x3f)));
	} else {
		put(out, (uint8_t)(0xf0 | c >> 18));
		put(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		put(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		put(out, (uint8_t)(0x80 | (c & 0x3f)));
	}
}

static uint32_t hex4(struct toc_cursor *c)
{
	uint32_t v = 0;
	for (int i = 0; i < 4; i++) {
		uint8_t d = toc_lower(toc_u8(c));
		if (d >= '0' && d <= '9')
			v = v << 4 | (uint32_t)(d - '0');
		else if (d >= 'a' && d <= 'f')
			v = v << 4 | (uint32_t)(d - 'a' + 10);
		else
			c->bad = true;
	}
	return v;
}

static void escape(struct payload *out, struct toc_cursor *c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint8_t e = toc_u8(c);
	if (e == 'u') {
		uint32_t v = hex4(c);
		if (v >= 0xd800 && v < 0xdc00 && c->end - c->p >= 6 && c->p[0] == '\\' && c->p[1] == 'u') {
			struct toc_cursor ahead = *c;
			toc_skip(&ahead, 2);
			uint32_t low = hex4(&ahead);
			if (!ahead.bad && low >= 0xdc00 && low < 0xe000) {
				v = 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
				*c = ahead;
			}
		}
		put_utf8(out, v >= 0xd800 && v < 0xe000 ? 0xfffd : v);
		return;
	}
	const char *at = e ? memchr(from, e, sizeof(from) - 1) : NULL;
	if (at)
		put(out, (uint8_t)to[at - from]);
	else
		c->bad = true;
}

/* Behind the opening quote; without escapes the string stays where it is. */
static struct toc_span string(struct payload *out, struct toc_cursor *c)
{
	const uint8_t *start = c->p;
	while (c->p < c->end && *c->p != '"' && *c->p != '\\')
		c->p++;
	if (peek(c) == '"') {
		c->p++;
		return toc_span_of(start, (size_t)(c->p - 1 - start));
	}
	size_t at = out->text_n;
	for (const uint8_t *p = start; p < c->p; p++)
		put(out, *p);
	while (!c->bad) {
		uint8_t b = toc_u8(c);
		if (b == '"')
			break;
		if (b == '\\')
			escape(out, c);
		else if (!c->bad)
			put(out, b);
	}
	return toc_span_of(out->text + at, out->text_n - at);
}

/* Past one object or array. */
static void skip_nested(struct toc_cursor *c)
{
	unsigned depth = 0;
	bool quoted = false;
	do {
		uint8_t b = toc_u8(c);
		if (quoted && b == '\\')
			toc_skip(c, 1);
		else if (b == '"')
			quoted = !quoted;
		else if (!quoted && (b == '{' || b == '['))
			c->bad = c->bad || ++depth > JSON_DEPTH;
		else if (!quoted && (b == '}' || b == ']'))
			depth--;
	} while (depth && !c->bad);
}

static void value(struct payload *out, struct toc_cursor *c, struct toc_span name)
{
	if (peek(c) == '"') {
		c->p++;
		struct toc_span v = string(out, c);
		add(out, name, v);
		return;
	}
	if (peek(c) == '{' || peek(c) == '[') {
		skip_nested(c);
		return;
	}
	const uint8_t *start = c->p;
	while (c->p < c->end && *c->p != ',' && *c->p != '}' && *c->p != ' ')
		c->p++;
	struct toc_span v = toc_span_of(start, (size_t)(c->p - start));
	if (v.n == 0 || !memchr("-0123456789tfn", v.p[0], 14))
		c->bad = true; /* neither a number nor a word of JSON */
	else if (!toc_span_is(v, "null"))
		add(out, name, v);
}

bool payload_json(struct payload *out, struct toc_span message)
{
	struct toc_cursor c = toc_cursor_of(message);
	out->n = 0;
	out->text_n = 0;
	out->cut = false;
	skip_space(&c);
	if (toc_u8(&c) != '{')
		return false;
	skip_space(&c);
	while (!c.bad && peek(&c) == '"') {
		c.p++;
		struct toc_span name = string(out, &c);
		skip_space(&c);
		if (toc_u8(&c) != ':')
			return false;
		skip_space(&c);
		value(out, &c, name);
		skip_space(&c);
		if (peek(&c) != ',')
			break;
		c.p++;
		skip_space(&c);
	}
	return toc_u8(&c) == '}' && !c.bad;
}

static bool in_name(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
	       c == '.';
}

/* Behind the opening quote of key="…"; a backslash takes the next byte as it is. */
static struct toc_span quoted(struct payload *out, struct toc_cursor *c)
{
	const uint8_t *start = c->p;
	while (c->p < c->end && *c->p != '"' && *c->p != '\\')
		c->p++;
	struct toc_span plain = toc_span_of(start, (size_t)(c->p - start));
	if (c->p == c->end || *c->p == '"') {
		toc_u8(c);
		return plain;
	}
	size_t at = out->text_n;
	for (size_t i = 0; i < plain.n; i++)
		put(out, plain.p[i]);
	while (c->p < c->end && *c->p != '"') {
		if (*c->p == '\\' && c->p + 1 < c->end)
			c->p++;
		put(out, *c->p++);
	}
	toc_u8(c);
	return toc_span_of(out->text + at, out->text_n - at);
}

bool payload_pairs(struct payload *out, struct toc_span message)
{
	struct toc_cursor c = toc_cursor_of(message);
	out->n = 0;
	out->text_n = 0;
	out->cut = false;
	for (;;) {
		skip_space(&c);
		const uint8_t *start = c.p;
		while (c.p < c.end && in_name(*c.p))
			c.p++;
		struct toc_span name = toc_span_of(start, (size_t)(c.p - start));
		if (c.p == c.end || *c.p != '=' || name.n == 0)
			break;
		c.p++;
		if (peek(&c) == '"') {
			c.p++;
			struct toc_span v = quoted(out, &c);
			add(out, name, v);
			continue;
		}
		start = c.p;
		while (c.p < c.end && *c.p != ' ' && *c.p != '\t')
			c.p++;
		add(out, name, toc_span_of(start, (size_t)(c.p - start)));
	}
	return out->n >= 2 && c.p == c.end;
}

struct toc_span payload_get(const struct payload *p, struct toc_span name)
{
	for (unsigned i = 0; i < p->n; i++)
		if (toc_span_eq(p->pairs[i].name, name))
			return p->pairs[i].value;
	return toc_span_str("");
}
