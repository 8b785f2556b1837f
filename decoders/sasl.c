/* sasl - base64 up to the end of a name (RFC 4648 section 4, RFC 4616 section 2). */
#include "decoders/sasl.h"

#include "decoders/base64.h"

/* Keeps the bytes behind `from` NULs up to the next NUL, or to the end where `open`. */
static void keep(struct toc_span base64, unsigned from, bool open, struct line_name *user)
{
	uint8_t name[LINE_NAME];
	struct base64 b = { .text = base64 };
	unsigned nuls = 0;
	size_t n = 0;
	int c;
	while ((c = base64_next(&b)) >= 0) {
		if (c == 0 && nuls++ == from) {
			line_keep(user, toc_span_of(name, n));
			return;
		}
		if (c && nuls == from && n < sizeof(name))
			name[n++] = (uint8_t)c;
	}
	if (c == BASE64_BAD)
		return;
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
