/* reveal - opens what mask_seal has sealed. */
#include "alert/reveal.h"

#include <stdio.h>
#include <stdlib.h>

#include "alert/mask.h"
#include "base/seal.h"

char *toc_reveal(const uint8_t site_key[32], unsigned school_year_of, const char *id, unsigned revision,
		 struct toc_span sealed)
{
	char aad[80];
	struct mask *m = calloc(1, sizeof(*m)); /* large: it holds a draft */
	char *out = sealed.n >= TOC_SEAL_MORE ? malloc(sealed.n - TOC_SEAL_MORE + 1) : NULL;
	if (!m)
		abort();
	int n = snprintf(aad, sizeof(aad), "%s-%u", id, revision);
	m->site_key = site_key;
	mask_use_year(m, school_year_of);
	if (out && toc_unseal(m->seal_key, toc_span_of(aad, (size_t)n), sealed, (uint8_t *)out)) {
		out[sealed.n - TOC_SEAL_MORE] = '\0';
	} else {
		free(out);
		out = NULL;
	}
	free(m);
	return out;
}
