/* letters - a label of a domain name as its readers see it: letters instead of punycode, and what they look like (UTS
 * 39). */
#ifndef BASE_LETTERS_H
#define BASE_LETTERS_H

#include "tocsin/span.h"

enum { TOC_LETTERS = 192 }; /* 63, and three for one that looks like several */

struct toc_letters {
	unsigned n;
	uint32_t at[TOC_LETTERS];
};

/* The letters of a label, in lower case; `xn--…` and UTF-8 by libidn2. false: none, or it is no label. */
bool toc_letters_read(struct toc_span label, struct toc_letters *out);

/* Each letter that looks like others becomes these; marks above and below letters go. What looks alike becomes equal.
 */
void toc_letters_skeleton(const struct toc_letters *of, struct toc_letters *out);

bool toc_letters_equal(const struct toc_letters *a, const struct toc_letters *b);

/* At most one letter put in, left out or exchanged, or two neighbours swapped (Damerau and Levenshtein). */
bool toc_letters_near(const struct toc_letters *a, const struct toc_letters *b);

/* Does one stand within the other? */
bool toc_letters_within(const struct toc_letters *part, const struct toc_letters *whole);

#endif
