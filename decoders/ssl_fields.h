/* ssl_fields - the rows of TLS by index, and the event of a certificate. */
#ifndef DECODERS_SSL_FIELDS_H
#define DECODERS_SSL_FIELDS_H

#include "decoders/ssl.h"
#include "decoders/x509.h"

enum ssl_field {
#define SSL_FIELD(id, name, type, list, privacy, unit, meaning) id,
#include "decoders/ssl_fields.def"
#undef SSL_FIELD
	SSL_FIELDS
};

/* The same for ssl and dtls. */
extern const struct toc_field_decl ssl_fields[SSL_FIELDS];

/* Emits the x509 event. first: of its chain; client: who showed it. */
void ssl_certificate(const struct x509 *cert, const char fingerprint[64], bool first, bool client, struct toc_sink *s);

/* Emits an ocsp event for each answer of an OCSPResponse (RFC 6960, section 4.2.1). */
void ssl_ocsp_response(struct toc_span der, struct toc_sink *s);

/* v in hexadecimal, upper case, cut to what is reasonable. */
void ssl_put_hex(struct toc_draft *d, unsigned field, struct toc_span v);

#endif
