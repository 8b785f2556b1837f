/* witness - predicates one of which holds whenever a rule does, the rarest that can be found: without them it is not
 * looked at. */
#include <math.h>

#include "match/compiled.h"

/* How often a text of so many bytes is met, at a guess: longer is rarer, words are not evenly spread, and some are
 * everywhere. */
static double chance_of_text(const struct witness_maker *w, const struct toc_pattern *p)
{
	struct toc_span text = p->text;
	size_t n = text.n;
	if (p->form == PATTERN_ANY)
		return 1;
	if (p->form == PATTERN_GLOB) {
		n = 0;
		for (unsigned i = 0; i < p->npieces; i++) {
			if (p->pieces[i].n <= n)
				continue;
			n = p->pieces[i].n;
			text = p->pieces[i].head;
		}
	}
	size_t common = toc_commonplace_count(w->common, text);
	if (p->form == PATTERN_EXACT)
		return n == 0 ? 0.05 : common && common + 3 >= n ? 0.2 : 0.002;
	const bool at_one_place = p->form == PATTERN_PREFIX || p->form == PATTERN_SUFFIX;
	double chance = pow(at_one_place ? 0.5 : 0.65, (double)(n - common));
	return chance < 0.0005 ? 0.0005 : chance;
}

static double chance_of(const struct witness_maker *w, const struct toc_test *t)
{
	static const double by_kind[] = {
		[TOC_TEST_PRESENT] = 0.9, [TOC_TEST_STRING] = 0,    [TOC_TEST_NUMBER] = 0.02, [TOC_TEST_COMPARE] = 0.5,
		[TOC_TEST_BOOL] = 0.5,	  [TOC_TEST_NETWORK] = 0.1, [TOC_TEST_REGEX] = 1,     [TOC_TEST_LIST] = 0.05,
		[TOC_TEST_FIELD] = 1,	  [TOC_TEST_PART] = 0.5,    [TOC_TEST_BEFORE] = 1
	};
	return t->kind == TOC_TEST_STRING ? chance_of_text(w, &t->pattern) : by_kind[t->kind];
}

/* Nanoseconds, about: to look at a candidate, and to judge a part of a column at all. */
static const double candidate = 250;
static const double judging[PART_KINDS] = { [PLAIN] = 50, [SCAN] = 120,	       [SCAN_SHORT] = 120, [SCAN_LATER] = 0,
					    [WIDE] = 120, [EXPRESSIONS] = 500, [SINGLE] = 500 };
enum { KEYWORDS_DEARER = 4, PAID_MOST = 8 };

/* Of a set of witnesses: that none of them calls, and nanoseconds for the parts that they lie in. */
struct bill {
	double silent, parts;
};
static const struct bill impossible = { 0, INFINITY };

/* Parts that are on the bill already: the tests of a list mostly lie in one. */
struct paid {
	uint32_t part[PAID_MOST];
	unsigned n;
};

static double total(struct bill b)
{
	return (1 - b.silent) * candidate + b.parts;
}

static bool pay(struct paid *paid, uint32_t part)
{
	for (unsigned i = 0; i < paid->n; i++)
		if (paid->part[i] == part)
			return false;
	if (paid->n < PAID_MOST)
		paid->part[paid->n++] = part;
	return true;
}

/* What it costs to wait for a predicate. One that many rules say is one that is met; the part in which it lies is paid
 * for by all who wait there. */
static struct bill price(const struct witness_maker *w, uint32_t predicate, struct paid *paid)
{
	static const double often = 0.5, always = 0.97; /* a test of text; any other */
	if (w->implied[predicate] != TOC_NO_PREDICATE)
		predicate = w->implied[predicate];
	const struct toc_test *t = w->kind->predicates[predicate].test;
	if (t->kind == TOC_TEST_BEFORE)
		return impossible; /* no field of an event tells when to look */
	enum part_kind kind = part_kind_of(t, true);
	/* until there are parts, a predicate's part is its column */
	uint32_t part = w->kind->predicates[predicate].part * PART_KINDS + kind;
	double chance = chance_of(w, t) * (1 + 0.25 * (double)w->uses[predicate]);
	double most = t->kind == TOC_TEST_STRING && t->pattern.form != PATTERN_ANY ? often : always;
	double ns = pay(paid, part) ? judging[kind] * (t->keyword ? KEYWORDS_DEARER : 1) : 0;
	return (struct bill){ 1 - fmin(chance, most), ns / (1 + (double)(w->users ? w->users[part] : 0)) };
}

/* A node, or its opposite, as a combination: `all` wants the best of its kids, `any` has to wait for each. */
static bool is_any(const struct node *node, bool turned)
{
	return (node->op == NODE_ANY) != turned;
}

static struct bill cost(const struct witness_maker *w, toc_node i, bool turned, struct paid *paid)
{
	const struct node *node = &w->forest->nodes[i];
	const toc_node *kids = node->op == NODE_TEST ? NULL : w->forest->kids + node->first;
	if (node->op == NODE_TEST)
		return turned ? impossible : price(w, w->predicate_of[node->first], paid);
	if (node->op == NODE_NOT)
		return cost(w, kids[0], !turned, paid);
	const bool any = is_any(node, turned);
	const struct paid before = *paid;
	struct bill sum = { 1, 0 }, best = impossible;
	for (uint32_t k = 0; k < node->n; k++) {
		struct paid own = any ? *paid : before;
		struct bill b = cost(w, kids[k], turned, &own);
		bool better = total(b) < total(best);
		sum = (struct bill){ sum.silent * b.silent, sum.parts + b.parts };
		best = better ? b : best;
		if (any || better)
			*paid = own;
	}
	return any ? sum : best;
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
		struct paid none = { .n = 0 };
		double c = total(cost(w, kids[k], turned, &none));
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
	struct paid none = { .n = 0 };
	if (!isfinite(total(cost(w, node, false, &none))))
		return false;
	collect(w, node, false, out, arena);
	return true;
}
