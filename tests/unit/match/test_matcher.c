/* match: what the compiled matcher says is what each test says by itself, on random rules and random events. */
#include "test.h"

#include <stdlib.h>

#include "match/build.h"
#include "match/program.h"
#include "tocsin/draft.h"

enum { K, OTHER_KIND, TEXT, ALIAS, NUMBER, ADDR, LIST, SECOND, FIELDS };
static const struct toc_field_decl decls[FIELDS] = {
	[K] = { "k", TOC_KIND, false, TOC_OPEN, NULL, "" },
	[OTHER_KIND] = { "other", TOC_KIND, false, TOC_OPEN, NULL, "" },
	[TEXT] = { "text", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[ALIAS] = { "alias", TOC_STRING, false, TOC_OPEN, NULL, "" },
	[NUMBER] = { "number", TOC_UINT, false, TOC_OPEN, NULL, "" },
	[ADDR] = { "addr", TOC_IP, false, TOC_OPEN, NULL, "" },
	[LIST] = { "list", TOC_STRING, true, TOC_OPEN, NULL, "" },
	[SECOND] = { "second", TOC_STRING, false, TOC_OPEN, NULL, "" },
};

enum { TREES = 40, DEPTH = 3 };

/* A rule as the test sees it: a tree of its own. */
struct tree {
	char op; /* t, a, o, n */
	struct toc_test test;
	unsigned n;
	struct tree *kids[4];
};

struct rig {
	struct toc_intern *names;
	toc_field map[FIELDS];
	struct toc_arena *arena;
	struct toc_build *build;
	struct toc_matcher *matcher;
	struct toc_match_scratch *scratch;
	struct tree *gate[TREES], *tree[TREES];
	toc_field kind[TREES];
	const struct toc_list *list;
	hs_scratch_t *hs;
	uint64_t seed;
};

static unsigned dice(struct rig *r, unsigned n)
{
	r->seed = r->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(r->seed >> 33) % n;
}

/* Few letters, so that things meet; dots are what wildcards and expressions are made of. */
static size_t letters(struct rig *r, char *out, size_t most)
{
	static const char *const some[] = { "a",
					    "A",
					    "b",
					    "B",
					    "ab",
					    "cde",
					    "/",
					    "-",
					    ".",
					    "\\",
					    "0",
					    "7",
					    "\xc3\xa4",
					    "\xc3\x84",
					    "\xe2\x84\xaa",
					    "k",
					    "\xe2\x80\x93",
					    "\xff",
					    "power",
					    "Shell" };
	size_t n = 0, want = dice(r, (unsigned)most);
	while (n < want) {
		const char *s = some[dice(r, sizeof(some) / sizeof(some[0]))];
		memcpy(out + n, s, strlen(s));
		n += strlen(s);
	}
	out[n] = '\0';
	return n;
}

static struct toc_fieldset some_field(struct rig *r)
{
	switch (dice(r, 6)) {
	case 0:
		return (struct toc_fieldset){ 2, { r->map[ALIAS], r->map[TEXT] } };
	case 1:
		return (struct toc_fieldset){ 1, { r->map[NUMBER] } };
	case 2:
		return (struct toc_fieldset){ 1, { r->map[LIST] } };
	case 3:
		return (struct toc_fieldset){ 1, { r->map[ADDR] } };
	case 4:
		return (struct toc_fieldset){ 1, { r->map[SECOND] } };
	}
	return (struct toc_fieldset){ 1, { r->map[TEXT] } };
}

static void some_pattern(struct rig *r, struct toc_test *t)
{
	char text[64];
	size_t n = letters(r, text, 14);
	for (size_t i = 0; i < n && dice(r, 3) == 0; i += 1 + dice(r, 6))
		if (text[i] > 0)
			text[i] = dice(r, 2) ? '*' : '?';
	struct toc_units u = toc_units_sigma(r->arena, toc_span_of(text, n));
	for (size_t i = 0; i < u.n; i++)
		if (u.at[i] == '-' && dice(r, 2))
			u.at[i] = TOC_UNIT_DASH;
	unsigned stars = dice(r, 5);
	bool contains = t->keyword || stars == 0;
	toc_pattern_of(&t->pattern, r->arena, u, dice(r, 5) == 0, contains || stars == 1, contains || stars == 2);
}

static void some_regex(struct rig *r, struct toc_test *t)
{
	static const char *const some[] = { "a+b",    "power(shell)?x*", "[a-c]{2,}", "^ab",	   "a|b",
					    "shell$", "\\x41b",		 "be?cde",    "(?i)POWER", "abc{0,1}de",
					    "a\\.b",  "(ab|cd)e",	 "\\\\7",     "b*" };
	char err[128];
	const char *text = some[dice(r, sizeof(some) / sizeof(some[0]))];
	assert_true(toc_build_regex(r->build, text, dice(r, 2), false, dice(r, 2), &t->regex, err, sizeof(err)));
	assert_int_equal(hs_alloc_scratch(t->regex->db, &r->hs), HS_SUCCESS);
}

static struct toc_test some_test(struct rig *r)
{
	static const enum toc_test_kind kinds[] = { TOC_TEST_STRING,  TOC_TEST_STRING,	TOC_TEST_STRING,
						    TOC_TEST_STRING,  TOC_TEST_PRESENT, TOC_TEST_NUMBER,
						    TOC_TEST_COMPARE, TOC_TEST_BOOL,	TOC_TEST_NETWORK,
						    TOC_TEST_REGEX,   TOC_TEST_LIST,	TOC_TEST_FIELD,
						    TOC_TEST_BEFORE };
	struct toc_test t = { .kind = kinds[dice(r, sizeof(kinds) / sizeof(kinds[0]))], .field = some_field(r) };
	char text[16];
	t.keyword = (t.kind == TOC_TEST_STRING || t.kind == TOC_TEST_REGEX) && dice(r, 8) == 0;
	t.number = dice(r, 9);
	t.time = dice(r, 9);
	t.yes = dice(r, 2);
	t.compare = (enum toc_compare)dice(r, 5);
	t.list = r->list;
	if (t.kind == TOC_TEST_STRING)
		some_pattern(r, &t);
	if (t.kind == TOC_TEST_NUMBER) {
		snprintf(text, sizeof(text), "%u", (unsigned)t.number);
		toc_pattern_literal(&t.pattern, r->arena, toc_span_str(text), false, false, false);
	}
	if (t.kind == TOC_TEST_NETWORK) {
		snprintf(text, sizeof(text), "10.%u.0.0/%u", dice(r, 4), dice(r, 2) ? 16 : 15);
		if (!toc_network_parse(toc_span_str(text), false, &t.net, &t.bits))
			fail();
	}
	if (t.kind == TOC_TEST_REGEX)
		some_regex(r, &t);
	t.other = (struct toc_fieldset){ 1, { r->map[SECOND] } };
	t.relation = (enum pattern_form)dice(r, 4);
	return t;
}

static struct tree *some_tree(struct rig *r, unsigned depth)
{
	struct tree *t = toc_arena_alloc(r->arena, sizeof(*t));
	t->op = depth == 0 ? 't' : "taoan"[dice(r, 5)];
	t->n = t->op == 't' ? 0 : t->op == 'n' ? 1 : 1 + dice(r, 4);
	if (t->op == 't')
		t->test = some_test(r);
	for (unsigned i = 0; i < t->n; i++)
		t->kids[i] = some_tree(r, depth - 1);
	return t;
}

static toc_node build(struct rig *r, const struct tree *t)
{
	toc_node kids[4];
	for (unsigned i = 0; i < t->n; i++)
		kids[i] = build(r, t->kids[i]);
	switch (t->op) {
	case 't':
		return toc_build_test(r->build, &t->test);
	case 'n':
		return toc_build_not(r->build, kids[0]);
	case 'a':
		return toc_build_all(r->build, kids, t->n);
	}
	return toc_build_any(r->build, kids, t->n);
}

/* The naive reading. */
static bool holds(const struct rig *r, const struct tree *t, const struct toc_view *view)
{
	if (t->op == 't')
		return toc_test_holds(&t->test, view, r->hs);
	if (t->op == 'n')
		return !holds(r, t->kids[0], view);
	for (unsigned i = 0; i < t->n; i++)
		if (holds(r, t->kids[i], view) != (t->op == 'a'))
			return t->op == 'o';
	return t->op == 'a';
}

static struct toc_event *some_event(struct rig *r, unsigned kind)
{
	static struct toc_draft d;
	char text[1024];
	struct toc_addr a = { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, (uint8_t)dice(r, 4), 2, 3 } };
	toc_draft_begin(&d, r->map, kind);
	d.head.ts = dice(r, 9);
	static const unsigned texts[] = { TEXT, ALIAS, SECOND };
	for (unsigned i = 0; i < 3; i++)
		if (dice(r, 4))
			toc_put_str(&d, texts[i], toc_span_of(text, letters(r, text, dice(r, 9) ? 24 : 900)));
	if (dice(r, 2))
		toc_put_uint(&d, NUMBER, dice(r, 9));
	else if (dice(r, 2))
		toc_put_cstr(&d, NUMBER, dice(r, 2) ? "007" : "4.0");
	if (dice(r, 2))
		toc_put_ip(&d, ADDR, &a);
	for (unsigned i = dice(r, 4); i > 0; i--)
		toc_list_str(&d, LIST, toc_span_of(text, letters(r, text, 16)));
	return toc_draft_seal(&d, aligned_alloc(8, toc_draft_size(&d)));
}

