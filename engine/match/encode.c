/* encode - units to units. */
#include "match/encode.h"

static struct toc_units room(struct toc_arena *arena, size_t n)
{
	return (struct toc_units){ toc_arena_alloc(arena, (n + 1) * sizeof(uint16_t)), 0 };
}

/* The code point at u.at[*i], which moves behind it; what is no UTF-8 sequence is one byte. */
static uint32_t code_point(struct toc_units u, size_t *i)
{
	uint32_t c = u.at[*i];
	size_t more = c < 0xc2 || c > 0xf4 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	uint32_t value = more ? c & (0x3fu >> more) : c;
	if (*i + more >= u.n)
		more = 0;
	for (size_t k = 1; k <= more; k++) {
		if ((u.at[*i + k] & ~0x3fu) != 0x80) {
			more = 0;
			break;
		}
		value = value << 6 | (u.at[*i + k] & 0x3f);
	}
	*i += 1 + more;
	return more ? value : c;
}

static void put16(struct toc_units *out, uint32_t v, enum toc_utf16 how)
{
	out->at[out->n++] = how == TOC_UTF16_BE ? v >> 8 & 0xff : v & 0xff;
	out->at[out->n++] = how == TOC_UTF16_BE ? v & 0xff : v >> 8 & 0xff;
}

struct toc_units toc_encode_utf16(struct toc_arena *arena, struct toc_units u, enum toc_utf16 how)
{
	struct toc_units out = room(arena, 2 * u.n + 2);
	if (how == TOC_UTF16_BOM)
		put16(&out, 0xfeff, how);
	for (size_t i = 0; i < u.n;) {
		if (u.at[i] > 0xff) {
			out.at[out.n++] = u.at[i++];
			continue;
		}
		uint32_t c = code_point(u, &i);
		if (c >= 0x10000) {
			put16(&out, 0xd800 + ((c - 0x10000) >> 10), how);
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		put16(&out, c, how);
	}
	return out;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* `skip` zero bytes in front. */
static struct toc_units base64(struct toc_arena *arena, struct toc_units u, size_t skip)
{
	size_t n = skip + u.n;
	struct toc_units out = room(arena, n / 3 * 4 + 4);
	for (size_t i = 0; i < n; i += 3) {
		uint32_t three = 0;
		for (size_t k = 0; k < 3; k++)
			three = three << 8 | (i + k >= skip && i + k < n ? u.at[i + k - skip] : 0);
		for (size_t k = 0; k < 4; k++)
			out.at[out.n++] = i + k > n ? '=' : (uint8_t)alphabet[three >> (18 - 6 * k) & 63];
	}
	return out;
}

struct toc_units toc_encode_base64(struct toc_arena *arena, struct toc_units u)
{
	return base64(arena, u, 0);
}

struct toc_units toc_encode_base64_offset(struct toc_arena *arena, struct toc_units u, unsigned offset)
{
	static const uint8_t front[3] = { 0, 2, 3 }, back[3] = { 0, 3, 2 };
	struct toc_units out = base64(arena, u, offset);
	size_t less = front[offset] + back[(u.n + offset) % 3];
	out.at += front[offset];
	out.n = out.n > less ? out.n - less : 0;
	return out;
}

static bool is_word(uint16_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       (c >= 0x80 && c <= 0xff);
}

struct toc_units toc_encode_windash(struct toc_arena *arena, struct toc_units u)
{
	struct toc_units out = room(arena, u.n);
	for (size_t i = 0; i < u.n; i++) {
		bool dash = (u.at[i] == '-' || u.at[i] == '/') && i + 1 < u.n && is_word(u.at[i + 1]) &&
			    !(i > 0 && is_word(u.at[i - 1]));
		out.at[out.n++] = dash ? TOC_UNIT_DASH : u.at[i];
	}
	return out;
}
