/* ending - the sweep of each second: windows that are over are judged, episodes close, cells are forgotten. */
#include <string.h>

#include "correlate/state.h"

enum { ROUNDS = 16 };

static const toc_time long_ago = INT64_MIN / 2;

static toc_time sooner(toc_time a, toc_time b)
{
	return a < b ? a : b;
}

toc_time cell_lateness(const struct cell *cell)
{
	return cell->of->rule->late > cell->of->slack ? cell->of->rule->late : cell->of->slack;
}

/* What is still to be judged, or TOC_NEVER. */
static toc_time pending(const struct cell *cell)
{
	return cell->of->judged == AT_CLOSE && cell->n ? cell_hit(cell, 0)->ts : cell->anchor;
}

/* A window that began in time and is not over yet may keep the episode open. */
static toc_time close_of(const struct cell *cell)
{
	const struct toc_corr_rule *r = cell->of->rule;
	const toc_time by_max = cell->opened + episode_longest(r);
	toc_time end = cell->held + episode_quiet(r);
	if (pending(cell) <= end && pending(cell) + r->timespan > end)
		end = pending(cell) + r->timespan;
	return sooner(end, by_max) + cell_lateness(cell);
}

/* When no hit that may still come can share a window with one that is there. */
static toc_time last_use(const struct cell *cell)
{
	const struct toc_corr_rule *r = cell->of->rule;
	return cell->n ? cell_hit(cell, cell->n - 1)->ts + r->timespan + cell_lateness(cell) : long_ago;
}

toc_time cell_end(const struct cell *cell)
{
	const struct toc_corr_rule *r = cell->of->rule;
	toc_time end = cell->open ? close_of(cell) : TOC_NEVER;
	switch (cell->of->judged) {
	case AT_HIT:
		return cell->open ? end : last_use(cell);
	case AT_CLOSE:
		if (cell->n)
			end = sooner(end, cell_hit(cell, 0)->ts + r->timespan + cell_lateness(cell));
		return cell->n || cell->open ? end : long_ago;
	case AT_ANCHOR:
		if (cell->anchor != TOC_NEVER)
			return sooner(end, cell->anchor + r->timespan + cell_lateness(cell));
		return cell->open ? end : last_use(cell);
	case AT_SILENCE:
		return silence_end(cell);
	}
	return end;
}

/* A time that moves away is left as it is: the cell is looked at once in vain, which is cheaper than each hit. */
void cell_place(struct toc_correlator *c, struct cell *cell)
{
	const toc_time end = cell_end(cell);
	if (end == TOC_NEVER) {
		clocks_leave(c, cell);
		return;
	}
	if (cell->due_at != NOWHERE || (cell->wake_at != NOWHERE && cell->wake <= end))
		return;
	cell->wake = end;
	heap_put(&c->wakes, cell);
}

static void end_cell(struct toc_correlator *c, struct cell *cell)
{
	if (cell->of->judged == AT_SILENCE) {
		silence_judge(c, cell);
		return;
	}
	if (cell->of->judged != AT_HIT)
		waiting_judge(c, cell);
	if (cell->open && clocks_passed(c, cell, close_of(cell)))
		episode_close(c, cell, c->swept);
	if (!cell->open && cell->anchor == TOC_NEVER && (cell->of->judged != AT_CLOSE || !cell->n) &&
	    clocks_passed(c, cell, last_use(cell)))
		cells_remove(c, cell);
	else
		cell_place(c, cell);
}

/* The order in which cells end must not depend on the secret of the table: by time, rule, key. */
static int by_end(const void *a, const void *b)
{
	const struct cell *x = *(struct cell *const *)a, *y = *(struct cell *const *)b;
	if (x->wake != y->wake)
		return x->wake < y->wake ? -1 : 1;
	if (x->of->index != y->of->index)
		return x->of->index < y->of->index ? -1 : 1;
	const uint32_t n = x->text_n < y->text_n ? x->text_n : y->text_n;
	const int order = memcmp(x->text, y->text, n);
	return order ? order : (x->text_n < y->text_n ? -1 : x->text_n > y->text_n);
}

static bool note_due(struct toc_correlator *c, struct cell *cell, toc_time end)
{
	if (c->ndue == c->due_room) {
		const uint32_t room = c->due_room ? 2 * c->due_room : 256;
		struct cell **more = realloc(c->due, room * sizeof(*more));
		if (!more)
			return false;
		c->due = more;
		c->due_room = room;
	}
	cell->wake = end;
	c->due[c->ndue++] = cell;
	return true;
}

static void sort_due(struct toc_correlator *c)
{
	if (c->ndue)
		qsort(c->due, c->ndue, sizeof(*c->due), by_end);
	for (uint32_t i = 0; i < c->ndue; i++)
		c->due[i]->due_at = i;
}

/* What ends may feed cells whose time has passed, too: these end in the next round. */
static bool sweep_round(struct toc_correlator *c)
{
	struct cell *cell;
	c->ndue = 0;
	while ((cell = clocks_next(c))) {
		const toc_time end = cell_end(cell);
		if (!clocks_passed(c, cell, end))
			continue;
		if (!note_due(c, cell, end)) {
			cell_place(c, cell); /* in the next second */
			break;
		}
	}
	sort_due(c);
	for (uint32_t i = 0; i < c->ndue; i++) {
		cell = c->due[i];
		if (!cell)
			continue; /* evicted on the way */
		cell->due_at = NOWHERE;
		/* or fed on the way */
		if (clocks_passed(c, cell, cell_end(cell)))
			end_cell(c, cell);
	}
	return c->ndue > 0;
}

static void begin(struct toc_correlator *c, toc_time at)
{
	c->started = at;
	for (unsigned i = 0; i < c->nrules; i++)
		if (c->running[i].rule->absent.list)
			silence_list(c, &c->running[i]);
}

/* On whole seconds of the engine's clock, so that it does not depend on who asks. */
void toc_correlate_advance(struct toc_correlator *c, toc_time at)
{
	c->lateness = 0; /* what ends is nobody's event */
	const toc_time second = at - at % TOC_SEC;
	c->at = at > c->at ? at : c->at;
	if (c->started == INT64_MIN)
		begin(c, at);
	if (c->peaks)
		peaks_advance(c, at);
	if (second <= c->swept)
		return;
	c->swept = second;
	for (unsigned i = 0; i < ROUNDS && sweep_round(c); i++)
		continue;
}

void toc_correlate_finish(struct toc_correlator *c, toc_time at)
{
	c->at = at > c->at ? at : c->at;
	c->ndue = 0;
	for (struct cell *cell = c->oldest; cell; cell = cell->newer)
		if (cell->open) {
			const toc_time end = cell->of->judged == AT_SILENCE ? cell->opened : close_of(cell);
			if (!note_due(c, cell, end))
				break;
		}
	sort_due(c);
	for (uint32_t i = 0; i < c->ndue; i++)
		if (c->due[i])
			episode_close(c, c->due[i], c->at);
	while (c->oldest)
		cells_remove(c, c->oldest);
	c->ndue = 0;
}
