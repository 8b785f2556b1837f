/* affix - the prefixes of a text that were entered, each once and shortest first, however they branch. */
#include "test.h"

#include <stdlib.h>

#include "match/affix.h"

enum { PREFIXES = 2000, TEXTS = 3000, LONGEST = 24 };

struct trial {
	struct toc_arena *arena;
	struct toc_affixes tree;
	struct toc_span prefix[PREFIXES]; /* different ones; number i heads chain i + 1 */
	uint32_t n;
	uint64_t seed;
};

static uint32_t random_below(struct trial *t, uint32_t n)
{
	t->seed = t->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(t->seed >> 33) % n;
}

/* Few letters, and mostly the same one, so that texts share long beginnings. */
static struct toc_span random_text(struct trial *t, uint8_t *room, size_t least)
{
	static const char letters[] = "aaaaab\\\xff";
	size_t n = least + random_below(t, LONGEST);
	for (size_t i = 0; i < n; i++)
		room[i] = (uint8_t)letters[random_below(t, sizeof(letters))];
	return toc_span_of(room, n);
}

static bool begins(struct toc_span text, struct toc_span with)
{
	return text.n >= with.n && memcmp(text.p, with.p, with.n) == 0;
}

static void enter(struct trial *t)
{
	struct toc_span text = random_text(t, toc_arena_alloc(t->arena, LONGEST + 1), 1);
	uint32_t *first = toc_affixes_put(&t->tree, t->arena, text);
	if (*first) {
		assert_true(toc_span_eq(t->prefix[*first - 1], text));
		return;
	}
	t->prefix[t->n++] = text;
	*first = t->n;
}

static void look(struct trial *t)
{
	uint8_t room[LONGEST];
	struct toc_span text = random_text(t, room, 0);
	uint32_t node = 0, first, found = 0, wanted = 0;
	size_t at = 0, last = 0;
	while ((first = toc_affixes_next(&t->tree, text, &node, &at))) {
		assert_true(begins(text, t->prefix[first - 1]));
		assert_true(t->prefix[first - 1].n > last);
		last = t->prefix[first - 1].n;
		found++;
	}
	for (uint32_t i = 0; i < t->n; i++)
		wanted += begins(text, t->prefix[i]);
	assert_int_equal(found, wanted);
}

static void all_prefixes_are_met(void **state)
{
	struct trial *t = calloc(1, sizeof(*t));
	(void)state;
	t->arena = toc_arena_new();
	for (unsigned i = 0; i < PREFIXES; i++)
		enter(t);
	for (unsigned i = 0; i < TEXTS; i++)
		look(t);
	assert_true(t->n > PREFIXES / 2);
	toc_arena_free(t->arena);
	free(t);
}

static void a_later_text_parts_an_earlier_one(void **state)
{
	struct toc_arena *arena = toc_arena_new();
	struct toc_affixes tree = { 0 };
	static const char *const texts[] = { "windows\\system32\\", "windows\\", "windows\\temp\\", "w" };
	uint32_t node = 0, count = 0;
	size_t at = 0;
	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		*toc_affixes_put(&tree, arena, toc_span_str(texts[i])) = i + 1;
	static const uint32_t met[] = { 4, 2, 1 };
	for (uint32_t first; (first = toc_affixes_next(&tree, toc_span_str("windows\\system32\\x"), &node, &at));)
		assert_int_equal(first, met[count++]);
	assert_int_equal(count, 3);
	toc_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_prefixes_are_met),
		cmocka_unit_test(a_later_text_parts_an_earlier_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
