/* dns_name - domain names of a message: labels, compression (RFC 1035, section 4.1.4), NetBIOS names (RFC 1001). */
#include "decoders/dns.h"

enum {
	POINTERS = 64,	/* one name may follow so many; real ones follow two or three */
	TEXT_MAX = 253, /* of 255 bytes on the wire (RFC 1035, section 2.3.4) */
	NETBIOS_HEX = 32,
	NETBIOS_CHARS = 15 /* the 16th is the kind of service */
};

/* Adds a label and a dot in front of it where it is not the first. */
static bool append_label(struct toc_dns_name *out, struct toc_span label)
{
	size_t dot = out->n ? 1 : 0;
	if (out->n + dot + label.n > TEXT_MAX)
		return false;
	if (dot)
		out->b[out->n++] = '.';
	memcpy(out->b + out->n, label.p, label.n);
	out->n = (uint8_t)(out->n + label.n);
	return true;
}

bool toc_dns_read_name_as_is(struct toc_dns_in *in, struct toc_dns_name *out)
{
	struct toc_cursor *c = &in->c, away;
	size_t below = in->msg.n - toc_left(c); /* a pointer must lead in front of the run of labels it stands in */
	out->n = 0;
	for (unsigned pointers = 0;;) {
		uint8_t n = toc_u8(c);
		if (c->bad)
			return false;
		if (n == 0)
			return true;
		if (n < 0x40) {
			struct toc_span label = toc_take(c, n);
			if (c->bad || !append_label(out, label))
				return false;
			continue;
		}
		size_t to = (size_t)(n & 0x3f) << 8 | toc_u8(c);
		if (n < 0xc0 || c->bad || to >= below || ++pointers > POINTERS)
			return false;
		away = toc_cursor_of(toc_span_first(in->msg, below));
		toc_skip(&away, to);
		c = &away;
		below = to;
	}
}

bool toc_dns_read_name(struct toc_dns_in *in, struct toc_dns_name *out)
{
	bool ok = toc_dns_read_name_as_is(in, out);
	for (unsigned i = 0; i < out->n; i++)
		out->b[i] = toc_lower(out->b[i]);
	return ok;
}

/* One byte of two letters A … P; -1 when it is not such a pair. Names were lower-cased before. */
static int half_ascii(const uint8_t *pair)
{
	unsigned high = (unsigned)(toc_lower(pair[0]) - 'a'), low = (unsigned)(toc_lower(pair[1]) - 'a');
	return high > 15 || low > 15 ? -1 : (int)(high << 4 | low);
}

static bool netbios_char(int c)
{
	return c == 1 || c == 2 || (c >= ' ' && c < 0x7f); /* 1 and 2 stand around __MSBROWSE__ */
}

void toc_dns_decode_netbios(struct toc_dns_name *name)
{
	uint8_t text[NETBIOS_CHARS];
	uint8_t n = 0;
	if (name->n < NETBIOS_HEX)
		return;
	for (unsigned i = 0; i < NETBIOS_HEX; i += 2)
		if (half_ascii(name->b + i) < 0)
			return;
	while (n < NETBIOS_CHARS) {
		int c = half_ascii(name->b + 2 * (size_t)n);
		if (!netbios_char(c))
			break;
		text[n++] = (uint8_t)c;
	}
	while (n && text[n - 1] == ' ')
		n--;
	if (n == 0)
		return;
	memcpy(name->b, text, n);
	name->n = n;
}
