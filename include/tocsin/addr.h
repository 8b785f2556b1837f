/* addr - IP and hardware addresses as values. */
#ifndef TOCSIN_ADDR_H
#define TOCSIN_ADDR_H

#include "tocsin/span.h"

/* IPv4 is held v4-mapped (::ffff:a.b.c.d, RFC 4291 section 2.5.5.2): one compare, one hash. */
struct toc_addr {
	uint8_t b[16];
};

struct toc_mac {
	uint8_t b[6];
};

#define TOC_ADDR_TEXT 46 /* longest text form with its NUL */
#define TOC_MAC_TEXT  18

static inline struct toc_addr toc_addr_v4(const uint8_t p[4])
{
	struct toc_addr a = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, p[0], p[1], p[2], p[3] } };
	return a;
}

static inline struct toc_addr toc_addr_v6(const uint8_t p[16])
{
	struct toc_addr a;
	memcpy(a.b, p, 16);
	return a;
}

static inline bool toc_addr_is_v4(const struct toc_addr *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	return memcmp(a->b, mapped, 12) == 0;
}

static inline bool toc_addr_eq(const struct toc_addr *a, const struct toc_addr *b)
{
	return memcmp(a->b, b->b, 16) == 0;
}

/* Of a network that is nobody's in the Internet: RFC 1918, 3927, 4193, 4291 (section 2.5.6). */
static inline bool toc_addr_is_private(const struct toc_addr *a)
{
	const uint8_t x = a->b[12], y = a->b[13];
	if (!toc_addr_is_v4(a))
		return (a->b[0] & 0xfe) == 0xfc || (a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80);
	return x == 10 || (x == 172 && (y & 0xf0) == 16) || (x == 192 && y == 168) || (x == 169 && y == 254);
}

/* Writes the RFC 5952 text (a.b.c.d for IPv4) and a NUL; returns its length without the NUL. */
size_t toc_addr_print(const struct toc_addr *a, char out[TOC_ADDR_TEXT]);

/* Reads IPv4 or IPv6 text, all of it; false when it is neither. Accepts no zone index and no prefix. */
bool toc_addr_parse(struct toc_span text, struct toc_addr *out);

/* Bytes at the beginning of text that are an IPv4 address (four decimal numbers without leading zeros), into *out; 0:
 * none. What stands behind may be another digit. */
size_t toc_addr_v4_prefix(struct toc_span text, struct toc_addr *out);

/* Lower-case, colon-separated; returns 17. */
size_t toc_mac_print(const struct toc_mac *m, char out[TOC_MAC_TEXT]);

/* Reads aa:bb:cc:dd:ee:ff, aa-bb-.., aabb.ccdd.eeff and aabbccddeeff in either case. */
bool toc_mac_parse(struct toc_span text, struct toc_mac *out);

#endif
