/* psl - the public suffix list over libpsl. */
#include "base/psl.h"

#include <libpsl.h>

enum { NAME_MOST = 253 };

/* The library's context is the whole of it. */
struct toc_psl *toc_psl_new(void)
{
	return (struct toc_psl *)psl_latest(NULL);
}

void toc_psl_free(struct toc_psl *psl)
{
	psl_free((psl_ctx_t *)psl);
}

/* Letters, digits, dashes and underscores between single dots: what else there is has no owner. */
static bool is_plain(struct toc_span name)
{
	bool dot = true;
	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = toc_lower(name.p[i]);
		if (c == '.' ? dot : !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
		dot = c == '.';
	}
	return name.n && name.n <= NAME_MOST && !dot;
}

struct toc_span toc_psl_domain(const struct toc_psl *psl, struct toc_span name)
{
	char text[NAME_MOST + 1];
	if (!is_plain(name))
		return toc_span_of("", 0);
	memcpy(text, name.p, name.n);
	text[name.n] = 0;
	const char *domain = psl_registrable_domain((const psl_ctx_t *)psl, text);
	return domain ? toc_span_from(name, (size_t)(domain - text)) : toc_span_of("", 0);
}
