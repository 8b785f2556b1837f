/*
 * sizes - how many entries each list, calendar and roster had when it was last believed, by name: what comes next is
 * held against it, for an export that went wrong is far more often a hundred times too long, or empty, than true.
 */
#ifndef BASE_SIZES_H
#define BASE_SIZES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tocsin/span.h"

enum { TOC_SIZES_FACTOR = 100 }; /* so many times as long is not believed */

struct toc_sizes;

/* What a reader is given: what was believed last, and where to put what it has read; either may be NULL. */
struct toc_sizing {
	const struct toc_sizes *before;
	struct toc_sizes *now;
};

/* NULL: no memory. Owned by the caller. */
struct toc_sizes *toc_sizes_new(void);
void toc_sizes_free(struct toc_sizes *s);

/* Of that kind ("list", "roster", "calendar") and name. What finds no memory is forgotten: it is not held against
 * anything then. s NULL: nobody remembers. */
void toc_sizes_put(struct toc_sizes *s, const char *kind, const char *name, uint64_t n);
/* 0: not known, or it was empty. */
uint64_t toc_sizes_get(const struct toc_sizes *s, const char *kind, const char *name);

/* Is n a hundred times what it was, or more? */
bool toc_sizes_far(const struct toc_sizes *s, const char *kind, const char *name, uint64_t n);

/* As text, a line each: number, kind, name; names of more than a line are left out. Reading takes what is such a line.
 */
void toc_sizes_write(const struct toc_sizes *s, FILE *out);
void toc_sizes_read(struct toc_sizes *s, struct toc_span text);

#endif
