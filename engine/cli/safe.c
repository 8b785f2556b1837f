/* safe - UTF-8 read strictly (RFC 3629), judged character by character. */
#define _XOPEN_SOURCE 700
#include "cli/safe.h"

#include <wchar.h>

/* The character at text[*at], which moves behind it; 0xffffffff: it is none. */
static uint32_t next(struct toc_span text, size_t *at)
{
	uint8_t c = text.p[(*at)++];
	unsigned more = c < 0x80		? 0
			: c >= 0xf0 && c < 0xf5 ? 3
			: c >= 0xe0 && c < 0xf0 ? 2
			: c >= 0xc2 && c < 0xe0 ? 1
						: 4;
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	if (more == 0)
		return c;
	if (more == 4 || *at + more > text.n)
		return UINT32_MAX;
	uint32_t v = c & (0x3fu >> more);
	for (unsigned i = 0; i < more; i++) {
		if ((text.p[*at + i] & 0xc0) != 0x80)
			return UINT32_MAX;
		v = v << 6 | (text.p[*at + i] & 0x3f);
	}
	*at += more;
	return v >= least[more] && v <= 0x10ffff && (v < 0xd800 || v > 0xdfff) ? v : UINT32_MAX;
}

/* Controls of the terminal, and those of Unicode that turn text round, hide it, or join it to what it does not belong
 * to. */
static bool is_harmful(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} bad[] = { { 0, 0x1f },	{ 0x7f, 0x9f },	      { 0xad, 0xad },	    { 0x34f, 0x34f },
		    { 0x61c, 0x61c },	{ 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },
		    { 0x200b, 0x200f }, { 0x2028, 0x202e },   { 0x2060, 0x206f },   { 0x3164, 0x3164 },
		    { 0xd800, 0xf8ff }, { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },
		    { 0xfff0, 0xffff }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, UINT32_MAX } };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (c >= bad[i].from && c <= bad[i].to)
			return true;
	return false;
}

static size_t put(uint32_t c, char out[4])
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t head[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(head[n] | c);
	return n;
}

unsigned cli_safe(struct toc_span text, unsigned columns, char *out, size_t room)
{
	unsigned used = 0;
	size_t at = 0, n = 0;
	while (at < text.n && used < columns && n + 5 <= room) {
		uint32_t c = next(text, &at);
		int width = is_harmful(c) ? 0 : wcwidth((wchar_t)c);
		if (width < 1 || width > 2 ||
		    used + (unsigned)width > columns) { /* also marks that join the one before */
			c = '?';
			width = 1;
		}
		n += put(c, out + n);
		used += (unsigned)width;
	}
	out[n] = '\0';
	return used;
}
