/* tree - making trees, and lowering them to the matcher for one kind of events. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ruleset/load.h"

/* What a tree became, so that what is shared is lowered once. */
struct tree_memo {
	const struct keyword_scope *scope;
	toc_node node;
	unsigned passes; /* enum tree_pass bits */
};

static struct tree *node(struct load *l, enum tree_op op)
{
	struct tree *t = toc_arena_alloc(l->arena, sizeof(*t));
	t->op = op;
	t->leaves = 1;
	t->memo = toc_arena_alloc(l->arena, sizeof(*t->memo));
	return t;
}

const struct tree *tree_test(struct load *l, const struct toc_yaml *key, const struct toc_yaml *at,
			     const struct leaf *leaf)
{
	struct tree *t = node(l, TREE_TEST);
	struct leaf *own = toc_arena_alloc(l->arena, sizeof(*own));
	*own = *leaf;
	t->keywords = leaf->keyword;
	t->leaf = own;
	t->at = at;
	t->key = key;
	return t;
}

static const struct tree *combine(struct load *l, enum tree_op op, const struct tree *const *kids, unsigned n)
{
	struct tree *t = node(l, op);
	const struct tree **own = toc_arena_alloc(l->arena, (n + 1) * sizeof(struct tree *));
	t->leaves = 0;
	for (unsigned i = 0; i < n; i++) {
		own[i] = kids[i];
		t->keywords = t->keywords || kids[i]->keywords;
		t->leaves = t->leaves > UINT32_MAX / 2 ? t->leaves : t->leaves + kids[i]->leaves;
	}
	t->kids = own;
	t->n = n;
	return t;
}

const struct tree *tree_all(struct load *l, const struct tree *const *kids, unsigned n)
{
	return n == 1 ? kids[0] : combine(l, TREE_ALL, kids, n);
}

const struct tree *tree_any(struct load *l, const struct tree *const *kids, unsigned n)
{
	return n == 1 ? kids[0] : combine(l, TREE_ANY, kids, n);
}

const struct tree *tree_not(struct load *l, const struct tree *kid)
{
	return combine(l, TREE_NOT, &kid, 1);
}

static bool is_word(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* A keyword between the ends of words, as a regular expression: where it begins or ends with a word's character. */
static bool word_regex(struct load *l, const struct leaf *leaf, struct toc_test *out)
{
	struct toc_units u = leaf->units;
	char *text = toc_arena_alloc(l->arena, 4 * u.n + 16), *at = text, err[128];
	if (u.n && u.at[0] < 128 && is_word((uint8_t)u.at[0]))
		at = stpcpy(at, "\\b");
	for (size_t i = 0; i < u.n; i++) {
		if (u.at[i] == TOC_UNIT_ANY || u.at[i] == TOC_UNIT_ONE)
			at = stpcpy(at, u.at[i] == TOC_UNIT_ANY ? ".*" : ".");
		else if (u.at[i] < 128 && is_word((uint8_t)u.at[i]))
			*at++ = (char)u.at[i];
		else if (u.at[i] == TOC_UNIT_DASH)
			at = stpcpy(at, "[-/]");
		else
			at += sprintf(at, "\\x%02x", u.at[i] & 0xffu);
	}
	if (u.n && u.at[u.n - 1] < 128 && is_word((uint8_t)u.at[u.n - 1]))
		at = stpcpy(at, "\\b");
	*at = '\0';
	*out = leaf->test;
	out->kind = TOC_TEST_REGEX;
	return toc_build_regex(l->build, text, !leaf->cased, false, true, &out->regex, err, sizeof(err));
}

/* A keyword where the kind says in which fields its line stands: any of these. */
static toc_node keyword_node(struct load *l, const struct leaf *leaf, const struct keyword_scope *scope)
{
	struct toc_test test = leaf->test;
	if (scope->words && leaf->test.kind == TOC_TEST_STRING && !word_regex(l, leaf, &test))
		test = leaf->test;
	if (scope->nfields == 0)
		return toc_build_test(l->build, &test);
	toc_node nodes[TOC_ALIASES];
	for (unsigned i = 0; i < scope->nfields; i++) {
		test.keyword = false;
		test.field = (struct toc_fieldset){ 1, { scope->fields[i] } };
		nodes[i] = toc_build_test(l->build, &test);
	}
	return toc_build_any(l->build, nodes, scope->nfields);
}

static toc_node leaf_node(struct load *l, const struct leaf *leaf, const struct keyword_scope *scope)
{
	toc_node out = leaf->keyword ? keyword_node(l, leaf, scope) : toc_build_test(l->build, &leaf->test);
	return leaf->inverted ? toc_build_not(l->build, out) : out;
}

static toc_node branch_node(struct load *l, const struct tree *t, const struct keyword_scope *scope)
{
	if (t->op == TREE_NOT)
		return toc_build_not(l->build, tree_lower(l, t->kids[0], scope));
	toc_node *nodes = malloc((t->n + 1) * sizeof(*nodes));
	if (!nodes)
		abort(); /* at load there is nothing to save */
	for (unsigned i = 0; i < t->n; i++)
		nodes[i] = tree_lower(l, t->kids[i], scope);
	toc_node out = (t->op == TREE_ALL ? toc_build_all : toc_build_any)(l->build, nodes, t->n);
	free(nodes);
	return out;
}

/* Depth is bounded by detection.c and condition.c. */
toc_node tree_lower(struct load *l, const struct tree *t, const struct keyword_scope *scope)
{
	static const struct keyword_scope everywhere;
	if (!t->keywords)
		scope = &everywhere; /* so that what is the same for all kinds is shared by them */
	if (t->memo->scope == scope)
		return t->memo->node;
	t->memo->node = t->op == TREE_TEST ? leaf_node(l, t->leaf, scope) : branch_node(l, t, scope);
	t->memo->scope = scope;
	return t->memo->node;
}

bool tree_mark(const struct tree *t, enum tree_pass pass)
{
	bool first = !(t->memo->passes & pass);
	t->memo->passes |= pass;
	return first;
}

bool tree_any_leaf(const struct tree *t, bool negated, bool (*see)(void *self, const struct tree *leaf, bool negated),
		   void *self)
{
	if (t->op == TREE_TEST)
		return see(self, t, negated);
	for (unsigned i = 0; i < t->n; i++)
		if (tree_any_leaf(t->kids[i], negated != (t->op == TREE_NOT), see, self))
			return true;
	return false;
}
