/* inflate - gzip, deflate and Brotli bodies decoded in pieces, bounded against bombs. */
#ifndef BASE_INFLATE_H
#define BASE_INFLATE_H

#include "tocsin/decoder.h"

struct toc_inflate;

/* About 90 KiB, and up to TOC_BROTLI_MEMORY while it decodes Brotli. Owned by the caller, meant to be kept and begun
 * again; aborts when memory is out. */
struct toc_inflate *toc_inflate_new(void);
void toc_inflate_free(struct toc_inflate *z);

/* coding: TOC_CODING_GZIP (RFC 1952), TOC_CODING_DEFLATE (RFC 1950, or the bare RFC 1951 that some servers send), or
 * TOC_CODING_BROTLI (RFC 7932). */
void toc_inflate_begin(struct toc_inflate *z, enum toc_coding coding);

/* Gives back what Brotli took; nothing is decoded until it is begun again. */
void toc_inflate_rest(struct toc_inflate *z);

/*
 * What is not coded at all comes out as it is; what follows the end is passed over; sums and lengths at the end are not
 * looked at: a receiver's browser does the same, and what it sees is what is looked for. Decodes the next bytes into
 * out, and moves *in past what was used. Returns the bytes written; 0 = the rest of *in (which may be empty) needs more
 * input, or is undecodable: then toc_inflate_failed says so from there on.
 */
size_t toc_inflate_some(struct toc_inflate *z, struct toc_span *in, uint8_t *out, size_t room);

/* Not what the coding says, or it grew beyond the limit (TOC_INFLATE_FREE bytes, then TOC_INFLATE_RATIO to 1). */
bool toc_inflate_failed(const struct toc_inflate *z);

/* Gives up: bytes are missing, so nothing behind them can be decoded. */
void toc_inflate_fail(struct toc_inflate *z);

enum { TOC_INFLATE_FREE = 16 << 20, TOC_INFLATE_RATIO = 100 };

#endif
