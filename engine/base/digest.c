/* digest - MD5, SHA-1, SHA-256 by libcrypto. */
#include "tocsin/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

static void digest(const EVP_MD *md, struct toc_span in, uint8_t *out)
{
	/* an EVP call fails only when memory is out or the library is broken: neither can be gone on from */
	if (EVP_Digest(in.p, in.n, out, NULL, md, NULL) != 1)
		abort();
}

void toc_md5(struct toc_span in, uint8_t out[16])
{
	digest(EVP_md5(), in, out);
}

void toc_sha1(struct toc_span in, uint8_t out[20])
{
	digest(EVP_sha1(), in, out);
}

void toc_sha256(struct toc_span in, uint8_t out[32])
{
	digest(EVP_sha256(), in, out);
}

void toc_hex(const uint8_t *in, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[in[i] >> 4];
		out[2 * i + 1] = digits[in[i] & 15];
	}
}
