/* ring - bounded single-producer single-consumer queue of flat records, in place. */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct toc_ring;

/* `bytes` is rounded up to a power of two, at least twice the largest record. NULL when memory is out. Owned by the
 * caller. */
struct toc_ring *toc_ring_new(size_t bytes);
void toc_ring_free(struct toc_ring *r);

/*
 * Producer: room for a record of n bytes (n > 0, multiple of 8), 8-aligned, not yet visible; NULL when the ring is
 * full. toc_ring_push makes it visible. Only one reservation at a time; reserving again forgets the first.
 */
void *toc_ring_reserve(struct toc_ring *r, size_t n);
void toc_ring_push(struct toc_ring *r);

/* Producer: what was pushed shall be seen now. Otherwise a sleeping consumer may see it up to TOC_RING_NAP_MS later. */
enum { TOC_RING_NAP_MS = 5 };
void toc_ring_flush(struct toc_ring *r);

/* Producer: the reserved record turned out to be only n bytes (multiple of 8, not more than reserved). Before the push.
 */
void toc_ring_shrink(struct toc_ring *r, size_t n);

/* From now on the ring takes a record only when it is empty: for tests of what a full ring does. */
void toc_ring_single(struct toc_ring *r);

/* Producer: sleeps until there is room for n bytes, then reserves. Never NULL. */
void *toc_ring_reserve_wait(struct toc_ring *r, size_t n);

/* Consumer: the oldest record (its first 4 bytes are its size), or NULL when empty. toc_ring_pop forgets it. */
void *toc_ring_peek(struct toc_ring *r);
void toc_ring_pop(struct toc_ring *r);

/* Consumer: sleeps until a record is there or the timeout passes (milliseconds, -1 = for ever); may return NULL early
 * unless it is -1. */
void *toc_ring_peek_wait(struct toc_ring *r, int timeout_ms);

/* Largest record that fits. */
size_t toc_ring_max(const struct toc_ring *r);

/*
 * A bell that the consumer of several rings sleeps on, and nobody else: producers ring it when they push into an empty
 * ring. Attach before any thread uses the ring.
 */
struct toc_bell;
struct toc_bell *toc_bell_new(void);
void toc_bell_free(struct toc_bell *b);
void toc_ring_attach(struct toc_ring *r, struct toc_bell *b);
/*
 * To sleep: seen = enter; look at all rings once more; if they are empty, wait(seen); leave. Wait returns at once when
 * the bell rang after enter; timeout in milliseconds, -1 = none; it may also return early.
 */
uint32_t toc_bell_enter(struct toc_bell *b);
void toc_bell_wait(struct toc_bell *b, uint32_t seen, int timeout_ms);
void toc_bell_leave(struct toc_bell *b);
/* Wakes the sleeper. */
void toc_bell_ring(struct toc_bell *b);

#endif
