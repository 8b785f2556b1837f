/* psl - where a name's owner begins: the public suffix list (publicsuffix.org, by libpsl). */
#ifndef BASE_PSL_H
#define BASE_PSL_H

#include "tocsin/span.h"

struct toc_psl;

/* The newest list of the system, or the one that came with the library. NULL: no memory. Read only from then on. */
struct toc_psl *toc_psl_new(void);
void toc_psl_free(struct toc_psl *psl);

/* The registrable domain, which ends `name` and is borrowed from it; empty: none (a suffix alone, no plain name). */
struct toc_span toc_psl_domain(const struct toc_psl *psl, struct toc_span name);

#endif
