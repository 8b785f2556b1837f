/* needles - grams, filter, buckets. */
#include "match/needles.h"

#include <stdlib.h>

#include "match/commonplace.h"
#include "match/lines.h"

enum {
	FILTER_LOAD = 16,
	WORDS_LEAST = 3,
	WORDS_MOST = 15,
	BUCKETS_MOST = 18,
	COUNT_BITS = 16,
	BYTES = 256,
	FEW = 512, /* needles for sets; of more, too many places would fit */
	SET = 256,
	SMALL = 24, /* a set whose needles are told apart by half of their grams */
	GROUPS = 8,
	WORDS = 16 /* of places, at a time */
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

static enum toc_gram_class class_by_length(size_t n)
{
	unsigned c = TOC_GRAM_LONG;
	while (n < classes[c].least)
		c++;
	return (enum toc_gram_class)c;
}

/* Sets need no places to be left out; nor does it help where each is looked at for the needles of four bytes. */
static enum toc_gram_class class_of(size_t n, enum toc_gram_class by_places)
{
	enum toc_gram_class c = class_by_length(n);
	bool one_gram = c >= by_places || (c == TOC_GRAM_HALF && by_places == TOC_GRAM_SHORT);
	return c < TOC_GRAM_MIDDLE && one_gram ? TOC_GRAM_MIDDLE : c;
}

/* From which class on there are few enough for sets. */
static enum toc_gram_class first_by_places(const struct needle *needles, uint32_t n, enum toc_places_how how)
{
	uint32_t count[TOC_GRAM_CLASSES] = { 0 }, sum = 0;
	unsigned c = TOC_GRAM_CLASSES;
	for (uint32_t i = 0; i < n; i++)
		count[class_by_length(needles[i].text.n)]++;
	while (c > 0 && sum + count[c - 1] <= FEW && how != TOC_PLACES_NONE)
		sum += count[--c];
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
static uint32_t *count_grams(struct toc_arena *arena, const struct needle *needles, uint32_t n,
			     enum toc_gram_class by_places)
{
	uint32_t *count = toc_arena_alloc(arena, sizeof(*count) << COUNT_BITS);
	for (uint32_t i = 0; i < n; i++) {
		enum toc_gram_class c = class_of(needles[i].text.n, by_places);
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
			const uint32_t *at, uint32_t n, enum toc_gram_class c, enum toc_gram_class by_places)
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
			if (class_of(needles[i].text.n, by_places) == c)
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
	uint32_t few = 0;
	for (uint32_t i = 0; i < n; i++)
		if (class_by_length(needles[i].text.n) >= out->by_places)
			grams[few++] = gram_of(&needles[i], at[i]);
	qsort(grams, few, sizeof(*grams), by_bytes);
	out->nsets = (few + SET - 1) / SET;
	out->sets = toc_lines_alloc(arena, (out->nsets + 1) * sizeof(*out->sets));
	out->find = out->nsets ? toc_places_finder(how, few <= SMALL) : NULL;
	for (uint32_t i = 0; i < few; i++) {
		uint32_t group = (uint32_t)((uint64_t)i * out->nsets * GROUPS / few);
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
	out->by_places = first_by_places(needles, n, how);
	uint32_t *count = count_grams(brief, needles, n, out->by_places);
	uint32_t *at = toc_arena_alloc(brief, n * sizeof(*at));
	out->n = n;
	for (uint32_t i = 0; i < n; i++) {
		size_t length = needles[i].text.n;
		enum toc_gram_class c = class_of(length, out->by_places);
		bool in_set = class_by_length(length) >= out->by_places;
		at[i] = rarest(count, needles[i].text, c, c == TOC_GRAM_MIDDLE && in_set ? TOC_PLACES_GRAM : 0);
		out->tables[c].n += length < classes[c].length ? BYTES : classes[c].grams;
	}
	for (unsigned c = 0; c < TOC_GRAM_CLASSES; c++)
		if (out->tables[c].n)
			build_table(&out->tables[c], arena, needles, at, n, (enum toc_gram_class)c, out->by_places);
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

static bool look_at_places(const struct toc_needles *t, uint64_t left, struct toc_span text, size_t from,
			   struct toc_truths *out)
{
	static const struct toc_gram_table none;
	const struct toc_gram_table *four = t->by_places <= TOC_GRAM_MIDDLE ? &t->tables[TOC_GRAM_MIDDLE] : &none;
	const struct toc_gram_table *two = &t->tables[TOC_GRAM_SHORT];
	for (; left; left &= left - 1) {
		size_t at = from + (size_t)__builtin_ctzll(left);
		uint64_t bytes = load(text.p + at);
		if (look_at(four, bytes & classes[TOC_GRAM_MIDDLE].mask, text, at, out) ||
		    look_at(two, bytes & classes[TOC_GRAM_SHORT].mask, text, at, out))
			return true;
	}
	return false;
}

/* The sets tell where a needle of theirs may stand, for some hundred places together. */
static bool scan_sets(const struct toc_needles *t, struct toc_span text, struct toc_truths *out)
{
	for (size_t from = 0; from < text.n; from += WORDS * TOC_PLACES) {
		uint64_t places[WORDS];
		size_t n = text.n - from, words = n < WORDS * TOC_PLACES ? (n + TOC_PLACES - 1) / TOC_PLACES : WORDS;
		for (size_t w = 0; w < words; w++)
			places[w] = 0;
		for (uint32_t i = 0; i < t->nsets; i++)
			t->find(&t->sets[i], text.p + from, places, words);
		if (n < words * TOC_PLACES)
			places[words - 1] &= (UINT64_C(1) << n % TOC_PLACES) - 1;
		for (size_t w = 0; w < words; w++)
			if (look_at_places(t, places[w], text, from + w * TOC_PLACES, out))
				return true;
	}
	return false;
}

void toc_needles_scan(const struct toc_needles *t, struct toc_span text, struct toc_truths *out)
{
	const unsigned by_places = t->by_places;
	/* written out, so that each loop has its constants */
	if (by_places > TOC_GRAM_LONG && t->tables[TOC_GRAM_LONG].n)
		scan(&t->tables[TOC_GRAM_LONG], text, 4, UINT64_MAX, 8, out);
	if (by_places > TOC_GRAM_HALF && t->tables[TOC_GRAM_HALF].n)
		scan(&t->tables[TOC_GRAM_HALF], text, 2, 0xffffffff, 4, out);
	if (t->tables[TOC_GRAM_MIDDLE].n && by_places > TOC_GRAM_MIDDLE)
		scan(&t->tables[TOC_GRAM_MIDDLE], text, 1, 0xffffffff, 4, out);
	if (t->tables[TOC_GRAM_SHORT].n && by_places > TOC_GRAM_SHORT)
		scan(&t->tables[TOC_GRAM_SHORT], text, 1, 0xffff, 1, out);
	if (t->nsets)
		scan_sets(t, text, out);
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
	const unsigned by_places = t->by_places;
	return any(&t->tables[TOC_GRAM_LONG], text, 4, UINT64_MAX, 8) ||
	       any(&t->tables[TOC_GRAM_HALF], text, 2, 0xffffffff, 4) ||
	       (by_places > TOC_GRAM_MIDDLE && any(&t->tables[TOC_GRAM_MIDDLE], text, 1, 0xffffffff, 4)) ||
	       (by_places > TOC_GRAM_SHORT && any(&t->tables[TOC_GRAM_SHORT], text, 1, 0xffff, 1)) ||
	       (t->nsets && scan_sets(t, text, NULL));
}
