/* ssl_x509 - a certificate to its event, as Zeek's x509.log has it. */
#include "decoders/ssl_fields.h"

static void put_sans(struct toc_draft *d, const struct x509 *cert, enum x509_san type, unsigned field)
{
	for (unsigned i = 0; i < cert->nsans; i++) {
		struct toc_span v = cert->sans[i].value;
		if (cert->sans[i].type != type)
			continue;
		if (type != X509_SAN_IP) {
			toc_list_str(d, field, v);
		} else if (v.n == 4 || v.n == 16) {
			struct toc_addr a = v.n == 4 ? toc_addr_v4(v.p) : toc_addr_v6(v.p);
			toc_list_ip(d, field, &a);
		}
	}
}

void ssl_put_hex(struct toc_draft *d, unsigned field, struct toc_span v)
{
	static const char digits[] = "0123456789ABCDEF";
	char text[128];
	size_t n = 0;
	for (size_t i = 0; i < v.n && n + 2 <= sizeof(text); i++) {
		text[n++] = digits[v.p[i] >> 4];
		text[n++] = digits[v.p[i] & 15];
	}
	toc_put_str(d, field, toc_span_of(text, n));
}

static void put_exponent(struct toc_draft *d, uint64_t v)
{
	char text[20];
	size_t n = sizeof(text);
	do
		text[--n] = (char)('0' + v % 10);
	while (v /= 10);
	toc_put_str(d, F_CERT_EXPONENT, toc_span_of(text + n, sizeof(text) - n));
}

static void put_key(struct toc_draft *d, const struct x509 *cert)
{
	toc_put_cstr(d, F_CERT_KEY_ALG, cert->key_alg);
	toc_put_cstr(d, F_CERT_SIG_ALG, cert->sig_alg);
	if (cert->key_type)
		toc_put_cstr(d, F_CERT_KEY_TYPE, cert->key_type);
	if (cert->key_length)
		toc_put_uint(d, F_CERT_KEY_LENGTH, cert->key_length);
	if (cert->exponent)
		put_exponent(d, cert->exponent);
	if (cert->curve)
		toc_put_cstr(d, F_CERT_CURVE, cert->curve);
}

void ssl_certificate(const struct x509 *cert, const char fingerprint[64], bool first, bool client, struct toc_sink *s)
{
	char text[X509_NAME_TEXT];
	struct toc_draft *d = toc_sink_begin(s, K_X509);
	toc_put_str(d, F_FINGERPRINT, toc_span_of(fingerprint, 64));
	toc_put_uint(d, F_CERT_VERSION, cert->version);
	ssl_put_hex(d, F_CERT_SERIAL, cert->serial);
	toc_put_str(d, F_CERT_SUBJECT, toc_span_of(text, x509_name_text(cert->subject, text, sizeof(text))));
	toc_put_str(d, F_CERT_ISSUER, toc_span_of(text, x509_name_text(cert->issuer, text, sizeof(text))));
	if (cert->has_before)
		toc_put_time(d, F_CERT_NOT_BEFORE, cert->not_before);
	if (cert->has_after)
		toc_put_time(d, F_CERT_NOT_AFTER, cert->not_after);
	put_key(d, cert);
	put_sans(d, cert, X509_SAN_DNS, F_SAN_DNS);
	put_sans(d, cert, X509_SAN_URI, F_SAN_URI);
	put_sans(d, cert, X509_SAN_EMAIL, F_SAN_EMAIL);
	put_sans(d, cert, X509_SAN_IP, F_SAN_IP);
	if (cert->has_ca)
		toc_put_bool(d, F_CA, cert->ca);
	if (cert->has_path_len)
		toc_put_uint(d, F_PATH_LEN, cert->path_len);
	toc_put_bool(d, F_HOST_CERT, first);
	toc_put_bool(d, F_CLIENT_CERT, client);
	toc_sink_commit(s, d);
}
