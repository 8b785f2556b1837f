/* wire - bytes of messages, put together by hand. */
#ifndef UNIT_WIRE_H
#define UNIT_WIRE_H

#include <assert.h>
#include <string.h>

#include "tocsin/span.h"

struct wire {
	uint8_t b[16384];
	size_t n;
};

static inline void wire_bytes(struct wire *w, const void *p, size_t n)
{
	assert(w->n + n <= sizeof(w->b));
	memcpy(w->b + w->n, p, n);
	w->n += n;
}

static inline void wire_zeros(struct wire *w, size_t n)
{
	assert(w->n + n <= sizeof(w->b));
	memset(w->b + w->n, 0, n);
	w->n += n;
}

static inline void wire_le(struct wire *w, unsigned size, uint64_t v)
{
	for (unsigned i = 0; i < size; i++) {
		uint8_t b = (uint8_t)(v >> (8 * i));
		wire_bytes(w, &b, 1);
	}
}

static inline void wire_be(struct wire *w, unsigned size, uint64_t v)
{
	for (unsigned i = size; i-- > 0;) {
		uint8_t b = (uint8_t)(v >> (8 * i));
		wire_bytes(w, &b, 1);
	}
}

static inline void wire_text(struct wire *w, const char *s)
{
	wire_bytes(w, s, strlen(s));
}

/* ASCII as UTF-16LE, without a zero at the end. */
static inline size_t wire_utf16(struct wire *w, const char *s)
{
	for (size_t i = 0; s[i]; i++)
		wire_le(w, 2, (uint8_t)s[i]);
	return 2 * strlen(s);
}

static inline void wire_put(struct wire *w, size_t at, unsigned size, uint64_t v)
{
	struct wire one = { .n = 0 };
	wire_le(&one, size, v);
	memcpy(w->b + at, one.b, size);
}

/* Everything from `at` on becomes the contents of a BER element: tag and length (of two bytes) go in front. */
static inline void wire_wrap(struct wire *w, size_t at, uint8_t tag)
{
	size_t n = w->n - at;
	uint8_t head[4] = { tag, 0x82, (uint8_t)(n >> 8), (uint8_t)n };
	wire_zeros(w, 4);
	memmove(w->b + at + 4, w->b + at, n);
	memcpy(w->b + at, head, 4);
}

static inline void wire_element(struct wire *w, uint8_t tag, const void *p, size_t n)
{
	size_t at = w->n;
	wire_bytes(w, p, n);
	wire_wrap(w, at, tag);
}

/* A string, and a number of one to four bytes, under a tag. */
static inline void wire_str(struct wire *w, uint8_t tag, const char *s)
{
	wire_element(w, tag, s, strlen(s));
}

static inline void wire_num(struct wire *w, uint8_t tag, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };
	wire_element(w, tag, b, 4);
}

#endif
