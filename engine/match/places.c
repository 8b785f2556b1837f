/* places - with the instructions that look up sixteen bytes at once, or 128. */
#include "match/places.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define BY_HALVES __attribute__((target("avx2")))
#define BY_BYTES  __attribute__((target("avx512f,avx512bw,avx512vbmi")))

enum { FEW_GRAM = TOC_PLACES_GRAM / 2 };

enum toc_places_how toc_places_best(void)
{
	bool bytes = __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw");
	return bytes ? TOC_PLACES_BYTES : __builtin_cpu_supports("avx2") ? TOC_PLACES_HALVES : TOC_PLACES_NONE;
}

BY_HALVES static __m256i look_up(const uint8_t *table, __m256i halves)
{
	__m128i row = _mm_loadu_si128((const __m128i *)(const void *)table);
	return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(row), halves);
}

BY_HALVES static inline uint32_t find_half(const struct toc_places *t, const uint8_t *text, unsigned grams)
{
	const __m256i half = _mm256_set1_epi8(15);
	__m256i groups = _mm256_set1_epi8(-1);
	for (unsigned i = 0; i < grams; i++) {
		__m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(text + i));
		__m256i low = _mm256_and_si256(bytes, half);
		__m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
		groups = _mm256_and_si256(groups, look_up(t->low[i], low));
		groups = _mm256_and_si256(groups, look_up(t->high[i], high));
	}
	return ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(groups, _mm256_setzero_si256()));
}

BY_HALVES static void halves(const struct toc_places *t, const uint8_t *text, uint64_t *places, size_t words)
{
	for (size_t i = 0; i < words; i++, text += TOC_PLACES)
		places[i] |= find_half(t, text, TOC_PLACES_GRAM) |
			     (uint64_t)find_half(t, text + TOC_PLACES / 2, TOC_PLACES_GRAM) << TOC_PLACES / 2;
}

BY_HALVES static void few_halves(const struct toc_places *t, const uint8_t *text, uint64_t *places, size_t words)
{
	for (size_t i = 0; i < words; i++, text += TOC_PLACES)
		places[i] |= find_half(t, text, FEW_GRAM) | (uint64_t)find_half(t, text + TOC_PLACES / 2, FEW_GRAM)
								    << TOC_PLACES / 2;
}

/* All tables stay in registers, so that a long text costs little more than its bytes. */
BY_BYTES static inline void find_bytes(const struct toc_places *t, const uint8_t *text, uint64_t *places, size_t words,
				       const unsigned grams)
{
	__m512i lower[TOC_PLACES_GRAM], upper[TOC_PLACES_GRAM];
	for (unsigned i = 0; i < grams; i++) {
		lower[i] = _mm512_loadu_si512(t->byte[i]);
		upper[i] = _mm512_loadu_si512(t->byte[i] + 64);
	}
	for (size_t w = 0; w < words; w++, text += TOC_PLACES) {
		__m512i groups = _mm512_set1_epi8(-1);
		for (unsigned i = 0; i < grams; i++) {
			__m512i bytes = _mm512_loadu_si512(text + i);
			groups = _mm512_and_si512(groups, _mm512_permutex2var_epi8(lower[i], bytes, upper[i]));
		}
		places[w] |= _mm512_test_epi8_mask(groups, groups);
	}
}

BY_BYTES static void bytes(const struct toc_places *t, const uint8_t *text, uint64_t *places, size_t words)
{
	find_bytes(t, text, places, words, TOC_PLACES_GRAM);
}

BY_BYTES static void few_bytes(const struct toc_places *t, const uint8_t *text, uint64_t *places, size_t words)
{
	find_bytes(t, text, places, words, FEW_GRAM);
}

toc_places_find toc_places_finder(enum toc_places_how how, bool few)
{
	static const toc_places_find finders[][2] = {
		[TOC_PLACES_HALVES] = { halves, few_halves }, [TOC_PLACES_BYTES] = { bytes, few_bytes }
	};
	return finders[how][few];
}
#else
enum toc_places_how toc_places_best(void)
{
	return TOC_PLACES_NONE;
}

toc_places_find toc_places_finder(enum toc_places_how how, bool few)
{
	(void)how, (void)few;
	return NULL;
}
#endif

void toc_places_add(struct toc_places *t, struct toc_span gram, unsigned group)
{
	uint8_t bit = (uint8_t)(1u << group);
	for (unsigned i = 0; i < TOC_PLACES_GRAM; i++) {
		bool any = i >= gram.n;
		for (unsigned byte = 0; byte < 128; byte++)
			if (any || (gram.p[i] & 127) == byte)
				t->byte[i][byte] |= bit;
		for (unsigned half = 0; half < 16; half++) {
			if (any || (gram.p[i] & 15) == half)
				t->low[i][half] |= bit;
			if (any || gram.p[i] >> 4 == half)
				t->high[i][half] |= bit;
		}
	}
}
