/* super_expr - `a and not (b or c)` over names of rules (Sigma SEP 198), to postfix with `not` on names only. */
#include <string.h>

#include "ruleset/super.h"

enum { DEPTH = 24, WORDS = 256 };

struct parser {
	struct load *l;
	const struct toc_yaml *node;
	const char *at; /* behind the present word */
	struct toc_span word;
	const char *const *names; /* NULL: only names are gathered */
	const char **found;
	unsigned nfound, depth, n;
	struct toc_corr_word *words;
	uint32_t plain, forbidden;
	bool failed;
};

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static void next(struct parser *p)
{
	p->at += strspn(p->at, " \t\r\n");
	size_t n = 0;
	while (is_name_char(p->at[n]))
		n++;
	if (n == 0 && *p->at)
		n = 1;
	p->word = toc_span_of(p->at, n);
	p->at += n;
}

static void fail(struct parser *p, const char *what)
{
	if (!p->failed)
		mistake(p->l, p->node, "condition, at \"%.*s\": %s", (int)p->word.n, (const char *)p->word.p, what);
	p->failed = true;
}

static void emit(struct parser *p, enum toc_corr_step step, unsigned ref)
{
	if (p->n == WORDS)
		fail(p, "it is too long");
	else if (!p->failed && p->words)
		p->words[p->n++] = (struct toc_corr_word){ (uint8_t)step, (uint8_t)ref };
}

static void note_name(struct parser *p)
{
	for (unsigned i = 0; i < p->nfound; i++)
		if (toc_span_is(p->word, p->found[i]))
			return;
	if (p->nfound <= TOC_CORR_REFS)
		p->found[p->nfound++] = toc_arena_str(p->l->arena, p->word);
}

static void name(struct parser *p, bool negated)
{
	unsigned i = 0;
	if (p->word.n == 0 || !is_name_char((char)p->word.p[0])) {
		fail(p, p->word.n ? "expected the name of a rule" : "it ends too early");
		return;
	}
	note_name(p);
	while (p->names && p->names[i] && !toc_span_is(p->word, p->names[i]))
		i++;
	if (p->names && !p->names[i]) {
		const char *near = toc_nearest(p->word, p->names);
		fail(p, near ? toc_arena_printf(p->l->arena, "`rules` does not name it (%s?)", near)
			     : "`rules` does not name it");
		return;
	}
	if (i < TOC_CORR_REFS)
		*(negated ? &p->forbidden : &p->plain) |= UINT32_C(1) << i;
	emit(p, TOC_CORR_IS, i);
	if (negated)
		emit(p, TOC_CORR_NOT, 0);
	next(p);
}

static void either(struct parser *p, bool negated);

static void primary(struct parser *p, bool negated)
{
	if (++p->depth > DEPTH) {
		fail(p, "it is nested too deeply");
		return;
	}
	if (toc_span_is(p->word, "not")) {
		next(p);
		primary(p, !negated);
	} else if (toc_span_is(p->word, "(")) {
		next(p);
		either(p, negated);
		if (!p->failed && !toc_span_is(p->word, ")"))
			fail(p, "expected \")\"");
		next(p);
	} else {
		name(p, negated);
	}
	p->depth--;
}

/* Under a `not`, and becomes or, and or becomes and: `not` stands on names only. */
static void both(struct parser *p, bool negated)
{
	primary(p, negated);
	while (!p->failed && toc_span_is(p->word, "and")) {
		next(p);
		primary(p, negated);
		emit(p, negated ? TOC_CORR_OR : TOC_CORR_AND, 0);
	}
}

static void either(struct parser *p, bool negated)
{
	both(p, negated);
	while (!p->failed && toc_span_is(p->word, "or")) {
		next(p);
		both(p, negated);
		emit(p, negated ? TOC_CORR_AND : TOC_CORR_OR, 0);
	}
}

