/* needles - grams, filter, buckets. */
#include "match/needles.h"

enum { LOAD = 16, BITS_LEAST = 8, BITS_MOST = 20, RARE = 1 << 16 };

static const uint32_t masks[TOC_GRAM + 1] = { 0, 0xff, 0xffff, 0xffffff, 0xffffffff };

static uint32_t load(const uint8_t *p)
{
	uint32_t x;
	memcpy(&x, p, sizeof(x));
	return x;
}

static uint32_t hash(uint32_t gram, uint32_t shift)
{
	return gram * UINT32_C(2654435761) >> shift;
}

static uint32_t gram_at(struct toc_span text, size_t at, uint32_t length)
{
	uint8_t room[TOC_GRAM] = { 0 };
	memcpy(room, text.p + at, length);
	return load(room);
}

static uint32_t length_of(const struct needle *needle)
{
	return needle->text.n < TOC_GRAM ? (uint32_t)needle->text.n : TOC_GRAM;
}

/* How many needles hold a gram that hashes so: an estimate of what it costs to look for it. */
static uint32_t *count_grams(struct toc_arena *arena, const struct needle *needles, uint32_t n)
{
	uint32_t *count = toc_arena_alloc(arena, RARE * sizeof(*count));
	for (uint32_t i = 0; i < n; i++)
		for (size_t at = 0; at + TOC_GRAM <= needles[i].text.n; at++)
			count[hash(gram_at(needles[i].text, at, TOC_GRAM), 16)]++;
	return count;
}

static uint32_t rarest(const uint32_t *count, struct toc_span text)
{
	uint32_t best = 0, fewest = UINT32_MAX;
	for (size_t at = 0; at + TOC_GRAM <= text.n; at++) {
		uint32_t c = count[hash(gram_at(text, at, TOC_GRAM), 16)];
		if (c < fewest) {
			fewest = c;
			best = (uint32_t)at;
		}
	}
	return best;
}

static uint32_t hash_of(const struct needle *needle, uint32_t shift)
{
	return hash(gram_at(needle->text, needle->at, length_of(needle)), shift);
}

static void build_table(struct toc_gram_table *t, struct toc_arena *arena, const struct needle *needles, uint32_t n,
			uint32_t length)
{
	uint32_t bits = BITS_LEAST;
	while (bits < BITS_MOST && UINT32_C(1) << bits < LOAD * t->n)
		bits++;
	uint32_t size = UINT32_C(1) << bits;
	t->shift = 32 - bits;
	t->filter = toc_arena_alloc(arena, size / 8);
	t->bucket = toc_arena_alloc(arena, (size + 2) * sizeof(*t->bucket));
	t->needles = toc_arena_alloc(arena, t->n * sizeof(*t->needles));
	for (uint32_t i = 0; i < n; i++)
		if (length_of(&needles[i]) == length)
			t->bucket[hash_of(&needles[i], t->shift) + 2]++;
	for (uint32_t h = 0; h < size; h++)
		t->bucket[h + 2] += t->bucket[h + 1];
	/* bucket[h + 1] is where h's next needle goes; when all are in, it is where h + 1 begins */
	for (uint32_t i = 0; i < n; i++) {
		if (length_of(&needles[i]) != length)
			continue;
		uint32_t h = hash_of(&needles[i], t->shift);
		t->filter[h >> 6] |= UINT64_C(1) << (h & 63);
		t->needles[t->bucket[h + 1]++] = needles[i];
	}
}

void toc_needles_build(struct toc_needles *out, struct toc_arena *arena, const struct needle *needles, uint32_t n)
{
	if (n == 0)
		return;
	struct toc_arena *brief = toc_arena_new();
	uint32_t *count = count_grams(brief, needles, n);
	struct needle *placed = toc_arena_alloc(brief, n * sizeof(*placed));
	out->n = n;
	for (uint32_t i = 0; i < n; i++) {
		placed[i] = needles[i];
		placed[i].at = rarest(count, needles[i].text);
		out->by_length[length_of(&placed[i])].n++;
	}
	for (uint32_t length = 1; length <= TOC_GRAM; length++)
		if (out->by_length[length].n)
			build_table(&out->by_length[length], arena, placed, n, length);
	toc_arena_free(brief);
}

static void compare(const struct toc_gram_table *t, uint32_t h, struct toc_span text, size_t at, struct toc_truths *out)
{
	for (uint32_t i = t->bucket[h]; i < t->bucket[h + 1]; i++) {
		const struct needle *n = &t->needles[i];
		if (at < n->at || text.n - (at - n->at) < n->text.n || toc_truths_has(out, n->id))
			continue;
		if (memcmp(text.p + (at - n->at), n->text.p, n->text.n) == 0)
			toc_truths_set(out, n->id);
	}
}

static void scan(const struct toc_gram_table *t, struct toc_span text, uint32_t length, struct toc_truths *out)
{
	uint32_t mask = masks[length], shift = t->shift;
	for (size_t at = 0; at + length <= text.n; at++) {
		uint32_t h = hash(load(text.p + at) & mask, shift);
		if (t->filter[h >> 6] >> (h & 63) & 1)
			compare(t, h, text, at, out);
	}
}

void toc_needles_scan(const struct toc_needles *t, struct toc_span text, struct toc_truths *out)
{
	for (uint32_t length = 1; length <= TOC_GRAM; length++)
		if (t->by_length[length].n)
			scan(&t->by_length[length], text, length, out);
}
