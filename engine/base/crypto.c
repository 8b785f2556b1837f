/* crypto - HKDF, AES-128 and AES-128-GCM by libcrypto; no state is kept. */
#include "tocsin/crypto.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

/* A call fails only when memory is out or the library is broken: neither can be gone on from. */
static void must(int ok)
{
	if (ok != 1)
		abort();
}

static void hmac(struct toc_span key, struct toc_span data, uint8_t out[32])
{
	static const uint8_t none[1];
	must(HMAC(EVP_sha256(), key.n ? key.p : none, (int)key.n, data.p, data.n, out, NULL) != NULL);
}

void toc_hkdf_extract(struct toc_span salt, struct toc_span secret, uint8_t out[32])
{
	hmac(salt, secret, out);
}

void toc_hkdf_expand_label(const uint8_t secret[32], const char *label, uint8_t *out, size_t n)
{
	static const char prefix[] = "tls13 ";
	uint8_t info[64] = { 0, (uint8_t)n }, block[32];
	size_t label_n = strlen(label), at = 3;
	if (n > sizeof(block) || label_n > 32)
		abort();
	info[2] = (uint8_t)(sizeof(prefix) - 1 + label_n);
	memcpy(info + at, prefix, sizeof(prefix) - 1);
	at += sizeof(prefix) - 1;
	memcpy(info + at, label, label_n);
	at += label_n;
	info[at++] = 0; /* context */
	info[at++] = 1; /* the first block is enough */
	hmac(toc_span_of(secret, 32), toc_span_of(info, at), block);
	memcpy(out, block, n);
}

void toc_aes128_block(const uint8_t key[16], const uint8_t in[16], uint8_t out[16])
{
	int n = 0;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	must(c != NULL);
	must(EVP_EncryptInit_ex(c, EVP_aes_128_ecb(), NULL, key, NULL));
	must(EVP_CIPHER_CTX_set_padding(c, 0));
	must(EVP_EncryptUpdate(c, out, &n, in, 16));
	EVP_CIPHER_CTX_free(c);
}

bool toc_aes128_gcm_open(const uint8_t key[16], const uint8_t nonce[12], struct toc_span aad, struct toc_span sealed,
			 uint8_t *out)
{
	enum { TAG = 16 };
	int n = 0;
	uint8_t tag[TAG];
	if (sealed.n < TAG || sealed.n > INT_MAX || aad.n > INT_MAX)
		return false;
	memcpy(tag, sealed.p + sealed.n - TAG, TAG);
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	must(c != NULL);
	must(EVP_DecryptInit_ex(c, EVP_aes_128_gcm(), NULL, key, nonce));
	must(EVP_DecryptUpdate(c, NULL, &n, aad.p, (int)aad.n));
	must(EVP_DecryptUpdate(c, out, &n, sealed.p, (int)(sealed.n - TAG)));
	must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG, tag));
	bool ok = EVP_DecryptFinal_ex(c, out + n, &n) == 1;
	EVP_CIPHER_CTX_free(c);
	return ok;
}
