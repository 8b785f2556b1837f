/* pattern - a trie whose edges are literals or holes (the idea of liblognorm's parse trees, our own form). */
#define _GNU_SOURCE /* memrchr */
#include "normalise/pattern.h"

enum { TRIES = 16, TABLE_FROM = 6 };

struct node;

struct edge {
	struct toc_span literal; /* n > 0: literal */
	enum pattern_take take;
	unsigned field;
	struct node *to;
	struct edge *next;
};

/* Literal edges of one node begin with different bytes, so at most one of them can match. */
struct node {
	struct edge *literals, *holes; /* in the order of their adding: what was added first is tried first */
	struct edge **by_byte;	       /* the literals by their first byte, once there are many */
	unsigned nliterals;
	int rule; /* a pattern ends here; -1 */
};

struct pattern_graph {
	struct toc_arena *arena;
	struct node *root;
};

/* --- building ----------------------------------------------------------------------------------------------------- */

static struct node *node_new(struct toc_arena *arena)
{
	struct node *n = toc_arena_alloc(arena, sizeof(*n));
	n->rule = -1;
	return n;
}

struct pattern_graph *pattern_graph_new(struct toc_arena *arena)
{
	struct pattern_graph *g = toc_arena_alloc(arena, sizeof(*g));
	g->arena = arena;
	g->root = node_new(arena);
	return g;
}

static struct edge *literal_edge(const struct node *n, uint8_t byte)
{
	struct edge *e = n->by_byte ? n->by_byte[byte] : n->literals;
	while (e && !n->by_byte && e->literal.p[0] != byte)
		e = e->next;
	return e;
}

static struct edge *literal_new(struct pattern_graph *g, struct node *from, struct toc_span text, struct node *to)
{
	struct edge *e = toc_arena_alloc(g->arena, sizeof(*e)), **at = &from->literals;
	while (*at)
		at = &(*at)->next;
	*at = e;
	*e = (struct edge){ .literal = text, .to = to };
	if (++from->nliterals == TABLE_FROM) {
		from->by_byte = toc_arena_alloc(g->arena, 256 * sizeof(struct edge *));
		for (struct edge *each = from->literals; each; each = each->next)
			from->by_byte[each->literal.p[0]] = each;
	} else if (from->by_byte) {
		from->by_byte[text.p[0]] = e;
	}
	return e;
}

static size_t common(struct toc_span a, struct toc_span b)
{
	size_t n = 0;
	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	return n;
}

/* A shared beginning becomes an edge of its own. */
static struct node *add_literal(struct pattern_graph *g, struct node *from, struct toc_span text)
{
	while (text.n) {
		struct edge *e = literal_edge(from, text.p[0]);
		if (!e) {
			struct toc_span kept = toc_span_of(toc_arena_str(g->arena, text), text.n);
			return literal_new(g, from, kept, node_new(g->arena))->to;
		}
		size_t n = common(e->literal, text);
		if (n < e->literal.n) {
			struct node *middle = node_new(g->arena);
			literal_new(g, middle, toc_span_from(e->literal, n), e->to);
			e->literal = toc_span_first(e->literal, n);
			e->to = middle;
		}
		from = e->to;
		text = toc_span_from(text, n);
	}
	return from;
}

static struct node *add_hole(struct pattern_graph *g, struct node *from, enum pattern_take take, unsigned field)
{
	struct edge **at = &from->holes;
	for (; *at; at = &(*at)->next)
		if ((*at)->take == take && (*at)->field == field)
			return (*at)->to;
	*at = toc_arena_alloc(g->arena, sizeof(**at));
	**at = (struct edge){ .take = take, .field = field, .to = node_new(g->arena) };
	return (*at)->to;
}

/* A pattern being added. */
struct adding {
	struct pattern_graph *graph;
	struct node *node;
	int (*field)(void *user, struct toc_span);
	void *user;
	struct toc_place at;
	struct toc_diag *diag;
	unsigned holes;
	bool open; /* the last thing was a hole that needs to know what follows */
	enum pattern_take last;
};

static bool refuse(struct adding *a, struct toc_span where, const char *why)
{
	toc_diag_add(a->diag, TOC_ERROR, a->at, "pattern, at \"%.*s\": %s", (int)where.n, (const char *)where.p, why);
	return false;
}

