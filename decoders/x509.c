/* x509 - certificates (RFC 5280, section 4.1), read once from left to right. */
#include "decoders/x509.h"

#include "decoders/der.h"

static const struct {
	const char *oid, *name;
} algorithms[] = { { "1.2.840.113549.1.1.1", "rsaEncryption" },
		   { "1.2.840.113549.1.1.2", "md2WithRSAEncryption" },
		   { "1.2.840.113549.1.1.4", "md5WithRSAEncryption" },
		   { "1.2.840.113549.1.1.5", "sha1WithRSAEncryption" },
		   { "1.3.14.3.2.29", "sha1WithRSA" },
		   { "1.2.840.113549.1.1.10", "rsassaPss" },
		   { "1.2.840.113549.1.1.11", "sha256WithRSAEncryption" },
		   { "1.2.840.113549.1.1.12", "sha384WithRSAEncryption" },
		   { "1.2.840.113549.1.1.13", "sha512WithRSAEncryption" },
		   { "1.2.840.113549.1.1.14", "sha224WithRSAEncryption" },
		   { "1.2.840.10045.2.1", "id-ecPublicKey" },
		   { "1.2.840.10045.4.1", "ecdsa-with-SHA1" },
		   { "1.2.840.10045.4.3.1", "ecdsa-with-SHA224" },
		   { "1.2.840.10045.4.3.2", "ecdsa-with-SHA256" },
		   { "1.2.840.10045.4.3.3", "ecdsa-with-SHA384" },
		   { "1.2.840.10045.4.3.4", "ecdsa-with-SHA512" },
		   { "1.2.840.10040.4.1", "dsaEncryption" },
		   { "1.2.840.10040.4.3", "dsaWithSHA1" },
		   { "2.16.840.1.101.3.4.3.2", "dsa_with_SHA256" },
		   { "1.3.101.112", "ED25519" },
		   { "1.3.101.113", "ED448" } };

static const struct {
	const char *oid, *name;
	unsigned bits;
} curves[] = { { "1.2.840.10045.3.1.7", "prime256v1", 256 }, { "1.3.132.0.34", "secp384r1", 384 },
	       { "1.3.132.0.35", "secp521r1", 521 },	     { "1.3.132.0.33", "secp224r1", 224 },
	       { "1.2.840.10045.3.1.1", "prime192v1", 192 }, { "1.3.132.0.10", "secp256k1", 256 } };

static void algorithm_name(struct toc_cursor oid, char out[X509_OID_TEXT])
{
	x509_oid_text(toc_rest(&oid), out);
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (strcmp(algorithms[i].oid, out) == 0)
			memcpy(out, algorithms[i].name, strlen(algorithms[i].name) + 1);
}

static int two(struct toc_span s, size_t i)
{
	if (i + 2 > s.n || s.p[i] < '0' || s.p[i] > '9' || s.p[i + 1] < '0' || s.p[i + 1] > '9')
		return -1;
	return (s.p[i] - '0') * 10 + s.p[i + 1] - '0';
}

/* YYMMDDhhmmssZ, YYYYMMDDhhmmssZ (RFC 5280, section 4.1.2.5). */
bool x509_time(struct toc_cursor *c, toc_time *out)
{
	uint8_t tag;
	struct toc_cursor body = der_next(c, &tag);
	struct toc_span s = toc_rest(&body);
	bool general = tag == DER_GENERALIZED_TIME;
	size_t at = general ? 4 : 2;
	int century = general ? two(s, 0) : 0, year = two(s, at - 2);
	int v[5];
	for (size_t i = 0; i < 5; i++)
		v[i] = two(s, at + 2 * i);
	if ((tag != DER_UTC_TIME && !general) || century < 0 || year < 0 || v[0] < 1 || v[0] > 12 || v[1] < 1 ||
	    v[1] > 31 || v[2] < 0 || v[2] > 23 || v[3] < 0 || v[3] > 59)
		return false;
	year += general ? century * 100 : year < 50 ? 2000 : 1900;
	int64_t day = toc_days_from_civil(year, v[0], v[1]);
	if (day > INT64_MAX / TOC_DAY - 1 || day < INT64_MIN / TOC_DAY + 1)
		return false; /* 9999-12-31 means "never" and does not fit nanoseconds */
	*out = day * TOC_DAY + v[2] * TOC_HOUR + v[3] * TOC_MIN + (v[4] > 0 ? v[4] : 0) * TOC_SEC;
	return true;
}

static struct toc_span without_zeros(struct toc_span s)
{
	while (s.n > 1 && s.p[0] == 0)
		s = toc_span_from(s, 1);
	return s;
}

