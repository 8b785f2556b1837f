/* fuzz_pattern - hostile patterns and texts: up to the first zero byte patterns, one a line, then a text. */
#include "normalise/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int field(void *user, struct toc_span name)
{
	(void)user;
	return name.n ? name.p[0] % 8 : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct toc_arena *arena = toc_arena_new();
	struct toc_diag *diag = toc_diag_new();
	struct pattern_graph *g = pattern_graph_new(arena);
	struct toc_span all = toc_span_of(data, n), patterns = toc_span_first(all, toc_span_find(all, 0));
	struct pattern_capture captures[PATTERN_FIELDS];
	unsigned count, rule = 0;
	while (patterns.n) {
		size_t end = toc_span_find(patterns, '\n');
		pattern_add(g, toc_span_first(patterns, end), rule++, field, NULL, (struct toc_place){ "f", 1, 1 },
			    diag);
		patterns = toc_span_from(patterns, end + 1);
	}
	pattern_match(g, toc_span_from(all, toc_span_find(all, 0) + 1), captures, &count);
	toc_diag_free(diag);
	toc_arena_free(arena);
	return 0;
}
