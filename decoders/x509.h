/* x509 - one certificate, as far as an event tells of it (RFC 5280). */
#ifndef DECODERS_X509_H
#define DECODERS_X509_H

#include "tocsin/decoder.h"

enum { X509_NAME_TEXT = 2048, X509_SANS = 128, X509_OID_TEXT = 96 };

enum x509_san { X509_SAN_EMAIL = 1, X509_SAN_DNS = 2, X509_SAN_URI = 6, X509_SAN_IP = 7 };

/* Spans are borrowed from the certificate, names are static. */
struct x509 {
	unsigned version;
	struct toc_span serial;		 /* without leading zero bytes */
	struct toc_span subject, issuer; /* the sequences within the Name, for x509_name_text */
	toc_time not_before, not_after;
	bool has_before, has_after;
	char key_alg[X509_OID_TEXT], sig_alg[X509_OID_TEXT];
	const char *key_type, *curve; /* NULL = none */
	unsigned key_length;	      /* bits; 0 = unknown */
	uint64_t exponent;	      /* 0 = none */
	unsigned nsans;
	struct {
		enum x509_san type;
		struct toc_span value;
	} sans[X509_SANS];
	bool extended; /* it has extensions */
	bool has_ca, ca, has_path_len;
	uint64_t path_len;
};

/* false: not a certificate that can be read. */
bool x509_read(struct toc_span der, struct x509 *out);

/* RFC 4514 text of a Name, last part first; returns its length, cut to room. */
size_t x509_name_text(struct toc_span name, char *out, size_t room);

/* The first common name in a Name; n = 0: none. */
struct toc_span x509_common_name(struct toc_span name);

/* Is the certificate for this host (RFC 6125; subject alternative names, else the common name: RFC 9525 has done with
 * that one, the devices that have nothing else have not)? */
bool x509_for_host(const struct x509 *cert, struct toc_span host);

/* The shape of certificates that Tor makes for its link handshake: see x509.c. */
bool x509_is_tor(const struct x509 *cert);

/* UTCTime or GeneralizedTime; false: neither, or beyond what a toc_time holds. */
bool x509_time(struct toc_cursor *c, toc_time *out);

/* Dotted text of an OID's contents; returns its length (NUL-terminated). */
size_t x509_oid_text(struct toc_span oid, char out[X509_OID_TEXT]);

#endif
