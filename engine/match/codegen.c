/* codegen - a tree of tests to a program: written from its end, so that every target is known and lies ahead. */
#include "match/compiled.h"

struct writer {
	const struct forest *forest;
	const uint32_t *predicate_of;
	struct vector *code; /* back to front; targets count from the end */
	struct toc_arena *arena;
	uint32_t base;
};

/* Writes what decides the node and then goes on at yes or no; returns where that begins. */
static uint32_t write_node(struct writer *w, toc_node i, uint32_t yes, uint32_t no)
{
	const struct node *node = &w->forest->nodes[i];
	const toc_node *kids = w->forest->kids + node->first;
	uint32_t begin;
	switch (node->op) {
	case NODE_TEST:
		*(struct toc_insn *)vector_add(w->code, w->arena, sizeof(struct toc_insn)) =
			(struct toc_insn){ w->predicate_of[node->first], yes, no };
		return w->code->n - 1 - w->base;
	case NODE_NOT:
		return write_node(w, kids[0], no, yes);
	case NODE_ALL:
	case NODE_ANY:
		begin = node->op == NODE_ALL ? yes : no;
		for (uint32_t k = 2 * node->n; k-- > 0;) {
			/* from the end: the slow ones first */
			toc_node kid = kids[k % node->n];
			if (w->forest->nodes[kid].slow != (k >= node->n))
				continue;
			begin = node->op == NODE_ALL ? write_node(w, kid, begin, no) : write_node(w, kid, yes, begin);
		}
		return begin;
	}
	return no;
}

static uint32_t from_front(uint32_t target, uint32_t n)
{
	return target >= TOC_REJECT ? target : n - 1 - target;
}

uint32_t code_make(const struct forest *forest, const uint32_t *predicate_of, toc_node node, struct vector *code,
		   struct toc_arena *arena)
{
	struct writer w = { forest, predicate_of, code, arena, code->n };
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
