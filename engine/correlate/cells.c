/* cells - the table of (rule, key), its order of use, and who goes when it is full. */
#include <string.h>

#include "correlate/state.h"

enum { FIRST_BUCKETS = 256 };

static uint64_t hash_of(const struct toc_correlator *c, const struct running *r, const char *text, uint32_t n)
{
	return toc_hash_mix(toc_hash(&c->key, text, n), r->rule->number);
}

static bool grow(struct toc_correlator *c)
{
	const uint32_t n = c->nbuckets ? 2 * c->nbuckets : FIRST_BUCKETS;
	struct cell **buckets = calloc(n, sizeof(*buckets));
	if (!buckets)
		return c->nbuckets > 0;
	for (struct cell *cell = c->oldest; cell; cell = cell->newer) {
		struct cell **b = &buckets[cell->hash & (n - 1)];
		cell->next = *b;
		*b = cell;
	}
	free(c->buckets);
	c->buckets = buckets;
	c->nbuckets = n;
	return true;
}

static void leave_order(struct toc_correlator *c, struct cell *cell)
{
	struct running *r = cell->of;
	*(cell->newer ? &cell->newer->older : &c->newest) = cell->older;
	*(cell->older ? &cell->older->newer : &c->oldest) = cell->newer;
	*(cell->rule_newer ? &cell->rule_newer->rule_older : &r->newest) = cell->rule_older;
	*(cell->rule_older ? &cell->rule_older->rule_newer : &r->oldest) = cell->rule_newer;
}

static void make_newest(struct toc_correlator *c, struct cell *cell)
{
	struct running *r = cell->of;
	cell->newer = cell->rule_newer = NULL;
	cell->older = c->newest;
	cell->rule_older = r->newest;
	*(c->newest ? &c->newest->newer : &c->oldest) = cell;
	*(r->newest ? &r->newest->rule_newer : &r->oldest) = cell;
	c->newest = r->newest = cell;
}

struct cell *cells_find(struct toc_correlator *c, struct running *r, const char *text, uint32_t n)
{
	const uint64_t hash = hash_of(c, r, text, n);
	struct cell *cell = c->nbuckets ? c->buckets[hash & (c->nbuckets - 1)] : NULL;
	while (cell && (cell->hash != hash || cell->of != r || cell->text_n != n || memcmp(cell->text, text, n) != 0))
		cell = cell->next;
	return cell;
}

bool cells_link(struct toc_correlator *c, struct running *r, struct cell *cell)
{
	if (c->ncells >= c->nbuckets && !grow(c))
		return false;
	cell->of = r;
	cell->hash = hash_of(c, r, cell->text, cell->text_n);
	struct cell **b = &c->buckets[cell->hash & (c->nbuckets - 1)];
	cell->next = *b;
	*b = cell;
	make_newest(c, cell);
	c->count.cells = ++c->ncells;
	r->count.cells++;
	return true;
}

void cells_unlink(struct toc_correlator *c, struct cell *cell)
{
	struct cell **at = &c->buckets[cell->hash & (c->nbuckets - 1)];
	while (*at != cell)
		at = &(*at)->next;
	*at = cell->next;
	leave_order(c, cell);
	clocks_leave(c, cell);
	if (cell->due_at != NOWHERE)
		c->due[cell->due_at] = NULL;
	cell->due_at = NOWHERE;
	cell->of->count.cells--;
	c->count.cells = --c->ncells;
}

void cells_remove(struct toc_correlator *c, struct cell *cell)
{
	cells_unlink(c, cell);
	cell_free(cell);
}

/* An open one is closed, so that nobody waits for its end. */
static void evict(struct toc_correlator *c, struct cell *cell)
{
	count_one(&cell->of->count.cells_evicted, &c->count.cells_evicted);
	if (cell->open)
		episode_close(c, cell, c->at);
	cells_remove(c, cell);
}

/* The least recently fed one that may go: of the rule, or of all. */
static struct cell *victim(struct toc_correlator *c, struct running *r, bool of_rule, const struct cell *keep)
{
	struct cell *cell = of_rule ? r->oldest : c->oldest;
	while (cell && (cell == keep || cell->pinned))
		cell = of_rule ? cell->rule_newer : cell->newer;
	return cell;
}

bool cells_make_way(struct toc_correlator *c, struct running *r, uint64_t more, const struct cell *keep)
{
	while (!budget_allows(&r->budget, more)) {
		struct cell *cell = victim(c, r, r->budget.bytes + more > r->budget.most, keep);
		if (!cell)
			return false;
		evict(c, cell);
	}
	return true;
}

struct cell *cells_get(struct toc_correlator *c, struct running *r, const char *text, uint32_t n, bool *fresh)
{
	struct cell *cell = cells_find(c, r, text, n);
	*fresh = cell == NULL;
	if (cell) {
		if (c->newest != cell || r->newest != cell) {
			leave_order(c, cell);
			make_newest(c, cell);
		}
		return cell;
	}
	const bool rule_full = r->count.cells >= c->config.rule_cells;
	if (rule_full || c->ncells >= c->config.cells) {
		cell = victim(c, r, rule_full, NULL);
		if (cell)
			evict(c, cell);
	}
	if (!cells_make_way(c, r, sizeof(*cell) + n, NULL))
		return NULL;
	cell = cell_new(r, text, n);
	if (!cell || cells_link(c, r, cell))
		return cell;
	cell_free(cell);
	return NULL;
}

void cells_free_all(struct toc_correlator *c)
{
	while (c->oldest) {
		struct cell *cell = c->oldest;
		leave_order(c, cell);
		cell_free(cell);
	}
	free(c->buckets);
}
