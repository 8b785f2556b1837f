/* packed - numbers and bytes into one growing block and, checked, back: the records of a snapshot. */
#ifndef CORRELATE_PACKED_H
#define CORRELATE_PACKED_H

#include <stdlib.h>
#include <string.h>

#include "tocsin/cursor.h"
#include "tocsin/time.h"

/* Little-endian; failed: memory ran out, the rest is ignored. */
struct packed {
	uint8_t *p;
	size_t n, room;
	bool failed;
};

static inline void pack(struct packed *out, const void *p, size_t n)
{
	if (out->n + n > out->room && !out->failed) {
		const size_t room = 2 * (out->n + n) + 4096;
		uint8_t *more = realloc(out->p, room);
		out->failed = more == NULL;
		if (more) {
			out->p = more;
			out->room = room;
		}
	}
	if (out->failed)
		return;
	if (n)
		memcpy(out->p + out->n, p, n);
	out->n += n;
}

static inline void pack_u64(struct packed *out, uint64_t v)
{
	uint8_t b[8];
	for (unsigned i = 0; i < 8; i++)
		b[i] = (uint8_t)(v >> 8 * i);
	pack(out, b, 8);
}

static inline void pack_u32(struct packed *out, uint32_t v)
{
	const uint8_t b[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) };
	pack(out, b, 4);
}

static inline void pack_time(struct packed *out, toc_time v)
{
	pack_u64(out, (uint64_t)v);
}

static inline void pack_double(struct packed *out, double v)
{
	uint64_t bits;
	memcpy(&bits, &v, 8);
	pack_u64(out, bits);
}

static inline toc_time unpack_time(struct toc_cursor *c)
{
	return (toc_time)toc_le64(c);
}

static inline double unpack_double(struct toc_cursor *c)
{
	const uint64_t bits = toc_le64(c);
	double v;
	memcpy(&v, &bits, 8);
	return v;
}

#endif
