/* cursor - the one reader of wire bytes: bounds-checked, with a sticky error. */
#ifndef TOCSIN_CURSOR_H
#define TOCSIN_CURSOR_H

#include "tocsin/span.h"

/*
 * A read past the end yields zero (or an empty span), moves nothing and sets `bad` for good; so a decoder
 * reads a whole header and asks once. Borrowed bytes; copying a cursor is how one looks ahead.
 */
struct toc_cursor {
	const uint8_t *p, *end;
	bool bad;
};

static inline struct toc_cursor toc_cursor_of(struct toc_span s)
{
	static const uint8_t nothing[1];
	const uint8_t *p = s.p ? s.p : nothing;
	return (struct toc_cursor){ p, p + s.n, false };
}

/* All unread bytes, without reading them; of a bad cursor those from the read that failed on. */
static inline struct toc_span toc_rest(const struct toc_cursor *c)
{
	return (struct toc_span){ c->p, (size_t)(c->end - c->p) };
}

/* Bytes that can still be read: none once the cursor is bad, so that whoever reads while there are some comes to an
 * end. */
static inline size_t toc_left(const struct toc_cursor *c)
{
	return c->bad ? 0 : toc_rest(c).n;
}

static inline bool toc_has(struct toc_cursor *c, size_t n)
{
	if (c->bad || toc_left(c) < n)
		c->bad = true;
	return !c->bad;
}

static inline struct toc_span toc_take(struct toc_cursor *c, size_t n)
{
	if (!toc_has(c, n))
		return (struct toc_span){ c->p, 0 };
	struct toc_span s = { c->p, n };
	c->p += n;
	return s;
}

static inline void toc_skip(struct toc_cursor *c, size_t n)
{
	if (toc_has(c, n))
		c->p += n;
}

/* A cursor over the next n bytes, which are read; bad from the start when they are not there. */
static inline struct toc_cursor toc_sub(struct toc_cursor *c, size_t n)
{
	struct toc_span s = toc_take(c, n);
	struct toc_cursor sub = toc_cursor_of(s);
	sub.bad = c->bad;
	return sub;
}

static inline uint8_t toc_u8(struct toc_cursor *c)
{
	return toc_has(c, 1) ? *c->p++ : 0;
}

static inline uint16_t toc_be16(struct toc_cursor *c)
{
	if (!toc_has(c, 2))
		return 0;
	const uint8_t *p = c->p;
	c->p += 2;
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t toc_be24(struct toc_cursor *c)
{
	if (!toc_has(c, 3))
		return 0;
	const uint8_t *p = c->p;
	c->p += 3;
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline uint32_t toc_be32(struct toc_cursor *c)
{
	if (!toc_has(c, 4))
		return 0;
	const uint8_t *p = c->p;
	c->p += 4;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t toc_be64(struct toc_cursor *c)
{
	if (!toc_has(c, 8))
		return 0;
	uint64_t high = toc_be32(c);
	return high << 32 | toc_be32(c);
}

static inline uint16_t toc_le16(struct toc_cursor *c)
{
	uint16_t v = toc_be16(c);
	return (uint16_t)(v << 8 | v >> 8);
}

static inline uint32_t toc_le32(struct toc_cursor *c)
{
	return __builtin_bswap32(toc_be32(c));
}

static inline uint64_t toc_le64(struct toc_cursor *c)
{
	return __builtin_bswap64(toc_be64(c));
}

#endif
