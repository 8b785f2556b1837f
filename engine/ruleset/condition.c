/* condition - `selection and not 1 of filter_*` (Sigma specification, "Condition"), by recursive descent. */
#include <string.h>

#include "ruleset/load.h"

enum { CONDITION_DEPTH = 48 };

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
	       c == '*' || c == '?';
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

static toc_node fail(struct parser *p, const char *what)
{
	if (!p->failed)
		mistake(p->l, p->node, "condition, at \"%.*s\": %s", (int)p->word.n, (const char *)p->word.p, what);
	p->failed = true;
	return 0;
}

/* `*` any run, anchored. */
static bool fits(struct toc_span pattern, const char *name)
{
	struct toc_pattern compiled;
	size_t n = strlen(name);
	struct toc_arena *arena = toc_arena_new();
	toc_pattern_compile(&compiled, arena, pattern, true, false, false);
	bool ok = toc_pattern_match(&compiled, toc_span_of(name, n));
	toc_arena_free(arena);
	return ok;
}

/* `1 of`, `any of`, `all of`: the identifiers that the pattern names; those with `_` in front only if it says so. */
static toc_node quantified(struct parser *p, bool all)
{
	next(p); /* of */
	if (!toc_span_is(p->word, "of"))
		return fail(p, "expected \"of\"");
	next(p);
	bool them = toc_span_is(p->word, "them");
	toc_node *nodes = toc_arena_alloc(p->l->arena, (p->nids + 1) * sizeof(*nodes));
	unsigned n = 0;
	for (unsigned i = 0; i < p->nids && p->word.n; i++) {
		bool hidden = p->ids[i].name[0] == '_' && p->word.p[0] != '_';
		if (hidden || !(them || fits(p->word, p->ids[i].name)))
			continue;
		p->ids[i].used = true;
		nodes[n++] = p->ids[i].node;
	}
	if (n == 0)
		return fail(p, "no search identifier fits this pattern");
	next(p);
	return all ? toc_build_all(p->l->build, nodes, n) : toc_build_any(p->l->build, nodes, n);
}

static toc_node identifier(struct parser *p)
{
	const char **names = toc_arena_alloc(p->l->arena, (p->nids + 1) * sizeof(*names));
	for (unsigned i = 0; i < p->nids; i++) {
		names[i] = p->ids[i].name;
		if (!toc_span_is(p->word, p->ids[i].name))
			continue;
		p->ids[i].used = true;
		next(p);
		return p->ids[i].node;
	}
	const char *near = toc_nearest(p->word, names);
	return fail(p, near ? toc_arena_printf(p->l->arena, "there is no such search identifier (%s?)", near)
			    : "there is no such search identifier");
}

static toc_node either(struct parser *p);

static toc_node primary(struct parser *p)
{
	if (p->word.n == 0)
		return fail(p, "it ends too early");
	if (toc_span_is(p->word, "(")) {
		next(p);
		toc_node inner = either(p);
		if (!toc_span_is(p->word, ")"))
			return fail(p, "expected \")\"");
		next(p);
		return inner;
	}
	if (toc_span_is(p->word, "1") || toc_span_is(p->word, "any"))
		return quantified(p, false);
	if (toc_span_is(p->word, "all"))
		return quantified(p, true);
	return identifier(p);
}

static toc_node negated(struct parser *p)
{
	if (++p->depth > CONDITION_DEPTH)
		return fail(p, "it is nested too deeply");
	toc_node out;
	if (toc_span_is(p->word, "not")) {
		next(p);
		out = negated(p);
		if (!p->failed)
			out = toc_build_not(p->l->build, out);
	} else {
		out = primary(p);
	}
	p->depth--;
	return out;
}

static toc_node both(struct parser *p)
{
	toc_node out = negated(p);
	while (!p->failed && toc_span_is(p->word, "and")) {
		next(p);
		toc_node pair[2] = { out, negated(p) };
		out = toc_build_all(p->l->build, pair, 2);
	}
	return out;
}

static toc_node either(struct parser *p)
{
	toc_node out = both(p);
	while (!p->failed && toc_span_is(p->word, "or")) {
		next(p);
		toc_node pair[2] = { out, both(p) };
		out = toc_build_any(p->l->build, pair, 2);
	}
	return out;
}

static bool compile_one(struct load *l, const struct toc_yaml *text, struct identifier *ids, unsigned n, toc_node *out)
{
	struct parser p = { .l = l, .node = text, .at = toc_yaml_str(text), .ids = ids, .nids = n };
	if (!p.at) {
		mistake(l, text, "a condition is a string");
		return false;
	}
	next(&p);
	*out = either(&p);
	if (!p.failed && toc_span_is(p.word, "|"))
		fail(&p, "aggregations behind \"|\" are no longer Sigma; write a correlation (type: event_count or "
			 "value_count)");
	else if (!p.failed && p.word.n)
		fail(&p, "expected \"and\", \"or\" or the end");
	return !p.failed;
}

bool condition_compile(struct load *l, const struct toc_yaml *condition, struct identifier *ids, unsigned n,
		       toc_node *out)
{
	if (condition->kind != TOC_YAML_LIST)
		return compile_one(l, condition, ids, n, out);
	toc_node *nodes = toc_arena_alloc(l->arena, (condition->n + 1) * sizeof(*nodes));
	bool ok = condition->n > 0;
	for (unsigned i = 0; i < condition->n; i++)
		ok = compile_one(l, condition->as.items[i], ids, n, &nodes[i]) && ok;
	if (ok)
		*out = toc_build_any(l->build, nodes, condition->n);
	return ok;
}
