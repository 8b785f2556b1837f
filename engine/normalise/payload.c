/* payload - our own readers: a hostile line costs its length and no more. */
#include "normalise/payload.h"

#include "base/json_reader.h"

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

bool payload_json(struct payload *out, struct toc_span message)
{
	struct toc_json j = toc_json_begin(message, out->text, PAYLOAD_ROOM);
	struct toc_span name, text;
	out->n = 0;
	out->text_n = 0;
	out->cut = false;
	if (toc_json_value(&j, &text) != TOC_JSON_OBJECT)
		return false;
	while (toc_json_name(&j, &name)) {
		enum toc_json_kind kind = toc_json_value(&j, &text);
		if (kind == TOC_JSON_OBJECT || kind == TOC_JSON_ARRAY)
			toc_json_leave(&j);
		else if (kind != TOC_JSON_NULL && kind != TOC_JSON_BAD)
			add(out, name, text);
	}
	out->cut = out->cut || j.cut;
	return !j.at.bad;
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
