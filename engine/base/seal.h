/* seal - AES-256-GCM with a nonce made from what is sealed (after RFC 8452's idea): the same input gives the same
 * bytes. */
#ifndef BASE_SEAL_H
#define BASE_SEAL_H

#include "tocsin/span.h"

enum { TOC_SEAL_MORE = 12 + 16 }; /* nonce in front, tag behind */

/* HMAC-SHA-256 of a label: keys for different ends from one. */
void toc_key_derive(const uint8_t key[32], const char *label, uint8_t out[32]);

/* out: plain.n + TOC_SEAL_MORE bytes. Two different plain texts or aads share a nonce only by an accident of 2^-48. */
void toc_seal(const uint8_t key[32], struct toc_span aad, struct toc_span plain, uint8_t *out);

/* out: sealed.n - TOC_SEAL_MORE bytes. false: wrong key, aad or bytes, and out is not to be read. */
bool toc_unseal(const uint8_t key[32], struct toc_span aad, struct toc_span sealed, uint8_t *out);

#endif
