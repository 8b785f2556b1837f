/* condition - `selection and not 1 of filter_*` (Sigma specification, "Condition"), by recursive descent. */
#include <stdio.h>
#include <string.h>

#include "ruleset/load.h"

enum { CONDITION_DEPTH = 48, CONDITION_TEXT = 65536 };

struct parser {
	struct load *l;
	const struct toc_yaml *node;
	const char *at;	      /* behind the present word */
	struct toc_span word; /* empty at the end */
	struct identifier *ids;
	unsigned nids, depth;
	bool failed;
};

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
	       c == '*';
}

static void next(struct parser *p)
{
	while (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')
		p->at++;
	size_t n = 0;
	while (is_word_char(p->at[n]))
		n++;
	if (n == 0 && *p->at)
		n = 1;
	p->word = toc_span_of(p->at, n);
	p->at += n;
}

/* A placeholder for what could not be read: nobody looks at it, since the parser has failed. */
static const struct tree *fail_near(struct parser *p, const char *code, const char *near, const char *what)
{
	struct finding f = { TOC_ERROR, code, near, (size_t)(p->word.p - p->node->text.p), p->word.n };
	if (!p->failed && p->word.n)
		tell(p->l, p->node, f, "condition, at \"%.*s\": %s%s%s%s", (int)p->word.n, (const char *)p->word.p,
		     what, near ? " (" : "", near ? near : "", near ? "?)" : "");
	else if (!p->failed)
		tell(p->l, p->node, f, "condition, at its end: %s", what);
	p->failed = true;
	return NULL;
}

static const struct tree *fail(struct parser *p, const char *what)
{
	return fail_near(p, "condition", NULL, what);
}

/* `*` any run, anchored. */
static bool fits(struct toc_span pattern, struct toc_span name)
{
	size_t i = 0, k = 0, star = SIZE_MAX, retry = 0;
	while (k < name.n) {
		if (i < pattern.n && pattern.p[i] == '*') {
			star = i++;
			retry = k;
		} else if (i < pattern.n && pattern.p[i] == name.p[k]) {
			i++;
			k++;
		} else if (star != SIZE_MAX) {
			i = star + 1;
			k = ++retry;
		} else {
			return false;
		}
	}
	while (i < pattern.n && pattern.p[i] == '*')
		i++;
	return i == pattern.n;
}

/* `1 of`, `any of`, `all of`: the identifiers that the pattern names; those with `_` in front only if it says so. */
static const struct tree *quantified(struct parser *p, bool all)
{
	next(p); /* of */
	if (!toc_span_is(p->word, "of"))
		return fail(p, "expected \"of\"");
	next(p);
	if (p->word.n == 0 || !is_word_char((char)p->word.p[0]))
		return fail(p, "expected them, a search identifier or a pattern such as filter_*");
	bool them = toc_span_is(p->word, "them");
	const struct tree **trees = toc_arena_alloc(p->l->arena, (p->nids + 1) * sizeof(struct tree *));
	unsigned n = 0, fit = 0;
	for (unsigned i = 0; i < p->nids; i++) {
		bool hidden = p->ids[i].name[0] == '_' && p->word.p[0] != '_';
		if (hidden || !(them || fits(p->word, toc_span_str(p->ids[i].name))))
			continue;
		p->ids[i].used = true;
		fit++;
		if (p->ids[i].tree)
			trees[n++] = p->ids[i].tree;
	}
	if (fit == 0)
		return fail_near(p, "condition-pattern", NULL, "no search identifier fits this pattern");
	next(p);
	if (n < fit) { /* told where the identifier stands */
		p->failed = true;
		return NULL;
	}
	return all ? tree_all(p->l, trees, n) : tree_any(p->l, trees, n);
}

static const struct tree *identifier(struct parser *p)
{
	static const char *const words[] = { "and", "or", "not", "of", "them", NULL };
	const char **names = toc_arena_alloc(p->l->arena, (p->nids + 1) * sizeof(*names));
	for (unsigned i = 0; i < p->nids; i++) {
		names[i] = p->ids[i].name;
		if (!toc_span_is(p->word, p->ids[i].name))
			continue;
		p->ids[i].used = true;
		next(p);
		p->failed = p->failed || !p->ids[i].tree;
		return p->ids[i].tree;
	}
	for (const char *const *w = words; *w; w++)
		if (toc_span_ieq(p->word, toc_span_str(*w)))
			return fail_near(p, "condition", NULL,
					 "this word cannot stand here (the words are lower case)");
	const char *near = toc_nearest(p->word, names);
	return fail_near(p, "unknown-identifier", near, "there is no such search identifier");
}

static const struct tree *either(struct parser *p);

static bool is_count(struct toc_span word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] < '0' || word.p[i] > '9')
			return false;
	return word.n > 0;
}

/* The word that follows, without moving there. */
static bool before_of(const struct parser *p)
{
	struct parser ahead = *p;
	next(&ahead);
	return toc_span_is(ahead.word, "of");
}

