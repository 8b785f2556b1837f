/* fuzz_match - random literals and values: the compiled matcher says of each what the test says by itself. */
#include <stdlib.h>

#include "match/build.h"
#include "tocsin/cursor.h"
#include "tocsin/draft.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { K, A, B, FIELDS, RULES = 24 };
static const struct toc_field_decl decls[FIELDS] = {
	[K] = { "k", TOC_KIND, false, TOC_OPEN, NULL, "" },
	[A] = { "a", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[B] = { "b", TOC_STRING, true, TOC_OPEN, NULL, "" },
};

/* A byte says the length of what follows it. */
static struct toc_span piece(struct toc_cursor *in)
{
	size_t n = toc_u8(in);
	return toc_take(in, n < toc_left(in) ? n : toc_left(in));
}

static struct toc_test read_test(struct toc_cursor *in, struct toc_arena *arena, const toc_field *map)
{
	unsigned how = toc_u8(in);
	struct toc_test t = { .kind = TOC_TEST_STRING, .keyword = (how & 0x70) == 0x70 };
	t.field = (struct toc_fieldset){ 1, { map[how & 1 ? A : B] } };
	toc_pattern_compile(&t.pattern, arena, piece(in), (how & 2) != 0, (how & 4) != 0 || t.keyword,
			    (how & 8) != 0 || t.keyword);
	return t;
}

static struct toc_event *read_event(struct toc_cursor *in, const toc_field *map)
{
	static struct toc_draft d;
	toc_draft_begin(&d, map, K);
	toc_put_str(&d, A, piece(in));
	for (unsigned i = 0; i < 3 && toc_left(in); i++)
		toc_list_str(&d, B, piece(in));
	return toc_draft_seal(&d, aligned_alloc(8, toc_draft_size(&d)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct toc_cursor in = toc_cursor_of(toc_span_of(data, n));
	struct toc_intern *names = toc_intern_new();
	struct toc_arena *arena = toc_arena_new();
	struct toc_build *build = toc_build_new(arena);
	struct toc_test tests[RULES];
	toc_field map[FIELDS];
	uint32_t hits[RULES], count = 0;
	const char *why;
	toc_intern_decls(names, decls, FIELDS, map);
	struct toc_event *ev = read_event(&in, map);
	for (; count < RULES && toc_left(&in); count++) {
		tests[count] = read_test(&in, arena, map);
		toc_node node = toc_build_test(build, &tests[count]);
		toc_build_rule(build, count, map[K], TOC_NO_NODE, count % 3 ? node : toc_build_not(build, node));
	}
	struct toc_matcher *m = toc_build_finish(build, &why);
	struct toc_match_scratch *s = m ? toc_match_scratch_new(m) : NULL;
	const struct toc_view view = { ev, NULL };
	if (!s)
		abort();
	unsigned found = toc_match(m, s, &view, hits, RULES), at = 0;
	for (uint32_t i = 0; i < count; i++) {
		bool says = at < found && hits[at] == i;
		at += says;
		if (says != (toc_test_holds(&tests[i], &view, NULL) == (i % 3 != 0)))
			abort();
	}
	toc_match_scratch_free(s);
	toc_matcher_free(m);
	toc_arena_free(arena);
	toc_intern_free(names);
	free(ev);
	return 0;
}
