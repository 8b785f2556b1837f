/* window - hits in the order of their time, and what the newest window holds; late ones look at all windows they are
 * in. */
#include <string.h>

#include "correlate/cell.h"

uint32_t cell_search(const struct cell *c, toc_time ts)
{
	uint32_t low = 0, high = c->n;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (cell_hit(c, mid)->ts < ts)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const struct toc_corr_rule *rule_of(const struct cell *c)
{
	return c->tally.rule;
}

/* Hits can share a window with what may still come while they are not older than this. */
static toc_time keep_of(const struct cell *c, const struct toc_corr_rule *r)
{
	const toc_time late = r->late > c->slack ? r->late : c->slack;
	return r->timespan + (late > TOC_MIN ? late : TOC_MIN);
}

void window_drop_first(struct cell *c, uint32_t n)
{
	for (; n && c->n; n--) {
		const struct hit *h = cell_hit(c, 0);
		if (c->from)
			c->from--;
		else if (rule_of(c) && !rule_of(c)->kind->sequence)
			tally_drop(&c->tally, h, h + 1);
		else if (rule_of(c))
			tally_lower(&c->tally, h);
		c->first++;
		c->n--;
	}
	if (c->n == 0)
		c->first = c->from = 0;
}

static void move_down(struct cell *c)
{
	if (c->n)
		memmove(c->block, c->block + c->first, c->n * sizeof(*c->block));
	c->first = 0;
}

/* Room for one more behind the last; at the cap the oldest goes. */
static bool make_room(struct cell *c, uint32_t most, uint64_t *evicted)
{
	if (c->n && c->n >= most) {
		window_drop_first(c, 1);
		++*evicted;
	}
	if (c->first + c->n < c->room)
		return true;
	if (c->first && c->first >= c->room / 2) { /* as many came as are moved: a constant for each */
		move_down(c);
		return true;
	}
	const uint32_t room = c->room ? 2 * c->room : 4;
	struct hit *more =
		budget_resize(c->tally.budget, c->block, c->room * sizeof(*more), (uint64_t)room * sizeof(*more));
	if (more) {
		c->block = more;
		c->room = room;
		return true;
	}
	/* no memory: an eighth goes, so that not every hit moves all */
	const uint32_t fewer = c->n / 8 + 1;
	*evicted += c->n ? fewer : 1;
	window_drop_first(c, fewer);
	move_down(c);
	return c->n < c->room;
}

bool window_insert(struct cell *c, const struct hit *hit, uint32_t most, uint64_t *evicted, uint32_t *at)
{
	if (!make_room(c, most, evicted))
		return false;
	uint32_t i = c->n;
	if (i && cell_hit(c, i - 1)->ts > hit->ts)
		i = cell_search(c, hit->ts + 1);
	while (i && cell_hit(c, i - 1)->ts == hit->ts && cell_hit(c, i - 1)->ref > hit->ref)
		i--;
	memmove(cell_hit(c, i + 1), cell_hit(c, i), (c->n - i) * sizeof(*hit));
	*cell_hit(c, i) = *hit;
	c->n++;
	*at = i;
	return true;
}

static void remove_at(struct cell *c, uint32_t i)
{
	memmove(cell_hit(c, i), cell_hit(c, i + 1), (c->n - i - 1) * sizeof(struct hit));
	c->n--;
}

static void look(struct cell *c, const struct tally *t, double value, uint32_t from, uint32_t end)
{
	c->value = value;
	c->count = rule_of(c)->kind->counts && !rule_of(c)->kind->needs_field ? t->weight : end - from + 1;
	c->from_ts = cell_hit(c, from)->ts;
	c->to_ts = cell_hit(c, end)->ts;
	c->seen = tally_raised(t);
}

/* Could any window that contains the hit hold? A count is at most the number of hits around it. */
static bool may_hold(const struct cell *c, uint32_t from, toc_time until)
{
	const struct toc_corr_rule *r = rule_of(c);
	if (!r->kind->counts || (c->heavy && !r->kind->needs_field) || !r->nbounds)
		return true;
	const double most = cell_search(c, until + 1) - from;
	for (unsigned i = 0; i < r->nbounds; i++)
		if (most < r->bounds[i].value)
			return false;
	return true;
}

/* Windows that contain hit `at` end at it or at one of the hits within a timespan after it. The last one that holds
 * counts, as it would have if the hit had come in time. */
static bool slide(struct cell *c, uint32_t at)
{
	struct budget scratch = { 0, UINT64_MAX, NULL };
	struct tally t;
	const toc_time ts = cell_hit(c, at)->ts, timespan = rule_of(c)->timespan;
	uint32_t from = cell_search(c, ts - timespan), end = at;
	bool holds = false;
	if (!may_hold(c, from, ts + timespan))
		return false;
	tally_begin(&t, rule_of(c), &scratch);
	for (uint32_t i = from; i < at; i++)
		tally_add(&t, cell_hit(c, i));
	for (; end < c->n && cell_hit(c, end)->ts - ts <= timespan; end++) {
		tally_add(&t, cell_hit(c, end));
		for (; cell_hit(c, end)->ts - cell_hit(c, from)->ts > timespan; from++)
			tally_drop(&t, cell_hit(c, from), cell_hit(c, from + 1));
		const double value = tally_value(&t);
		if (!tally_holds(&t, value))
			continue;
		holds = true;
		look(c, &t, value, from, end);
	}
	tally_free(&t);
	return holds;
}

bool window_judge(const struct cell *c, const struct toc_corr_rule *rule, uint32_t from, uint32_t end, double *value)
{
	struct budget scratch = { 0, UINT64_MAX, NULL };
	struct tally t;
	tally_begin(&t, rule, &scratch);
	for (uint32_t i = from; i < end; i++)
		tally_add(&t, cell_hit(c, i));
	*value = tally_value(&t);
	const bool holds = tally_holds(&t, *value);
	tally_free(&t);
	return holds;
}

/* The newest window begins where its end allows; what nothing can need any more goes. */
static void move_on(struct cell *c)
{
	const struct toc_corr_rule *r = rule_of(c);
	const toc_time newest = cell_hit(c, c->n - 1)->ts;
	for (; newest - cell_hit(c, c->from)->ts > r->timespan; c->from++)
		if (r->kind->sequence)
			tally_lower(&c->tally, cell_hit(c, c->from));
		else
			tally_drop(&c->tally, cell_hit(c, c->from), cell_hit(c, c->from + 1));
	while (newest - cell_hit(c, 0)->ts > keep_of(c, r))
		window_drop_first(c, 1);
}

/* --- sequences: the state of the newest window is a chain ------------------------------------------------------- */

static bool chain_at(struct cell *c, const toc_time *reach, uint32_t end)
{
	const struct toc_corr_rule *r = rule_of(c);
	const toc_time now = cell_hit(c, end)->ts;
	toc_time start = now;
	const unsigned length = chain_length(r, reach, now - r->timespan, &start);
	if (!chain_enough(r, length))
		return false;
	c->value = length;
	c->count = length;
	c->from_ts = start;
	c->to_ts = now;
	c->seen = end + 1 == c->n ? tally_raised(&c->tally) : hits_raised(c, cell_search(c, start), end + 1);
	return true;
}

static bool chain_begin(struct cell *c)
{
	const uint64_t size = chain_room(rule_of(c)) * sizeof(toc_time);
	if (!c->tally.reach)
		c->tally.reach = budget_resize(c->tally.budget, NULL, 0, size);
	if (c->tally.reach)
		chain_clear(rule_of(c), c->tally.reach);
	return c->tally.reach != NULL;
}

static void chain_replay(struct cell *c, uint32_t from, uint32_t end)
{
	for (; from < end; from++)
		chain_step(rule_of(c), c->tally.reach, cell_hit(c, from));
}

/* A late hit: the chains around it, then those of the newest window, anew. */
static bool chain_late(struct cell *c, uint32_t at)
{
	const toc_time ts = cell_hit(c, at)->ts, timespan = rule_of(c)->timespan;
	bool holds = false;
	chain_clear(rule_of(c), c->tally.reach);
	chain_replay(c, cell_search(c, ts - timespan), at);
	for (uint32_t i = at; i < c->n && cell_hit(c, i)->ts - ts <= timespan; i++) {
		chain_step(rule_of(c), c->tally.reach, cell_hit(c, i));
		holds = chain_at(c, c->tally.reach, i) || holds;
	}
	chain_clear(rule_of(c), c->tally.reach);
	chain_replay(c, c->from, c->n);
	return holds;
}

static bool take_sequence(struct cell *c, uint32_t at)
{
	if (at + 1 < c->n)
		return chain_late(c, at);
	chain_step(rule_of(c), c->tally.reach, cell_hit(c, at));
	return chain_at(c, c->tally.reach, at);
}

/* --- taking ------------------------------------------------------------------------------------------------------ */

/* Of the windows that contain a hit that is not too late, the newest is the last. */
static bool newest_holds(struct cell *c, toc_time ts)
{
	if (cell_hit(c, c->n - 1)->ts - ts > rule_of(c)->timespan)
		return false;
	const double value = tally_value(&c->tally);
	const bool holds = tally_holds(&c->tally, value);
	if (holds)
		look(c, &c->tally, value, c->from, c->n - 1);
	return holds;
}

enum taken window_take(struct cell *c, const struct hit *hit, uint32_t most, uint64_t *evicted, bool *holds)
{
	const struct toc_corr_rule *r = rule_of(c);
	uint32_t at;
	if (c->n && hit->ts < cell_hit(c, c->n - 1)->ts - keep_of(c, r))
		return TAKEN_LATE;
	if ((r->kind->sequence && !c->tally.reach && !chain_begin(c)) || !window_insert(c, hit, most, evicted, &at))
		return TAKEN_NO;
	const bool newest = at + 1 == c->n;
	c->heavy = c->heavy || hit->weight > 1;
	if (at < c->from || cell_hit(c, c->n - 1)->ts - hit->ts > r->timespan) {
		c->from++;
	} else if (r->kind->sequence) {
		tally_raise(&c->tally, hit);
	} else if (!tally_add(&c->tally, hit)) {
		remove_at(c, at);
		++*evicted;
		return TAKEN_NO;
	}
	if (newest)
		move_on(c);
	if (r->kind->sequence) {
		*holds = take_sequence(c, newest ? c->n - 1 : at);
	} else {
		*holds = newest_holds(c, hit->ts) || (!newest && slide(c, at));
	}
	return TAKEN_YES;
}

bool window_rebuild(struct cell *c)
{
	const struct toc_corr_rule *r = rule_of(c);
	if (!r || c->n == 0)
		return true;
	c->from = cell_search(c, cell_hit(c, c->n - 1)->ts - r->timespan);
	if (r->kind->sequence) {
		if (!chain_begin(c))
			return false;
		chain_replay(c, c->from, c->n);
		for (uint32_t i = c->from; i < c->n; i++)
			tally_raise(&c->tally, cell_hit(c, i));
		return true;
	}
	for (uint32_t i = c->from; i < c->n; i++)
		if (!tally_add(&c->tally, cell_hit(c, i)))
			return false;
	return true;
}
