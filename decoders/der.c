/* der - tags and lengths. */
#include "decoders/der.h"

struct toc_cursor der_next(struct toc_cursor *c, uint8_t *tag)
{
	*tag = toc_u8(c);
	size_t n = toc_u8(c);
	if ((*tag & 0x1f) == 0x1f)
		c->bad = true; /* tags of several bytes do not occur in certificates */
	if (n & 0x80) {
		size_t bytes = n & 0x7f;
		n = 0;
		if (bytes == 0 || bytes > 4)
			c->bad = true;
		for (size_t i = 0; i < bytes && !c->bad; i++)
			n = n << 8 | toc_u8(c);
	}
	return toc_sub(c, c->bad ? 0 : n);
}

struct toc_cursor der_take(struct toc_cursor *c, uint8_t tag)
{
	uint8_t got;
	struct toc_cursor out = der_next(c, &got);
	if (got != tag) {
		c->bad = true;
		out.bad = true;
	}
	return out;
}

bool der_optional(struct toc_cursor *c, uint8_t tag, struct toc_cursor *out)
{
	if (c->bad || toc_left(c) == 0 || *c->p != tag)
		return false;
	*out = der_take(c, tag);
	return !c->bad;
}
