/* witness - predicates one of which holds whenever a rule does, the rarest that can be found: without them it is not
 * looked at. */
#include <math.h>

#include "match/compiled.h"

/* How often a text of so many bytes is met, at a guess: longer is rarer, and words are not evenly spread. */
static double chance_of_text(const struct toc_pattern *p)
{
	size_t n = p->text.n;
	if (p->form == PATTERN_ANY)
		return 1;
	if (p->form == PATTERN_GLOB) {
		n = 0;
		for (unsigned i = 0; i < p->npieces; i++)
			n = p->pieces[i].n > n ? p->pieces[i].n : n;
	}
	if (p->form == PATTERN_EXACT)
		return n == 0 ? 0.05 : 0.002;
	double chance = pow(0.75, (double)n);
	return chance < 0.0005 ? 0.0005 : chance;
}

static double chance_of(const struct toc_test *t)
{
	static const double by_kind[] = {
		[TOC_TEST_PRESENT] = 0.9, [TOC_TEST_STRING] = 0,    [TOC_TEST_NUMBER] = 0.02, [TOC_TEST_COMPARE] = 0.5,
		[TOC_TEST_BOOL] = 0.5,	  [TOC_TEST_NETWORK] = 0.1, [TOC_TEST_REGEX] = 2,     [TOC_TEST_LIST] = 0.05,
		[TOC_TEST_FIELD] = 2,	  [TOC_TEST_PART] = 0.5,    [TOC_TEST_BEFORE] = 1
	};
	return t->kind == TOC_TEST_STRING ? chance_of_text(&t->pattern) : by_kind[t->kind];
}

/* Nanoseconds, about: to look at a candidate, and to judge a part of a column at all. */
static const double candidate = 40;
static const double judging[PART_KINDS] = { [PLAIN] = 50, [SCAN] = 120,	       [SCAN_SHORT] = 120, [SCAN_LATER] = 0,
					    [WIDE] = 120, [EXPRESSIONS] = 500, [SINGLE] = 500 };
enum { KEYWORDS_DEARER = 4 };

/* What it costs to wait for a predicate. One that many rules say is one that is met; the part in which it lies is paid
 * for by all who wait there. */
static double price(const struct witness_maker *w, uint32_t predicate)
{
	if (w->implied[predicate] != TOC_NO_PREDICATE)
		predicate = w->implied[predicate];
	const struct predicate *p = &w->kind->predicates[predicate];
	if (p->test->kind == TOC_TEST_BEFORE)
		return INFINITY; /* no field of an event tells when to look */
	enum part_kind kind = part_kind_of(p->test, true);
	double part = judging[kind] * (p->test->keyword ? KEYWORDS_DEARER : 1);
	/* until there are parts, a predicate's part is its column */
	uint32_t users = w->users ? w->users[p->part * PART_KINDS + kind] : 0;
	return chance_of(p->test) * (1 + 0.25 * (double)w->uses[predicate]) * candidate + part / (1 + (double)users);
}

/* A node, or its opposite, as a combination: `all` wants the best of its kids, `any` has to wait for each. */
static bool is_any(const struct node *node, bool turned)
{
	return (node->op == NODE_ANY) != turned;
}

static double cost(const struct witness_maker *w, toc_node i, bool turned)
{
	const struct node *node = &w->forest->nodes[i];
	const toc_node *kids = node->op == NODE_TEST ? NULL : w->forest->kids + node->first;
	if (node->op == NODE_TEST)
		return turned ? INFINITY : price(w, w->predicate_of[node->first]);
	if (node->op == NODE_NOT)
		return cost(w, kids[0], !turned);
	double sum = 0, best = INFINITY;
	for (uint32_t k = 0; k < node->n; k++) {
		double c = cost(w, kids[k], turned);
		sum += c;
		best = c < best ? c : best;
	}
	return is_any(node, turned) ? sum : best;
}

static void collect(const struct witness_maker *w, toc_node i, bool turned, struct vector *out, struct toc_arena *arena)
{
	const struct node *node = &w->forest->nodes[i];
	const toc_node *kids = node->op == NODE_TEST ? NULL : w->forest->kids + node->first;
	if (node->op == NODE_TEST) {
		uint32_t p = w->predicate_of[node->first], implied = w->implied[p];
		*(uint32_t *)vector_add(out, arena, sizeof(p)) = implied != TOC_NO_PREDICATE ? implied : p;
		return;
	}
	if (node->op == NODE_NOT) {
		collect(w, kids[0], !turned, out, arena);
		return;
	}
	uint32_t best = 0;
	double least = INFINITY;
	for (uint32_t k = 0; k < node->n; k++) {
		if (is_any(node, turned)) {
			collect(w, kids[k], turned, out, arena);
			continue;
		}
		double c = cost(w, kids[k], turned);
		if (c < least) {
			least = c;
			best = k;
		}
	}
	if (!is_any(node, turned))
		collect(w, kids[best], turned, out, arena);
}

bool witness_choose(const struct witness_maker *w, toc_node node, struct vector *out, struct toc_arena *arena)
{
	if (!isfinite(cost(w, node, false)))
		return false;
	collect(w, node, false, out, arena);
	return true;
}
