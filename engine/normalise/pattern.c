/* pattern - a trie whose edges are literals or holes (the idea of liblognorm's parse trees, our own form). */
#include "normalise/pattern.h"

#include <string.h>

#include "tocsin/addr.h"

enum { STEPS = 4096, TRIES = 16 };

struct node;

struct edge {
	struct toc_span literal; /* n > 0: literal */
	enum pattern_take take;
	unsigned field;
	struct node *to;
	struct edge *next; /* literals first, then holes in the order of their adding */
};

struct node {
	struct edge *edges;
	int rule; /* a pattern ends here; -1 */
};

struct pattern_graph {
	struct toc_arena *arena;
	struct node *root;
};

static const struct {
	const char *name;
	enum pattern_take take;
} takes[] = { { "word", TAKE_WORD },	 { "uint", TAKE_UINT },	  { "ip", TAKE_IP },	 { "mac", TAKE_MAC },
	      { "text", TAKE_TEXT },	 { "until", TAKE_UNTIL }, { "rest", TAKE_REST }, { "quoted", TAKE_QUOTED },
	      { "spaces", TAKE_SPACES }, { "chars", TAKE_CHARS } };

enum { TAKES = sizeof(takes) / sizeof(takes[0]) };

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

static struct edge *edge_new(struct pattern_graph *g, struct node *from, bool literal)
{
	struct edge *e = toc_arena_alloc(g->arena, sizeof(*e)), **at = &from->edges;
	while (*at && (!literal || (*at)->literal.n))
		at = &(*at)->next;
	e->next = *at;
	*at = e;
	return e;
}

static size_t common(struct toc_span a, struct toc_span b)
{
	size_t n = 0;
	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	return n;
}

