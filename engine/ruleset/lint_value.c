/* lint_value - the traps of values: wildcards, spaces, kinds, keywords. */
#include <string.h>

#include "ruleset/item.h"
#include "ruleset/lint.h"

enum { LONG_LIST = 1000, SHORT_KEYWORD = 2 };

static const char *text_of(const struct tree *t)
{
	const char *text = toc_yaml_str(t->at);
	return text ? text : "";
}

static bool is_key(const struct tree *t, const char *field)
{
	return t->leaf->field && strcmp(t->leaf->field, field) == 0;
}

static bool starred_literal(const struct tree *t)
{
	/* an odd run of backslashes in front of a star, and more than one: it looks like a path with a wildcard */
	for (const char *at = text_of(t); *at; at++) {
		size_t run = strspn(at, "\\");
		if (run > 1 && run % 2 == 1 && at[run] == '*')
			return true;
		at += run > 0 ? run - 1 : 0;
	}
	return false;
}

static bool question(const struct tree *t)
{
	for (size_t i = 0; i < t->leaf->units.n; i++)
		if (t->leaf->units.at[i] == TOC_UNIT_ONE)
			return true;
	return false;
}

static bool edge_space(const struct tree *t)
{
	const char *text = text_of(t);
	return t->at->text.n > 1 && (text[0] == ' ' || text[t->at->text.n - 1] == ' ');
}

static bool starts_with_dollar(const struct tree *t)
{
	return (t->leaf->mods & MOD_STARTSWITH) && text_of(t)[0] == '$' && t->at->text.n == 1;
}

static bool bare_backslash(const struct tree *t)
{
	const struct toc_units u = t->leaf->units;
	return !(t->leaf->mods & MOD_REWRITES) && !t->leaf->keyword && u.n > 1 && u.at[0] == '\\' && u.at[1] != '\\' &&
	       u.at[1] <= 0xff;
}

static bool escape_as_text(const struct tree *t)
{
	const struct toc_units u = t->leaf->units;
	for (size_t i = 0; i + 3 < u.n; i++)
		if (u.at[i] == '\\' && u.at[i + 1] == 'x' && u.at[i + 2] < 128 && u.at[i + 3] < 128 &&
		    strchr("0123456789abcdefABCDEF", u.at[i + 2]) && strchr("0123456789abcdefABCDEF", u.at[i + 3]))
			return true;
	return false;
}

static bool bool_as_text(const struct tree *t)
{
	return !t->at->plain &&
	       (toc_span_ieq(t->at->text, toc_span_str("true")) || toc_span_ieq(t->at->text, toc_span_str("false")));
}

static bool event_id_text(const struct tree *t)
{
	const char *text = text_of(t);
	return is_key(t, "EventID") && strspn(text, "0123456789*?") != strlen(text);
}

static bool data_list(const struct tree *t)
{
	return is_key(t, "Data") && (t->leaf->mods & MOD_ALL);
}

static bool short_keyword(const struct tree *t)
{
	return t->leaf->keyword && t->leaf->units.n <= SHORT_KEYWORD;
}

static bool spaced_field(const struct tree *t)
{
	return t->leaf->field && strchr(t->leaf->field, ' ');
}

static bool any_value(const struct tree *t)
{
	return t->leaf->test.kind == TOC_TEST_PRESENT && !(t->leaf->mods & MOD_AFFIXES);
}

/* The traps of strings, one row each. */
static const struct {
	bool (*holds)(const struct tree *t);
	enum toc_severity severity;
	const char *code, *what;
} traps[] = {
	{ starred_literal, TOC_WARNING, "literal-star",
	  "an odd number of backslashes makes the * a real asterisk, not a wildcard" },
	{ question, TOC_NOTE, "question-mark",
	  "? stands for any one character; write \\? for the question mark itself" },
	{ edge_space, TOC_NOTE, "edge-space", "the space at the edge is part of the value" },
	{ starts_with_dollar, TOC_WARNING, "dollar-start", "names of computers end with $; was endswith meant?" },
	{ bare_backslash, TOC_NOTE, "backslash-start",
	  "the whole value must be this; for the end of a path write endswith" },
	{ escape_as_text, TOC_NOTE, "escape-as-text",
	  "\\x and digits are these characters; Sigma has no such escapes" },
	{ bool_as_text, TOC_NOTE, "bool-as-text", "this text matches true and false as well as their names" },
	{ event_id_text, TOC_WARNING, "event-id", "EventID is a number; this can never be one" },
	{ data_list, TOC_NOTE, "list-field", "Data is a list: each of these may be met by another element" },
	{ short_keyword, TOC_WARNING, "short-keyword", "so short a keyword is found in almost every line" },
	{ spaced_field, TOC_NOTE, "field-space", "events have this field without the spaces" },
	{ any_value, TOC_NOTE, "any-value", "a star alone asks whether the field is there" },
};

