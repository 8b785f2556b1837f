/* json_reader - a cursor over JSON text. */
#include "base/json_reader.h"

enum { DEPTH = 32 };

struct toc_json toc_json_begin(struct toc_span text, uint8_t *room, size_t size)
{
	return (struct toc_json){ .at = toc_cursor_of(text), .room = room, .room_size = size };
}

static uint8_t peek(const struct toc_cursor *c)
{
	return c->p < c->end && !c->bad ? *c->p : 0;
}

static void skip_space(struct toc_cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '\r' || *c->p == '\n'))
		c->p++;
}

static void put(struct toc_json *j, uint8_t byte)
{
	if (j->room_n < j->room_size)
		j->room[j->room_n++] = byte;
	else
		j->cut = true;
}

static void put_utf8(struct toc_json *j, uint32_t c)
{
	if (c < 0x80) {
		put(j, (uint8_t)c);
	} else if (c < 0x800) {
		put(j, (uint8_t)(0xc0 | c >> 6));
		put(j, (uint8_t)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		put(j, (uint8_t)(0xe0 | c >> 12));
		put(j, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		put(j, (uint8_t)(0x80 | (c & 0x3f)));
	} else {
		put(j, (uint8_t)(0xf0 | c >> 18));
		put(j, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		put(j, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		put(j, (uint8_t)(0x80 | (c & 0x3f)));
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

/* Behind \u: one code unit, or a surrogate pair; a lone surrogate becomes U+FFFD. */
static uint32_t code_point(struct toc_cursor *c)
{
	uint32_t v = hex4(c);
	if (v >= 0xd800 && v < 0xdc00 && toc_left(c) >= 6 && c->p[0] == '\\' && c->p[1] == 'u') {
		struct toc_cursor ahead = *c;
		toc_skip(&ahead, 2);
		uint32_t low = hex4(&ahead);
		if (!ahead.bad && low >= 0xdc00 && low < 0xe000) {
			*c = ahead;
			return 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	return v >= 0xd800 && v < 0xe000 ? 0xfffd : v;
}

static void escape(struct toc_json *j)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint8_t e = toc_u8(&j->at);
	if (e == 'u') {
		put_utf8(j, code_point(&j->at));
		return;
	}
	const char *at = e ? memchr(from, e, sizeof(from) - 1) : NULL;
	if (at)
		put(j, (uint8_t)to[at - from]);
	else
		j->at.bad = true;
}

/* Behind the opening quote; without escapes the string stays where it is. */
static struct toc_span string(struct toc_json *j)
{
	struct toc_cursor *c = &j->at;
	const uint8_t *start = c->p;
	while (c->p < c->end && *c->p != '"' && *c->p != '\\')
		c->p++;
	if (peek(c) == '"') {
		c->p++;
		return toc_span_of(start, (size_t)(c->p - 1 - start));
	}
	size_t at = j->room_n;
	for (const uint8_t *p = start; p < c->p; p++)
		put(j, *p);
	while (!c->bad) {
		uint8_t b = toc_u8(c);
		if (b == '"')
			break;
		if (b == '\\')
			escape(j);
		else if (!c->bad)
			put(j, b);
	}
	return toc_span_of(j->room + at, j->room_n - at);
}

static enum toc_json_kind enter(struct toc_json *j, enum toc_json_kind kind)
{
	j->at.p++;
	j->first = true;
	if (++j->depth > DEPTH)
		j->at.bad = true;
	return j->at.bad ? TOC_JSON_BAD : kind;
}

/* A number or a word: up to what may follow one. */
static enum toc_json_kind word(struct toc_json *j, struct toc_span *text)
{
	struct toc_cursor *c = &j->at;
	const uint8_t *start = c->p;
	while (c->p<c->end && * c->p> ' ' && !memchr(",}]:", *c->p, 4))
		c->p++;
	*text = toc_span_of(start, (size_t)(c->p - start));
	if (toc_span_is(*text, "true"))
		return TOC_JSON_TRUE;
	if (toc_span_is(*text, "false"))
		return TOC_JSON_FALSE;
	if (toc_span_is(*text, "null"))
		return TOC_JSON_NULL;
	if (text->n && memchr("-0123456789", text->p[0], 11))
		return TOC_JSON_NUMBER;
	c->bad = true;
	return TOC_JSON_BAD;
}

enum toc_json_kind toc_json_value(struct toc_json *j, struct toc_span *text)
{
	*text = toc_span_str("");
	skip_space(&j->at);
	switch (peek(&j->at)) {
	case '{':
		return enter(j, TOC_JSON_OBJECT);
	case '[':
		return enter(j, TOC_JSON_ARRAY);
	case '"':
		j->at.p++;
		*text = string(j);
		return j->at.bad ? TOC_JSON_BAD : TOC_JSON_STRING;
	default:
		return word(j, text);
	}
}

/* The comma between two, or the closing bracket; true: something follows. */
static bool more(struct toc_json *j, uint8_t closing)
{
	bool first = j->first;
	j->first = false;
	skip_space(&j->at);
	if (peek(&j->at) == closing) {
		j->at.p++;
		j->depth--;
		return false;
	}
	if (!first && toc_u8(&j->at) != ',')
		j->at.bad = true;
	skip_space(&j->at);
	return !j->at.bad;
}

bool toc_json_item(struct toc_json *j)
{
	return more(j, ']');
}

bool toc_json_name(struct toc_json *j, struct toc_span *name)
{
	if (!more(j, '}'))
		return false;
	if (toc_u8(&j->at) != '"')
		j->at.bad = true;
	*name = j->at.bad ? toc_span_str("") : string(j);
	skip_space(&j->at);
	if (toc_u8(&j->at) != ':')
		j->at.bad = true;
	return !j->at.bad;
}

void toc_json_leave(struct toc_json *j)
{
	struct toc_cursor *c = &j->at;
	unsigned depth = 1;
	bool quoted = false;
	while (depth && !c->bad) {
		uint8_t b = toc_u8(c);
		if (quoted && b == '\\')
			toc_skip(c, 1);
		else if (b == '"')
			quoted = !quoted;
		else if (!quoted && (b == '{' || b == '['))
			c->bad = c->bad || j->depth + depth++ > DEPTH;
		else if (!quoted && (b == '}' || b == ']'))
			depth--;
	}
	j->depth--;
	j->first = false;
}

bool toc_json_ended(struct toc_json *j)
{
	skip_space(&j->at);
	return !j->at.bad && j->at.p == j->at.end;
}
