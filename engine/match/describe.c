/* describe - what a rule was compiled to, and why it holds or not, in words. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "match/compiled.h"

enum { WORDS = 512 };

static const struct entry *entry_of(const struct kind *k, uint32_t rule)
{
	for (uint32_t i = 0; i < k->nentries; i++)
		if (k->entries[i].rule == rule)
			return &k->entries[i];
	return NULL;
}

static void print_test(const struct kind *k, const struct toc_intern *names, uint32_t predicate, FILE *out)
{
	char words[WORDS];
	toc_test_print(k->predicates[predicate].test, names, words, sizeof(words));
	fputs(words, out);
}

static void print_target(uint32_t target, FILE *out)
{
	if (target >= TOC_REJECT)
		fputs(target == TOC_ACCEPT ? "accept" : "reject", out);
	else
		fprintf(out, "%u", target);
}

static void print_program(const struct kind *k, const struct toc_intern *names, uint32_t at, uint32_t n, FILE *out)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct toc_insn *c = &k->code[at + i];
		fprintf(out, "    %4u  yes ", i);
		print_target(c->yes, out);
		fputs(", no ", out);
		print_target(c->no, out);
		fprintf(out, "  p%u ", c->predicate);
		print_test(k, names, c->predicate, out);
		if (c->more)
			fprintf(out, " or any of p%u to p%u", c->predicate + 1, c->predicate + c->more);
		fputc('\n', out);
	}
}

static void describe(const struct kind *k, const struct toc_intern *names, const struct entry *e, FILE *out)
{
	fprintf(out, "on %s\n", toc_intern_name(names, k->id));
	if (e->gate) {
		fputs("  gate\n", out);
		print_program(k, names, k->gates[e->gate].code, k->gates[e->gate].ncode, out);
	}
	fputs(e->nwitness ? "  looked at when one of these holds\n" : "  looked at on every event\n", out);
	for (uint32_t i = 0; i < e->nwitness; i++) {
		fprintf(out, "    p%u ", e->witness[i]);
		print_test(k, names, e->witness[i], out);
		fputc('\n', out);
	}
	fputs("  program\n", out);
	print_program(k, names, e->code, e->ncode, out);
}

bool toc_matcher_describe(const struct toc_matcher *m, const struct toc_intern *names, uint32_t rule, FILE *out)
{
	bool any = false;
	for (uint32_t i = 0; i < m->nkinds; i++) {
		const struct entry *e = entry_of(&m->kinds[i], rule);
		if (e)
			describe(&m->kinds[i], names, e, out);
		any = any || e;
	}
	return any;
}

struct teller {
	const struct toc_matcher *m;
	const struct toc_match_scratch *s;
	const struct toc_intern *names;
	const struct toc_view *view;
	void (*tell)(void *self, const struct toc_match_step *step);
	void *self;
};

static bool node_holds(const struct teller *t, toc_node i)
{
	const struct node *node = &t->m->forest.nodes[i];
	const toc_node *kids = node->op == NODE_TEST ? NULL : t->m->forest.kids + node->first;
	if (node->op == NODE_TEST)
		return toc_test_holds(&t->m->forest.tests[node->first], t->view, t->s->hs);
	if (node->op == NODE_NOT)
		return !node_holds(t, kids[0]);
	for (uint32_t k = 0; k < node->n; k++)
		if (node_holds(t, kids[k]) != (node->op == NODE_ALL))
			return node->op == NODE_ANY;
	return node->op == NODE_ALL;
}

/* Depth is bounded by the ruleset's parser. */
static void tell_node(const struct teller *t, toc_node i, unsigned depth)
{
	static const char *const names[] = {
		[NODE_TEST] = "test", [NODE_ALL] = "all of", [NODE_ANY] = "any of", [NODE_NOT] = "not"
	};
	const struct node *node = &t->m->forest.nodes[i];
	char words[WORDS] = "";
	if (node->op == NODE_TEST)
		toc_test_print(&t->m->forest.tests[node->first], t->names, words, sizeof(words));
	const struct toc_match_step step = { depth, names[node->op], words, node_holds(t, i) };
	t->tell(t->self, &step);
	for (uint32_t k = 0; k < node->n; k++)
		tell_node(t, t->m->forest.kids[node->first + k], depth + 1);
}

bool toc_matcher_reads(const struct toc_matcher *m, toc_field kind)
{
	return m->nkinds && kind <= m->last_kind && m->kind_of[kind] && m->kinds[m->kind_of[kind] - 1].nentries;
}

static bool names_field(const struct toc_fieldset *set, toc_field field)
{
	for (unsigned i = 0; i < set->n; i++)
		if (set->id[i] == field)
			return true;
	return false;
}

bool toc_matcher_asks(const struct toc_matcher *m, toc_field kind, toc_field field)
{
	if (!toc_matcher_reads(m, kind))
		return false;
	const struct kind *k = &m->kinds[m->kind_of[kind] - 1];
	bool asked = false;
	for (uint32_t i = 0; i < k->ncolumns && !asked; i++)
		asked = k->columns[i].keyword || names_field(&k->columns[i].field, field);
	for (uint32_t i = 0; i < k->npredicates && !asked; i++)
		asked = names_field(&k->predicates[i].test->other, field);
	return asked;
}

unsigned toc_matcher_bounds(const struct toc_matcher *m, toc_field kind, toc_field field, double *out, unsigned room)
{
	unsigned n = 0;
	if (!toc_matcher_reads(m, kind))
		return 0;
	const struct kind *k = &m->kinds[m->kind_of[kind] - 1];
	for (uint32_t i = 0; i < k->npredicates && n < room; i++) {
		const struct toc_test *t = k->predicates[i].test;
		const bool more = t->compare == TOC_CMP_GT, enough = more || t->compare == TOC_CMP_GTE;
		const double least = more ? nextafter(t->number, INFINITY) : t->number;
		unsigned at = 0;
		if (t->kind != TOC_TEST_COMPARE || !enough || !names_field(&t->field, field))
			continue;
		while (at < n && out[at] < least)
			at++;
		if (at < n && !(least < out[at]))
			continue;
		memmove(out + at + 1, out + at, (n - at) * sizeof(*out));
		out[at] = least;
		n++;
	}
	return n;
}

bool toc_matcher_judges(const struct toc_matcher *m, uint32_t rule, toc_field kind)
{
	return m->nkinds && kind <= m->last_kind && m->kind_of[kind] && entry_of(&m->kinds[m->kind_of[kind] - 1], rule);
}

bool toc_match_explain(const struct toc_matcher *m, struct toc_match_scratch *s, const struct toc_intern *names,
		       const struct toc_view *view, uint32_t rule,
		       void (*tell)(void *self, const struct toc_match_step *step), void *self, bool *holds)
{
	const struct teller t = { m, s, names, view, tell, self };
	toc_field id = view->ev->kind;
	if (!m->nkinds || id > m->last_kind || !m->kind_of[id])
		return false;
	const struct kind *k = &m->kinds[m->kind_of[id] - 1];
	const struct entry *e = entry_of(k, rule);
	if (!e)
		return false;
	toc_node gate = k->gates[e->gate].node;
	bool open = gate == TOC_NO_NODE || node_holds(&t, gate);
	*holds = open && node_holds(&t, e->node);
	if (!tell)
		return true;
	tell(self, &(struct toc_match_step){ 0, "rule", "", *holds });
	if (gate != TOC_NO_NODE) {
		tell(self, &(struct toc_match_step){ 1, "gate", "", open });
		tell_node(&t, gate, 2);
	}
	tell_node(&t, e->node, 1);
	return true;
}