static unsigned bits_of(struct toc_span s)
{
	unsigned n = (unsigned)s.n * 8;
	for (uint8_t top = s.n ? s.p[0] : 0; n && !(top & 0x80); top = (uint8_t)(top << 1))
		n--;
	return n;
}

static uint64_t number(struct toc_span s)
{
	uint64_t v = 0;
	for (size_t i = 0; i < s.n && s.n <= 8; i++)
		v = v << 8 | s.p[i];
	return v;
}

static void read_rsa(struct toc_cursor key, struct x509 *out)
{
	toc_skip(&key, 1); /* unused bits */
	struct toc_cursor pair = der_take(&key, DER_SEQUENCE);
	struct toc_cursor modulus = der_take(&pair, DER_INTEGER), exponent = der_take(&pair, DER_INTEGER);
	out->key_type = "rsa";
	out->key_length = bits_of(without_zeros(toc_rest(&modulus)));
	out->exponent = number(without_zeros(toc_rest(&exponent)));
}

/* ECParameters spelt out (RFC 3279, section 2.3.5): version, fieldID { prime-field, p } … A curve that somebody made
 * up is worth knowing of. */
static void read_explicit_curve(struct toc_cursor parameters, struct x509 *out)
{
	struct toc_cursor whole = der_take(&parameters, DER_SEQUENCE);
	der_take(&whole, DER_INTEGER);
	struct toc_cursor field = der_take(&whole, DER_SEQUENCE);
	der_take(&field, DER_OID);
	struct toc_cursor prime = der_take(&field, DER_INTEGER);
	if (!field.bad)
		out->key_length = bits_of(without_zeros(toc_rest(&prime)));
}

static void read_curve(struct toc_cursor parameters, struct x509 *out)
{
	char dotted[X509_OID_TEXT];
	struct toc_cursor whole = parameters, oid = der_take(&parameters, DER_OID);
	out->key_type = "ecdsa";
	if (parameters.bad) {
		read_explicit_curve(whole, out);
		return;
	}
	x509_oid_text(toc_rest(&oid), dotted);
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if (strcmp(curves[i].oid, dotted) == 0) {
			out->curve = curves[i].name;
			out->key_length = curves[i].bits;
		}
}

static void read_key(struct toc_cursor info, struct x509 *out)
{
	struct toc_cursor algorithm = der_take(&info, DER_SEQUENCE), oid = der_take(&algorithm, DER_OID);
	struct toc_cursor key = der_take(&info, DER_BIT_STRING);
	algorithm_name(oid, out->key_alg);
	if (strcmp(out->key_alg, "rsaEncryption") == 0)
		read_rsa(key, out);
	else if (strcmp(out->key_alg, "id-ecPublicKey") == 0)
		read_curve(algorithm, out);
	else if (strcmp(out->key_alg, "dsaEncryption") == 0)
		out->key_type = "dsa";
}

static void read_sans(struct toc_cursor value, struct x509 *out)
{
	struct toc_cursor names = der_take(&value, DER_SEQUENCE);
	while (toc_left(&names) && !names.bad && out->nsans < X509_SANS) {
		uint8_t tag;
		struct toc_cursor name = der_next(&names, &tag);
		unsigned type = tag & 0x1f;
		if (names.bad ||
		    (type != X509_SAN_EMAIL && type != X509_SAN_DNS && type != X509_SAN_URI && type != X509_SAN_IP))
			continue;
		out->sans[out->nsans].type = (enum x509_san)type;
		out->sans[out->nsans++].value = toc_rest(&name);
	}
}

static void read_constraints(struct toc_cursor value, struct x509 *out)
{
	struct toc_cursor body = der_take(&value, DER_SEQUENCE), item;
	out->has_ca = !body.bad;
	if (der_optional(&body, DER_BOOLEAN, &item))
		out->ca = toc_u8(&item) != 0;
	if (der_optional(&body, DER_INTEGER, &item)) {
		out->has_path_len = true;
		out->path_len = number(toc_rest(&item));
	}
}

static void read_extensions(struct toc_cursor outer, struct x509 *out)
{
	static const uint8_t san[] = { 0x55, 0x1d, 0x11 }, constraints[] = { 0x55, 0x1d, 0x13 };
	struct toc_cursor list = der_take(&outer, DER_SEQUENCE), critical;
	while (toc_left(&list) && !list.bad) {
		struct toc_cursor ext = der_take(&list, DER_SEQUENCE), oid = der_take(&ext, DER_OID);
		der_optional(&ext, DER_BOOLEAN, &critical);
		struct toc_cursor value = der_take(&ext, DER_OCTET_STRING);
		if (ext.bad)
			continue;
		if (toc_span_eq(toc_rest(&oid), toc_span_of(san, sizeof(san))))
			read_sans(value, out);
		else if (toc_span_eq(toc_rest(&oid), toc_span_of(constraints, sizeof(constraints))))
			read_constraints(value, out);
	}
}

