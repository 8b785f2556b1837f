/* matcher - an event: which gates are open, who is called by a witness, whose program says yes. */
#include <stdlib.h>

#include "match/cache.h"
#include "match/compiled.h"

enum { FETCHED = 64 }; /* bytes that come at once */

static int by_kind(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

static bool compile_kinds(struct toc_build *b, struct toc_matcher *m, const char **why)
{
	struct placed *rules = b->placed.at;
	uint32_t n = b->placed.n;
	if (n == 0)
		return true;
	qsort(rules, n, sizeof(*rules), by_kind);
	m->last_kind = rules[n - 1].kind;
	uint32_t *kind_of = toc_arena_alloc(b->arena, ((size_t)m->last_kind + 1) * sizeof(*kind_of));
	m->kinds = toc_arena_alloc(b->arena, ((size_t)m->last_kind + 1) * sizeof(*m->kinds));
	m->kind_of = kind_of;
	for (uint32_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && rules[end].kind == rules[i].kind;)
			end++;
		kind_of[rules[i].kind] = m->nkinds + 1;
		if (!kind_compile(b, &m->kinds[m->nkinds++], &m->forest, rules + i, end - i, why))
			return false;
	}
	return true;
}

static bool make_scratch(struct toc_matcher *m, const char **why)
{
	for (uint32_t i = 0; i < m->ndatabases; i++) {
		if (hs_alloc_scratch(m->databases[i], &m->scratch) == HS_SUCCESS)
			continue;
		*why = "out of memory for the rules' expressions";
		return false;
	}
	return true;
}

struct toc_matcher *toc_build_finish(struct toc_build *b, const char **why)
{
	struct toc_matcher *m = toc_arena_alloc(b->arena, sizeof(*m));
	m->forest = (struct forest){ b->tests.at, b->nodes.at, b->kids.at, b->tests.n, b->nodes.n };
	bool ok = compile_kinds(b, m, why);
	toc_cache_close(b->cache);
	b->cache = NULL;
	m->databases = b->databases.at;
	m->ndatabases = b->databases.n;
	if (ok && make_scratch(m, why))
		return m;
	toc_matcher_free(m);
	return NULL;
}

void toc_matcher_free(struct toc_matcher *m)
{
	if (!m)
		return;
	for (uint32_t i = 0; i < m->ndatabases; i++)
		hs_free_database(m->databases[i]);
	hs_free_scratch(m->scratch);
	m->ndatabases = 0;
	m->scratch = NULL;
}

void toc_matcher_measure(const struct toc_matcher *m, struct toc_matcher_size *out)
{
	*out = (struct toc_matcher_size){ .kinds = m->nkinds, .databases = m->ndatabases };
	for (uint32_t i = 0; i < m->nkinds; i++) {
		const struct kind *k = &m->kinds[i];
		out->entries += k->nentries;
		out->gates += k->ngates;
		out->predicates += k->npredicates;
		out->columns += k->ncolumns;
		out->parts += k->nparts;
		out->instructions += k->ncode;
		for (uint32_t e = 0; e < k->nentries; e++)
			out->without_witness += k->entries[e].nwitness == 0;
	}
}

/* The most of each that any kind has. */
struct most {
	uint32_t predicates, columns, parts, gates, entries, hints, rules;
};

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static struct most most_of(const struct toc_matcher *m)
{
	struct most n = { 0 };
	for (uint32_t i = 0; i < m->nkinds; i++) {
		const struct kind *k = &m->kinds[i];
		n.predicates = larger(n.predicates, k->npredicates + k->nhints);
		n.columns = larger(n.columns, k->ncolumns);
		n.parts = larger(n.parts, k->nparts);
		n.gates = larger(n.gates, k->ngates);
		n.entries = larger(n.entries, k->nentries);
		n.hints = larger(n.hints, k->nhints);
		for (uint32_t e = 0; e < k->nentries; e++)
			n.rules = larger(n.rules, k->entries[e].rule + 1);
	}
	return n;
}

