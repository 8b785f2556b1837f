/* arena - chunks in a list, the newest first. */
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>

enum { CHUNK = 64 * 1024 };

struct chunk {
	struct chunk *next;
	size_t used, size;
	_Alignas(16) uint8_t bytes[];
};

struct toc_arena {
	struct chunk *chunks;
	size_t used;
};

static void *must(void *p)
{
	if (!p) {
		fputs("tocsin: out of memory\n", stderr);
		abort();
	}
	return p;
}

struct toc_arena *toc_arena_new(void)
{
	return must(calloc(1, sizeof(struct toc_arena)));
}

void toc_arena_free(struct toc_arena *a)
{
	if (!a)
		return;
	for (struct chunk *c = a->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
}

void *toc_arena_alloc(struct toc_arena *a, size_t n)
{
	n = (n + 15) & ~(size_t)15;
	struct chunk *c = a->chunks;
	if (!c || c->size - c->used < n) {
		size_t size = n > CHUNK ? n : CHUNK;
		c = must(calloc(1, sizeof(*c) + size));
		c->size = size;
		c->next = a->chunks;
		a->chunks = c;
	}
	void *p = c->bytes + c->used;
	c->used += n;
	a->used += n;
	return p;
}

char *toc_arena_str(struct toc_arena *a, struct toc_span s)
{
	char *text = toc_arena_alloc(a, s.n + 1);
	if (s.n)
		memcpy(text, s.p, s.n);
	return text;
}

char *toc_arena_vprintf(struct toc_arena *a, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	char *text = toc_arena_alloc(a, (size_t)(n < 0 ? 0 : n) + 1);
	if (n > 0)
		vsnprintf(text, (size_t)n + 1, format, again);
	va_end(again);
	return text;
}

char *toc_arena_printf(struct toc_arena *a, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *text = toc_arena_vprintf(a, format, args);
	va_end(args);
	return text;
}

size_t toc_arena_used(const struct toc_arena *a)
{
	return a->used;
}
