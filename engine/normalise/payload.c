/* payload - pairs, and the memory of values that had to be rewritten. */
#include "normalise/payload.h"

void payload_clear(struct payload *out)
{
	out->n = 0;
	out->text_n = 0;
	out->cut = false;
}

void payload_add(struct payload *out, struct toc_span name, struct toc_span value)
{
	if (out->n == PAYLOAD_PAIRS)
		out->cut = true;
	else
		out->pairs[out->n++] = (struct payload_pair){ name, value };
}

void payload_put(struct payload *out, uint8_t byte)
{
	if (out->text_n < PAYLOAD_ROOM)
		out->text[out->text_n++] = byte;
	else
		out->cut = true;
}

void payload_puts(struct payload *out, struct toc_span s)
{
	size_t n = s.n < PAYLOAD_ROOM - out->text_n ? s.n : PAYLOAD_ROOM - out->text_n;
	if (n)
		memcpy(out->text + out->text_n, s.p, n);
	out->text_n += n;
	out->cut = out->cut || n < s.n;
}

struct toc_span payload_made(const struct payload *out, size_t begin)
{
	return toc_span_of(out->text + begin, out->text_n - begin);
}

struct toc_span payload_get(const struct payload *p, struct toc_span name)
{
	for (unsigned i = 0; i < p->n; i++)
		if (toc_span_eq(p->pairs[i].name, name))
			return p->pairs[i].value;
	return toc_span_str("");
}