bool x509_read(struct toc_span der, struct x509 *out)
{
	struct toc_cursor c = toc_cursor_of(der), certificate = der_take(&c, DER_SEQUENCE);
	struct toc_cursor tbs = der_take(&certificate, DER_SEQUENCE), item, version;
	*out = (struct x509){ .version = 1 };
	if (der_optional(&tbs, 0xa0, &item)) {
		version = der_take(&item, DER_INTEGER);
		out->version = (unsigned)number(toc_rest(&version)) + 1;
	}
	item = der_take(&tbs, DER_INTEGER);
	out->serial = without_zeros(toc_rest(&item));
	item = der_take(&tbs, DER_SEQUENCE);
	algorithm_name(der_take(&item, DER_OID), out->sig_alg);
	item = der_take(&tbs, DER_SEQUENCE);
	out->issuer = toc_rest(&item);
	struct toc_cursor validity = der_take(&tbs, DER_SEQUENCE);
	out->has_before = x509_time(&validity, &out->not_before);
	out->has_after = x509_time(&validity, &out->not_after);
	item = der_take(&tbs, DER_SEQUENCE);
	out->subject = toc_rest(&item);
	if (tbs.bad)
		return false;
	item = der_take(&tbs, DER_SEQUENCE);
	read_key(item, out);
	while (toc_left(&tbs) && !tbs.bad) {
		uint8_t tag;
		item = der_next(&tbs, &tag);
		if (tag != 0xa3)
			continue;
		out->extended = true;
		read_extensions(item, out);
	}
	return true;
}

/* *.example.org is for one label in front of it. */
static bool name_fits(struct toc_span pattern, struct toc_span host)
{
	if (pattern.n > 2 && pattern.p[0] == '*' && pattern.p[1] == '.') {
		size_t dot = toc_span_find(host, '.');
		return dot < host.n && toc_span_ieq(toc_span_from(pattern, 1), toc_span_from(host, dot));
	}
	return toc_span_ieq(pattern, host);
}

bool x509_for_host(const struct x509 *cert, struct toc_span host)
{
	bool named = false;
	for (unsigned i = 0; i < cert->nsans; i++) {
		if (cert->sans[i].type != X509_SAN_DNS)
			continue;
		named = true;
		if (name_fits(cert->sans[i].value, host))
			return true;
	}
	struct toc_span common = x509_common_name(cert->subject);
	return !named && common.n && name_fits(common, host);
}

/* www. + 8 to 20 characters of base32 + the ending */
static bool is_random_name(struct toc_span name, const char *ending)
{
	struct toc_span tail = toc_span_str(ending);
	if (!toc_span_starts(name, "www.") || name.n < 4 + 8 + tail.n || name.n > 4 + 20 + tail.n ||
	    !toc_span_eq(toc_span_from(name, name.n - tail.n), tail))
		return false;
	for (size_t i = 4; i < name.n - tail.n; i++)
		if (!(name.p[i] >= 'a' && name.p[i] <= 'z') && !(name.p[i] >= '2' && name.p[i] <= '7'))
			return false;
	return true;
}

/* One attribute and no more: the Name is as long as its common name wants it. */
static bool is_lone(struct toc_span name, struct toc_span common)
{
	enum { AROUND = 2 + 2 + 5 + 2 }; /* SET, SEQUENCE, OID 2.5.4.3, string */
	return common.n && name.n == common.n + AROUND;
}

/*
 * tor-spec, "link handshakes", and what tor's own source makes: subject CN=www.<random>.net and nothing else, issuer
 * CN=www.<random>.com and nothing else, another random part, version 3 without extensions.
 */
bool x509_is_tor(const struct x509 *cert)
{
	struct toc_span subject = x509_common_name(cert->subject), issuer = x509_common_name(cert->issuer);
	return !cert->extended && is_lone(cert->subject, subject) && is_lone(cert->issuer, issuer) &&
	       is_random_name(subject, ".net") && is_random_name(issuer, ".com") &&
	       !toc_span_eq(toc_span_first(subject, subject.n - 4), toc_span_first(issuer, issuer.n - 4));
}
