/* programs - by what name a line's program is known, and which patterns its lines are held against. */
#include "normalise/programs.h"

#include "base/hash.h"

enum { PROGRAMS = 4096, PREFIXES = 64, FIRST_ROOM = 4 };

void programs_prepare(struct toc_normalisers *n)
{
	n->prefixes = toc_arena_alloc(n->arena, PREFIXES * sizeof(*n->prefixes));
	n->programs = toc_arena_alloc(n->arena, PROGRAMS * sizeof(*n->programs));
	n->program_mask = PROGRAMS - 1;
}

static struct program *slot_of(const struct toc_normalisers *n, struct toc_span name)
{
	unsigned i = (unsigned)toc_hash_fixed(name.p, name.n) & n->program_mask;
	while (n->programs[i].n && !toc_span_eq(n->programs[i].name, name))
		i = (i + 1) & n->program_mask;
	return &n->programs[i];
}

/* The slot for "sshd", "postfix*", "*", or "" for lines that name no program; NULL: too many of them. */
static struct program *slot_for(struct toc_normalisers *n, struct toc_span name)
{
	if (toc_span_is(name, "*"))
		return &n->any;
	if (!name.n || name.p[name.n - 1] != '*') {
		struct program *slot = slot_of(n, name);
		bool full = !slot->n && n->nprograms == PROGRAMS / 2;
		n->nprograms += !slot->n && !full;
		slot->name = full ? slot->name : name;
		return full ? NULL : slot;
	}
	name.n--;
	for (unsigned i = 0; i < n->nprefixes; i++)
		if (toc_span_eq(n->prefixes[i].name, name))
			return &n->prefixes[i];
	if (n->nprefixes == PREFIXES)
		return NULL;
	n->prefixes[n->nprefixes].name = name;
	return &n->prefixes[n->nprefixes++];
}

bool programs_add(struct toc_normalisers *n, const char *program, unsigned by, bool mail)
{
	struct program *slot = slot_for(n, toc_span_str(program));
	if (!slot)
		return false;
	if (slot->n && slot->by[slot->n - 1] == by)
		return true; /* named twice */
	if (slot->n == slot->room) {
		unsigned room = slot->room ? 2 * slot->room : FIRST_ROOM;
		unsigned *moved = toc_arena_alloc(n->arena, room * sizeof(*moved));
		if (slot->n)
			memcpy(moved, slot->by, slot->n * sizeof(*moved));
		slot->by = moved;
		slot->room = room;
	}
	slot->by[slot->n++] = by;
	slot->mail = slot->mail || (mail && slot->name.n);
	return true;
}

/* --- settling ----------------------------------------------------------------------------------------------------- */

/* Programs that the same normalisers name share one graph: a product's forty programs are one. */
struct settling {
	struct toc_normalisers *n;
	void (*build)(void *user, struct pattern_graph *graph, const struct program *p);
	void *user;
	struct program **built; /* one for each graph */
	unsigned nbuilt;
};

static void settle(struct settling *s, struct program *p)
{
	for (unsigned i = 0; i < s->nbuilt; i++)
		if (s->built[i]->n == p->n && memcmp(s->built[i]->by, p->by, p->n * sizeof(*p->by)) == 0) {
			p->graph = s->built[i]->graph;
			return;
		}
	p->graph = pattern_graph_new(s->n->arena);
	s->build(s->user, p->graph, p);
	s->built[s->nbuilt++] = p;
}

void programs_settle(struct toc_normalisers *n,
		     void (*build)(void *user, struct pattern_graph *graph, const struct program *p), void *user)
{
	struct settling s = { n, build, user, NULL, 0 };
	s.built = toc_arena_alloc(n->arena, (n->nprograms + n->nprefixes + 1) * sizeof(struct program *));
	for (unsigned i = 0; i <= n->program_mask; i++)
		if (n->programs[i].n)
			settle(&s, &n->programs[i]);
	for (unsigned i = 0; i < n->nprefixes; i++)
		settle(&s, &n->prefixes[i]);
	if (n->any.n)
		settle(&s, &n->any);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static const struct program *prefix_of(const struct toc_normalisers *n, struct toc_span app)
{
	for (unsigned i = 0; i < n->nprefixes && app.n; i++)
		if (n->prefixes[i].name.p[0] == app.p[0] && app.n >= n->prefixes[i].name.n &&
		    toc_span_eq(toc_span_first(app, n->prefixes[i].name.n), n->prefixes[i].name))
			return &n->prefixes[i];
	return NULL;
}

/* "postfix/smtpd" is smtpd, or else what postfix* is. */
const struct program *programs_find(const struct toc_normalisers *n, struct toc_span app)
{
	const struct toc_span whole = app;
	size_t slash = app.n;
	while (slash && app.p[slash - 1] != '/')
		slash--;
	app = toc_span_from(app, slash);
	const struct program *own = slot_of(n, app);
	const struct program *prefix = own->n ? own : prefix_of(n, app);
	return prefix || !slash ? prefix : prefix_of(n, whole);
}
