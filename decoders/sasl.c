/* sasl - base64 up to the end of a name (RFC 4648 section 4, RFC 4616 section 2). */
#include "decoders/sasl.h"

static int digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (line_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Keeps the bytes behind `from` NULs up to the next NUL, or to the end where `open`. */
static void keep(struct toc_span base64, unsigned from, bool open, struct line_name *user)
{
	uint8_t name[LINE_NAME];
	uint32_t bits = 0;
	unsigned have = 0, nuls = 0;
	size_t n = 0;
	for (size_t i = 0; i < base64.n && base64.p[i] != '='; i++) {
		int d = digit(base64.p[i]);
		if (d < 0)
			return;
		bits = (bits << 6 | (uint32_t)d) & 0xffffff;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		uint8_t c = (uint8_t)(bits >> have);
		if (c == 0 && nuls++ == from) {
			line_keep(user, toc_span_of(name, n));
			return;
		}
		if (c && nuls == from && n < sizeof(name))
			name[n++] = c;
	}
	if (open && nuls == from)
		line_keep(user, toc_span_of(name, n));
}

void sasl_plain_user(struct toc_span base64, struct line_name *user)
{
	keep(base64, 1, false, user);
}

void sasl_login_user(struct toc_span base64, struct line_name *user)
{
	keep(base64, 0, true, user);
}
