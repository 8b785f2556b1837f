/* variants - a pattern's text with `{[ … | … ]}` written out: every choice becomes a text of its own. */
#ifndef NORMALISE_VARIANTS_H
#define NORMALISE_VARIANTS_H

#include "base/arena.h"
#include "tocsin/span.h"

enum { VARIANTS = 512 };

struct variants {
	struct toc_arena *arena;
	unsigned n;
	struct toc_span text[VARIANTS];
};

/* Adds the texts in the order of the choices; choices may hold choices. NULL, or what is wrong with the text. */
const char *variants_write(struct variants *v, struct toc_span text);

#endif
