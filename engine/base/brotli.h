/* brotli - Brotli streams (RFC 7932) decoded in pieces, each within a bound of memory. */
#ifndef BASE_BROTLI_H
#define BASE_BROTLI_H

#include "tocsin/span.h"

/* What a stream may take: a window of 4 MiB (22 bits, what encoders use unless told otherwise) and its tables. */
enum { TOC_BROTLI_MEMORY = 6 << 20 };

/* BAD: no such stream; REFUSED: it asks for more memory than it may take. */
enum toc_brotli_said { TOC_BROTLI_MORE, TOC_BROTLI_END, TOC_BROTLI_BAD, TOC_BROTLI_REFUSED };

struct toc_brotli;

/* NULL: no memory. Owned by the caller; memory is taken as the stream needs it. */
struct toc_brotli *toc_brotli_new(void);
void toc_brotli_free(struct toc_brotli *b);

/* Decodes the next bytes into out; *in moves past what was used, *made is what came out. */
enum toc_brotli_said toc_brotli_some(struct toc_brotli *b, struct toc_span *in, uint8_t *out, size_t room,
				     size_t *made);

#endif
