/* kind - the rules of one kind of event: predicates and columns, gates, witnesses, programs, who watches what. */
#include <stdlib.h>

#include "match/compiled.h"

enum { ROUNDS = 4 };

struct maker {
	struct toc_build *b;
	struct kind *k;
	const struct forest *forest;
	struct vector predicates, columns, gates, entries, code; /* what the kind will point to */
	struct toc_keys column_index;
	uint32_t *predicate_of; /* by test */
	uint32_t *seen;		/* by node: the last rule that was walked through it */
	struct vector uses, implied, unwatched;
	bool *eager; /* by predicate: a witness */
};

static uint32_t column_of(struct maker *m, const struct toc_test *t)
{
	toc_field key[TOC_ALIASES + 2] = { t->keyword, t->keyword ? 0 : t->field.n };
	bool is_new;
	if (!t->keyword)
		memcpy(key + 2, t->field.id, t->field.n * sizeof(key[0]));
	uint32_t *known = toc_keys_put(&m->column_index, m->b->arena, toc_span_of(key, sizeof(key)), &is_new);
	if (is_new) {
		*known = m->columns.n;
		*(struct column *)vector_add(&m->columns, m->b->arena, sizeof(struct column)) =
			(struct column){ .field = t->field, .keyword = t->keyword };
	}
	return *known;
}

static uint32_t add_predicate(struct maker *m, const struct toc_test *t)
{
	*(struct predicate *)vector_add(&m->predicates, m->b->arena, sizeof(struct predicate)) =
		(struct predicate){ t, column_of(m, t) };
	*(uint32_t *)vector_add(&m->uses, m->b->arena, sizeof(uint32_t)) = 0;
	*(uint32_t *)vector_add(&m->implied, m->b->arena, sizeof(uint32_t)) = TOC_NO_PREDICATE;
	return m->predicates.n - 1;
}

/* The literal of an expression is a predicate too, that no rule says. */
static void add_implied(struct maker *m, const struct toc_test *t, uint32_t predicate)
{
	if (t->kind != TOC_TEST_REGEX || !t->regex->literal)
		return;
	struct toc_test *literal = toc_arena_alloc(m->b->arena, sizeof(*literal));
	*literal = (struct toc_test){
		.kind = TOC_TEST_STRING, .keyword = t->keyword, .field = t->field, .pattern = *t->regex->literal
	};
	((uint32_t *)m->implied.at)[predicate] = add_predicate(m, literal);
}

/* Predicates for the tests under a node, each counted once a rule. */
static void count(struct maker *m, toc_node i, uint32_t rule)
{
	const struct node *node = &m->forest->nodes[i];
	if (m->seen[i] == rule)
		return;
	m->seen[i] = rule;
	for (uint32_t k = 0; k < node->n; k++)
		count(m, m->forest->kids[node->first + k], rule);
	if (node->op != NODE_TEST)
		return;
	uint32_t *p = &m->predicate_of[node->first];
	if (*p == TOC_NO_PREDICATE) {
		*p = add_predicate(m, &m->forest->tests[node->first]);
		add_implied(m, &m->forest->tests[node->first], *p);
	}
	((uint32_t *)m->uses.at)[*p]++;
}

static uint32_t gate_of(struct maker *m, toc_node node)
{
	const struct gate *gates = m->gates.at;
	for (uint32_t g = 0; g < m->gates.n; g++)
		if (gates[g].node == node)
			return g;
	*(struct gate *)vector_add(&m->gates, m->b->arena, sizeof(struct gate)) = (struct gate){ .node = node };
	return m->gates.n - 1;
}

static void take_rules(struct maker *m, const struct placed *rules, uint32_t n)
{
	gate_of(m, TOC_NO_NODE); /* gate 0 */
	for (uint32_t i = 0; i < n; i++) {
		if (rules[i].gate != TOC_NO_NODE)
			count(m, rules[i].gate, i);
		count(m, rules[i].node, i);
		*(struct entry *)vector_add(&m->entries, m->b->arena, sizeof(struct entry)) = (struct entry){
			.rule = rules[i].rule, .gate = gate_of(m, rules[i].gate), .node = rules[i].node
		};
	}
	m->k->predicates = m->predicates.at;
	m->k->npredicates = m->predicates.n;
	m->k->columns = m->columns.at;
	m->k->ncolumns = m->columns.n;
	m->k->gates = m->gates.at;
	m->k->ngates = m->gates.n;
	m->k->entries = m->entries.at;
	m->k->nentries = m->entries.n;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

/* Each once; they may be many. */
static void sort_unique(struct vector *v)
{
	uint32_t *p = v->at, n = 0;
	if (v->n)
		qsort(p, v->n, sizeof(*p), by_number);
	for (uint32_t i = 0; i < v->n; i++)
		if (i == 0 || p[i] != p[i - 1])
			p[n++] = p[i];
	v->n = n;
}

/* By predicate, who waits for it: pairs of predicate and waiter, counted and laid out. */
static struct watchers lay_out(struct maker *m, const struct vector *pairs)
{
	uint32_t n = m->k->npredicates;
	uint32_t *first = toc_arena_alloc(m->b->arena, ((size_t)n + 2) * sizeof(*first));
	uint32_t *at = toc_arena_alloc(m->b->arena, (pairs->n + 1) * sizeof(*at));
	const uint32_t(*pair)[2] = pairs->at;
	for (uint32_t i = 0; i < pairs->n; i++)
		first[pair[i][0] + 2]++;
	for (uint32_t p = 0; p < n; p++)
		first[p + 2] += first[p + 1];
	for (uint32_t i = 0; i < pairs->n; i++)
		at[first[pair[i][0] + 1]++] = pair[i][1];
	return (struct watchers){ first, at };
}

static void watch(struct maker *m, struct vector *pairs, const uint32_t *witness, uint32_t n, uint32_t who)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t(*pair)[2] = vector_add(pairs, m->b->arena, sizeof(*pair));
		(*pair)[0] = witness[i];
		(*pair)[1] = who;
		m->eager[(*pair)[0]] = true;
	}
}

