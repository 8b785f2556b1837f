/* needles - grams, filter, buckets. */
#include "match/needles.h"

#include <stdlib.h>

#include "match/commonplace.h"

enum {
	FILTER_LOAD = 16,
	WORDS_LEAST = 3,
	WORDS_MOST = 15,
	BUCKETS_MOST = 18,
	COUNT_BITS = 16,
	BYTES = 256,
	FEW = 512, /* needles; of more, too many places would fit */
	SET = 256,
	GROUPS = 8
};
#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)

/* How a class is entered and looked for. */
static const struct {
	uint32_t least;	 /* bytes of a needle */
	uint32_t length; /* of its gram */
	uint32_t grams;	 /* that a needle is entered under, side by side: as many places can be left out */
	uint64_t mask;
} classes[TOC_GRAM_CLASSES] = { [TOC_GRAM_LONG] = { 11, 8, 4, UINT64_MAX },
				[TOC_GRAM_HALF] = { TOC_NEEDLE_SKIPS, 4, 2, 0xffffffff },
				[TOC_GRAM_MIDDLE] = { 4, 4, 1, 0xffffffff },
				[TOC_GRAM_SHORT] = { 1, 2, 1, 0xffff } };

/* by_places: where sets tell the places, none needs places to be left out. */
static enum toc_gram_class class_of(struct toc_span text, bool by_places)
{
	unsigned c = by_places ? TOC_GRAM_MIDDLE : TOC_GRAM_LONG;
	while (text.n < classes[c].least)
		c++;
	return (enum toc_gram_class)c;
}

static uint64_t load(const uint8_t *p)
{
	uint64_t x;
	memcpy(&x, p, sizeof(x));
	return x;
}

static uint64_t hash(uint64_t gram)
{
	return (gram ^ gram >> 32) * GOLDEN;
}

/* Two bits, from a part of the hash that chooses neither word nor bucket. */
static uint64_t bits_of(uint64_t h)
{
	return UINT64_C(1) << (h >> 20 & 63) | UINT64_C(1) << (h >> 26 & 63);
}

/* The gram at a place of a needle, as far as the needle goes. */
static uint64_t gram_at(struct toc_span text, size_t at, uint64_t mask)
{
	uint8_t room[8] = { 0 };
	size_t n = text.n - at < 8 ? text.n - at : 8;
	memcpy(room, text.p + at, n);
	return load(room) & mask;
}

enum { COMMON = 1000 }; /* needles, that a commonplace is worth */

/* How many needles hold a gram that hashes so: an estimate of what it costs to look for it. */
static uint32_t *count_grams(struct toc_arena *arena, const struct needle *needles, uint32_t n, bool by_places)
{
	uint32_t *count = toc_arena_alloc(arena, sizeof(*count) << COUNT_BITS);
	for (uint32_t i = 0; i < n; i++) {
		enum toc_gram_class c = class_of(needles[i].text, by_places);
		for (size_t at = 0; at + classes[c].length <= needles[i].text.n; at++)
			count[hash(gram_at(needles[i].text, at, classes[c].mask)) >> (64 - COUNT_BITS)]++;
	}
	struct toc_span text = toc_commonplace_text();
	for (unsigned c = 0; c < TOC_GRAM_CLASSES; c++)
		for (size_t at = 0; at + classes[c].length <= text.n; at++)
			count[hash(gram_at(text, at, classes[c].mask)) >> (64 - COUNT_BITS)] += COMMON;
	return count;
}

/* Where the rarest grams begin; `room` bytes from there on are in the needle, if it has so many. */
static uint32_t rarest(const uint32_t *count, struct toc_span text, enum toc_gram_class c, uint32_t room)
{
	uint32_t best = 0;
	uint64_t fewest = UINT64_MAX;
	for (size_t at = 0; at + classes[c].length + classes[c].grams - 1 <= text.n && (at == 0 || at + room <= text.n);
	     at++) {
		uint64_t sum = 0;
		for (uint32_t k = 0; k < classes[c].grams; k++)
			sum += count[hash(gram_at(text, at + k, classes[c].mask)) >> (64 - COUNT_BITS)];
		if (sum < fewest) {
			fewest = sum;
			best = (uint32_t)at;
		}
	}
	return best;
}

struct table_maker {
	struct toc_gram_table *table;
	bool counting; /* how large buckets become, before they are filled */
};

/* bucket[h + 1] is where h's next gram goes; when all are in, it is where h + 1 begins. */
static void enter(struct table_maker *m, uint64_t gram, const struct needle *needle, uint32_t at)
{
	struct toc_gram_table *t = m->table;
	uint64_t h = hash(gram);
	uint32_t b = (uint32_t)(h >> t->bucket_shift);
	if (m->counting) {
		t->bucket[b + 2]++;
		return;
	}
	t->filter[h >> t->filter_shift] |= bits_of(h);
	t->grams[t->bucket[b + 1]++] = (struct toc_gram){ gram_at(needle->text, 0, UINT64_MAX), needle->text.p,
							  (uint32_t)needle->text.n, at, needle->id };
}

