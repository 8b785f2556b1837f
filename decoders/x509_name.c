/* x509_name - distinguished names as text (RFC 4514), the way OpenSSL writes RFC 2253 and so Zeek. */
#include "decoders/der.h"
#include "decoders/x509.h"

static const struct {
	const char *oid, *name;
} attributes[] = { { "2.5.4.3", "CN" },
		   { "2.5.4.4", "SN" },
		   { "2.5.4.5", "serialNumber" },
		   { "2.5.4.6", "C" },
		   { "2.5.4.7", "L" },
		   { "2.5.4.8", "ST" },
		   { "2.5.4.9", "street" },
		   { "2.5.4.10", "O" },
		   { "2.5.4.11", "OU" },
		   { "2.5.4.12", "title" },
		   { "2.5.4.13", "description" },
		   { "2.5.4.15", "businessCategory" },
		   { "2.5.4.16", "postalAddress" },
		   { "2.5.4.17", "postalCode" },
		   { "2.5.4.20", "telephoneNumber" },
		   { "2.5.4.41", "name" },
		   { "2.5.4.42", "GN" },
		   { "2.5.4.43", "initials" },
		   { "2.5.4.44", "generationQualifier" },
		   { "2.5.4.46", "dnQualifier" },
		   { "2.5.4.65", "pseudonym" },
		   { "2.5.4.97", "organizationIdentifier" },
		   { "0.9.2342.19200300.100.1.1", "UID" },
		   { "0.9.2342.19200300.100.1.25", "DC" },
		   { "1.2.840.113549.1.9.1", "emailAddress" },
		   { "1.2.840.113549.1.9.2", "unstructuredName" },
		   { "1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL" },
		   { "1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST" },
		   { "1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC" } };

enum { PARTS = 64 };

struct out {
	char *p;
	size_t n, room;
};

static void put(struct out *o, uint8_t c)
{
	if (o->n < o->room)
		o->p[o->n++] = (char)c;
}

static void puts_(struct out *o, const char *s)
{
	while (*s)
		put(o, (uint8_t)*s++);
}

static void put_hex(struct out *o, uint8_t c)
{
	static const char digits[] = "0123456789ABCDEF";
	put(o, (uint8_t)digits[c >> 4]);
	put(o, (uint8_t)digits[c & 15]);
}

size_t x509_oid_text(struct toc_span oid, char text[X509_OID_TEXT])
{
	struct out o = { text, 0, X509_OID_TEXT - 1 };
	uint64_t v = 0;
	bool first = true;
	for (size_t i = 0; i < oid.n; i++) {
		v = v << 7 | (oid.p[i] & 0x7f);
		if (oid.p[i] & 0x80)
			continue;
		char digits[24];
		size_t n = 0;
		if (first) { /* the first two arcs share a number */
			uint64_t arc = v < 80 ? v / 40 : 2;
			put(&o, (uint8_t)('0' + arc));
			v -= arc * 40;
		}
		first = false;
		put(&o, '.');
		do
			digits[n++] = (char)('0' + v % 10);
		while (v /= 10);
		while (n)
			put(&o, (uint8_t)digits[--n]);
	}
	text[o.n] = '\0';
	return o.n;
}

/* One byte of a value's UTF-8 form, escaped where the grammar wants it. */
static void put_escaped(struct out *o, uint8_t c, bool first, bool last)
{
	bool special = memchr(",+\"\\<>;", c, 7) != NULL || (first && (c == '#' || c == ' ')) || (last && c == ' ');
	if (c < 0x20 || c >= 0x7f) {
		put(o, '\\');
		put_hex(o, c);
		return;
	}
	if (special)
		put(o, '\\');
	put(o, c);
}

static void put_point(struct out *o, uint32_t c, bool first, bool last)
{
	uint8_t u[4];
	size_t n = 0;
	if (c < 0x80) {
		u[n++] = (uint8_t)c;
	} else if (c < 0x800) {
		u[n++] = (uint8_t)(0xc0 | c >> 6);
		u[n++] = (uint8_t)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		u[n++] = (uint8_t)(0xe0 | c >> 12);
		u[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		u[n++] = (uint8_t)(0x80 | (c & 0x3f));
	} else {
		u[n++] = (uint8_t)(0xf0 | (c >> 18 & 7));
		u[n++] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		u[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		u[n++] = (uint8_t)(0x80 | (c & 0x3f));
	}
	for (size_t i = 0; i < n; i++)
		put_escaped(o, u[i], first && i == 0, last && i + 1 == n);
}

static void put_value(struct out *o, struct toc_cursor v, uint8_t tag)
{
	unsigned width = tag == DER_BMP ? 2 : tag == DER_UNIVERSAL ? 4 : 1;
	bool first = true;
	while (toc_left(&v) >= width) {
		uint32_t c = width == 1 ? toc_u8(&v) : width == 2 ? toc_be16(&v) : toc_be32(&v);
		bool last = toc_left(&v) < width;
		if (width == 1 && tag != DER_T61)
			put_escaped(o, (uint8_t)c, first, last); /* UTF-8 already, or ASCII */
		else
			put_point(o, c, first, last);
		first = false;
	}
}

static void put_attribute(struct out *o, struct toc_cursor *pair)
{
	char dotted[X509_OID_TEXT];
	struct toc_cursor oid = der_take(pair, DER_OID), whole = *pair;
	uint8_t tag;
	struct toc_cursor value = der_next(pair, &tag);
	x509_oid_text(toc_rest(&oid), dotted);
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (strcmp(attributes[i].oid, dotted) != 0)
			continue;
		puts_(o, attributes[i].name);
		put(o, '=');
		put_value(o, value, tag);
		return;
	}
	puts_(o, dotted); /* an unknown kind: the value as it is encoded */
	puts_(o, "=#");
	while (whole.p < pair->p)
		put_hex(o, toc_u8(&whole));
}

size_t x509_name_text(struct toc_span name, char *out, size_t room)
{
	struct toc_cursor parts[PARTS], c = toc_cursor_of(name);
	struct out o = { out, 0, room };
	unsigned n = 0;
	while (toc_left(&c) && !c.bad && n < PARTS)
		parts[n++] = der_take(&c, DER_SET);
	while (n--) {
		bool first = true;
		while (toc_left(&parts[n]) && !parts[n].bad) {
			struct toc_cursor pair = der_take(&parts[n], DER_SEQUENCE);
			if (!first)
				put(&o, '+');
			first = false;
			put_attribute(&o, &pair);
		}
		if (n)
			put(&o, ',');
	}
	return o.n;
}

struct toc_span x509_common_name(struct toc_span name)
{
	static const uint8_t common[] = { 0x55, 0x04, 0x03 };
	struct toc_cursor c = toc_cursor_of(name);
	while (toc_left(&c) && !c.bad) {
		struct toc_cursor set = der_take(&c, DER_SET), pair = der_take(&set, DER_SEQUENCE);
		struct toc_cursor oid = der_take(&pair, DER_OID);
		uint8_t tag;
		struct toc_cursor value = der_next(&pair, &tag);
		if (!value.bad && toc_span_eq(toc_rest(&oid), toc_span_of(common, sizeof(common))))
			return toc_rest(&value);
	}
	return toc_span_first(name, 0);
}
