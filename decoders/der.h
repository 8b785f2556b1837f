/* der - reading ASN.1 DER (ITU-T X.690) through the cursor. */
#ifndef DECODERS_DER_H
#define DECODERS_DER_H

#include "tocsin/cursor.h"

enum {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_OID = 0x06,
	DER_UTF8 = 0x0c,
	DER_T61 = 0x14,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_UNIVERSAL = 0x1c, /* UCS-4 */
	DER_BMP = 0x1e,	      /* UCS-2 */
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31
};

/* The next element's contents, whatever its tag (*tag). */
struct toc_cursor der_next(struct toc_cursor *c, uint8_t *tag);

/* The next element, which must have this tag; else the cursor (and the result) is bad. */
struct toc_cursor der_take(struct toc_cursor *c, uint8_t tag);

/* The same where it is there; false: another one stands here, nothing is read. */
bool der_optional(struct toc_cursor *c, uint8_t tag, struct toc_cursor *out);

#endif
