/* span - a borrowed run of bytes: the one way to pass bytes that somebody else owns. */
#ifndef TOCSIN_SPAN_H
#define TOCSIN_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed: valid as long as its owner says; p may be NULL only where n is 0. Not NUL-terminated. */
struct toc_span {
	const uint8_t *p;
	size_t n;
};

static inline struct toc_span toc_span_of(const void *p, size_t n)
{
	return (struct toc_span){ (const uint8_t *)p, n };
}

static inline struct toc_span toc_span_str(const char *s)
{
	return (struct toc_span){ (const uint8_t *)s, strlen(s) };
}

static inline bool toc_span_eq(struct toc_span a, struct toc_span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool toc_span_is(struct toc_span a, const char *s)
{
	/* mostly the first byte tells, and s need not be measured */
	return (a.n == 0 || a.p[0] == (uint8_t)*s) && toc_span_eq(a, toc_span_str(s));
}

/* ASCII only: names on the wire are compared without the reader's locale. */
static inline uint8_t toc_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static inline bool toc_span_ieq(struct toc_span a, struct toc_span b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (toc_lower(a.p[i]) != toc_lower(b.p[i]))
			return false;
	return true;
}

static inline bool toc_span_starts(struct toc_span a, const char *s)
{
	size_t n = strlen(s);
	return a.n >= n && memcmp(a.p, s, n) == 0;
}

/* The bytes from `at` on; empty when `at` is past the end. */
static inline struct toc_span toc_span_from(struct toc_span a, size_t at)
{
	return at >= a.n ? (struct toc_span){ a.p, 0 } : (struct toc_span){ a.p + at, a.n - at };
}

/* The first n bytes, or all of them. */
static inline struct toc_span toc_span_first(struct toc_span a, size_t n)
{
	return (struct toc_span){ a.p, n < a.n ? n : a.n };
}

/* Without the blanks and line ends around it. */
static inline struct toc_span toc_span_trim(struct toc_span a)
{
	static const char blanks[] = " \t\r\n";
	while (a.n && memchr(blanks, a.p[0], sizeof(blanks) - 1))
		a = toc_span_from(a, 1);
	while (a.n && memchr(blanks, a.p[a.n - 1], sizeof(blanks) - 1))
		a.n--;
	return a;
}

/* Offset of the first byte c, or a.n when there is none. */
static inline size_t toc_span_find(struct toc_span a, uint8_t c)
{
	const uint8_t *hit = a.n ? (const uint8_t *)memchr(a.p, c, a.n) : NULL;
	return hit ? (size_t)(hit - a.p) : a.n;
}

#endif
