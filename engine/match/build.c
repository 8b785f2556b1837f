/* build - tests and trees of tests, each once; expressions, compiled once. */
#include "match/build.h"

#include <stdio.h>

#include "match/cache.h"
#include "match/compiled.h"
#include "tocsin/digest.h"

enum {
	SHALLOW = 64,  /* combinations of more are not looked up: no two rules have the same */
	FLAT_AT = 128, /* a chain of so many `and` becomes one combination */
};

void *vector_add(struct vector *v, struct toc_arena *arena, size_t size)
{
	if (v->n == v->room) {
		const size_t before = v->n * size;
		v->room = v->room ? 2 * v->room : 64;
		void *bigger = toc_arena_alloc(arena, v->room * size);
		if (v->n) {
			memcpy(bigger, v->at, before);
			toc_arena_drop(arena, v->at, before);
		}
		v->at = bigger;
	}
	return (char *)v->at + size * v->n++;
}

struct toc_build *toc_build_new(struct toc_arena *arena)
{
	struct toc_build *b = toc_arena_alloc(arena, sizeof(*b));
	toc_commonplace_make(&b->common);
	b->arena = arena;
	return b;
}

void toc_build_cache(struct toc_build *b, const char *folder, const uint8_t inputs[32])
{
	b->cache = folder ? toc_cache_open(folder, inputs) : NULL;
}

static void say(struct toc_build *b, const void *p, size_t n)
{
	const uint8_t *bytes = p;
	for (size_t i = 0; i < n; i++)
		*(uint8_t *)vector_add(&b->key, b->arena, 1) = bytes[i];
}

static void say_number(struct toc_build *b, uint64_t n)
{
	say(b, &n, sizeof(n));
}

static void say_fields(struct toc_build *b, const struct toc_fieldset *set)
{
	say_number(b, set->n);
	say(b, set->id, set->n * sizeof(set->id[0]));
}

static void say_pattern(struct toc_build *b, const struct toc_pattern *p)
{
	say_number(b, (uint64_t)p->form << 8 | (uint64_t)p->fold << 4 | (uint64_t)p->open_start << 1 | p->open_end);
	say_number(b, p->text.n);
	say(b, p->text.p, p->text.n);
	say_number(b, p->npieces);
	for (unsigned i = 0; i < p->npieces; i++) {
		say_number(b, p->pieces[i].n);
		say(b, p->pieces[i].units, p->pieces[i].n * sizeof(uint16_t));
	}
}

/* Two tests that say the same bytes ask the same. */
static struct toc_span key_of(struct toc_build *b, const struct toc_test *t)
{
	b->key.n = 0;
	say_number(b, (uint64_t)t->kind << 8 | t->keyword);
	say_fields(b, &t->field);
	say_pattern(b, &t->pattern);
	say_number(b, (uint64_t)t->compare << 16 | (uint64_t)t->part << 8 | (uint64_t)t->yes << 1 | t->cased);
	say(b, &t->number, sizeof(t->number));
	say(b, &t->time, sizeof(t->time));
	say(b, t->net.b, sizeof(t->net.b));
	say_number(b, t->bits);
	say(b, &t->regex, sizeof(t->regex));
	say(b, &t->list, sizeof(t->list));
	say(b, &t->zone, sizeof(t->zone));
	say_fields(b, &t->other);
	say_number(b, t->relation);
	return toc_span_of(b->key.at, b->key.n);
}

static toc_node add_node(struct toc_build *b, struct node node)
{
	*(struct node *)vector_add(&b->nodes, b->arena, sizeof(node)) = node;
	return b->nodes.n - 1;
}

toc_node toc_build_test(struct toc_build *b, const struct toc_test *test)
{
	bool is_new;
	/* rules ask it in several ways (a star, null, exists), and a part has room for one */
	const struct toc_test present = { .kind = TOC_TEST_PRESENT, .field = test->field };
	const struct toc_test before = { .kind = TOC_TEST_BEFORE, .time = test->time }; /* asks no field */
	if (test->kind == TOC_TEST_PRESENT)
		test = &present;
	if (test->kind == TOC_TEST_BEFORE)
		test = &before;
	uint32_t *node = toc_keys_put(&b->test_index, b->arena, key_of(b, test), &is_new);
	if (is_new) {
		*(struct toc_test *)vector_add(&b->tests, b->arena, sizeof(*test)) = *test;
		bool slow = test->kind == TOC_TEST_REGEX || test->kind == TOC_TEST_FIELD;
		*node = add_node(b, (struct node){ NODE_TEST, b->tests.n - 1, 0, 1, 1, slow });
	}
	return *node;
}

/* Adds a combination whose kids are the last that were added. */
static toc_node add_combination(struct toc_build *b, struct node node)
{
	const struct node *nodes = b->nodes.at;
	const toc_node *kids = (const toc_node *)b->kids.at + node.first;
	for (uint32_t i = 0; i < node.n; i++) {
		if (node.depth <= nodes[kids[i]].depth)
			node.depth = nodes[kids[i]].depth + 1;
		node.size += nodes[kids[i]].size;
		node.slow = node.slow || nodes[kids[i]].slow;
	}
	if (node.n > SHALLOW)
		return add_node(b, node);
	bool is_new;
	b->key.n = 0;
	say_number(b, node.op);
	say(b, kids, node.n * sizeof(*kids));
	uint32_t *known = toc_keys_put(&b->node_index, b->arena, toc_span_of(b->key.at, b->key.n), &is_new);
	if (is_new)
		*known = add_node(b, node);
	else
		b->kids.n -= node.n;
	return *known;
}

