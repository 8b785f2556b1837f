/* lines - memory that begins where a line of the cache does: what is read together lies in as few as it can. */
#ifndef MATCH_LINES_H
#define MATCH_LINES_H

#include "base/arena.h"

enum { TOC_LINE = 64 };

/* Zeroed; the arena's. */
static inline void *toc_lines_alloc(struct toc_arena *arena, size_t n)
{
	const uintptr_t at = (uintptr_t)toc_arena_alloc(arena, n + TOC_LINE - 1);
	return (void *)((at + TOC_LINE - 1) & ~(uintptr_t)(TOC_LINE - 1));
}

#endif
