/* matcher - rules by event kind, conditions as trees over tests that are evaluated at most once an event. */
#include <stdio.h>
#include <stdlib.h>

#include "match/build.h"

enum node_op { NODE_TEST, NODE_ALL, NODE_ANY, NODE_NOT };

struct node {
	enum node_op op;
	uint32_t first, n; /* of kids; TEST: index of the test */
};

struct entry {
	toc_field kind;
	uint32_t rule;
	toc_node node;
};

/* An array that grows by doubling; items are plain memory. */
struct vector {
	void *at;
	size_t n, room, size;
};

struct toc_build {
	struct toc_arena *arena;
	struct vector tests, nodes, kids, entries, regexes;
};

struct toc_matcher {
	struct vector tests, nodes, kids, entries, regexes;
	uint32_t *first; /* by kind: first entry; first[kind + 1] = its end */
	toc_field kinds;
	hs_scratch_t *scratch; /* the prototype that scratches are cloned from */
};

struct toc_match_scratch {
	hs_scratch_t *hs;
	uint32_t *stamp; /* by test: generation << 1 | result */
	uint32_t generation;
};

static void *push(struct vector *v, size_t size)
{
	if (v->n == v->room) {
		v->room = v->room ? 2 * v->room : 64;
		v->at = realloc(v->at, v->room * size);
		if (!v->at)
			abort(); /* at load there is nothing to save */
	}
	v->size = size;
	return (char *)v->at + v->n++ * size;
}

struct toc_build *toc_build_new(struct toc_arena *arena)
{
	struct toc_build *b = toc_arena_alloc(arena, sizeof(*b));
	b->arena = arena;
	return b;
}

static toc_node add_node(struct toc_build *b, struct node node)
{
	*(struct node *)push(&b->nodes, sizeof(node)) = node;
	return (toc_node)(b->nodes.n - 1);
}

toc_node toc_build_test(struct toc_build *b, const struct toc_test *test)
{
	*(struct toc_test *)push(&b->tests, sizeof(*test)) = *test;
	return add_node(b, (struct node){ NODE_TEST, (uint32_t)(b->tests.n - 1), 0 });
}

static toc_node combine(struct toc_build *b, enum node_op op, const toc_node *nodes, unsigned n)
{
	if (n == 1 && op != NODE_NOT)
		return nodes[0];
	struct node node = { op, (uint32_t)b->kids.n, n };
	for (unsigned i = 0; i < n; i++)
		*(toc_node *)push(&b->kids, sizeof(toc_node)) = nodes[i];
	return add_node(b, node);
}

toc_node toc_build_all(struct toc_build *b, const toc_node *nodes, unsigned n)
{
	return combine(b, NODE_ALL, nodes, n);
}

toc_node toc_build_any(struct toc_build *b, const toc_node *nodes, unsigned n)
{
	return combine(b, NODE_ANY, nodes, n);
}

toc_node toc_build_not(struct toc_build *b, toc_node node)
{
	return combine(b, NODE_NOT, &node, 1);
}

bool toc_build_regex(struct toc_build *b, const char *text, bool nocase, bool multiline, bool dotall,
		     const hs_database_t **out, char *err, size_t err_size)
{
	hs_compile_error_t *error = NULL;
	hs_database_t *db = NULL;
	unsigned flags = HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY | (nocase ? HS_FLAG_CASELESS : 0) |
			 (multiline ? HS_FLAG_MULTILINE : 0) | (dotall ? HS_FLAG_DOTALL : 0);
	if (hs_compile(text, flags, HS_MODE_BLOCK, NULL, &db, &error) != HS_SUCCESS) {
		snprintf(err, err_size, "%s", error ? error->message : "cannot be compiled");
		hs_free_compile_error(error);
		return false;
	}
	*(hs_database_t **)push(&b->regexes, sizeof(db)) = db;
	*out = db;
	return true;
}

void toc_build_rule(struct toc_build *b, uint32_t rule, toc_field kind, toc_node node)
{
	*(struct entry *)push(&b->entries, sizeof(struct entry)) = (struct entry){ kind, rule, node };
}