struct toc_match_scratch *toc_match_scratch_new(const struct toc_matcher *m)
{
	struct toc_match_scratch *s = calloc(1, sizeof(*s));
	struct most n = most_of(m);
	if (!s)
		return NULL;
	s->matcher = m;
	s->truths.bits = calloc(words_of(n.predicates) + 1, sizeof(uint64_t));
	s->truths.list = calloc(n.predicates + 1, sizeof(uint32_t));
	s->bound = calloc(n.columns + 1, sizeof(*s->bound));
	s->present = calloc(words_of(n.parts) + 1, sizeof(uint64_t));
	s->judged = calloc(n.parts + 1, sizeof(uint32_t));
	s->todo = calloc(n.parts + 1, sizeof(uint32_t));
	s->need = calloc(words_of(n.parts) + 1, sizeof(uint64_t));
	s->candidates = calloc(words_of(larger(n.entries, n.gates)) + 1, sizeof(uint64_t));
	s->open = calloc(n.gates + 1, 1);
	s->open_list = calloc(n.gates + 1, sizeof(uint32_t));
	s->hints = calloc(n.hints + 1, sizeof(uint32_t));
	s->asked = calloc(n.rules + 1, sizeof(uint64_t));
	s->spent = calloc(n.rules + 1, sizeof(uint64_t));
	s->nrules = n.rules;
	s->heap = malloc(TOC_DRAFT_HEAP + TOC_NEEDLES_BEHIND);
	bool ok = s->truths.bits && s->truths.list && s->bound && s->present && s->judged && s->todo && s->need &&
		  s->candidates && s->open && s->open_list && s->hints && s->asked && s->spent && s->heap;
	if (ok && (!m->scratch || hs_clone_scratch(m->scratch, &s->hs) == HS_SUCCESS))
		return s;
	toc_match_scratch_free(s);
	return NULL;
}

void toc_match_scratch_free(struct toc_match_scratch *s)
{
	if (!s)
		return;
	hs_free_scratch(s->hs);
	free(s->truths.bits);
	free(s->truths.list);
	free(s->bound);
	free(s->present);
	free(s->judged);
	free(s->todo);
	free(s->need);
	free(s->candidates);
	free(s->open);
	free(s->open_list);
	free(s->hints);
	free(s->asked);
	free(s->spent);
	free(s->heap);
	free(s);
}

uint64_t toc_match_asked(const struct toc_match_scratch *s, uint32_t rule)
{
	return rule < s->nrules ? s->asked[rule] : 0;
}

uint64_t toc_match_spent(const struct toc_match_scratch *s, uint32_t rule)
{
	return rule < s->nrules ? s->spent[rule] : 0;
}

void toc_match_stopwatch(struct toc_match_scratch *s, toc_stopwatch now)
{
	s->now = now;
}

static void add_parts(uint64_t *set, uint32_t first, uint32_t n)
{
	for (uint32_t p = first, end = p + n, next; p < end; p = next) {
		next = (p | 63) + 1;
		uint64_t bits = UINT64_MAX << (p & 63);
		set[p >> 6] |= next > end ? bits & ((UINT64_C(1) << (end & 63)) - 1) : bits;
	}
}

/* Gives a column the field that it names first; beside == 1: from identity's record, which comes behind the event's
 * own. */
static void bind(struct toc_match_scratch *s, const struct kind *k, const struct toc_event *ev, uint32_t beside)
{
	const struct toc_slot *slots = toc_event_slots(ev);
	for (unsigned i = 0; i < ev->nslots; i++) {
		toc_field id = slots[i].id;
		if (id > k->fields)
			continue;
		for (uint32_t a = k->alias_at[id]; a < k->alias_at[id + 1]; a++) {
			const struct alias_of *alias = &k->aliases[a];
			struct bound *b = &s->bound[alias->column];
			uint32_t rank = 2 * alias->rank + beside;
			bool first = b->generation != s->generation;
			if (!first && b->rank <= rank)
				continue;
			*b = (struct bound){ s->generation, rank, &slots[i], ev };
			if (first)
				add_parts(s->present, alias->first_part, alias->nparts);
		}
	}
}

/* Another thread wrote the event: its lines are asked for together, else each would be waited for in turn. */
static void fetch(const struct toc_event *ev)
{
	for (uint32_t at = 0; at < ev->size; at += FETCHED)
		__builtin_prefetch((const uint8_t *)ev + at);
}

static void next_generation(const struct toc_matcher *m, struct toc_match_scratch *s)
{
	struct most n;
	if (++s->generation != 0)
		return;
	n = most_of(m); /* old stamps must not come alive again */
	memset(s->bound, 0, n.columns * sizeof(*s->bound));
	memset(s->judged, 0, n.parts * sizeof(*s->judged));
	s->generation = 1;
}

struct asked {
	struct toc_match_scratch *s;
	const struct kind *k;
};

static bool predicate_holds(void *self, const struct toc_insn *insn)
{
	const struct asked *a = self;
	const uint32_t p = insn->predicate;
	if (insn->more == 0 && toc_truths_has(&a->s->truths, p))
		return true;
	return predicate_ask(a->s, a->k, p, 1 + insn->more);
}

