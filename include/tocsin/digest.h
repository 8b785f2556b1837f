/* digest - the hashes that decoders may need; implemented in engine/base over libcrypto. */
#ifndef TOCSIN_DIGEST_H
#define TOCSIN_DIGEST_H

#include "tocsin/span.h"

void toc_md5(struct toc_span in, uint8_t out[16]);
void toc_sha256(struct toc_span in, uint8_t out[32]);

/* Lower-case hex of n bytes into out[2 * n]; no NUL is written. */
void toc_hex(const uint8_t *in, size_t n, char *out);

#endif