static toc_node combine(struct toc_build *b, enum node_op op, const toc_node *of, unsigned n)
{
	if (n == 1 && op != NODE_NOT)
		return of[0];
	struct node node = { op, b->kids.n, 0, 0, 0, false };
	for (unsigned i = 0; i < n; i++) {
		const struct node kid = ((const struct node *)b->nodes.at)[of[i]];
		bool flatten = i == 0 && kid.op == op && op != NODE_NOT && kid.depth >= FLAT_AT;
		for (uint32_t k = 0; k < (flatten ? kid.n : 1); k++) {
			toc_node *to = vector_add(&b->kids, b->arena, sizeof(toc_node));
			*to = flatten ? ((const toc_node *)b->kids.at)[kid.first + k] : of[i];
			node.n++;
		}
	}
	return add_combination(b, node);
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

/* Each database has a name by what it is made from. */
static void hash_regexes(struct toc_build *b, const struct toc_regex *const *regexes, uint32_t n, uint8_t out[32])
{
	b->key.n = 0;
	say_number(b, n);
	for (uint32_t i = 0; i < n; i++) {
		say_number(b, regexes[i]->flags);
		say(b, regexes[i]->text, strlen(regexes[i]->text) + 1);
	}
	toc_sha256(toc_span_of(b->key.at, b->key.n), out);
}

static hs_database_t *compile(const struct toc_regex *const *regexes, uint32_t n, struct toc_arena *arena,
			      const char **why)
{
	const char **texts = toc_arena_alloc(arena, n * sizeof(*texts));
	unsigned *flags = toc_arena_alloc(arena, n * sizeof(*flags)), *ids = toc_arena_alloc(arena, n * sizeof(*ids));
	hs_compile_error_t *error = NULL;
	hs_database_t *db = NULL;
	for (uint32_t i = 0; i < n; i++) {
		texts[i] = regexes[i]->text;
		flags[i] = regexes[i]->flags;
		ids[i] = i;
	}
	if (hs_compile_multi(texts, flags, ids, n, HS_MODE_BLOCK, NULL, &db, &error) == HS_SUCCESS)
		return db;
	*why = toc_arena_printf(arena, "%s", error ? error->message : "cannot be compiled");
	hs_free_compile_error(error);
	return NULL;
}

hs_database_t *regexes_compile(struct toc_build *b, const struct toc_regex *const *regexes, uint32_t n,
			       const char **why)
{
	uint8_t key[32];
	hs_database_t *db = NULL;
	hash_regexes(b, regexes, n, key);
	if (!b->cache || !toc_cache_take(b->cache, key, &db))
		db = compile(regexes, n, b->arena, why);
	if (!db)
		return NULL;
	if (b->cache)
		toc_cache_keep(b->cache, key, db);
	*(hs_database_t **)vector_add(&b->databases, b->arena, sizeof(db)) = db;
	return db;
}

bool toc_build_regex(struct toc_build *b, const char *text, bool nocase, bool multiline, bool dotall,
		     const struct toc_regex **out, char *err, size_t err_size)
{
	struct toc_regex r = { text,
			       HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY | (nocase ? HS_FLAG_CASELESS : 0) |
				       (multiline ? HS_FLAG_MULTILINE : 0) | (dotall ? HS_FLAG_DOTALL : 0),
			       NULL, NULL };
	const struct toc_regex *alone = &r;
	const char *why = "";
	bool is_new;
	b->key.n = 0;
	say_number(b, r.flags);
	say(b, text, strlen(text));
	uint32_t *known = toc_keys_put(&b->regex_index, b->arena, toc_span_of(b->key.at, b->key.n), &is_new);
	if (is_new)
		*known = UINT32_MAX;
	if (*known == UINT32_MAX) {
		r.db = regexes_compile(b, &alone, 1, &why);
		if (!r.db) {
			snprintf(err, err_size, "%s", why);
			return false;
		}
		struct toc_regex *kept = toc_arena_alloc(b->arena, sizeof(*kept));
		r.text = toc_arena_str(b->arena, toc_span_str(text));
		r.literal = literal_of(r.text, b->arena);
		*kept = r;
		*(const struct toc_regex **)vector_add(&b->regexes, b->arena, sizeof(kept)) = kept;
		/* compiling may have grown nothing of this index: the slot is still where it was */
		*known = b->regexes.n - 1;
	}
	*out = ((const struct toc_regex *const *)b->regexes.at)[*known];
	return true;
}

void toc_build_rule(struct toc_build *b, uint32_t rule, toc_field kind, toc_node gate, toc_node node)
{
	*(struct placed *)vector_add(&b->placed, b->arena, sizeof(struct placed)) =
		(struct placed){ kind, rule, gate, node };
}
