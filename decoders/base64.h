/* base64 - decoding byte by byte, so that what follows a name (its password) need never be decoded. */
#ifndef DECODERS_BASE64_H
#define DECODERS_BASE64_H

#include "tocsin/span.h"

/* Both alphabets of RFC 4648 (sections 4 and 5); begins zeroed but for the text. */
struct base64 {
	struct toc_span text; /* not read yet; borrowed */
	uint32_t bits;
	unsigned have;
};

enum { BASE64_END = -1, BASE64_BAD = -2 };

/* The next byte; END: there is none, or padding begins; BAD: what stands there is no base64. */
int base64_next(struct base64 *b);

/* Up to the end, or to what is no base64, or room bytes; returns how many. */
size_t base64_read(struct toc_span text, uint8_t *out, size_t room);

#endif
