/* waiting - what can only be said when a window is over: fewer than, exactly, and `not`. */
#include "correlate/state.h"

static bool is_anchor(const struct running *r, const struct hit *h)
{
	return r->anchors >> h->ref & 1;
}

/* Hits of no use to any window that is still to be judged. */
static void forget(struct cell *cell)
{
	const struct toc_corr_rule *r = cell->of->rule;
	const toc_time slack = r->late > TOC_MIN ? r->late : TOC_MIN;
	toc_time before = cell_hit(cell, cell->n - 1)->ts - r->timespan - slack;
	if (cell->anchor != TOC_NEVER && cell->anchor - r->timespan < before)
		before = cell->anchor - r->timespan;
	window_drop_first(cell, cell_search(cell, before));
}

void waiting_take(struct toc_correlator *c, struct cell *cell, const struct hit *hit, const struct toc_view *view)
{
	struct running *r = cell->of;
	uint64_t evicted = 0;
	uint32_t at;
	(void)view;
	if (hit->ts <= cell->judged && (r->judged == AT_CLOSE || is_anchor(r, hit))) {
		count_one(&r->count.late, &c->count.late);
		return;
	}
	cells_make_way(c, r, 2 * cell->room * sizeof(*hit) + 256, cell);
	const bool in = window_insert(cell, hit, c->config.cell_hits, &evicted, &at);
	r->count.hits_evicted += evicted;
	c->count.hits_evicted += evicted;
	if (!in || r->judged == AT_CLOSE)
		return;
	if (is_anchor(r, hit) && hit->ts < cell->anchor)
		cell->anchor = hit->ts;
	forget(cell);
}

/* The newest evidence of the window; NULL: none was kept. */
static const struct toc_view *evidence_until(const struct cell *cell, toc_time until, struct toc_view *view)
{
	for (unsigned i = cell->nevidence; i-- > 0;) {
		if (cell->evidence[i].ev->ts > until)
			continue;
		*view = (struct toc_view){ cell->evidence[i].ev, cell->evidence[i].who };
		return view;
	}
	return NULL;
}

static void tell(struct toc_correlator *c, struct cell *cell)
{
	struct toc_view room;
	const struct toc_view *view = evidence_until(cell, cell->to_ts, &room);
	if (cell->open && (episode_over(cell, cell->from_ts) || episode_past_max(cell, cell->to_ts)))
		episode_close(c, cell, c->swept);
	if (cell->open)
		episode_update(c, cell, view ? view->ev : NULL, c->swept);
	else
		episode_open(c, cell, view, cell->to_ts, c->swept);
}

/* --- windows one behind the other --------------------------------------------------------------------------------- */

static void judge_first(struct toc_correlator *c, struct cell *cell)
{
	const struct toc_corr_rule *r = cell->of->rule;
	const toc_time start = cell_hit(cell, 0)->ts;
	const uint32_t end = cell_search(cell, start + r->timespan + 1);
	double value;
	uint64_t weight = 0;
	for (uint32_t i = 0; i < end; i++)
		weight += cell_hit(cell, i)->weight;
	const bool holds = window_judge(cell, r, 0, end, &value);
	if (c->peaks)
		peaks_add(c, cell, cell_hit(cell, end - 1)->ts, value);
	if (holds) {
		cell->value = value;
		cell->count = r->kind->counts && !r->kind->needs_field ? weight : end;
		cell->from_ts = start;
		cell->to_ts = cell_hit(cell, end - 1)->ts;
		cell->seen = hits_raised(cell, 0, end);
		tell(c, cell);
	}
	cell->judged = start + r->timespan;
	window_drop_first(cell, end);
	evidence_forget(cell, cell->judged);
}

/* --- `not`: the window around each anchor ------------------------------------------------------------------------- */

/* Where each rule's next hit is: anchors go forward, and so do these. */
struct walk {
	uint32_t pos[TOC_CORR_REFS];
};

/* The first hit of the rule at `ts` or later. */
static toc_time next_hit(const struct cell *cell, struct walk *w, unsigned ref, toc_time ts)
{
	uint32_t *at = &w->pos[ref];
	while (*at < cell->n && (cell_hit(cell, *at)->ref != ref || cell_hit(cell, *at)->ts < ts))
		++*at;
	return *at < cell->n ? cell_hit(cell, *at)->ts : TOC_NEVER;
}

static bool forbidden(const struct toc_corr_expr *e, unsigned ref)
{
	return e->forbidden >> ref & 1;
}

static unsigned place_in_order(const struct toc_corr_expr *e, unsigned ref)
{
	unsigned i = 0;
	while (i < e->norder && e->order[i] != ref)
		i++;
	return i;
}

