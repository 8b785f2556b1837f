/* needles - however many there are and whatever the processor can: those that occur, and no others. */
#define _GNU_SOURCE
#include "test.h"

#include <stdlib.h>

#include "match/needles.h"

enum { MANY = 3000, TEXTS = 400, LONGEST = 300 };

struct trial {
	struct toc_arena *arena;
	struct needle needles[MANY];
	uint64_t seed;
};

static uint32_t random_below(struct trial *t, uint32_t n)
{
	t->seed = t->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(t->seed >> 33) % n;
}

/* Few letters, so that much of a text is nearly a needle; some beyond ASCII, and a few zeros. */
static void fill(struct trial *t, uint8_t *out, size_t n)
{
	static const char letters[] = "aaaabcde\\.:/ -\xe2\x80\x93\xff";
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)letters[random_below(t, sizeof(letters))];
}

static void make_needles(struct trial *t, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		size_t length = 1 + random_below(t, i % 2 ? 8 : 40);
		uint8_t *text = toc_arena_alloc(t->arena, length);
		fill(t, text, length);
		t->needles[i] = (struct needle){ toc_span_of(text, length), i };
	}
}

static void look(struct trial *t, const struct toc_needles *table, uint32_t n, struct toc_truths *truths)
{
	uint8_t text[LONGEST + TOC_NEEDLES_BEHIND];
	size_t length = random_below(t, LONGEST);
	fill(t, text, sizeof(text));
	if (length > 40) { /* one that does occur, sometimes at the very end */
		struct toc_span one = t->needles[random_below(t, n)].text;
		memcpy(text + (random_below(t, 2) ? length - one.n : random_below(t, (uint32_t)(length - one.n))),
		       one.p, one.n);
	}
	toc_truths_clear(truths);
	toc_needles_scan(table, toc_span_of(text, length), truths);
	bool any = false;
	for (uint32_t i = 0; i < n; i++) {
		struct toc_span needle = t->needles[i].text;
		bool there = length >= needle.n && memmem(text, length, needle.p, needle.n);
		assert_int_equal(toc_truths_has(truths, i), there);
		any = any || there;
	}
	if (any)
		assert_true(toc_needles_any(table, toc_span_of(text, length)));
}

static void run(uint32_t n, enum toc_places_how how)
{
	struct trial *t = calloc(1, sizeof(*t));
	t->arena = toc_arena_new();
	t->seed = n;
	struct toc_truths truths = { .bits = calloc(MANY / 64 + 1, sizeof(uint64_t)),
				     .list = calloc(MANY, sizeof(uint32_t)) };
	struct toc_needles table = { 0 };
	make_needles(t, n);
	toc_needles_build(&table, t->arena, t->needles, n, how);
	for (unsigned i = 0; i < TEXTS; i++)
		look(t, &table, n, &truths);
	free(truths.bits);
	free(truths.list);
	toc_arena_free(t->arena);
	free(t);
}

static void those_that_occur_are_told(void **state)
{
	static const uint32_t numbers[] = { 1, 2, 9, 24, 25, 100, 600, MANY };
	(void)state;
	for (enum toc_places_how how = TOC_PLACES_NONE; how <= toc_places_best(); how++)
		for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
			run(numbers[i], how);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(those_that_occur_are_told) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
