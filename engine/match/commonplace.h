/* commonplace - what texts in logs are full of, so that nothing is waited for by it that has anything rarer. */
#ifndef MATCH_COMMONPLACE_H
#define MATCH_COMMONPLACE_H

#include "tocsin/span.h"

/* Runs of four bytes that are common, as a set of hashes. */
struct toc_commonplace {
	uint64_t bits[1 << 10];
};

void toc_commonplace_make(struct toc_commonplace *out);

/* How many of a folded text's runs of four bytes are common; it has n - 3. */
size_t toc_commonplace_count(const struct toc_commonplace *c, struct toc_span text);

/* The commonplaces themselves, lower case. */
struct toc_span toc_commonplace_text(void);

#endif
