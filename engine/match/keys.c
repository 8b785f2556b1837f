/* keys - open addressing, at most half full. */
#include "match/keys.h"

#include "base/hash.h"

uint64_t toc_keys_hash(struct toc_span key)
{
	uint64_t h = key.n * UINT64_C(0x9e3779b97f4a7c15), word;
	for (; key.n >= 8; key = toc_span_of(key.p + 8, key.n - 8)) {
		memcpy(&word, key.p, 8);
		h = (h ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
		h ^= h >> 32;
	}
	word = 0;
	if (key.n)
		memcpy(&word, key.p, key.n);
	h = (h ^ word) * UINT64_C(0x94d049bb133111eb);
	h ^= h >> 29;
	return h ? h : 1;
}

static struct key_slot *slot_of(const struct toc_keys *k, uint64_t hash, struct toc_span key)
{
	uint32_t i = (uint32_t)hash & k->mask;
	while (k->slots[i].hash && !(k->slots[i].hash == hash && toc_span_eq(k->slots[i].key, key)))
		i = (i + 1) & k->mask;
	return &k->slots[i];
}

static void grow(struct toc_keys *k, struct toc_arena *arena)
{
	struct toc_keys bigger = { .mask = k->slots ? 2 * k->mask + 1 : 15, .n = k->n, .lengths = k->lengths };
	bigger.slots = toc_arena_alloc(arena, ((size_t)bigger.mask + 1) * sizeof(*bigger.slots));
	for (uint32_t i = 0; k->slots && i <= k->mask; i++)
		if (k->slots[i].hash)
			*slot_of(&bigger, k->slots[i].hash, k->slots[i].key) = k->slots[i];
	if (k->slots)
		toc_arena_drop(arena, k->slots, ((size_t)k->mask + 1) * sizeof(*k->slots));
	*k = bigger;
}

static uint64_t length_bit(size_t n)
{
	return UINT64_C(1) << (n < 63 ? n : 63);
}

uint32_t *toc_keys_put(struct toc_keys *k, struct toc_arena *arena, struct toc_span key, bool *is_new)
{
	if (!k->slots || 2 * k->n > k->mask)
		grow(k, arena);
	uint64_t hash = toc_keys_hash(key);
	struct key_slot *slot = slot_of(k, hash, key);
	*is_new = slot->hash == 0;
	if (*is_new) {
		*slot = (struct key_slot){ hash, toc_span_of(toc_arena_str(arena, key), key.n), 0 };
		k->n++;
		k->lengths |= length_bit(key.n);
	}
	return &slot->value;
}

const uint32_t *toc_keys_get(const struct toc_keys *k, struct toc_span key)
{
	if (!(k->lengths & length_bit(key.n)))
		return NULL;
	const struct key_slot *slot = slot_of(k, toc_keys_hash(key), key);
	return slot->hash ? &slot->value : NULL;
}
