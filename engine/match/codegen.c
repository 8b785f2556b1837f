/* codegen - a tree of tests to a program: written from its end, so that every target is known and lies ahead. */
#include "match/compiled.h"

enum { SORTED_MOST = 64, LATER = 16, SLOW = 256 };

struct writer {
	const struct forest *forest;
	const struct kind *kind;
	const uint32_t *predicate_of;
	struct vector *code; /* back to front; targets count from the end */
	struct toc_arena *arena;
	uint32_t base;
};

/* What it takes to ask for a node, about, where a bit that is known is 1: needles that nobody waits for are looked for
 * in the text, each alone; an expression runs, or another field is read. */
static uint32_t price_of(const struct writer *w, toc_node i)
{
	const struct node *node = &w->forest->nodes[i];
	uint32_t sum = 0;
	if (node->op == NODE_TEST) {
		const struct predicate *p = &w->kind->predicates[w->predicate_of[node->first]];
		return node->slow ? SLOW : w->kind->parts[p->part].later ? LATER : 1;
	}
	for (uint32_t k = 0; k < node->n && sum < SLOW * SORTED_MOST; k++)
		sum += price_of(w, w->forest->kids[node->first + k]);
	return sum;
}

/* The kids of a node, the cheapest first: `all` mostly fails, and any of its kids may tell. Those alike as the rule has
 * them. */
static toc_node *in_order(const struct writer *w, const struct node *node)
{
	toc_node *out = toc_arena_alloc(w->arena, node->n * sizeof(*out));
	uint32_t price[SORTED_MOST];
	memcpy(out, w->forest->kids + node->first, node->n * sizeof(*out));
	for (uint32_t i = 0; i < node->n && node->n <= SORTED_MOST; i++) {
		const toc_node kid = out[i];
		const uint32_t its = price_of(w, kid);
		uint32_t k = i;
		for (; k > 0 && price[k - 1] > its; k--) {
			out[k] = out[k - 1];
			price[k] = price[k - 1];
		}
		out[k] = kid;
		price[k] = its;
	}
	return out;
}

static uint32_t write_node(struct writer *w, toc_node i, uint32_t yes, uint32_t no);

/* How many of the kids before kid `last` are asked along with it: tests of one part whose predicates follow each other.
 * So a list of a rule is mostly one instruction. */
static uint32_t run_before(const struct writer *w, const toc_node *kids, uint32_t last)
{
	const struct node *nodes = w->forest->nodes;
	uint32_t n = 0;
	while (n < last && nodes[kids[last - n]].op == NODE_TEST && nodes[kids[last - n - 1]].op == NODE_TEST) {
		uint32_t p = w->predicate_of[nodes[kids[last - n]].first];
		uint32_t before = w->predicate_of[nodes[kids[last - n - 1]].first];
		if (before + 1 != p || w->kind->predicates[before].part != w->kind->predicates[p].part)
			break;
		n++;
	}
	return n;
}

static uint32_t write_kids(struct writer *w, const struct node *node, uint32_t yes, uint32_t no)
{
	bool all = node->op == NODE_ALL;
	uint32_t begin = all ? yes : no;
	const toc_node *kids = in_order(w, node);
	for (uint32_t k = node->n; k-- > 0;) {
		uint32_t more = all ? 0 : run_before(w, kids, k);
		k -= more;
		begin = all ? write_node(w, kids[k], begin, no) : write_node(w, kids[k], yes, begin);
		if (more)
			((struct toc_insn *)w->code->at)[w->code->n - 1].more = more;
	}
	return begin;
}

/* Writes what decides the node and then goes on at yes or no; returns where that begins. */
static uint32_t write_node(struct writer *w, toc_node i, uint32_t yes, uint32_t no)
{
	const struct node *node = &w->forest->nodes[i];
	switch (node->op) {
	case NODE_TEST:
		*(struct toc_insn *)vector_add(w->code, w->arena, sizeof(struct toc_insn)) =
			(struct toc_insn){ w->predicate_of[node->first], yes, no, 0 };
		return w->code->n - 1 - w->base;
	case NODE_NOT:
		return write_node(w, w->forest->kids[node->first], no, yes);
	case NODE_ALL:
	case NODE_ANY:
		break;
	}
	return write_kids(w, node, yes, no);
}

static uint32_t from_front(uint32_t target, uint32_t n)
{
	return target >= TOC_REJECT ? target : n - 1 - target;
}

uint32_t code_make(const struct forest *forest, const struct kind *kind, const uint32_t *predicate_of, toc_node node,
		   struct vector *code, struct toc_arena *arena)
{
	struct writer w = { forest, kind, predicate_of, code, arena, code->n };
	write_node(&w, node, TOC_ACCEPT, TOC_REJECT);
	uint32_t n = code->n - w.base;
	struct toc_insn *c = (struct toc_insn *)code->at + w.base;
	for (uint32_t i = 0; i < n / 2; i++) {
		struct toc_insn other = c[n - 1 - i];
		c[n - 1 - i] = c[i];
		c[i] = other;
	}
	for (uint32_t i = 0; i < n; i++) {
		c[i].yes = from_front(c[i].yes, n);
		c[i].no = from_front(c[i].no, n);
	}
	return n;
}
