/* digest - SHA-256 of bytes that come in pieces, SHA-1 of many short texts. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "tocsin/digest.h"

struct toc_sha256;

/* Owned by the caller; meant to be kept and begun again, since making one costs more than a short body's hash.
 * Aborts when memory is out. */
struct toc_sha256 *toc_sha256_new(void);
void toc_sha256_free(struct toc_sha256 *h);

void toc_sha256_begin(struct toc_sha256 *h);
void toc_sha256_add(struct toc_sha256 *h, struct toc_span bytes);
void toc_sha256_end(struct toc_sha256 *h, uint8_t out[32]);

/* For short texts, many of them: the library looks the algorithm up once, which costs more than such a hash. Owned by the
 * caller; aborts when memory is out. */
struct toc_sha1;
struct toc_sha1 *toc_sha1_new(void);
void toc_sha1_free(struct toc_sha1 *h);
void toc_sha1_of(struct toc_sha1 *h, struct toc_span in, uint8_t out[20]);

#endif
