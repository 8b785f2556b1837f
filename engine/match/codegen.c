/* codegen - a tree of tests to a program: written from its end, so that every target is known and lies ahead. */
#include "match/compiled.h"

enum { SORTED_MOST = 64 };

struct writer {
	const struct forest *forest;
	const struct kind *kind;
	const uint32_t *predicate_of;
	struct vector *code; /* back to front; targets count from the end */
	struct toc_arena *arena;
	uint32_t base;
};

/* What is asked first is what is cheap to ask: `all` mostly fails, and any of its kids may tell. */
static bool dearer(const struct node *a, const struct node *b)
{
	return a->slow != b->slow ? a->slow : a->size > b->size;
}

/* The kids of a node, the cheapest first; those alike as the rule has them. */
static toc_node *in_order(const struct writer *w, const struct node *node)
{
	toc_node *out = toc_arena_alloc(w->arena, node->n * sizeof(*out));
	const struct node *nodes = w->forest->nodes;
	memcpy(out, w->forest->kids + node->first, node->n * sizeof(*out));
	for (uint32_t i = 1; i < node->n && node->n <= SORTED_MOST; i++)
		for (uint32_t k = i; k > 0 && dearer(&nodes[out[k - 1]], &nodes[out[k]]); k--) {
			toc_node other = out[k];
			out[k] = out[k - 1];
			out[k - 1] = other;
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