/* When each of the others comes behind the anchor, those with an order in it; TOC_NEVER: not within the timespan. */
static void find_wanted(const struct cell *cell, struct walk *w, unsigned anchor, toc_time t0, toc_time *when)
{
	const struct toc_corr_rule *r = cell->of->rule;
	const struct toc_corr_expr *e = &r->expr;
	const unsigned begin = place_in_order(e, anchor);
	toc_time now = t0;
	for (unsigned k = 0; k < r->nrefs; k++) {
		when[k] = TOC_NEVER;
		if (!forbidden(e, k) && k != anchor && place_in_order(e, k) == e->norder)
			when[k] = next_hit(cell, w, k, t0);
	}
	when[anchor] = t0;
	for (unsigned i = begin < e->norder ? begin + 1 : 0; i < e->norder; i++) {
		const unsigned k = e->order[i];
		if (forbidden(e, k))
			continue;
		when[k] = next_hit(cell, w, k, now);
		if (when[k] - t0 <= r->timespan)
			now = when[k];
	}
	for (unsigned k = 0; k < r->nrefs; k++)
		if (when[k] != TOC_NEVER && when[k] - t0 > r->timespan)
			when[k] = TOC_NEVER;
}

/* A rule under `not` without a place in the order must be absent all around the anchor; with one, between its
 * neighbours that are there. */
static bool stands_in_the_way(const struct cell *cell, struct walk *w, unsigned ref, toc_time t0, const toc_time *when)
{
	const struct toc_corr_rule *r = cell->of->rule;
	const struct toc_corr_expr *e = &r->expr;
	const unsigned place = place_in_order(e, ref);
	toc_time from = t0 - r->timespan, until = t0 + r->timespan;
	for (unsigned i = 0; place < e->norder && i < e->norder; i++) {
		const toc_time neighbour = when[e->order[i]];
		if (neighbour == TOC_NEVER || i == place)
			continue;
		if (i < place) {
			from = neighbour;
		} else {
			until = neighbour;
			break;
		}
	}
	return next_hit(cell, w, ref, from) <= until;
}

static void judge_anchor(struct toc_correlator *c, struct cell *cell, struct walk *w, unsigned anchor, toc_time t0,
			 uint8_t seen)
{
	const struct toc_corr_expr *e = &cell->of->rule->expr;
	toc_time when[TOC_CORR_REFS], last = t0;
	uint32_t present = 0, n = 0;
	uint8_t raised = seen;
	find_wanted(cell, w, anchor, t0, when);
	for (unsigned k = 0; k < cell->of->rule->nrefs; k++) {
		if (when[k] == TOC_NEVER && !(forbidden(e, k) && stands_in_the_way(cell, w, k, t0, when)))
			continue;
		present |= UINT32_C(1) << k;
		n += when[k] != TOC_NEVER;
		last = when[k] != TOC_NEVER && when[k] > last ? when[k] : last;
		if (when[k] != TOC_NEVER && k != anchor && cell_hit(cell, w->pos[k])->raised > raised)
			raised = cell_hit(cell, w->pos[k])->raised;
	}
	if (!expr_holds(e, present))
		return;
	cell->value = n;
	cell->count = n;
	cell->from_ts = t0;
	cell->to_ts = last;
	cell->seen = raised;
	tell(c, cell);
}

/* Of the hits of one rule at one time, which are judged as one. */
static uint8_t raised_at(const struct cell *cell, uint32_t from)
{
	const struct hit *h = cell_hit(cell, from);
	uint32_t end = from;
	while (end < cell->n && cell_hit(cell, end)->ts == h->ts && cell_hit(cell, end)->ref == h->ref)
		end++;
	return hits_raised(cell, from, end);
}

static void judge_anchors_at(struct toc_correlator *c, struct cell *cell, struct walk *w)
{
	const toc_time t0 = cell->anchor;
	uint32_t i = cell_search(cell, t0), done = 0;
	for (; i < cell->n && cell_hit(cell, i)->ts == t0; i++) {
		const struct hit *h = cell_hit(cell, i);
		if (!is_anchor(cell->of, h) || done >> h->ref & 1)
			continue;
		done |= UINT32_C(1) << h->ref;
		judge_anchor(c, cell, w, h->ref, t0, raised_at(cell, i));
	}
	cell->judged = t0;
	while (i < cell->n && !is_anchor(cell->of, cell_hit(cell, i)))
		i++;
	cell->anchor = i < cell->n ? cell_hit(cell, i)->ts : TOC_NEVER;
}

void waiting_judge(struct toc_correlator *c, struct cell *cell)
{
	const struct toc_corr_rule *r = cell->of->rule;
	const toc_time wait = r->timespan + r->late;
	struct walk w = { { 0 } };
	if (cell->of->judged == AT_CLOSE) {
		while (cell->n && clocks_passed(c, cell, cell_hit(cell, 0)->ts + wait))
			judge_first(c, cell);
		return;
	}
	while (cell->anchor != TOC_NEVER && clocks_passed(c, cell, cell->anchor + wait))
		judge_anchors_at(c, cell, &w);
	if (cell->n && cell->judged != INT64_MIN)
		window_drop_first(cell, cell_search(cell, cell->judged - r->timespan));
}
