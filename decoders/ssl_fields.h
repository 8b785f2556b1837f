/* ssl_fields - the rows of the TLS decoder: fields by index, and the event of a certificate. */
#ifndef DECODERS_SSL_FIELDS_H
#define DECODERS_SSL_FIELDS_H

#include "decoders/ssl.h"
#include "decoders/x509.h"

enum field {
	K_SSL,
	F_VERSION,
	F_CIPHER,
	F_CURVE,
	F_SERVER_NAME,
	F_RESUMED,
	F_LAST_ALERT,
	F_NEXT_PROTOCOL,
	F_ESTABLISHED,
	F_SSL_HISTORY,
	F_CERT_CHAIN_FPS,
	F_CLIENT_CERT_CHAIN_FPS,
	F_SNI_MATCHES_CERT,
	F_SUBJECT,
	F_ISSUER,
	F_JA3,
	F_JA3S,
	F_JA4,
	K_X509,
	F_FINGERPRINT,
	F_CERT_VERSION,
	F_CERT_SERIAL,
	F_CERT_SUBJECT,
	F_CERT_ISSUER,
	F_CERT_NOT_BEFORE,
	F_CERT_NOT_AFTER,
	F_CERT_KEY_ALG,
	F_CERT_SIG_ALG,
	F_CERT_KEY_TYPE,
	F_CERT_KEY_LENGTH,
	F_CERT_EXPONENT,
	F_CERT_CURVE,
	F_SAN_DNS,
	F_SAN_URI,
	F_SAN_EMAIL,
	F_SAN_IP,
	F_CA,
	F_PATH_LEN,
	F_HOST_CERT,
	F_CLIENT_CERT
};

/* Emits the x509 event. first: of its chain; dir: who showed it. */
void ssl_certificate(const struct x509 *cert, const char fingerprint[64], bool first, enum toc_dir dir,
		     struct toc_sink *s);

#endif
