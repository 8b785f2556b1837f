/* bytes - what a run of bytes holds, sixteen at a time (GCC's and clang's vectors: no instruction set is named). */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include "tocsin/span.h"

typedef int8_t toc_bytes16 __attribute__((vector_size(16)));
typedef char toc_bytes16c __attribute__((vector_size(16))); /* what compilers call it in their own functions */

static inline toc_bytes16 toc_bytes_at(const uint8_t *p)
{
	toc_bytes16 v;
	memcpy(&v, p, sizeof(v));
	return v;
}

/* The first and the last half of less than seventeen bytes, which overlap: all of a short string in one value. */
static inline toc_bytes16 toc_bytes_short(struct toc_span s, size_t half)
{
	uint64_t both[2];
	uint32_t four[2];
	if (half == 8) {
		memcpy(&both[0], s.p, 8);
		memcpy(&both[1], s.p + s.n - 8, 8);
	} else {
		memcpy(&four[0], s.p, 4);
		memcpy(&four[1], s.p + s.n - 4, 4);
		memcpy(&both[0], four, 8);
		both[1] = both[0];
	}
	return toc_bytes_at((const uint8_t *)both);
}

/* The same bytes, copied. */
static inline void toc_bytes_copy_short(void *out, struct toc_span s, size_t half)
{
	uint8_t *to = out;
	if (half == 8) {
		memcpy(to, s.p, 8);
		memcpy(to + s.n - 8, s.p + s.n - 8, 8);
	} else {
		memcpy(to, s.p, 4);
		memcpy(to + s.n - 4, s.p + s.n - 4, 4);
	}
}

/* A bit for each byte of a comparison's result, the first the lowest. */
static inline uint32_t toc_bytes_mask(toc_bytes16 v)
{
#if defined(__SSE2__)
	return (uint32_t)__builtin_ia32_pmovmskb128((toc_bytes16c)v);
#else
	uint32_t mask = 0;
	for (unsigned i = 0; i < 16; i++)
		mask |= (uint32_t)(v[i] < 0) << i;
	return mask;
#endif
}

/* Is any byte of a comparison's result set? */
static inline bool toc_bytes_any(toc_bytes16 v)
{
	uint64_t half[2];
	memcpy(half, &v, sizeof(half));
	return (half[0] | half[1]) != 0;
}

/* The place of the first byte that is set; one is. */
static inline size_t toc_bytes_first(toc_bytes16 v)
{
	uint64_t half[2];
	memcpy(half, &v, sizeof(half));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return half[0] ? (size_t)__builtin_ctzll(half[0]) / 8 : 8 + (size_t)__builtin_ctzll(half[1]) / 8;
#else
	return half[0] ? (size_t)__builtin_clzll(half[0]) / 8 : 8 + (size_t)__builtin_clzll(half[1]) / 8;
#endif
}

/* What a JSON string cannot hold as it is: controls and what is not ASCII (both below ' ' as signed), DEL, `"`, `\`. */
static inline toc_bytes16 toc_bytes_special(toc_bytes16 v)
{
	return (v < ' ') | (v == '"') | (v == '\\') | (v == 0x7f);
}

static inline bool toc_byte_special(uint8_t c)
{
	return c < ' ' || c >= 0x7f || c == '"' || c == '\\';
}

/* Offset of the first byte that toc_byte_special means, or s.n. */
static inline size_t toc_bytes_plain(struct toc_span s)
{
	size_t i = 0;
	if (s.n >= 4 && s.n < 16 && !toc_bytes_any(toc_bytes_special(toc_bytes_short(s, s.n >= 8 ? 8 : 4))))
		return s.n;
	while (i + 16 <= s.n && !toc_bytes_any(toc_bytes_special(toc_bytes_at(s.p + i))))
		i += 16;
	/* the last step overlaps the one before it */
	if (i && i + 16 > s.n && !toc_bytes_any(toc_bytes_special(toc_bytes_at(s.p + s.n - 16))))
		return s.n;
	while (i < s.n && !toc_byte_special(s.p[i]))
		i++;
	return i;
}

/* Offset of the first a or b from i on, or s.n. */
static inline size_t toc_bytes_find2(struct toc_span s, size_t i, int8_t a, int8_t b)
{
	for (; i + 16 <= s.n; i += 16) {
		toc_bytes16 v = toc_bytes_at(s.p + i), hits = (v == a) | (v == b);
		if (toc_bytes_any(hits))
			return i + toc_bytes_first(hits);
	}
	while (i < s.n && s.p[i] != (uint8_t)a && s.p[i] != (uint8_t)b)
		i++;
	return i;
}

#endif