/* name, name:take; text is what stands between the braces. */
static bool take_hole(struct adding *a, struct toc_span text)
{
	size_t colon = toc_span_find(text, ':');
	struct toc_span name = toc_span_first(text, colon);
	enum pattern_take take = TAKE_WORD;
	if (colon < text.n && !parser_find(toc_span_from(text, colon + 1), &take, a->at, a->diag))
		return false;
	if (parser_is_payload(take) != toc_span_is(name, "*"))
		return refuse(
			a, text,
			"pairs, json, csv, sections, xml and found stand under the name *, and nothing else does");
	int field = parser_is_payload(take)  ? PATTERN_PAYLOAD + (int)take
		    : toc_span_is(name, "_") ? PATTERN_SKIP
					     : a->field(a->user, name);
	if (field < 0)
		return refuse(a, text, "there is no such field; declare it under fields:");
	if (++a->holes > PATTERN_FIELDS)
		return refuse(a, text, "too many holes in one pattern");
	bool spaces = take == TAKE_SPACES && (a->last == TAKE_TEXT || a->last == TAKE_UNTIL);
	if (a->open && !spaces)
		return refuse(a, text, "the hole before this one does not know where to end; put text between them");
	a->node = add_hole(a->graph, a->node, take, (unsigned)field);
	a->open = parser_open_ended(take);
	a->last = take;
	return true;
}

static bool take_literal(struct adding *a, struct toc_span text)
{
	if (text.n && a->open && (a->last == TAKE_REST || parser_is_payload(a->last)))
		return refuse(a, text, "nothing can stand behind a hole that takes the rest");
	a->open = a->open && text.n == 0;
	a->node = add_literal(a->graph, a->node, text);
	return true;
}

/* One element: a hole, or text up to the next; `{{` is a brace. */
static bool take_element(struct adding *a, struct toc_span *text)
{
	size_t brace = toc_span_find(*text, '{');
	bool doubled = brace + 1 < text->n && text->p[brace + 1] == '{';
	if (brace > 0 || doubled) {
		struct toc_span literal = toc_span_first(*text, brace + doubled);
		*text = toc_span_from(*text, brace + (doubled ? 2 : 0));
		return take_literal(a, literal);
	}
	size_t end = toc_span_find(*text, '}');
	struct toc_span inner = toc_span_from(toc_span_first(*text, end), 1);
	if (end == text->n)
		return refuse(a, inner, "the brace is not closed");
	*text = toc_span_from(*text, end + 1);
	return take_hole(a, inner);
}

bool pattern_add(struct pattern_graph *g, struct toc_span text, unsigned rule,
		 int (*field)(void *user, struct toc_span), void *user, struct toc_place at, struct toc_diag *diag)
{
	struct adding a = { g, g->root, field, user, at, diag, 0, false, TAKE_WORD };
	struct toc_span whole = text;
	while (text.n)
		if (!take_element(&a, &text))
			return false;
	if (a.node->rule >= 0)
		return refuse(&a, whole, "the same pattern stands here twice");
	a.node->rule = (int)rule;
	return true;
}

/* --- matching ----------------------------------------------------------------------------------------------------- */

/* Steps and bytes looked at are paid from one purse, so that no text costs more than a multiple of its length. */
enum { PURSE = 8192, PURSE_PER_BYTE = 64, STEP = 8 };

struct matching {
	struct pattern_capture *captures;
	unsigned n;
	size_t purse;
};

static bool pay(struct matching *m, size_t price)
{
	bool enough = m->purse >= price;
	m->purse = enough ? m->purse - price : 0;
	return enough;
}

static int walk(const struct node *n, struct toc_span s, struct matching *m);

static int go_on(const struct edge *e, struct toc_span s, size_t n, struct matching *m)
{
	unsigned before = m->n;
	struct toc_span text = toc_span_first(s, n);
	if (m->n == PATTERN_FIELDS)
		return -1;
	if (e->take == TAKE_QUOTED)
		text = toc_span_first(toc_span_from(text, 1), n - 2);
	if (e->field != PATTERN_SKIP)
		m->captures[m->n++] = (struct pattern_capture){ e->field, e->take, text };
	int rule = walk(e->to, toc_span_from(s, n), m);
	if (rule < 0)
		m->n = before;
	return rule;
}

/* Does s begin with the literal? Most do not, and show it in their first bytes. */
static bool starts_with(struct toc_span s, struct toc_span literal)
{
	if (s.n < literal.n || s.p[0] != literal.p[0] || s.p[literal.n - 1] != literal.p[literal.n - 1])
		return false;
	return literal.n <= 2 || memcmp(s.p + 1, literal.p + 1, literal.n - 2) == 0;
}

