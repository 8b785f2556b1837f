/* utf16 - UTF-16LE and OEM strings to UTF-8 (RFC 2781, RFC 3629). */
#include "decoders/utf16.h"

#include "tocsin/cursor.h"

/* Appends one code point; false: no room. */
static bool put(uint32_t c, char *out, size_t room, size_t *n)
{
	uint8_t bytes[4];
	size_t need = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = need; i-- > 1; c >>= 6)
		bytes[i] = (uint8_t)(0x80 | (c & 0x3f));
	bytes[0] = (uint8_t)(lead[need] | c);
	if (*n + need > room)
		return false;
	memcpy(out + *n, bytes, need);
	*n += need;
	return true;
}

size_t utf16_text(struct toc_span in, char *out, size_t room)
{
	size_t n = 0;
	in.n &= ~(size_t)1;
	while (in.n && !in.p[in.n - 1] && !in.p[in.n - 2])
		in.n -= 2;
	struct toc_cursor c = toc_cursor_of(in);
	while (toc_left(&c)) {
		uint32_t unit = toc_le16(&c);
		if (unit >= 0xd800 && unit < 0xdc00 && toc_left(&c)) {
			struct toc_cursor ahead = c;
			uint32_t low = toc_le16(&ahead);
			if (low >= 0xdc00 && low < 0xe000) {
				unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
				c = ahead;
			}
		}
		if (unit >= 0xd800 && unit < 0xe000)
			unit = 0xfffd;
		if (!put(unit, out, room, &n))
			break;
	}
	return n;
}

size_t oem_text(struct toc_span in, char *out, size_t room)
{
	size_t n = 0;
	while (in.n && !in.p[in.n - 1])
		in.n--;
	for (size_t i = 0; i < in.n && put(in.p[i], out, room, &n); i++)
		;
	return n;
}
