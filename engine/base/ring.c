/* ring - SPSC byte ring: positions are running counts, sleeping is by futex and only when there is nothing to do. */
#define _GNU_SOURCE
#include "base/ring.h"

#include <assert.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 64, WAKE_BYTES = 256 << 10 };

/* A record size of SKIP says: the rest of the buffer is unused, go on at its start. */
enum { SKIP = 0 };

/* asleep: its one sleeper, from before its last look at the rings until it wakes or is woken, so that who wakes it does
 * so once and not again with each record until it gets a CPU. */
struct toc_bell {
	_Atomic uint32_t count, asleep;
};

struct toc_ring {
	/* producer's line */
	_Alignas(LINE) _Atomic uint64_t head;
	size_t reserved_n; /* size of the record being made */
	bool single;
	uint64_t reserved;     /* head after the push */
	uint64_t tail_seen;    /* the consumer's tail when last looked at */
	struct toc_bell *bell; /* rung after a push */
	/* consumer's line */
	_Alignas(LINE) _Atomic uint64_t tail;
	uint64_t next; /* tail after the pop */
	uint64_t head_seen;
	/* shared, constant */
	_Alignas(LINE) size_t size;
	size_t wake_at; /* bytes waiting, or free, that are worth waking a sleeper for */
	uint8_t *bytes;
	struct toc_bell *own, *room; /* own: data came; room: the consumer made room */
};

static void futex_wait(_Atomic uint32_t *word, uint32_t seen, int timeout_ms)
{
	struct timespec ts = { timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000 };
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, timeout_ms < 0 ? NULL : &ts, NULL, 0);
}

struct toc_bell *toc_bell_new(void)
{
	return calloc(1, sizeof(struct toc_bell));
}

void toc_bell_free(struct toc_bell *b)
{
	free(b);
}

void toc_bell_ring(struct toc_bell *b)
{
	atomic_fetch_add(&b->count, 1);
	if (atomic_exchange(&b->asleep, 0))
		syscall(SYS_futex, &b->count, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

uint32_t toc_bell_enter(struct toc_bell *b)
{
	atomic_store(&b->asleep, 1);
	return atomic_load(&b->count);
}

void toc_bell_leave(struct toc_bell *b)
{
	atomic_store(&b->asleep, 0);
}

void toc_bell_wait(struct toc_bell *b, uint32_t seen, int timeout_ms)
{
	if (atomic_load(&b->count) == seen)
		futex_wait(&b->count, seen, timeout_ms);
}

struct toc_ring *toc_ring_new(size_t bytes)
{
	size_t size = 4096;
	while (size < bytes)
		size *= 2;
	struct toc_ring *r = aligned_alloc(LINE, (sizeof(*r) + LINE - 1) / LINE * LINE);
	if (!r)
		return NULL;
	memset(r, 0, sizeof(*r));
	r->size = size;
	r->wake_at = size / 4 < WAKE_BYTES ? size / 4 : WAKE_BYTES;
	r->bytes = aligned_alloc(LINE, size);
	r->own = toc_bell_new();
	r->room = toc_bell_new();
	r->bell = r->own;
	if (!r->bytes || !r->own || !r->room) {
		toc_ring_free(r);
		return NULL;
	}
	return r;
}

void toc_ring_free(struct toc_ring *r)
{
	if (!r)
		return;
	free(r->bytes);
	toc_bell_free(r->own);
	toc_bell_free(r->room);
	free(r);
}

void toc_ring_attach(struct toc_ring *r, struct toc_bell *b)
{
	r->bell = b;
}

size_t toc_ring_max(const struct toc_ring *r)
{
	return r->size / 2 - 8;
}

static bool has_room(struct toc_ring *r, uint64_t end)
{
	if (end - r->tail_seen <= r->size)
		return true;
	r->tail_seen = atomic_load_explicit(&r->tail, memory_order_acquire);
	return end - r->tail_seen <= r->size;
}

void *toc_ring_reserve(struct toc_ring *r, size_t n)
{
	assert(n >= 8 && n % 8 == 0 && n <= toc_ring_max(r));
	uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
	size_t at = head & (r->size - 1);
	size_t skip = r->size - at < n ? r->size - at : 0; /* records do not wrap */
	if (!has_room(r, head + skip + n) ||
	    (r->single && atomic_load_explicit(&r->tail, memory_order_acquire) != head))
		return NULL;
	if (skip) {
		memset(r->bytes + at, SKIP, 4);
		at = 0;
	}
	r->reserved = head + skip + n;
	r->reserved_n = n;
	return r->bytes + at;
}

void toc_ring_shrink(struct toc_ring *r, size_t n)
{
	assert(n >= 8 && n % 8 == 0 && n <= r->reserved_n);
	r->reserved -= r->reserved_n - n;
	r->reserved_n = n;
}

void toc_ring_single(struct toc_ring *r)
{
	r->single = true;
}

void toc_ring_push(struct toc_ring *r)
{
	atomic_store(&r->head, r->reserved);
	/*
	 * Waking costs both sides more than many records do, so a sleeper is let sleep (TOC_RING_NAP_MS at most) until
	 * there is something worth it. It announced itself before it looked at the ring for the last time (seq_cst on
	 * both sides): either it saw this record, or it is seen here. Without sleepers a push costs no system call.
	 */
	if (atomic_load(&r->bell->asleep) &&
	    (r->single || r->reserved - atomic_load_explicit(&r->tail, memory_order_relaxed) >= r->wake_at))
		toc_bell_ring(r->bell);
}

void toc_ring_flush(struct toc_ring *r)
{
	if (atomic_load(&r->bell->asleep))
		toc_bell_ring(r->bell);
}

void *toc_ring_reserve_wait(struct toc_ring *r, size_t n)
{
	void *p = toc_ring_reserve(r, n);
	while (!p) {
		toc_ring_flush(r);
		uint32_t seen = toc_bell_enter(r->room);
		p = toc_ring_reserve(r, n);
		if (!p)
			toc_bell_wait(r->room, seen, 100);
		toc_bell_leave(r->room);
	}
	return p;
}

static uint32_t size_at(const uint8_t *p)
{
	uint32_t n;
	memcpy(&n, p, 4);
	return n;
}

void *toc_ring_peek(struct toc_ring *r)
{
	uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
	if (tail == r->head_seen) {
		r->head_seen = atomic_load(&r->head);
		if (tail == r->head_seen)
			return NULL;
	}
	size_t at = tail & (r->size - 1);
	if (size_at(r->bytes + at) == SKIP) {
		tail += r->size - at;
		at = 0;
	}
	r->next = tail + size_at(r->bytes + at);
	return r->bytes + at;
}

void toc_ring_pop(struct toc_ring *r)
{
	atomic_store(&r->tail, r->next);
	/* as in a push: for the room of one record nobody is woken */
	if (atomic_load(&r->room->asleep) &&
	    (r->single || r->size - (atomic_load_explicit(&r->head, memory_order_relaxed) - r->next) >= r->wake_at))
		toc_bell_ring(r->room);
}

void *toc_ring_peek_wait(struct toc_ring *r, int timeout_ms)
{
	void *p = toc_ring_peek(r);
	while (!p) {
		uint32_t seen = toc_bell_enter(r->bell);
		p = toc_ring_peek(r);
		if (!p)
			toc_bell_wait(r->bell, seen,
				      timeout_ms < 0 || timeout_ms > TOC_RING_NAP_MS ? TOC_RING_NAP_MS : timeout_ms);
		toc_bell_leave(r->bell);
		if (!p)
			p = toc_ring_peek(r);
		if (timeout_ms >= 0)
			break;
	}
	return p;
}
