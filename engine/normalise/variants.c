/* variants - choices written out, the first one first. */
#include "normalise/variants.h"

#include <string.h>

/* Where `{[` stands from i on, or the end. */
static size_t find_open(struct toc_span s, size_t i)
{
	while (i + 1 < s.n && !(s.p[i] == '{' && s.p[i + 1] == '['))
		i += s.p[i] == '{' && s.p[i + 1] == '{' ? 2 : 1;
	return i + 1 < s.n ? i : s.n;
}

/* Where the choice that begins at i ends: at a bar or at the closing mark of its own depth. */
static size_t find_end(struct toc_span s, size_t i)
{
	unsigned depth = 0;
	for (; i + 1 < s.n; i++) {
		if (s.p[i] == '{' && s.p[i + 1] == '[') {
			depth++;
		} else if (s.p[i] == ']' && s.p[i + 1] == '}') {
			if (depth-- == 0)
				return i;
		} else if (s.p[i] == '|' && depth == 0) {
			return i;
		}
	}
	return s.n;
}

static struct toc_span joined(struct variants *v, struct toc_span a, struct toc_span b, struct toc_span c)
{
	uint8_t *p = toc_arena_alloc(v->arena, a.n + b.n + c.n + 1);
	const struct toc_span part[3] = { a, b, c };
	size_t n = 0;
	for (unsigned i = 0; i < 3; n += part[i++].n)
		if (part[i].n)
			memcpy(p + n, part[i].p, part[i].n);
	return toc_span_of(p, n);
}

static const char *write_out(struct variants *v, struct toc_span text, size_t from)
{
	size_t open = find_open(text, from), begin = open + 2, close;
	if (open == text.n) {
		if (v->n == VARIANTS)
			return "too many choices: more than 512 texts";
		v->text[v->n++] = text;
		return NULL;
	}
	close = find_end(text, begin);
	while (close < text.n && text.p[close] == '|')
		close = find_end(text, close + 1);
	if (close >= text.n)
		return "a choice that is not closed ({[ … | … ]})";
	for (size_t at = begin; at <= close;) {
		size_t end = find_end(text, at);
		struct toc_span one = joined(v, toc_span_first(text, open), toc_span_of(text.p + at, end - at),
					     toc_span_from(text, close + 2));
		const char *wrong = write_out(v, one, open);
		if (wrong)
			return wrong;
		at = end + 1;
	}
	return NULL;
}

const char *variants_write(struct variants *v, struct toc_span text)
{
	v->n = 0;
	return write_out(v, text, 0);
}
