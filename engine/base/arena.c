/* arena - chunks in a list, the newest first; a block that is larger than a chunk has one of its own. */
#include "base/arena.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK = 64 * 1024 };

struct chunk {
	struct chunk *next, *before;
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

static size_t rounded(size_t n)
{
	return (n + 15) & ~(size_t)15;
}

static struct chunk *chunk_new(size_t size)
{
	struct chunk *c = must(calloc(1, sizeof(*c) + size));
	c->size = size;
	return c;
}

static void link_after(struct toc_arena *a, struct chunk *before, struct chunk *c)
{
	struct chunk **at = before ? &before->next : &a->chunks;
	c->before = before;
	c->next = *at;
	if (c->next)
		c->next->before = c;
	*at = c;
}

void *toc_arena_alloc(struct toc_arena *a, size_t n)
{
	n = rounded(n);
	struct chunk *c = a->chunks;
	if (n > CHUNK) { /* behind the first, which goes on being filled */
		c = chunk_new(n);
		link_after(a, a->chunks, c);
	} else if (!c || c->size - c->used < n) {
		c = chunk_new(CHUNK);
		link_after(a, NULL, c);
	}
	void *p = c->bytes + c->used;
	c->used += n;
	a->used += n;
	return p;
}

void toc_arena_drop(struct toc_arena *a, void *p, size_t n)
{
	if (rounded(n) <= CHUNK)
		return;
	struct chunk *c = (struct chunk *)(void *)((uint8_t *)p - offsetof(struct chunk, bytes));
	*(c->before ? &c->before->next : &a->chunks) = c->next;
	if (c->next)
		c->next->before = c->before;
	a->used -= c->used;
	free(c);
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
