/* adopt - reload: the state of rules that stayed the same goes from the old correlator to the new one. */
#include <string.h>

#include "correlate/snapshot.h"

static void copy_clock(void *user, void *what)
{
	struct toc_correlator *c = user;
	const struct clock *old = what;
	bool fresh;
	struct clock *clock = toc_lru_add(c->clocks, &old->source, &fresh);
	clock->waiting.waits = true;
	clock->ts = old->ts;
	clock->heard = old->heard;
}

static void copy_seen(void *user, void *what)
{
	bool fresh;
	struct novel_seen *to = toc_lru_add(user, what, &fresh);
	*to = *(const struct novel_seen *)what;
}

static void copy_inhibition(void *user, void *what)
{
	bool fresh;
	struct inhibition *to = toc_lru_add(user, what, &fresh);
	*to = *(const struct inhibition *)what;
}

static void move_base(void *user, void *what)
{
	struct base *from = what;
	bool fresh;
	struct base *to = toc_lru_add(user, what, &fresh);
	*to = *from;
	from->peaks = NULL;
}

static void move_cells(struct toc_correlator *c, struct running *r, struct toc_correlator *old, struct running *from)
{
	while (from->oldest) {
		struct cell *cell = from->oldest;
		cells_unlink(old, cell);
		cell->tally.budget = &r->budget;
		if (cell->tally.rule)
			cell->tally.rule = r->rule;
		if (!cells_link(c, r, cell))
			abort(); /* its buckets are the first ones, at start-up */
		cell_place(c, cell);
	}
}

/* Memory that is counted for the old rule is counted for the new one. */
static void move_rule(struct toc_correlator *c, struct running *r, struct toc_correlator *old, struct running *from)
{
	const uint64_t bytes = from->budget.bytes;
	budget_note(&from->budget, bytes, 0);
	budget_note(&r->budget, 0, bytes);
	r->count = from->count;
	r->count.cells = 0;
	r->spent = from->spent;
	r->novel_since = from->novel_since;
	if (r->novel && from->novel)
		toc_lru_each(from->novel, copy_seen, r->novel);
	if (r->inhibited && from->inhibited)
		toc_lru_each(from->inhibited, copy_inhibition, r->inhibited);
	if (r->bases && from->bases)
		toc_lru_each(from->bases, move_base, r->bases);
	move_cells(c, r, old, from);
}

static struct running *same_rule(struct toc_correlator *old, const struct toc_corr_rule *rule)
{
	for (unsigned i = 0; i < old->nrules; i++)
		if (old->running[i].rule->hash == rule->hash && strcmp(old->running[i].rule->id, rule->id) == 0)
			return &old->running[i];
	return NULL;
}

unsigned toc_correlator_adopt(struct toc_correlator *c, struct toc_correlator *old)
{
	unsigned n = 0;
	c->values = old->values;
	c->at = old->at;
	c->swept = old->swept;
	c->started = old->started;
	c->event = old->event;
	c->count = old->count;
	c->count.cells = 0;
	toc_lru_each(old->clocks, copy_clock, c);
	for (unsigned k = 0; c->seen && old->seen && k < 65536; k++)
		c->seen[k] = old->seen[k];
	for (unsigned i = 0; i < c->nrules; i++) {
		struct running *from = same_rule(old, c->running[i].rule);
		if (from)
			move_rule(c, &c->running[i], old, from);
		else if (c->running[i].rule->absent.list && c->started != INT64_MIN)
			silence_list(c, &c->running[i]);
		n += from != NULL;
	}
	peaks_adopt(c, old);
	return n;
}
