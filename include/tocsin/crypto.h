/* crypto - what QUIC's Initial packets need (RFC 9001, section 5); implemented in engine/base over libcrypto. */
#ifndef TOCSIN_CRYPTO_H
#define TOCSIN_CRYPTO_H

#include "tocsin/span.h"

/* HKDF over SHA-256 (RFC 5869). */
void toc_hkdf_extract(struct toc_span salt, struct toc_span secret, uint8_t out[32]);

/* HKDF-Expand-Label with an empty context (RFC 8446, section 7.1); `label` without "tls13 ", at most 32 bytes out. */
void toc_hkdf_expand_label(const uint8_t secret[32], const char *label, uint8_t *out, size_t n);

/* One block of AES-128. */
void toc_aes128_block(const uint8_t key[16], const uint8_t in[16], uint8_t out[16]);

/* AEAD_AES_128_GCM: sealed = cipher text and a tag of 16 bytes; out has room for sealed.n - 16. false: the tag is
 * wrong, out is not to be read. */
bool toc_aes128_gcm_open(const uint8_t key[16], const uint8_t nonce[12], struct toc_span aad, struct toc_span sealed,
			 uint8_t *out);

#endif
