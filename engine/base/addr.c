/* addr - text forms of IP (RFC 5952) and hardware addresses. */
#include "tocsin/addr.h"

#include <arpa/inet.h>

static char *print_u8(char *out, uint8_t v)
{
	if (v >= 100)
		*out++ = (char)('0' + v / 100);
	if (v >= 10)
		*out++ = (char)('0' + v / 10 % 10);
	*out++ = (char)('0' + v % 10);
	return out;
}

size_t toc_addr_print(const struct toc_addr *a, char out[TOC_ADDR_TEXT])
{
	if (!toc_addr_is_v4(a)) {
		if (!inet_ntop(AF_INET6, a->b, out, TOC_ADDR_TEXT))
			out[0] = '\0';
		return strlen(out);
	}
	char *p = out;
	for (int i = 12; i < 16; i++) {
		p = print_u8(p, a->b[i]);
		*p++ = '.';
	}
	*--p = '\0';
	return (size_t)(p - out);
}

size_t toc_addr_v4_prefix(struct toc_span text, struct toc_addr *out)
{
	uint8_t v4[4];
	const uint8_t *p = text.p, *const end = text.p + text.n;
	for (unsigned part = 0; part < 4; part++) {
		unsigned v, digit;
		if (p == end || (v = (unsigned)*p++ - '0') > 9)
			return 0;
		if (p < end && (digit = (unsigned)*p - '0') <= 9) {
			if (v == 0)
				return 0; /* 01 is octal to some */
			v = v * 10 + digit;
			if (++p < end && (digit = (unsigned)*p - '0') <= 9) {
				v = v * 10 + digit;
				p++;
			}
		}
		if (v > 255 || (part < 3 && (p == end || *p++ != '.')))
			return 0;
		v4[part] = (uint8_t)v;
	}
	*out = toc_addr_v4(v4);
	return (size_t)(p - text.p);
}

bool toc_addr_parse(struct toc_span text, struct toc_addr *out)
{
	char copy[TOC_ADDR_TEXT];
	struct toc_addr v4;
	size_t n = toc_addr_v4_prefix(text, &v4);
	if (n && n == text.n) {
		*out = v4;
		return true;
	}
	if (text.n < 2 || text.n >= sizeof(copy) || !memchr(text.p, ':', text.n) || memchr(text.p, 0, text.n))
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	return inet_pton(AF_INET6, copy, out->b) == 1;
}

size_t toc_mac_print(const struct toc_mac *m, char out[TOC_MAC_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	for (int i = 0; i < 6; i++) {
		out[3 * i] = digits[m->b[i] >> 4];
		out[3 * i + 1] = digits[m->b[i] & 15];
		out[3 * i + 2] = ':';
	}
	out[17] = '\0';
	return 17;
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = toc_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool toc_mac_parse(struct toc_span text, struct toc_mac *out)
{
	/* digits between separators: 2 (aa:bb, aa-bb), 4 (aabb.ccdd), 6 (aabbcc-ddeeff, ProCurve) or 12 (none); one
	 * kind of separator */
	unsigned digits = 0, group = text.n == 17 ? 2 : text.n == 14 ? 4 : text.n == 13 ? 6 : text.n == 12 ? 12 : 0;
	uint8_t separator = 0;
	if (!group)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];
		if (i % (group + 1) == group && group != 12) {
			if ((c != ':' && c != '-' && c != '.') || (separator && c != separator))
				return false;
			separator = c;
			continue;
		}
		int v = hex_digit(c);
		if (v < 0)
			return false;
		uint8_t *byte = &out->b[digits / 2];
		*byte = (uint8_t)(digits % 2 ? *byte << 4 | v : v);
		digits++;
	}
	return digits == 12;
}
