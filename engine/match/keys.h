/* keys - byte strings to small numbers, by hash: what interns tests and finds whole values. */
#ifndef MATCH_KEYS_H
#define MATCH_KEYS_H

#include "base/arena.h"

struct key_slot {
	uint64_t hash; /* 0 = free */
	struct toc_span key;
	uint32_t value;
};

/* Zeroed is empty. Grows while it is built; then only read. */
struct toc_keys {
	struct key_slot *slots;
	uint32_t mask, n;
	uint64_t lengths; /* bit min(length, 63): such keys exist */
};

/* The value of a key, made with 0 if new (*is_new). The key is copied to the arena. */
uint32_t *toc_keys_put(struct toc_keys *k, struct toc_arena *arena, struct toc_span key, bool *is_new);

/* NULL: there is no such key. */
const uint32_t *toc_keys_get(const struct toc_keys *k, struct toc_span key);

/*
 * Mixes eight bytes at a time. Not secret: the tables hold what rules say, so strangers choose what is looked up and
 * never what is in there.
 */
uint64_t toc_keys_hash(struct toc_span key);

#endif
