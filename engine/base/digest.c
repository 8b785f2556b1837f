/* digest - MD5, SHA-1, SHA-256 by libcrypto. */
#include "base/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

static void digest(const EVP_MD *md, struct toc_span in, uint8_t *out)
{
	/* an EVP call fails only when memory is out or the library is broken: neither can be gone on from; where even
	 * the library's own context could not be made, it would be used all the same */
	if (!OSSL_LIB_CTX_get0_global_default() || EVP_Digest(in.p, in.n, out, NULL, md, NULL) != 1)
		abort();
}

void toc_md5(struct toc_span in, uint8_t out[16])
{
	digest(EVP_md5(), in, out);
}

void toc_sha256(struct toc_span in, uint8_t out[32])
{
	digest(EVP_sha256(), in, out);
}

/* EVP keeps what it fetched as long as the context lives, so beginning again does not look the algorithm up. */
struct toc_sha256 {
	EVP_MD_CTX *evp;
};

static void must(int ok)
{
	if (ok != 1)
		abort();
}

static EVP_MD_CTX *context_of(const EVP_MD *md)
{
	EVP_MD_CTX *evp = EVP_MD_CTX_new();
	if (!evp)
		abort();
	must(EVP_DigestInit_ex(evp, md, NULL));
	return evp;
}

struct toc_sha256 *toc_sha256_new(void)
{
	struct toc_sha256 *h = malloc(sizeof(*h));
	if (!h)
		abort();
	h->evp = context_of(EVP_sha256());
	return h;
}

void toc_sha256_free(struct toc_sha256 *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->evp);
	free(h);
}

void toc_sha256_begin(struct toc_sha256 *h)
{
	must(EVP_DigestInit_ex(h->evp, NULL, NULL));
}

void toc_sha256_add(struct toc_sha256 *h, struct toc_span bytes)
{
	must(EVP_DigestUpdate(h->evp, bytes.p, bytes.n));
}

void toc_sha256_end(struct toc_sha256 *h, uint8_t out[32])
{
	must(EVP_DigestFinal_ex(h->evp, out, NULL));
}

struct toc_sha1 {
	EVP_MD_CTX *evp;
};

struct toc_sha1 *toc_sha1_new(void)
{
	struct toc_sha1 *h = malloc(sizeof(*h));
	if (!h)
		abort();
	h->evp = context_of(EVP_sha1());
	return h;
}

void toc_sha1_free(struct toc_sha1 *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->evp);
	free(h);
}

void toc_sha1_of(struct toc_sha1 *h, struct toc_span in, uint8_t out[20])
{
	must(EVP_DigestInit_ex(h->evp, NULL, NULL));
	must(EVP_DigestUpdate(h->evp, in.p, in.n));
	must(EVP_DigestFinal_ex(h->evp, out, NULL));
}

void toc_hex(const uint8_t *in, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[in[i] >> 4];
		out[2 * i + 1] = digits[in[i] & 15];
	}
}