static void enter_needle(struct table_maker *m, const struct needle *needle, uint32_t at, enum toc_gram_class c)
{
	uint64_t gram = gram_at(needle->text, at, classes[c].mask);
	if (needle->text.n < classes[c].length) { /* one byte: whatever stands behind it */
		for (uint64_t other = 0; other < BYTES; other++)
			enter(m, gram | other << 8, needle, at);
		return;
	}
	for (uint32_t k = 0; k < classes[c].grams; k++)
		enter(m, gram_at(needle->text, at + k, classes[c].mask), needle, at + k);
}

static uint32_t bits_for(uint64_t n, uint32_t least, uint32_t most)
{
	uint32_t bits = least;
	while (bits < most && UINT64_C(1) << bits < n)
		bits++;
	return bits;
}

static void build_table(struct toc_gram_table *t, struct toc_arena *arena, const struct needle *needles,
			const uint32_t *at, uint32_t n, enum toc_gram_class c, bool by_places)
{
	uint32_t words = bits_for((uint64_t)t->n * FILTER_LOAD / 64, WORDS_LEAST, WORDS_MOST);
	uint32_t buckets = bits_for((uint64_t)t->n * 2, WORDS_LEAST, BUCKETS_MOST), size = UINT32_C(1) << buckets;
	t->filter_shift = 64 - words;
	t->bucket_shift = 64 - buckets;
	t->filter = toc_arena_alloc(arena, sizeof(*t->filter) << words);
	t->bucket = toc_arena_alloc(arena, ((size_t)size + 2) * sizeof(*t->bucket));
	t->grams = toc_arena_alloc(arena, t->n * sizeof(*t->grams));
	for (unsigned pass = 0; pass < 2; pass++) {
		struct table_maker m = { t, pass == 0 };
		for (uint32_t i = 0; i < n; i++)
			if (class_of(needles[i].text, by_places) == c)
				enter_needle(&m, &needles[i], at[i], c);
		for (uint32_t h = 0; h < size && pass == 0; h++)
			t->bucket[h + 2] += t->bucket[h + 1];
	}
}

static struct toc_span gram_of(const struct needle *needle, uint32_t at)
{
	size_t n = needle->text.n - at;
	return toc_span_of(needle->text.p + at, n < TOC_PLACES_GRAM ? n : TOC_PLACES_GRAM);
}

static int by_bytes(const void *a, const void *b)
{
	const struct toc_span *x = a, *y = b;
	int differs = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);
	return differs ? differs : (x->n > y->n) - (x->n < y->n);
}

/* Those with the same first bytes together, so that a group has few different ones. */
static void make_sets(struct toc_needles *out, struct toc_arena *arena, const struct needle *needles,
		      const uint32_t *at, uint32_t n, enum toc_places_how how)
{
	struct toc_arena *brief = toc_arena_new();
	struct toc_span *grams = toc_arena_alloc(brief, n * sizeof(*grams));
	for (uint32_t i = 0; i < n; i++)
		grams[i] = gram_of(&needles[i], at[i]);
	qsort(grams, n, sizeof(*grams), by_bytes);
	out->nsets = (n + SET - 1) / SET;
	out->sets = toc_arena_alloc(arena, out->nsets * sizeof(*out->sets));
	for (uint32_t i = 0; i < out->nsets; i++)
		toc_places_init(&out->sets[i], how);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t group = (uint32_t)((uint64_t)i * out->nsets * GROUPS / n);
		toc_places_add(&out->sets[group / GROUPS], grams[i], group % GROUPS);
	}
	toc_arena_free(brief);
}

void toc_needles_build(struct toc_needles *out, struct toc_arena *arena, const struct needle *needles, uint32_t n,
		       enum toc_places_how how)
{
	if (n == 0)
		return;
	struct toc_arena *brief = toc_arena_new();
	out->by_places = n <= FEW && how != TOC_PLACES_NONE;
	uint32_t *count = count_grams(brief, needles, n, out->by_places);
	uint32_t *at = toc_arena_alloc(brief, n * sizeof(*at));
	out->n = n;
	for (uint32_t i = 0; i < n; i++) {
		enum toc_gram_class c = class_of(needles[i].text, out->by_places);
		at[i] = rarest(count, needles[i].text, c, c == TOC_GRAM_MIDDLE && out->by_places ? TOC_PLACES_GRAM : 0);
		out->tables[c].n += needles[i].text.n < classes[c].length ? BYTES : classes[c].grams;
	}
	for (unsigned c = 0; c < TOC_GRAM_CLASSES; c++)
		if (out->tables[c].n)
			build_table(&out->tables[c], arena, needles, at, n, (enum toc_gram_class)c, out->by_places);
	if (out->by_places)
		make_sets(out, arena, needles, at, n, how);
	toc_arena_free(brief);
}

/* The first eight bytes, or those that there are. */
static bool begins_with(const uint8_t *from, const struct toc_gram *g)
{
	uint64_t differs = load(from) ^ g->head;
	return (g->n < 8 ? differs << (64 - 8 * g->n) : differs) == 0;
}