/* The last place below `end` where `next` begins, or s.n. Of spaces the whole run is theirs. */
static size_t last_before(const struct edge *next, struct toc_span s, size_t end)
{
	while (end) {
		const uint8_t *hit = next->literal.n ? memrchr(s.p, next->literal.p[0], end) : s.p + end - 1;
		if (!hit)
			break;
		end = (size_t)(hit - s.p);
		if (next->literal.n ? starts_with(toc_span_from(s, end), next->literal)
				    : parser_is_space(*hit) && (end == 0 || !parser_is_space(hit[-1])))
			return end;
	}
	return s.n;
}

/* The first place from `at` on, or s.n. */
static size_t first_from(const struct edge *next, struct toc_span s, size_t at)
{
	for (; at < s.n; at++) {
		at += next->literal.n ? toc_span_find(toc_span_from(s, at), next->literal.p[0]) : 0;
		if (at < s.n &&
		    (next->literal.n ? starts_with(toc_span_from(s, at), next->literal)
				     : parser_is_space(s.p[at]) && (at == 0 || !parser_is_space(s.p[at - 1]))))
			return at;
	}
	return s.n;
}

/* All places where `next` begins, from the end (text) or from the front (until). */
static int match_before(const struct edge *e, const struct edge *next, struct toc_span s, struct matching *m)
{
	bool until = e->take == TAKE_UNTIL;
	int rule = -1;
	if (!pay(m, s.n))
		return -1;
	size_t at = until ? first_from(next, s, 0) : last_before(next, s, s.n);
	for (unsigned tries = 0; at < s.n && tries < TRIES && rule < 0; tries++) {
		rule = go_on(e, s, at, m);
		at = until ? first_from(next, s, at + 1) : last_before(next, s, at);
	}
	return rule;
}

/* Text that strangers write may hold what looks like the rest of the line, so the last place that fits is tried first:
 * "Failed password for x from 1.2.3.4 port 22 ssh2 from 5.6.7.8 port 22 ssh2" is from 5.6.7.8. */
static int match_text(const struct edge *e, struct toc_span s, struct matching *m)
{
	int rule = -1;
	for (const struct edge *next = e->to->literals; next && rule < 0; next = next->next)
		rule = match_before(e, next, s, m);
	for (const struct edge *next = e->to->holes; next && rule < 0; next = next->next)
		if (next->take == TAKE_SPACES)
			rule = match_before(e, next, s, m);
	return rule < 0 && e->to->rule >= 0 ? go_on(e, s, s.n, m) : rule;
}

/* Up to the first place of the byte that comes next. */
static int match_chars(const struct edge *e, struct toc_span s, struct matching *m)
{
	for (const struct edge *next = e->to->literals; next; next = next->next) {
		size_t n = toc_span_find(s, next->literal.p[0]);
		int rule = n < s.n && pay(m, n) ? go_on(e, s, n, m) : -1;
		if (rule >= 0)
			return rule;
	}
	return e->to->rule >= 0 && s.n ? go_on(e, s, s.n, m) : -1;
}

static int match_hole(const struct edge *e, struct toc_span s, struct matching *m)
{
	if (e->take == TAKE_REST || parser_is_payload(e->take))
		return go_on(e, s, s.n, m);
	if (e->take == TAKE_TEXT || e->take == TAKE_UNTIL)
		return match_text(e, s, m);
	if (e->take == TAKE_CHARS)
		return match_chars(e, s, m);
	size_t n = parser_extent(e->take, s);
	return n && pay(m, n) ? go_on(e, s, n, m) : -1;
}

static int walk(const struct node *n, struct toc_span s, struct matching *m)
{
	int rule = -1;
	for (;;) {
		if (!pay(m, STEP))
			return -1;
		if (s.n == 0 && n->rule >= 0)
			return n->rule;
		const struct edge *e = s.n ? literal_edge(n, s.p[0]) : NULL;
		bool fits = e && starts_with(s, e->literal);
		if (!fits || n->holes) {
			if (fits)
				rule = walk(e->to, toc_span_from(s, e->literal.n), m);
			for (e = n->holes; e && rule < 0; e = e->next)
				rule = match_hole(e, s, m);
			return rule;
		}
		s = toc_span_from(s, e->literal.n); /* nothing to come back for */
		n = e->to;
	}
}

int pattern_match(const struct pattern_graph *g, struct toc_span text, struct pattern_capture *captures, unsigned *n)
{
	while (text.n && parser_is_space(text.p[text.n - 1]))
		text.n--;
	struct matching m = { captures, 0, PURSE + PURSE_PER_BYTE * text.n };
	int rule = walk(g->root, text, &m);
	*n = m.n;
	return rule;
}