static struct witness_maker chooser(const struct maker *m)
{
	return (struct witness_maker){
		&m->b->common, m->k, m->forest, m->predicate_of, m->implied.at, m->uses.at, NULL
	};
}

/* A gate without witness is tried on every event. */
static void choose_for_gates(struct maker *m)
{
	struct vector pairs = { 0 };
	struct witness_maker w = chooser(m);
	for (uint32_t g = 1; g < m->k->ngates; g++) {
		struct vector witness = { 0 };
		if (witness_choose(&w, m->k->gates[g].node, &witness, m->b->arena)) {
			sort_unique(&witness);
			watch(m, &pairs, witness.at, witness.n, g);
		} else {
			*(uint32_t *)vector_add(&m->unwatched, m->b->arena, sizeof(g)) = g;
		}
	}
	m->k->gate_watchers = lay_out(m, &pairs);
	m->k->unwatched = m->unwatched.at;
	m->k->nunwatched = m->unwatched.n;
}

/* Counts the entry among the users of the parts that its witnesses will lie in. */
static void count_users(const struct maker *m, const struct entry *e, uint32_t *users)
{
	for (uint32_t i = 0; i < e->nwitness; i++) {
		const struct predicate *p = &m->k->predicates[e->witness[i]];
		users[p->part * PART_KINDS + part_kind_of(p->test, true)]++;
	}
}

/*
 * Rules of one gate share what their witnesses cost, so they choose again when they know where the others are: parts
 * for which few would pay empty out.
 */
static void choose_for_gate(struct maker *m, uint32_t gate, const uint32_t *entries, uint32_t n)
{
	size_t size = (size_t)m->k->ncolumns * PART_KINDS * sizeof(uint32_t);
	struct toc_arena *brief = toc_arena_new();
	uint32_t *users = toc_arena_alloc(brief, size), *next = toc_arena_alloc(brief, size);
	struct vector always = { 0 };
	for (unsigned round = 0; round < ROUNDS; round++) {
		bool last = round + 1 == ROUNDS;
		struct witness_maker w = chooser(m);
		w.users = users;
		memset(next, 0, size);
		for (uint32_t i = 0; i < n; i++) {
			struct vector witness = { 0 };
			struct entry *e = &m->k->entries[entries[i]];
			bool found = witness_choose(&w, e->node, &witness, last ? m->b->arena : brief);
			sort_unique(&witness);
			e->witness = witness.at;
			e->nwitness = witness.n;
			count_users(m, e, next);
			if (last && !found)
				*(uint32_t *)vector_add(&always, m->b->arena, sizeof(i)) = entries[i];
		}
		memcpy(users, next, size);
	}
	m->k->gates[gate].always = always.at;
	m->k->gates[gate].nalways = always.n;
	toc_arena_free(brief);
}

static void choose_for_entries(struct maker *m)
{
	struct vector pairs = { 0 }, *by_gate = toc_arena_alloc(m->b->arena, m->k->ngates * sizeof(*by_gate));
	for (uint32_t i = 0; i < m->k->nentries; i++)
		*(uint32_t *)vector_add(&by_gate[m->k->entries[i].gate], m->b->arena, sizeof(i)) = i;
	for (uint32_t g = 0; g < m->k->ngates; g++)
		choose_for_gate(m, g, by_gate[g].at, by_gate[g].n);
	for (uint32_t i = 0; i < m->k->nentries; i++) {
		const struct entry *e = &m->k->entries[i];
		watch(m, &pairs, e->witness, e->nwitness, i);
	}
	m->k->entry_watchers = lay_out(m, &pairs);
	uint32_t *gates = toc_arena_alloc(m->b->arena, (pairs.n + 1) * sizeof(*gates));
	for (uint32_t i = 0; i < pairs.n; i++)
		gates[i] = m->k->entries[m->k->entry_watchers.at[i]].gate;
	m->k->watcher_gates = gates;
}