static void begin(struct rig *r, uint64_t seed)
{
	static const char *const entries[] = { "a", "ab", "7", "powershell", "cde/" };
	memset(r, 0, sizeof(*r));
	r->seed = seed;
	r->names = toc_intern_new();
	toc_intern_decls(r->names, decls, FIELDS, r->map);
	r->arena = toc_arena_new();
	r->build = toc_build_new(r->arena);
	struct toc_list *list = toc_list_new(r->arena, TOC_LIST_STRING, 5);
	for (unsigned i = 0; i < 5; i++)
		toc_list_add(list, toc_span_str(entries[i]));
	r->list = list;
	struct tree *gates[3] = { some_tree(r, 1), some_tree(r, 2), NULL };
	for (uint32_t i = 0; i < TREES; i++) {
		r->gate[i] = gates[dice(r, 3)];
		r->tree[i] = some_tree(r, DEPTH);
		r->kind[i] = r->map[dice(r, 5) ? K : OTHER_KIND];
		toc_build_rule(r->build, i, r->kind[i], r->gate[i] ? build(r, r->gate[i]) : TOC_NO_NODE,
			       build(r, r->tree[i]));
	}
	const char *why = "";
	r->matcher = toc_build_finish(r->build, &why);
	if (!r->matcher)
		fail_msg("%s", why);
	r->scratch = toc_match_scratch_new(r->matcher);
}