/* Literal edges of one node begin with different bytes: a shared beginning becomes an edge of its own. */
static struct node *add_literal(struct pattern_graph *g, struct node *from, struct toc_span text)
{
	while (text.n) {
		struct edge *e = from->edges;
		while (e && e->literal.n && e->literal.p[0] != text.p[0])
			e = e->next;
		if (!e || !e->literal.n) {
			e = edge_new(g, from, true);
			e->literal = toc_span_of(toc_arena_str(g->arena, text), text.n);
			e->to = node_new(g->arena);
			return e->to;
		}
		size_t n = common(e->literal, text);
		if (n < e->literal.n) {
			struct node *middle = node_new(g->arena);
			struct edge *tail = edge_new(g, middle, true);
			tail->literal = toc_span_from(e->literal, n);
			tail->to = e->to;
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
	for (struct edge *e = from->edges; e; e = e->next)
		if (!e->literal.n && e->take == take && e->field == field)
			return e->to;
	struct edge *e = edge_new(g, from, false);
	e->take = take;
	e->field = field;
	e->to = node_new(g->arena);
	return e->to;
}

static bool find_take(struct toc_span name, enum pattern_take *out)
{
	for (unsigned i = 0; i < TAKES; i++)
		if (toc_span_is(name, takes[i].name)) {
			*out = takes[i].take;
			return true;
		}
	return false;
}

static void unknown_take(struct toc_span name, struct toc_place at, struct toc_diag *diag)
{
	const char *names[TAKES + 1] = { NULL };
	for (unsigned i = 0; i < TAKES; i++)
		names[i] = takes[i].name;
	const char *near = toc_nearest(name, names);
	toc_diag_add(diag, TOC_ERROR, at,
		     "a hole cannot take \"%.*s\"%s%s%s; it takes word, uint, ip, mac, text, until, rest, "
		     "quoted, spaces or chars",
		     (int)name.n, (const char *)name.p, near ? " (" : "", near ? near : "", near ? "?)" : "");
}

bool pattern_add(struct pattern_graph *g, struct toc_span text, unsigned rule,
		 int (*field)(void *user, struct toc_span), void *user, struct toc_place at, struct toc_diag *diag)
{
	struct node *n = g->root;
	unsigned holes = 0;
	while (text.n) {
		size_t brace = toc_span_find(text, '{');
		if (brace + 1 < text.n && text.p[brace + 1] == '{')
			brace++; /* {{: the text up to and with the first, then past the second */
		else if (brace < text.n && brace == 0) {
			size_t end = toc_span_find(text, '}');
			struct toc_span inner = toc_span_from(toc_span_first(text, end), 1);
			size_t colon = toc_span_find(inner, ':');
			struct toc_span name = toc_span_first(inner, colon), kind = toc_span_from(inner, colon + 1);
			enum pattern_take take = TAKE_WORD;
			int number = toc_span_is(name, "_") ? PATTERN_SKIP : field(user, name);
			bool known = colon == inner.n || find_take(kind, &take);
			if (end == text.n || number < 0 || !known || ++holes > PATTERN_FIELDS) {
				if (!known)
					unknown_take(kind, at, diag);
				else
					toc_diag_add(diag, TOC_ERROR, at, "pattern, at \"%.*s\": %s", (int)inner.n,
						     (const char *)inner.p,
						     end == text.n ? "the brace is not closed"
						     : number < 0  ? "there is no such field; declare it under fields:"
								   : "too many holes in one pattern");
				return false;
			}
			n = add_hole(g, n, take, (unsigned)number);
			text = toc_span_from(text, end + 1);
			continue;
		}
		n = add_literal(g, n, toc_span_first(text, brace));
		text = toc_span_from(
			text, brace + (brace < text.n && brace && text.p[brace] == '{' && text.p[brace - 1] == '{'));
	}
	if (n->rule >= 0) {
		toc_diag_add(diag, TOC_ERROR, at, "the same pattern stands here twice");
		return false;
	}
	n->rule = (int)rule;
	return true;
}

/* --- matching ----------------------------------------------------------------------------------------------------- */

struct matching {
	struct pattern_capture *captures;
	unsigned n, steps;
};

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static size_t while_bytes(struct toc_span s, bool (*in)(uint8_t))
{
	size_t n = 0;
	while (n < s.n && in(s.p[n]))
		n++;
	return n;
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool in_ip(uint8_t c)
{
	return is_digit(c) || (toc_lower(c) >= 'a' && toc_lower(c) <= 'f') || c == '.' || c == ':';
}

static bool in_mac(uint8_t c)
{
	return in_ip(c) || c == '-';
}

static bool not_space(uint8_t c)
{
	return !is_space(c);
}

/* The longest run that is an address: "10.0.0.1:" and "10.0.0.1." are cut back. */
static size_t take_ip(struct toc_span s)
{
	struct toc_addr a;
	size_t n = while_bytes(toc_span_first(s, 45), in_ip);
	for (unsigned tries = 0; n > 1 && tries < 3; n--, tries++)
		if (toc_addr_parse(toc_span_first(s, n), &a))
			return n;
	return 0;
}

static size_t take_mac(struct toc_span s)
{
	struct toc_mac m;
	size_t n = while_bytes(toc_span_first(s, 17), in_mac);
	for (unsigned tries = 0; n > 11 && tries < 3; n--, tries++)
		if (toc_mac_parse(toc_span_first(s, n), &m))
			return n;
	return 0;
}

/* Bytes that a hole of fixed extent takes; 0 = it does not fit. Holes that may give way are tried in match_hole. */
static size_t extent(enum pattern_take take, struct toc_span s)
{
	size_t n;
	switch (take) {
	case TAKE_WORD:
		return while_bytes(s, not_space);
	case TAKE_UINT:
		return while_bytes(toc_span_first(s, 20), is_digit);
	case TAKE_IP:
		return take_ip(s);
	case TAKE_MAC:
		return take_mac(s);
	case TAKE_SPACES:
		return while_bytes(s, is_space);
	case TAKE_QUOTED:
		if (s.n < 2 || s.p[0] != '"')
			return 0;
		n = toc_span_find(toc_span_from(s, 1), '"');
		return n + 1 < s.n ? n + 2 : 0;
	case TAKE_TEXT:
	case TAKE_UNTIL:
	case TAKE_REST:
	case TAKE_CHARS:
		break;
	}
	return 0;
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
		m->captures[m->n++] = (struct pattern_capture){ e->field, text };
	int rule = walk(e->to, toc_span_from(s, n), m);
	if (rule < 0)
		m->n = before;
	return rule;
}

/* Text that strangers write may hold what looks like the rest of the line, so the last place that fits is tried first:
 * "Failed password for x from 1.2.3.4 port 22 ssh2 from 5.6.7.8 port 22 ssh2" is from 5.6.7.8. */
static int match_text(const struct edge *e, struct toc_span s, struct matching *m)
{
	const struct edge *next = e->to->edges;
	bool first = e->take == TAKE_UNTIL;
	unsigned tries = 0;
	for (; next && next->literal.n; next = next->next)
		for (size_t i = 0; i < s.n && tries < TRIES; i++) {
			size_t at = first ? i : s.n - 1 - i;
			if (s.p[at] != next->literal.p[0] || s.n - at < next->literal.n ||
			    memcmp(s.p + at, next->literal.p, next->literal.n) != 0)
				continue;
			tries++;
			int rule = go_on(e, s, at, m);
			if (rule >= 0)
				return rule;
		}
	return e->to->rule >= 0 ? go_on(e, s, s.n, m) : -1;
}

/* Up to the first place of the byte that comes next. */
static int match_chars(const struct edge *e, struct toc_span s, struct matching *m)
{
	for (const struct edge *next = e->to->edges; next && next->literal.n; next = next->next) {
		size_t n = toc_span_find(s, next->literal.p[0]);
		int rule = n < s.n ? go_on(e, s, n, m) : -1;
		if (rule >= 0)
			return rule;
	}
	return e->to->rule >= 0 && s.n ? go_on(e, s, s.n, m) : -1;
}

static int match_hole(const struct edge *e, struct toc_span s, struct matching *m)
{
	if (e->take == TAKE_REST)
		return go_on(e, s, s.n, m);
	if (e->take == TAKE_TEXT || e->take == TAKE_UNTIL)
		return match_text(e, s, m);
	if (e->take == TAKE_CHARS)
		return match_chars(e, s, m);
	size_t n = extent(e->take, s);
	return n ? go_on(e, s, n, m) : -1;
}

static int walk(const struct node *n, struct toc_span s, struct matching *m)
{
	if (++m->steps > STEPS)
		return -1;
	if (s.n == 0 && n->rule >= 0)
		return n->rule;
	for (const struct edge *e = n->edges; e; e = e->next) {
		int rule = -1;
		if (!e->literal.n)
			rule = match_hole(e, s, m);
		else if (s.n >= e->literal.n && s.p[0] == e->literal.p[0] &&
			 memcmp(s.p, e->literal.p, e->literal.n) == 0)
			rule = walk(e->to, toc_span_from(s, e->literal.n), m);
		if (rule >= 0)
			return rule;
	}
	return -1;
}

int pattern_match(const struct pattern_graph *g, struct toc_span text, struct pattern_capture *captures, unsigned *n)
{
	struct matching m = { captures, 0, 0 };
	while (text.n && is_space(text.p[text.n - 1]))
		text.n--;
	int rule = walk(g->root, text, &m);
	*n = m.n;
	return rule;
}
