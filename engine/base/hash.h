/* hash - keyed hashing for tables whose keys strangers choose, and a fixed one for what must not change. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Per-process secret of the tables; made in app/ from the system's randomness, fixed in tests. */
struct toc_hash_key {
	uint64_t k0, k1;
};

/* SipHash-1-3 (Aumasson and Bernstein 2012; 1-3 is the variant for hash tables). */
uint64_t toc_hash(const struct toc_hash_key *key, const void *p, size_t n);

/* FNV-1a 64: for uid and for tables of our own names; never for keys from the network. */
uint64_t toc_hash_fixed(const void *p, size_t n);

/* Mixes one more 64-bit word into a fixed hash (splitmix64 finaliser). */
static inline uint64_t toc_hash_mix(uint64_t h, uint64_t v)
{
	h ^= v + UINT64_C(0x9e3779b97f4a7c15) + (h << 6) + (h >> 2);
	h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
	return h ^ (h >> 31);
}

#endif