static void end(struct rig *r)
{
	toc_match_scratch_free(r->scratch);
	toc_matcher_free(r->matcher);
	hs_free_scratch(r->hs);
	toc_arena_free(r->arena);
	toc_intern_free(r->names);
}

static unsigned compare(struct rig *r, const struct toc_view *view)
{
	uint32_t hits[TREES];
	unsigned n = toc_match(r->matcher, r->scratch, view, hits, TREES), at = 0;
	for (uint32_t i = 0; i < TREES; i++) {
		bool says = at < n && hits[at] == i, explained = false;
		bool naive = r->kind[i] == view->ev->kind && (!r->gate[i] || holds(r, r->gate[i], view)) &&
			     holds(r, r->tree[i], view);
		at += says;
		if (says != naive) {
			toc_matcher_describe(r->matcher, r->names, i, stderr);
			fail_msg("rule %u: the matcher says %s", i, says ? "yes" : "no");
		}
		bool judged = toc_match_explain(r->matcher, r->scratch, r->names, view, i, NULL, NULL, &explained);
		assert_int_equal(judged, r->kind[i] == view->ev->kind);
		assert_int_equal(judged && explained, naive);
	}
	assert_int_equal(at, n);
	return n;
}

static void agrees(void **state)
{
	(void)state;
	unsigned hits = 0;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct rig r;
		begin(&r, seed);
		for (unsigned i = 0; i < 60; i++) {
			struct toc_event *ev = some_event(&r, dice(&r, 4) ? K : OTHER_KIND),
					 *who = dice(&r, 2) ? some_event(&r, K) : NULL;
			const struct toc_view view = { ev, who };
			hits += compare(&r, &view);
			free(ev);
			free(who);
		}
		end(&r);
	}
	assert_true(hits > 1000); /* and many do not */
}

static void programs(void **state)
{
	(void)state;
	const char *why = NULL;
	const struct toc_insn good[] = { { 0, 1, TOC_REJECT, 0 }, { 1, TOC_ACCEPT, TOC_REJECT, 0 } };
	const struct toc_insn loops[] = { { 0, TOC_ACCEPT, 1, 0 }, { 1, 1, TOC_REJECT, 0 } },
			      back[] = { { 0, 1, 1, 0 }, { 0, 0, TOC_ACCEPT, 0 } };
	const struct toc_insn past[] = { { 0, 2, TOC_REJECT, 0 }, { 0, TOC_ACCEPT, TOC_REJECT, 0 } },
			      unknown[] = { { 5, TOC_ACCEPT, TOC_REJECT, 0 } },
			      run[] = { { 3, TOC_ACCEPT, TOC_REJECT, 2 } };
	assert_true(toc_program_verify(good, 2, 2, &why));
	assert_null(why);
	assert_false(toc_program_verify(loops, 2, 2, &why));
	assert_string_equal(why, "a program goes backwards or past its end");
	assert_false(toc_program_verify(back, 2, 2, &why) || toc_program_verify(past, 2, 2, &why));
	assert_false(toc_program_verify(unknown, 1, 5, &why));
	assert_string_equal(why, "a program asks a predicate that does not exist");
	assert_true(toc_program_verify(run, 1, 6, &why));
	assert_false(toc_program_verify(run, 1, 5, &why));
	assert_false(toc_program_verify(good, 0, 2, &why));
}