static const struct tree *primary(struct parser *p)
{
	if (p->word.n == 0)
		return fail(p, "it ends too early");
	if (toc_span_is(p->word, "(")) {
		next(p);
		const struct tree *inner = either(p);
		if (!toc_span_is(p->word, ")"))
			return fail(p, "expected \")\"");
		next(p);
		return inner;
	}
	if (before_of(p)) {
		if (toc_span_is(p->word, "1") || toc_span_is(p->word, "any"))
			return quantified(p, false);
		if (toc_span_is(p->word, "all"))
			return quantified(p, true);
		if (is_count(p->word))
			return fail(p, "expected 1, any or all in front of \"of\" (K of N is a correlation: type: "
				       "temporal, condition: {gte: K})");
	}
	return identifier(p);
}

static const struct tree *negated(struct parser *p)
{
	if (++p->depth > CONDITION_DEPTH)
		return fail(p, "it is nested too deeply");
	const struct tree *out;
	if (toc_span_is(p->word, "not")) {
		next(p);
		out = negated(p);
		if (!p->failed)
			out = tree_not(p->l, out);
	} else {
		out = primary(p);
	}
	p->depth--;
	return out;
}

/* Terms between one operator, as one node; op: all or any. */
static const struct tree *chain(struct parser *p, const char *word, const struct tree *(*term)(struct parser *),
				const struct tree *(*op)(struct load *, const struct tree *const *, unsigned))
{
	unsigned n = 0, room = 4;
	const struct tree **trees = toc_arena_alloc(p->l->arena, room * sizeof(struct tree *));
	trees[n++] = term(p);
	while (!p->failed && toc_span_is(p->word, word)) {
		next(p);
		if (n == room) {
			const struct tree **more = toc_arena_alloc(p->l->arena, 2 * room * sizeof(struct tree *));
			memcpy(more, trees, n * sizeof(struct tree *));
			trees = more;
			room *= 2;
		}
		trees[n++] = term(p);
	}
	return p->failed ? NULL : op(p->l, trees, n);
}

static const struct tree *both(struct parser *p)
{
	return chain(p, "and", negated, tree_all);
}

static const struct tree *either(struct parser *p)
{
	return chain(p, "or", both, tree_any);
}

/* What to write instead of `| count(field) by group > 5`. */
static const char *correlation_for(const struct parser *p)
{
	const char *rest = p->at, *by = strstr(rest, " by ");
	bool near = strstr(rest, "near") != NULL, counts = strstr(rest, "count") != NULL;
	char field[64] = "", group[64] = "";
	if (near)
		return "write a correlation instead (type: temporal, the rules, timespan)";
	if (counts && sscanf(strstr(rest, "count"), "count(%63[^) ])", field) != 1)
		field[0] = '\0';
	if (by)
		sscanf(by, " by %63[^<>= ]", group);
	if (!counts)
		return "write a correlation instead (type: value_sum, value_avg …; field, timespan, condition)";
	return toc_arena_printf(p->l->arena,
				"write a correlation instead (type: %s%s%s%s%s, timespan, condition: {gt: N%s%s})",
				*field ? "value_count" : "event_count", *group ? ", group-by: [" : "", group,
				*group ? "]" : "", "", *field ? ", field: " : "", field);
}

static const struct tree *compile_one(struct load *l, const struct toc_yaml *text, struct identifier *ids, unsigned n)
{
	struct parser p = { .l = l, .node = text, .at = toc_yaml_str(text), .ids = ids, .nids = n };
	if (!p.at || text->text.n > CONDITION_TEXT) {
		tell(l, text, (struct finding){ TOC_ERROR, "condition", NULL, 0, 0 }, "a condition is a string%s",
		     p.at ? " of at most 64 KB" : "");
		return NULL;
	}
	next(&p);
	const struct tree *out = either(&p);
	if (!p.failed && toc_span_is(p.word, "|"))
		fail_near(&p, "aggregation", NULL,
			  toc_arena_printf(l->arena, "aggregations behind \"|\" are no longer Sigma; %s",
					   correlation_for(&p)));
	else if (!p.failed && p.word.n)
		fail(&p, "expected \"and\", \"or\" or the end");
	return p.failed ? NULL : out;
}

const struct tree *condition_compile(struct load *l, const struct toc_yaml *condition, struct identifier *ids,
				     unsigned n)
{
	if (condition->kind != TOC_YAML_LIST)
		return compile_one(l, condition, ids, n);
	const struct tree **trees = toc_arena_alloc(l->arena, (condition->n + 1) * sizeof(struct tree *));
	bool ok = condition->n > 0;
	if (!ok)
		tell(l, condition, (struct finding){ TOC_ERROR, "condition", NULL, 0, 0 }, "the condition is empty");
	for (unsigned i = 0; i < condition->n; i++)
		ok = (trees[i] = compile_one(l, condition->as.items[i], ids, n)) && ok;
	return ok ? tree_any(l, trees, condition->n) : NULL;
}