static void string_traps(struct load *l, const struct tree *t)
{
	for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++)
		if (traps[i].holds(t))
			tell(l, traps[i].holds == spaced_field ? t->key : t->at,
			     (struct finding){ traps[i].severity, traps[i].code, NULL, 0, 0 }, "%s", traps[i].what);
}

static bool see_leaf(void *self, const struct tree *t, bool negated)
{
	struct load *l = self;
	const struct leaf *leaf = t->leaf;
	(void)negated;
	if (!tree_mark(t, PASS_VALUES))
		return false;
	if (leaf->kind == LEAF_STRING && t->at->kind == TOC_YAML_SCALAR)
		string_traps(l, t);
	if (leaf->kind == LEAF_NUMBER && t->at->plain && memchr(t->at->text.p, ':', t->at->text.n))
		lint_warn(l, t->at, "base-sixty", "YAML reads this as one number of base 60; put it in quotes");
	if (leaf->kind == LEAF_NUMBER && t->at->plain && t->at->text.n > 1 && t->at->text.p[0] == '0' &&
	    t->at->text.p[1] >= '0' && t->at->text.p[1] <= '9')
		lint_warn(l, t->at, "octal", "YAML reads a number with a leading zero as octal; put it in quotes");
	if ((leaf->kind == LEAF_NUMBER && leaf->test.number == 0) || (leaf->kind == LEAF_BOOL && !leaf->test.yes))
		lint_note(l, t->at, "zero-or-absent", "an event without this field is not matched: absent is not zero");
	return false;
}

/* The values of one item: kinds that are mixed, the same but for case, more than a rule should hold. */
static void lint_list(struct load *l, const struct toc_yaml *key, const struct toc_yaml *list)
{
	struct index folded = { 0 };
	enum scalar_kind first = SCALAR_NULL;
	bool cased = strstr(toc_yaml_str(key), "|cased") != NULL, told = false;
	if (list->n > LONG_LIST)
		lint_note(l, key, "long-list",
			  "more than 1,000 values: a named list (expand) reloads by itself and is one look-up");
	for (unsigned i = 0; i < list->n; i++) {
		const struct toc_yaml *v = list->as.items[i];
		enum scalar_kind kind = v->kind == TOC_YAML_SCALAR ? scalar_read(v).kind : SCALAR_NULL;
		if (i && kind != first && !told) {
			lint_note(l, v, "mixed-values",
				  "numbers and texts in one list: each is compared as what it is");
			told = true;
		}
		first = i ? first : kind;
		char *low = toc_arena_str(l->arena, v->kind == TOC_YAML_SCALAR ? v->text : toc_span_str(""));
		for (char *c = low; *c; c++)
			*c = (char)toc_lower((uint8_t)*c);
		if (!cased && v->kind == TOC_YAML_SCALAR && !strstr(toc_yaml_str(key), "|re") &&
		    !index_put(l->arena, &folded, toc_span_of(low, v->text.n), i, NULL))
			lint_note(l, v, "case-twice",
				  "this value stands in the list already (letters match in either case)");
	}
}

static void lint_items(struct load *l, const struct toc_yaml *node)
{
	for (unsigned i = 0; node->kind == TOC_YAML_LIST && i < node->n; i++)
		if (node->as.items[i]->kind != TOC_YAML_SCALAR)
			lint_items(l, node->as.items[i]);
	for (unsigned i = 0; node->kind == TOC_YAML_MAP && i < node->n; i++)
		if (node->as.pairs[i].value->kind == TOC_YAML_LIST)
			lint_list(l, node->as.pairs[i].key, node->as.pairs[i].value);
}

/* Does the tree hold for an event that has none of its fields? */
static bool holds_on_nothing(const struct tree *t)
{
	if (t->op == TREE_TEST)
		return t->leaf->inverted || t->leaf->kind == LEAF_BEFORE;
	if (t->op == TREE_NOT)
		return !holds_on_nothing(t->kids[0]);
	for (unsigned i = 0; i < t->n; i++)
		if (holds_on_nothing(t->kids[i]) == (t->op == TREE_ANY))
			return t->op == TREE_ANY;
	return t->op == TREE_ALL;
}

void lint_apart(struct load *l, const struct doc *doc, const struct tree *tree)
{
	struct doc apart = *doc;
	apart.tree = tree;
	tree_any_leaf(tree, false, see_leaf, l);
	lint_events(l, &apart);
}

void lint_tree(struct load *l, const struct doc *doc)
{
	const struct toc_yaml *detection = toc_yaml_get(doc->root, "detection");
	tree_any_leaf(doc->tree, false, see_leaf, l);
	for (unsigned i = 0; i < detection->n; i++)
		if (detection->as.pairs[i].value->kind != TOC_YAML_SCALAR)
			lint_items(l, detection->as.pairs[i].value);
	if (holds_on_nothing(doc->tree))
		lint_warn(l, toc_yaml_get(detection, "condition"), "only-negative",
			  "this holds for every event of the logsource that has none of these fields");
	lint_events(l, doc);
}