static void compare(const struct toc_gram_table *t, uint64_t h, struct toc_span text, size_t at, struct toc_truths *out)
{
	uint32_t b = (uint32_t)(h >> t->bucket_shift);
	for (uint32_t i = t->bucket[b]; i < t->bucket[b + 1]; i++) {
		const struct toc_gram *g = &t->grams[i];
		if (at < g->at || text.n - (at - g->at) < g->n)
			continue;
		const uint8_t *from = text.p + (at - g->at);
		if (begins_with(from, g) && !toc_truths_has(out, g->id) &&
		    (g->n <= 8 || memcmp(from + 8, g->text + 8, g->n - 8) == 0))
			toc_truths_set(out, g->id);
	}
}

static bool may_have(const struct toc_gram_table *t, uint64_t h)
{
	uint64_t bits = bits_of(h);
	return (t->filter[h >> t->filter_shift] & bits) == bits;
}

static inline void scan(const struct toc_gram_table *t, struct toc_span text, uint32_t step, uint64_t mask,
			uint32_t shortest, struct toc_truths *out)
{
	for (size_t at = 0; at + shortest <= text.n; at += step) {
		uint64_t h = hash(load(text.p + at) & mask);
		if (may_have(t, h))
			compare(t, h, text, at, out);
	}
}

static bool begins(const struct toc_gram_table *t, uint64_t h, struct toc_span text, size_t at)
{
	uint32_t b = (uint32_t)(h >> t->bucket_shift);
	for (uint32_t i = t->bucket[b]; i < t->bucket[b + 1]; i++) {
		const struct toc_gram *g = &t->grams[i];
		if (at >= g->at && begins_with(text.p + (at - g->at), g))
			return true;
	}
	return false;
}

/* Where one of the next needles of the sets may stand. */
static uint64_t places_at(const struct toc_needles *t, struct toc_span text, size_t at)
{
	uint64_t found = 0;
	for (uint32_t i = 0; i < t->nsets; i++)
		found |= toc_places_find(&t->sets[i], text.p + at, text.n - at);
	return found;
}

/* out: set those that occur; NULL: does any, or nearly? */
static inline bool look_at(const struct toc_gram_table *t, uint64_t gram, struct toc_span text, size_t at,
			   struct toc_truths *out)
{
	uint64_t h = hash(gram);
	if (!t->n || !may_have(t, h))
		return false;
	if (!out)
		return begins(t, h, text, at);
	compare(t, h, text, at, out);
	return false;
}

static inline bool scan_sets(const struct toc_needles *t, struct toc_span text, struct toc_truths *out)
{
	const struct toc_gram_table *four = &t->tables[TOC_GRAM_MIDDLE], *two = &t->tables[TOC_GRAM_SHORT];
	for (size_t from = 0; from < text.n; from += TOC_PLACES)
		for (uint64_t left = places_at(t, text, from); left; left &= left - 1) {
			size_t at = from + (size_t)__builtin_ctzll(left);
			uint64_t bytes = load(text.p + at);
			if (look_at(four, bytes & classes[TOC_GRAM_MIDDLE].mask, text, at, out) ||
			    look_at(two, bytes & classes[TOC_GRAM_SHORT].mask, text, at, out))
				return true;
		}
	return false;
}

void toc_needles_scan(const struct toc_needles *t, struct toc_span text, struct toc_truths *out)
{
	if (t->by_places) {
		scan_sets(t, text, out);
		return;
	}
	/* written out, so that each loop has its constants */
	if (t->tables[TOC_GRAM_LONG].n)
		scan(&t->tables[TOC_GRAM_LONG], text, 4, UINT64_MAX, 8, out);
	if (t->tables[TOC_GRAM_HALF].n)
		scan(&t->tables[TOC_GRAM_HALF], text, 2, 0xffffffff, 4, out);
	if (t->tables[TOC_GRAM_MIDDLE].n)
		scan(&t->tables[TOC_GRAM_MIDDLE], text, 1, 0xffffffff, 4, out);
	if (t->tables[TOC_GRAM_SHORT].n)
		scan(&t->tables[TOC_GRAM_SHORT], text, 1, 0xffff, 1, out);
}

static inline bool any(const struct toc_gram_table *t, struct toc_span text, uint32_t step, uint64_t mask,
		       uint32_t shortest)
{
	for (size_t at = 0; t->n && at + shortest <= text.n; at += step) {
		uint64_t h = hash(load(text.p + at) & mask);
		if (may_have(t, h) && begins(t, h, text, at))
			return true;
	}
	return false;
}

bool toc_needles_any(const struct toc_needles *t, struct toc_span text)
{
	if (t->by_places)
		return scan_sets(t, text, NULL);
	return any(&t->tables[TOC_GRAM_LONG], text, 4, UINT64_MAX, 8) ||
	       any(&t->tables[TOC_GRAM_HALF], text, 2, 0xffffffff, 4) ||
	       any(&t->tables[TOC_GRAM_MIDDLE], text, 1, 0xffffffff, 4) ||
	       any(&t->tables[TOC_GRAM_SHORT], text, 1, 0xffff, 1);
}