/* Which parts must be judged before it is known who is to be looked at. */
static void find_needs(struct maker *m)
{
	struct kind *k = m->k;
	size_t size = (words_of(k->nparts) + 1) * sizeof(uint64_t);
	uint64_t *gates = toc_arena_alloc(m->b->arena, size);
	for (uint32_t p = 0; p < k->npredicates; p++)
		if (k->gate_watchers.first[p] < k->gate_watchers.first[p + 1])
			bit_set(gates, k->predicates[p].part);
	k->gate_need = gates;
	uint64_t **needs = toc_arena_alloc(m->b->arena, k->ngates * sizeof(*needs));
	for (uint32_t g = 0; g < k->ngates; g++)
		k->gates[g].need = needs[g] = toc_arena_alloc(m->b->arena, size);
	for (uint32_t i = 0; i < k->nentries; i++)
		for (uint32_t w = 0; w < k->entries[i].nwitness; w++)
			bit_set(needs[k->entries[i].gate], k->predicates[k->entries[i].witness[w]].part);
}

static bool make_code(struct maker *m, toc_node node, uint32_t *at, uint32_t *n, const char **why)
{
	*at = m->code.n;
	*n = code_make(m->forest, m->k, m->predicate_of, node, &m->code, m->b->arena);
	return toc_program_verify((const struct toc_insn *)m->code.at + *at, *n, m->k->npredicates, why);
}

static bool make_programs(struct maker *m, const char **why)
{
	struct kind *k = m->k;
	bool ok = true;
	for (uint32_t g = 1; g < k->ngates && ok; g++)
		ok = make_code(m, k->gates[g].node, &k->gates[g].code, &k->gates[g].ncode, why);
	for (uint32_t i = 0; i < k->nentries && ok; i++)
		ok = make_code(m, k->entries[i].node, &k->entries[i].code, &k->entries[i].ncode, why);
	k->code = m->code.at;
	k->ncode = m->code.n;
	return ok;
}

/* By field, the columns that name it. */
static void find_aliases(struct maker *m)
{
	struct kind *k = m->k;
	struct vector keywords = { 0 };
	uint32_t total = 0;
	for (uint32_t c = 0; c < k->ncolumns; c++) {
		const struct column *column = &k->columns[c];
		if (column->keyword)
			*(uint32_t *)vector_add(&keywords, m->b->arena, sizeof(c)) = c;
		for (unsigned i = 0; !column->keyword && i < column->field.n; i++, total++)
			k->fields = column->field.id[i] > k->fields ? column->field.id[i] : k->fields;
	}
	uint32_t *first = toc_arena_alloc(m->b->arena, ((size_t)k->fields + 3) * sizeof(*first));
	struct alias_of *aliases = toc_arena_alloc(m->b->arena, (total + 1) * sizeof(*aliases));
	for (uint32_t c = 0; c < k->ncolumns; c++)
		for (unsigned i = 0; !k->columns[c].keyword && i < k->columns[c].field.n; i++)
			first[k->columns[c].field.id[i] + 2]++;
	for (uint32_t f = 0; f <= k->fields; f++)
		first[f + 2] += first[f + 1];
	for (uint32_t c = 0; c < k->ncolumns; c++) {
		const struct column *column = &k->columns[c];
		for (unsigned i = 0; !column->keyword && i < column->field.n; i++)
			aliases[first[column->field.id[i] + 1]++] =
				(struct alias_of){ c, i, column->first_part, column->nparts };
	}
	k->alias_at = first;
	k->aliases = aliases;
	k->keyword_columns = keywords.at;
	k->nkeyword_columns = keywords.n;
}

static bool compile(struct maker *m, const struct placed *rules, uint32_t n, const char **why)
{
	take_rules(m, rules, n);
	m->eager = toc_arena_alloc(m->b->arena, m->k->npredicates + 1);
	choose_for_gates(m);
	choose_for_entries(m);
	if (!parts_make(m->b, m->k, m->eager, why))
		return false;
	find_needs(m);
	find_aliases(m);
	return make_programs(m, why);
}

bool kind_compile(struct toc_build *b, struct kind *k, const struct forest *forest, const struct placed *rules,
		  uint32_t n, const char **why)
{
	const size_t by_test = (forest->ntests + 1) * sizeof(uint32_t),
		     by_node = (forest->nnodes + 1) * sizeof(uint32_t);
	struct maker m = { .b = b, .k = k, .forest = forest };
	m.predicate_of = toc_arena_alloc(b->arena, by_test);
	m.seen = toc_arena_alloc(b->arena, by_node);
	memset(m.predicate_of, 0xff, by_test);
	memset(m.seen, 0xff, by_node);
	k->id = rules->kind;
	const bool ok = compile(&m, rules, n, why);
	toc_arena_drop(b->arena, m.predicate_of, by_test);
	toc_arena_drop(b->arena, m.seen, by_node);
	return ok;
}
