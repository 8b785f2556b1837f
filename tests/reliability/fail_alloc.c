/*
 * fail_alloc - preloaded: the N-th allocation (FAIL_AT, from 1) finds no memory; FAIL_COUNT names a file that gets the
 * number of them in the end. Counted from the first one of the program itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t n);

static atomic_long made, fail_at;

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("FAIL_AT");
	atomic_store(&made, 0);
	atomic_store(&fail_at, at ? atol(at) : 0);
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("FAIL_COUNT");
	long n = atomic_load(&made);
	FILE *f = path ? fopen(path, "w") : NULL;
	if (f) {
		fprintf(f, "%ld\n", n);
		fclose(f);
	}
}

static int fails(void)
{
	long at = atomic_load_explicit(&fail_at, memory_order_relaxed);
	if (atomic_fetch_add_explicit(&made, 1, memory_order_relaxed) + 1 != at || !at)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return fails() ? NULL : __libc_realloc(p, n);
}