static struct toc_test text_test(struct rig *r, unsigned field, const char *text, bool front, bool back)
{
	struct toc_test t = { .kind = TOC_TEST_STRING, .field = { 1, { r->map[field] } } };
	toc_pattern_compile(&t.pattern, r->arena, toc_span_str(text), false, front, back);
	return t;
}

/* The rarest text is waited for; a rule that only denies is looked at always, behind its gate. */
static void witnesses(void **state)
{
	(void)state;
	struct rig r = { .names = toc_intern_new(), .arena = toc_arena_new() };
	char *printed;
	size_t n;
	const char *why;
	struct toc_matcher_size size;
	toc_intern_decls(r.names, decls, FIELDS, r.map);
	r.build = toc_build_new(r.arena);
	struct toc_test common = text_test(&r, TEXT, "a", true, true),
			rare = text_test(&r, TEXT, "unheard-of", true, true),
			gate = text_test(&r, SECOND, "open", false, false);
	toc_node both[2] = { toc_build_test(r.build, &common), toc_build_test(r.build, &rare) };
	toc_node door = toc_build_test(r.build, &gate);
	assert_int_equal(toc_build_test(r.build, &rare), both[1]);
	toc_build_rule(r.build, 0, r.map[K], door, toc_build_all(r.build, both, 2));
	toc_build_rule(r.build, 1, r.map[K], door, toc_build_not(r.build, both[0]));
	r.matcher = toc_build_finish(r.build, &why);
	toc_matcher_measure(r.matcher, &size);
	assert_int_equal(size.predicates, 3);
	assert_int_equal(size.gates, 2);
	assert_int_equal(size.without_witness, 1);
	FILE *out = open_memstream(&printed, &n);
	assert_true(toc_matcher_describe(r.matcher, r.names, 0, out));
	assert_true(toc_matcher_describe(r.matcher, r.names, 1, out));
	assert_false(toc_matcher_describe(r.matcher, r.names, 2, out));
	fclose(out);
	const char *waits = strstr(printed, "looked at when one of these holds\n");
	assert_non_null(waits);
	assert_non_null(strstr(waits, "text contains 'unheard-of'"));
	assert_true(strstr(waits, "text contains 'unheard-of'") < strstr(waits, "text contains 'a'"));
	assert_non_null(strstr(printed, "looked at on every event"));
	free(printed);
	toc_matcher_free(r.matcher);
	toc_arena_free(r.arena);
	toc_intern_free(r.names);
}

/* Ten thousand values, long texts full of what they begin with: still right, and soon done. */
static void large(void **state)
{
	(void)state;
	enum { MANY = 10000 };
	struct rig r = { .names = toc_intern_new(), .arena = toc_arena_new() };
	static struct toc_draft d;
	static char text[8000];
	char value[32];
	const char *why;
	uint32_t hits[2];
	toc_intern_decls(r.names, decls, FIELDS, r.map);
	r.build = toc_build_new(r.arena);
	toc_node *nodes = toc_arena_alloc(r.arena, MANY * sizeof(*nodes));
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(value, sizeof(value), "value-%05u", i);
		struct toc_test t = text_test(&r, TEXT, value, true, true);
		nodes[i] = toc_build_test(r.build, &t);
	}
	toc_build_rule(r.build, 0, r.map[K], TOC_NO_NODE, toc_build_any(r.build, nodes, MANY));
	r.matcher = toc_build_finish(r.build, &why);
	r.scratch = toc_match_scratch_new(r.matcher);
	for (unsigned with = 0; with < 2; with++) {
		for (size_t i = 0; i < sizeof(text); i++)
			text[i] = "value-0"[i % 7];
		if (with)
			memcpy(text + 7980, "VALUE-09999", 11);
		toc_draft_begin(&d, r.map, K);
		toc_put_str(&d, TEXT, toc_span_of(text, sizeof(text)));
		struct toc_event *ev = toc_draft_seal(&d, aligned_alloc(8, toc_draft_size(&d)));
		const struct toc_view view = { ev, NULL };
		for (unsigned i = 0; i < 100; i++)
			assert_int_equal(toc_match(r.matcher, r.scratch, &view, hits, 2), with);
		free(ev);
	}
	toc_match_scratch_free(r.scratch);
	toc_matcher_free(r.matcher);
	toc_arena_free(r.arena);
	toc_intern_free(r.names);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(agrees), cmocka_unit_test(programs),
					    cmocka_unit_test(witnesses), cmocka_unit_test(large) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
