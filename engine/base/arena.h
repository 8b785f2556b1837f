/* arena - bump allocation with one lifetime: everything is freed at once. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>

#include "tocsin/span.h"

struct toc_arena;

/* Owned by the caller; aborts the process when memory is out (only start-up and reload use arenas). */
struct toc_arena *toc_arena_new(void);
void toc_arena_free(struct toc_arena *a);

/* Zeroed, 16-aligned, lives as long as the arena. */
void *toc_arena_alloc(struct toc_arena *a, size_t n);

/*
 * A block that grew elsewhere is let go, with the n bytes that it was asked for with: a large one has memory of its
 * own, which is free again; a small one stays as long as the arena.
 */
void toc_arena_drop(struct toc_arena *a, void *p, size_t n);

/* Copies, NUL-terminated. */
char *toc_arena_str(struct toc_arena *a, struct toc_span s);
char *toc_arena_printf(struct toc_arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *toc_arena_vprintf(struct toc_arena *a, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* Bytes handed out so far. */
size_t toc_arena_used(const struct toc_arena *a);

#endif
