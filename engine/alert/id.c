/* id - an alert's name: the same in replay and after a restart, and unguessable without the site's key. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#include "alert/episode.h"
#include "tocsin/digest.h"

/* Each part with its length in front, so that no two lists of parts read alike. */
static void part(struct text *t, const void *p, size_t n)
{
	uint32_t length = (uint32_t)n;
	text_put(t, toc_span_of(&length, sizeof(length)));
	text_put(t, toc_span_of(p, n));
}

void episode_id(const uint8_t site_key[32], const char *sensor, const char *rule, struct toc_span key,
		const struct toc_event *cause, char out[33])
{
	struct text t = { 0 };
	uint8_t mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	part(&t, sensor, strlen(sensor));
	part(&t, rule, strlen(rule));
	part(&t, key.p, key.n);
	part(&t, &cause->ts, sizeof(cause->ts));
	part(&t, &cause->uid, sizeof(cause->uid));
	if (!HMAC(EVP_sha256(), site_key, 32, (const uint8_t *)t.p, t.n, mac, &n))
		abort();
	toc_hex(mac, 16, out);
	out[32] = '\0';
	text_free(&t);
}
