/* seal - by libcrypto. */
#include "base/seal.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

enum { NONCE = 12, TAG = 16 };

/* A call fails only when memory is out or the library is broken: neither can be gone on from. */
static void must(int ok)
{
	if (ok != 1)
		abort();
}

void toc_key_derive(const uint8_t key[32], const char *label, uint8_t out[32])
{
	must(HMAC(EVP_sha256(), key, 32, (const uint8_t *)label, strlen(label), out, NULL) != NULL);
}

/* HMAC of aad's length, aad and plain, under a key of its own. */
static void make_nonce(const uint8_t key[32], struct toc_span aad, struct toc_span plain, uint8_t out[NONCE])
{
	uint8_t own[32], mac[32];
	uint64_t n = aad.n;
	size_t length = sizeof(mac);
	toc_key_derive(key, "nonce", own);
	EVP_PKEY *k = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, own, sizeof(own));
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	must(k && c && EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, k) == 1);
	must(EVP_DigestSignUpdate(c, &n, sizeof(n)));
	must(EVP_DigestSignUpdate(c, aad.p, aad.n));
	must(EVP_DigestSignUpdate(c, plain.p, plain.n));
	must(EVP_DigestSignFinal(c, mac, &length));
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(k);
	memcpy(out, mac, NONCE);
}

void toc_seal(const uint8_t key[32], struct toc_span aad, struct toc_span plain, uint8_t *out)
{
	int n = 0;
	must(aad.n <= INT_MAX && plain.n <= INT_MAX);
	make_nonce(key, aad, plain, out);
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	must(c != NULL);
	must(EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, out));
	must(EVP_EncryptUpdate(c, NULL, &n, aad.p, (int)aad.n));
	must(EVP_EncryptUpdate(c, out + NONCE, &n, plain.p, (int)plain.n));
	must(EVP_EncryptFinal_ex(c, out + NONCE + n, &n));
	must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, TAG, out + NONCE + plain.n));
	EVP_CIPHER_CTX_free(c);
}

bool toc_unseal(const uint8_t key[32], struct toc_span aad, struct toc_span sealed, uint8_t *out)
{
	int n = 0;
	uint8_t tag[TAG];
	if (sealed.n < TOC_SEAL_MORE || sealed.n > INT_MAX || aad.n > INT_MAX)
		return false;
	memcpy(tag, sealed.p + sealed.n - TAG, TAG);
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	must(c != NULL);
	must(EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, sealed.p));
	must(EVP_DecryptUpdate(c, NULL, &n, aad.p, (int)aad.n));
	must(EVP_DecryptUpdate(c, out, &n, sealed.p + NONCE, (int)(sealed.n - TOC_SEAL_MORE)));
	must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, TAG, tag));
	bool ok = EVP_DecryptFinal_ex(c, out + n, &n) == 1;
	EVP_CIPHER_CTX_free(c);
	return ok;
}
