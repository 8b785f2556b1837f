/* episode - a (rule, key) opens once, is updated while its bounds hold, closes when they have not for long enough. */
#include "correlate/state.h"

void finding_of(struct toc_correlator *c, struct cell *cell, const struct toc_event *cause, toc_time at,
		struct toc_finding *f)
{
	const struct toc_corr_rule *r = cell->of->rule;
	const char *text = cell->text;
	*f = (struct toc_finding){ .rule = r,
				   .first = cell->from_ts,
				   .last = cell->to_ts,
				   .at = at,
				   .count = cell->count,
				   .value = cell->value,
				   .raised = cell->raised,
				   .cause = cause,
				   .evidence = c->evidence,
				   .nevidence = cell->nevidence };
	for (unsigned k = 0; k < r->nkeys; k++) {
		f->key[k] = toc_span_str(text);
		text += f->key[k].n + 1;
	}
	for (unsigned i = 0; i < cell->nevidence; i++) {
		c->evidence[2 * i] = cell->evidence[i].ev;
		c->evidence[2 * i + 1] = cell->evidence[i].who;
	}
}

bool episode_open(struct toc_correlator *c, struct cell *cell, const struct toc_view *view, toc_time ts, toc_time at)
{
	struct toc_finding f;
	if (!gate_lets(c, cell, ts, at))
		return false;
	cell->open = true;
	cell->opened = ts;
	cell->raised = cell->seen;
	cell->held = cell->to_ts > ts ? cell->to_ts : ts;
	count_one(&cell->of->count.opened, &c->count.opened);
	if (!view) { /* nobody told of it: the id is that of the key and the time */
		c->nothing.ts = ts;
		c->nothing.at = at;
	}
	evidence_opener(cell, view ? view->ev : &c->nothing);
	finding_of(c, cell, view ? view->ev : &c->nothing, at, &f);
	c->out->open(c->out, &f);
	cell->pinned = true;
	feed_opening(c, cell, view, ts);
	cell->pinned = false;
	return true;
}

void episode_update(struct toc_correlator *c, struct cell *cell, const struct toc_event *cause, toc_time at)
{
	struct toc_finding f;
	if (cell->to_ts > cell->held)
		cell->held = cell->to_ts;
	if (cell->seen > cell->raised)
		cell->raised = cell->seen;
	finding_of(c, cell, cause, at, &f);
	c->out->update(c->out, &f);
}

toc_time episode_quiet(const struct toc_corr_rule *r)
{
	return r->close ? r->close : r->timespan;
}

toc_time episode_longest(const struct toc_corr_rule *r)
{
	return r->max ? r->max : TOC_DAY;
}

bool episode_past_max(const struct cell *cell, toc_time ts)
{
	return ts - cell->opened > episode_longest(cell->of->rule);
}

/* Its end waits for the clocks of all sources that fed it; one that says nothing any more must not join to it what
 * comes hours later. */
bool episode_over(const struct cell *cell, toc_time ts)
{
	return ts - cell->held > episode_quiet(cell->of->rule) + cell_lateness(cell) || episode_past_max(cell, ts);
}

void episode_close(struct toc_correlator *c, struct cell *cell, toc_time at)
{
	struct toc_finding f;
	cell->open = false;
	count_one(&cell->of->count.closed, &c->count.closed);
	finding_of(c, cell, NULL, at, &f);
	c->out->close(c->out, &f);
	evidence_opener(cell, NULL);
	feed_closing(c, cell, at);
}

void toc_correlate_retell(struct toc_correlator *c)
{
	for (struct cell *cell = c->oldest; cell; cell = cell->newer) {
		struct toc_finding f;
		if (!cell->open || !cell->opener)
			continue;
		finding_of(c, cell, cell->opener, c->at, &f);
		c->out->open(c->out, &f);
	}
}
