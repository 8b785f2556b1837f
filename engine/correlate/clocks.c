/* clocks - of the sources; a cell ends when those that fed it have passed its time. */
#include "correlate/state.h"

enum { MOST_SOURCES = 65536 };

/* A rule that speaks when its window is over waits so long for a source that says nothing: Windows' event forwarding
 * hands on within it in its normal mode. What comes later than that says so with `late`. */
static const toc_time quiet = 15 * TOC_MIN;

/* What waited for a source that fell out of the table is looked at again: it counts as silent. */
static void evicted(void *user, void *what)
{
	struct toc_correlator *c = user;
	struct clock *clock = what;
	for (uint32_t i = 0; i < clock->waiting.n; i++) {
		struct cell *cell = clock->waiting.at[i];
		cell->wait_at = NOWHERE;
		cell->wake = c->swept;
		heap_put(&c->wakes, cell);
	}
	free(clock->waiting.at);
}

bool clocks_begin(struct toc_correlator *c)
{
	c->clocks = toc_lru_new(4, sizeof(struct clock), MOST_SOURCES, &c->key, evicted, c);
	return c->clocks != NULL;
}

static void free_heap(void *user, void *what)
{
	(void)user;
	free(((struct clock *)what)->waiting.at);
}

void clocks_end(struct toc_correlator *c)
{
	if (c->clocks)
		toc_lru_each(c->clocks, free_heap, NULL);
	toc_lru_free(c->clocks);
	free(c->wakes.at);
	free(c->ready);
}

static void note_ready(struct toc_correlator *c, struct clock *clock)
{
	if (clock->ready || !clock->waiting.n || clock->waiting.at[0]->wait >= clock->ts)
		return;
	if (c->nready == c->ready_room) {
		const uint32_t room = c->ready_room ? 2 * c->ready_room : 16;
		uint32_t *more = realloc(c->ready, room * sizeof(*more));
		if (!more)
			return; /* at its next event */
		c->ready = more;
		c->ready_room = room;
	}
	c->ready[c->nready++] = clock->source;
	clock->ready = true;
}

void toc_correlate_clock(struct toc_correlator *c, uint32_t source, toc_time ts, toc_time late)
{
	bool fresh;
	c->lateness = late;
	if (source == 0)
		return; /* the wire's is the engine's */
	struct clock *clock = toc_lru_add(c->clocks, &source, &fresh);
	clock->waiting.waits = true;
	clock->heard = c->at;
	if (!fresh && ts <= clock->ts)
		return;
	clock->ts = ts;
	note_ready(c, clock);
}

void clocks_note(struct cell *cell, uint32_t source)
{
	for (unsigned i = 0; i < cell->nsources && i < CELL_SOURCES; i++)
		if (cell->sources[i] == source)
			return;
	if (cell->nsources < CELL_SOURCES)
		cell->sources[cell->nsources++] = source;
	else
		cell->nsources = CELL_SOURCES + 1;
}

void clocks_leave(struct toc_correlator *c, struct cell *cell)
{
	heap_remove(&c->wakes, cell);
	if (cell->wait_at == NOWHERE)
		return;
	struct clock *clock = toc_lru_peek(c->clocks, &cell->waits_for);
	if (clock)
		heap_remove(&clock->waiting, cell);
}

static toc_time plus(toc_time a, toc_time b)
{
	return a > TOC_NEVER - b ? TOC_NEVER : a + b;
}

static void sleep_until(struct toc_correlator *c, struct cell *cell, toc_time wake)
{
	cell->wake = wake;
	heap_put(&c->wakes, cell);
}

static toc_time later(toc_time a, toc_time b)
{
	return a > b ? a : b;
}

/* When a source that has said nothing more is waited for no longer. One whose silence is the matter: as long as that
 * may last. Where a verdict waits, and not only an episode's end: not long, for who stops a log is silent thereafter. */
static toc_time given_up(const struct cell *cell, const struct clock *clock, toc_time end)
{
	const toc_time day = plus(end, TOC_DAY);
	if (cell->of->judged == AT_SILENCE)
		return plus(clock->heard, cell->of->rule->timespan + cell_lateness(cell));
	if (cell->of->judged == AT_HIT)
		return day;
	const toc_time soon = plus(later(end, clock->heard), quiet);
	return soon < day ? soon : day;
}

/* The source lags: its clock wakes the cell, or the engine's when it has been silent for too long. */
static void wait_for(struct toc_correlator *c, struct cell *cell, struct clock *clock, toc_time end)
{
	const toc_time wake = given_up(cell, clock, end);
	cell->wait = end;
	cell->waits_for = clock->source;
	heap_put(&clock->waiting, cell);
	sleep_until(c, cell, wake > c->swept ? wake : c->swept);
	note_ready(c, clock);
}

bool clocks_passed(struct toc_correlator *c, struct cell *cell, toc_time end)
{
	if (end == TOC_NEVER)
		return false;
	if (c->swept <= end) {
		sleep_until(c, cell, end);
		return false;
	}
	/* a source that is silent for a day beyond the window keeps nothing open */
	if (c->swept > plus(end, TOC_DAY))
		return true;
	if (cell->nsources > CELL_SOURCES) {
		if (c->swept > plus(end, TOC_HOUR))
			return true;
		sleep_until(c, cell, plus(end, TOC_HOUR));
		return false;
	}
	for (unsigned i = 0; i < cell->nsources; i++) {
		struct clock *clock = cell->sources[i] ? toc_lru_peek(c->clocks, &cell->sources[i]) : NULL;
		if (!clock || clock->ts > end || c->swept > given_up(cell, clock, end))
			continue; /* one that fell out of the table counts as silent */
		wait_for(c, cell, clock, end);
		return false;
	}
	return true;
}

struct cell *clocks_next(struct toc_correlator *c)
{
	while (c->nready) {
		struct clock *clock = toc_lru_peek(c->clocks, &c->ready[c->nready - 1]);
		if (clock && clock->waiting.n && clock->waiting.at[0]->wait < clock->ts) {
			struct cell *cell = clock->waiting.at[0];
			heap_remove(&clock->waiting, cell);
			heap_remove(&c->wakes, cell);
			return cell;
		}
		if (clock)
			clock->ready = false;
		c->nready--;
	}
	if (!c->wakes.n || c->wakes.at[0]->wake >= c->swept)
		return NULL;
	struct cell *cell = c->wakes.at[0];
	clocks_leave(c, cell);
	return cell;
}