static void parse(struct parser *p, struct load *l, const struct toc_yaml *node)
{
	p->l = l;
	p->node = node;
	p->at = toc_yaml_str(node);
	p->found = toc_arena_alloc(l->arena, (TOC_CORR_REFS + 2) * sizeof(*p->found));
	next(p);
	either(p, false);
	if (!p->failed && p->word.n)
		fail(p, "expected \"and\", \"or\" or the end");
}

const char *const *expr_names(struct load *l, const struct toc_yaml *node)
{
	static const char *const none[] = { NULL };
	struct parser p = { 0 };
	if (!toc_yaml_str(node))
		return none;
	unsigned before = toc_diag_errors(l->diag);
	parse(&p, l, node);
	p.found[p.nfound] = NULL;
	return toc_diag_errors(l->diag) == before ? (const char *const *)p.found : none;
}

bool expr_compile(struct load *l, const struct toc_yaml *node, const char *const *names, struct toc_corr_expr *out)
{
	struct parser p = { .names = names, .words = toc_arena_alloc(l->arena, WORDS * sizeof(*p.words)) };
	parse(&p, l, node);
	if (p.failed)
		return false;
	for (unsigned i = 0; names[i] && i < TOC_CORR_REFS; i++)
		if (!((p.plain | p.forbidden) >> i & 1)) {
			mistake(l, node, "the condition does not use \"%s\", which `rules` names", names[i]);
			return false;
		}
	if (p.plain & p.forbidden) {
		mistake(l, node, "a rule stands both with and without `not` in this condition");
		return false;
	}
	if (!p.plain) {
		mistake(l, node, "a condition needs a rule without `not`: it says when to look (for silence: absent)");
		return false;
	}
	out->words = p.words;
	out->n = p.n;
	out->forbidden = p.forbidden;
	return true;
}

struct sets {
	unsigned n;
	uint32_t at[TOC_CORR_TERMS];
};

/* A set that holds another one is satisfied only where that is: it says nothing. */
static bool put_set(struct sets *s, uint32_t set)
{
	unsigned n = 0;
	for (unsigned i = 0; i < s->n; i++)
		if ((s->at[i] & set) == s->at[i])
			return true;
	for (unsigned i = 0; i < s->n; i++)
		if ((s->at[i] & set) != set)
			s->at[n++] = s->at[i];
	s->n = n;
	if (s->n == TOC_CORR_TERMS)
		return false;
	s->at[s->n++] = set;
	return true;
}

static bool join(const struct sets *a, const struct sets *b, bool and, struct sets *out)
{
	bool fits = true;
	out->n = 0;
	for (unsigned i = 0; i < a->n; i++)
		for (unsigned k = 0; and&&k < b->n; k++)
			fits = fits && put_set(out, a->at[i] | b->at[k]);
	for (unsigned i = 0; !and&&i < a->n; i++)
		fits = fits && put_set(out, a->at[i]);
	for (unsigned i = 0; !and&&i < b->n; i++)
		fits = fits && put_set(out, b->at[i]);
	return fits;
}

bool expr_terms(struct load *l, const struct toc_yaml *node, struct toc_corr_expr *e)
{
	struct sets stack[DEPTH * 2 + 2] = { 0 }, joined = { 0 };
	unsigned top = 0;
	for (unsigned i = 0; i < e->n; i++) {
		if (e->words[i].step == TOC_CORR_IS && top < DEPTH * 2) {
			stack[top++] = (struct sets){ 1, { UINT32_C(1) << e->words[i].ref } };
		} else if (e->words[i].step != TOC_CORR_IS && top >= 2 &&
			   join(&stack[top - 2], &stack[top - 1], e->words[i].step == TOC_CORR_AND, &joined)) {
			stack[--top - 1] = joined;
		} else {
			mistake(l, node, "an ordered condition may mean %d different sets of rules at most",
				TOC_CORR_TERMS);
			return false;
		}
	}
	e->nterms = stack[0].n;
	memcpy(e->terms, stack[0].at, stack[0].n * sizeof(e->terms[0]));
	return true;
}
