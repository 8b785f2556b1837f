/* base64 - four characters are three bytes (RFC 4648). */
#include "decoders/base64.h"

static int digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

int base64_next(struct base64 *b)
{
	while (b->have < 8) {
		if (!b->text.n || b->text.p[0] == '=')
			return BASE64_END;
		int d = digit(b->text.p[0]);
		if (d < 0)
			return BASE64_BAD;
		b->bits = (b->bits << 6 | (uint32_t)d) & 0xffff;
		b->have += 6;
		b->text = toc_span_from(b->text, 1);
	}
	b->have -= 8;
	return (int)(b->bits >> b->have & 0xff);
}

size_t base64_read(struct toc_span text, uint8_t *out, size_t room)
{
	struct base64 b = { .text = text };
	size_t n = 0;
	int c;
	while (n < room && (c = base64_next(&b)) >= 0)
		out[n++] = (uint8_t)c;
	return n;
}