static void open_gate(struct toc_match_scratch *s, const struct kind *k, uint32_t g)
{
	s->open[g] = 1;
	s->open_list[s->nopen++] = g;
	for (uint32_t w = 0; w < words_of(k->nparts); w++)
		s->need[w] |= k->gates[g].need[w];
}

static void try_gate(struct toc_match_scratch *s, const struct kind *k, uint32_t g)
{
	struct asked a = { s, k };
	if (!s->open[g] && toc_program_run(k->code + k->gates[g].code, predicate_holds, &a))
		open_gate(s, k, g);
}

/* Asking a gate may set more truths, but none that a gate waits for: those were all judged before. */
static void open_gates(struct toc_match_scratch *s, const struct kind *k)
{
	const struct watchers *w = &k->gate_watchers;
	open_gate(s, k, 0);
	parts_judge(s, k, k->gate_need);
	for (uint32_t i = 0, n = s->truths.n; i < n; i++) {
		uint32_t p = s->truths.list[i];
		for (uint32_t g = w->first[p]; g < w->first[p + 1]; g++)
			try_gate(s, k, w->at[g]);
	}
	for (uint32_t i = 0; i < k->nunwatched; i++)
		try_gate(s, k, k->unwatched[i]);
}

static void call_candidates(struct toc_match_scratch *s, const struct kind *k)
{
	const struct watchers *w = &k->entry_watchers;
	for (uint32_t i = 0; i < s->truths.n; i++) {
		uint32_t p = s->truths.list[i];
		for (uint32_t e = w->first[p]; e < w->first[p + 1]; e++)
			if (s->open[k->watcher_gates[e]])
				bit_set(s->candidates, w->at[e]);
	}
	for (uint32_t i = 0; i < s->nopen; i++) {
		const struct gate *g = &k->gates[s->open_list[i]];
		for (uint32_t e = 0; e < g->nalways; e++)
			bit_set(s->candidates, g->always[e]);
	}
}

static bool run_measured(struct toc_match_scratch *s, const struct entry *e, const struct toc_insn *code,
			 struct asked *a)
{
	const uint64_t start = toc_stopwatch_start(s->now);
	bool holds = toc_program_run(code, predicate_holds, a);
	s->spent[e->rule] += toc_stopwatch_since(s->now, start);
	return holds;
}

/* Leaves the set of candidates empty. */
static unsigned run_programs(struct toc_match_scratch *s, const struct kind *k, uint32_t *hits, unsigned max)
{
	struct asked a = { s, k };
	unsigned n = 0;
	for (uint32_t w = 0; w < words_of(k->nentries); w++) {
		for (uint64_t left = s->candidates[w]; left; left &= left - 1) {
			const struct entry *e = &k->entries[64 * w + (uint32_t)__builtin_ctzll(left)];
			s->asked[e->rule]++;
			if (s->now ? !run_measured(s, e, k->code + e->code, &a)
				   : !toc_program_run(k->code + e->code, predicate_holds, &a))
				continue;
			if (n < max)
				hits[n] = e->rule;
			n++;
		}
		s->candidates[w] = 0;
	}
	return n;
}

static void forget(struct toc_match_scratch *s, const struct kind *k)
{
	toc_truths_clear(&s->truths);
	for (uint32_t i = 0; i < s->nopen; i++)
		s->open[s->open_list[i]] = 0;
	memset(s->need, 0, words_of(k->nparts) * sizeof(*s->need));
	s->nopen = 0;
	s->later_asked = 0;
	memset(s->present, 0, words_of(k->nparts) * sizeof(*s->present));
	s->heap_of = NULL;
}

unsigned toc_match(const struct toc_matcher *m, struct toc_match_scratch *s, const struct toc_view *view,
		   uint32_t *hits, unsigned max)
{
	toc_field id = view->ev->kind;
	if (!m->nkinds || id > m->last_kind || !m->kind_of[id])
		return 0;
	const struct kind *k = &m->kinds[m->kind_of[id] - 1];
	fetch(view->ev);
	next_generation(m, s);
	s->view = view;
	bind(s, k, view->ev, 0);
	if (view->who)
		bind(s, k, view->who, 1);
	for (uint32_t i = 0; i < k->nkeyword_columns; i++) {
		const struct column *c = &k->columns[k->keyword_columns[i]];
		add_parts(s->present, c->first_part, c->nparts);
	}
	open_gates(s, k);
	parts_judge(s, k, s->need);
	call_candidates(s, k);
	unsigned n = run_programs(s, k, hits, max);
	forget(s, k);
	return n;
}