static int by_kind(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

/* Entries sorted by kind and rule, and where each kind begins. */
static void index_entries(struct toc_matcher *m)
{
	const struct entry *e = m->entries.at;
	qsort(m->entries.at, m->entries.n, sizeof(*e), by_kind);
	m->kinds = m->entries.n ? e[m->entries.n - 1].kind : 0;
	m->first = calloc((size_t)m->kinds + 2, sizeof(*m->first));
	if (!m->first)
		abort();
	for (size_t i = 0; i < m->entries.n; i++)
		m->first[e[i].kind + 1]++;
	for (unsigned k = 0; k <= m->kinds; k++)
		m->first[k + 1] += m->first[k];
}

struct toc_matcher *toc_build_finish(struct toc_build *b)
{
	struct toc_matcher *m = calloc(1, sizeof(*m));
	if (!m)
		abort();
	m->tests = b->tests;
	m->nodes = b->nodes;
	m->kids = b->kids;
	m->entries = b->entries;
	m->regexes = b->regexes;
	if (m->entries.n)
		index_entries(m);
	for (size_t i = 0; i < m->regexes.n; i++) {
		if (hs_alloc_scratch(((hs_database_t **)m->regexes.at)[i], &m->scratch) == HS_SUCCESS)
			continue;
		toc_matcher_free(m);
		return NULL;
	}
	return m;
}

void toc_matcher_free(struct toc_matcher *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->regexes.n; i++)
		hs_free_database(((hs_database_t **)m->regexes.at)[i]);
	hs_free_scratch(m->scratch);
	free(m->tests.at);
	free(m->nodes.at);
	free(m->kids.at);
	free(m->entries.at);
	free(m->regexes.at);
	free(m->first);
	free(m);
}

struct toc_match_scratch *toc_match_scratch_new(const struct toc_matcher *m)
{
	struct toc_match_scratch *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->stamp = calloc(m->tests.n + 1, sizeof(*s->stamp));
	if (s->stamp && (!m->scratch || hs_clone_scratch(m->scratch, &s->hs) == HS_SUCCESS))
		return s;
	toc_match_scratch_free(s);
	return NULL;
}

void toc_match_scratch_free(struct toc_match_scratch *s)
{
	if (!s)
		return;
	hs_free_scratch(s->hs);
	free(s->stamp);
	free(s);
}

static bool test_holds(const struct toc_matcher *m, struct toc_match_scratch *s, uint32_t i,
		       const struct toc_view *view)
{
	uint32_t *stamp = &s->stamp[i];
	if (*stamp >> 1 == s->generation)
		return *stamp & 1;
	bool holds = toc_test_holds(&((const struct toc_test *)m->tests.at)[i], view, s->hs);
	*stamp = s->generation << 1 | holds;
	return holds;
}

/* Depth is bounded by the ruleset's parser. */
static bool node_holds(const struct toc_matcher *m, struct toc_match_scratch *s, toc_node i,
		       const struct toc_view *view)
{
	const struct node *node = &((const struct node *)m->nodes.at)[i];
	const toc_node *kids = (const toc_node *)m->kids.at;
	switch (node->op) {
	case NODE_TEST:
		return test_holds(m, s, node->first, view);
	case NODE_NOT:
		return !node_holds(m, s, kids[node->first], view);
	case NODE_ALL:
		for (uint32_t k = 0; k < node->n; k++)
			if (!node_holds(m, s, kids[node->first + k], view))
				return false;
		return true;
	case NODE_ANY:
		for (uint32_t k = 0; k < node->n; k++)
			if (node_holds(m, s, kids[node->first + k], view))
				return true;
		return false;
	}
	return false;
}

static void next_generation(const struct toc_matcher *m, struct toc_match_scratch *s)
{
	if (++s->generation < UINT32_C(1) << 31)
		return;
	memset(s->stamp, 0, m->tests.n * sizeof(*s->stamp)); /* old stamps must not come alive again */
	s->generation = 1;
}

unsigned toc_match(const struct toc_matcher *m, struct toc_match_scratch *s, const struct toc_view *view,
		   uint32_t *hits, unsigned max)
{
	toc_field kind = view->ev->kind;
	unsigned n = 0;
	if (!m->first || kind > m->kinds)
		return 0;
	next_generation(m, s);
	const struct entry *e = m->entries.at;
	for (uint32_t i = m->first[kind]; i < m->first[kind + 1]; i++) {
		if (!node_holds(m, s, e[i].node, view))
			continue;
		if (n < max)
			hits[n] = e[i].rule;
		n++;
	}
	return n;
}
