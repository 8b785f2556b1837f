/* silence - `absent`: keys that are expected, and were not heard for too long. */
#include "correlate/calendar.h"
#include "correlate/state.h"

static const toc_time look_again = 5 * TOC_MIN; /* outside the calendar */

/* The timespan, or so many of its usual gaps. */
static toc_time quiet_of(const struct cell *cell)
{
	const struct toc_corr_rule *r = cell->of->rule;
	const double gaps = r->absent.gap_factor * cell->rhythm.gap;
	return gaps > (double)r->timespan && gaps < (double)(400 * TOC_DAY) ? (toc_time)gaps : r->timespan;
}

/* One of the list; or one that was heard over the time that makes it known. */
static bool watched(const struct cell *cell)
{
	return cell->listed || cell->rhythm.last - cell->rhythm.first >= cell->of->rule->absent.active;
}

toc_time silence_end(const struct cell *cell)
{
	const struct toc_corr_rule *r = cell->of->rule;
	const toc_time quiet = quiet_of(cell), last = cell->rhythm.last;
	const toc_time patience = (r->absent.active > 2 * quiet ? r->absent.active : 2 * quiet) + cell_lateness(cell);
	const toc_time given_up = last + patience;
	if (cell->open) /* it may have been spoken of late: outside its calendar nobody asked */
		return cell->listed ? TOC_NEVER : (cell->rhythm.again > last ? cell->rhythm.again : last) + patience;
	if (!watched(cell))
		return given_up;
	return last + quiet + cell_lateness(cell) > cell->rhythm.again ? last + quiet + cell_lateness(cell)
								       : cell->rhythm.again;
}

void silence_take(struct toc_correlator *c, struct cell *cell, const struct hit *hit, const struct toc_view *view)
{
	struct rhythm *y = &cell->rhythm;
	(void)view;
	if (y->n == 0) {
		y->first = y->last = hit->ts;
	} else if (hit->ts > y->last) {
		const double gap = (double)(hit->ts - y->last);
		/* what it missed is no gap of its rhythm */
		if (!cell->open)
			y->gap = y->n == 1 ? gap : y->gap + (gap - y->gap) / 16;
		y->last = hit->ts;
	} else {
		y->first = hit->ts < y->first ? hit->ts : y->first;
	}
	y->n++;
	y->again = INT64_MIN;
	if (cell->open && hit->ts > cell->from_ts)
		episode_close(c, cell, c->at);
}

void silence_judge(struct toc_correlator *c, struct cell *cell)
{
	const struct toc_corr_rule *r = cell->of->rule;
	const toc_time quiet = quiet_of(cell);
	const unsigned n = cell->nevidence;
	struct toc_view view;
	if (cell->open || !watched(cell)) { /* given up */
		if (cell->open)
			episode_close(c, cell, c->swept);
		cells_remove(c, cell);
		return;
	}
	if (r->when && !calendar_holds(r->when, c->swept)) {
		cell->rhythm.again = c->swept + look_again;
		cell_place(c, cell);
		return;
	}
	cell->value = 0;
	cell->count = 0;
	cell->seen = 0;
	cell->from_ts = cell->rhythm.last;
	cell->to_ts = cell->rhythm.last + quiet;
	if (n)
		view = (struct toc_view){ cell->evidence[n - 1].ev, cell->evidence[n - 1].who };
	const bool put_off = cell->rhythm.again > cell->to_ts + cell_lateness(cell);
	const bool opened = episode_open(c, cell, n ? &view : NULL, cell->to_ts, c->swept);
	if (put_off || !opened)
		cell->rhythm.again = opened ? c->swept - quiet : c->swept + quiet;
	cell_place(c, cell);
}

/* The keys of the list are expected from the beginning. */
void silence_list(struct toc_correlator *c, struct running *r)
{
	size_t at = 0;
	for (struct toc_span s = toc_list_next(r->rule->absent.list, &at); s.n;
	     s = toc_list_next(r->rule->absent.list, &at)) {
		char text[TOC_KEY_TEXT];
		bool fresh;
		if (s.n >= sizeof(text))
			continue;
		memcpy(text, s.p, s.n);
		text[s.n] = '\0';
		struct cell *cell = cells_get(c, r, text, (uint32_t)s.n + 1, &fresh);
		if (!cell)
			return;
		cell->listed = true;
		if (fresh)
			cell->rhythm = (struct rhythm){ c->started, c->started, INT64_MIN, 0, 0 };
		cell_place(c, cell);
	}
}
