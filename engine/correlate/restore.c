/* restore - a snapshot back into a correlator of the same or other rules; what does not fit is left out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "correlate/snapshot.h"

/* Less is what clocks are slewed by; of more than a century nothing could be reckoned with. */
static const toc_time moved_least = 2 * TOC_SEC, moved_most = 36525 * TOC_DAY;

struct reader {
	struct toc_correlator *c;
	struct toc_intern *names;
	struct toc_span rest;
	bool bad;
	struct running **rules; /* of the snapshot; NULL: not one of ours */
	uint32_t nrules;
	struct toc_corr_restored *out;
	toc_time moved;
};

static struct running *rule_of(const struct toc_correlator *c, struct toc_span id, uint64_t hash)
{
	for (unsigned i = 0; i < c->nrules; i++)
		if (c->running[i].rule->hash == hash && toc_span_is(id, c->running[i].rule->id))
			return &c->running[i];
	return NULL;
}

/* A time in a table, which may be this one too. */
static toc_time row_time(struct reader *r, struct toc_cursor *row, toc_time or_this)
{
	const toc_time t = unpack_time(row);
	r->bad = r->bad || !(snapshot_time_is_sound(t) || t == or_this);
	return t == or_this || r->bad ? t : t + r->moved;
}

static void read_novel(struct reader *r, struct running *to, struct toc_span table, toc_time since)
{
	struct toc_cursor in = toc_cursor_of(table);
	if (to)
		to->novel_since = since;
	while (toc_left(&in) && !r->bad) {
		const struct toc_span key = toc_take(&in, 16);
		const toc_time first = row_time(r, &in, INT64_MIN / 2), last = row_time(r, &in, 0);
		bool fresh;
		r->bad = r->bad || in.bad;
		if (r->bad || !to || !to->novel)
			continue;
		struct novel_seen *s = toc_lru_add(to->novel, key.p, &fresh);
		s->first = first;
		s->last = last;
	}
}

static void read_inhibited(struct reader *r, struct running *to, struct toc_span table)
{
	struct toc_cursor in = toc_cursor_of(table);
	while (toc_left(&in) && !r->bad) {
		const struct toc_span key = toc_take(&in, 16);
		const toc_time until = row_time(r, &in, TOC_NEVER);
		bool fresh;
		r->bad = r->bad || in.bad;
		if (r->bad || !to || !to->inhibited)
			continue;
		struct inhibition *x = toc_lru_add(to->inhibited, key.p, &fresh);
		x->until = until;
	}
}

static void read_base(struct reader *r, struct running *to, struct toc_cursor *in)
{
	const struct toc_span key = toc_take(in, 16);
	const toc_time first = row_time(r, in, 0);
	const int64_t hour = (int64_t)toc_le64(in);
	const uint32_t n = toc_le32(in);
	struct toc_cursor numbers = toc_sub(in, (size_t)n * 8);
	bool fresh;
	/* hours since 1970, as the times that there may be */
	r->bad = r->bad || in->bad || hour < 0 || hour > INT64_MAX / 2 / TOC_HOUR + 96;
	if (r->bad || !to || !to->bases || (n && n != base_numbers(to->rule)))
		return;
	double *peaks = n ? budget_resize(&to->budget, NULL, 0, base_bytes(to->rule)) : NULL;
	for (uint32_t i = 0; peaks && i < n; i++) {
		peaks[i] = unpack_double(&numbers);
		r->bad = r->bad || !isfinite(peaks[i]);
	}
	struct base *b = toc_lru_add(to->bases, key.p, &fresh);
	if (!fresh)
		budget_free(&to->budget, b->peaks, base_bytes(to->rule));
	b->first = first;
	b->hour = hour;
	b->peaks = peaks;
}

static void read_rule(struct reader *r, uint32_t i)
{
	struct document d = document_next(&r->rest);
	d.moved = r->moved;
	const struct toc_span id = document_text(&d, "id");
	const uint64_t hash = (uint64_t)document_int(&d, "hash");
	const toc_time since = document_time(&d, "novel_since", TOC_NEVER);
	const struct toc_span novel = document_bytes(&d, "novel"), inhibited = document_bytes(&d, "inhibited");
	struct toc_cursor bases = toc_cursor_of(document_bytes(&d, "bases"));
	r->bad = r->bad || d.bad;
	if (r->bad)
		return;
	struct running *to = rule_of(r->c, id, hash);
	for (uint32_t k = 0; to && k < i; k++)
		r->bad = r->bad || r->rules[k] == to; /* twice the same */
	r->rules[i] = to;
	++*(to ? &r->out->rules : &r->out->changed);
	read_novel(r, to, novel, since);
	read_inhibited(r, to, inhibited);
	while (toc_left(&bases) && !r->bad)
		read_base(r, to, &bases);
}

/* --- cells -------------------------------------------------------------------------------------------------------- */

static bool key_fits(const struct toc_corr_rule *rule, struct toc_span text)
{
	unsigned nuls = 0;
	for (size_t i = 0; i < text.n; i++)
		nuls += text.p[i] == '\0';
	return text.n && text.n <= TOC_CORR_KEYS * TOC_KEY_TEXT && text.p[text.n - 1] == '\0' &&
	       nuls == (rule->nkeys ? rule->nkeys : 1);
}

static struct hit read_hit(struct reader *r, struct toc_cursor *row)
{
	struct hit h = { .ts = row_time(r, row, 0) };
	h.of.hash = toc_le64(row);
	h.second = unpack_double(row);
	h.weight = toc_le32(row);
	const uint32_t last = toc_le32(row);
	h.ref = (uint16_t)last;
	h.raised = (uint8_t)(last >> 16);
	r->bad = r->bad || !isfinite(h.second) || last >> 16 >= TOC_SEVERITIES;
	return h;
}

/* Hits must be in their order, of rules that there are, and numbers where numbers are added up. */
static void read_hits(struct reader *r, struct cell *cell, struct toc_span table)
{
	struct toc_cursor in = toc_cursor_of(table);
	const struct toc_corr_rule *rule = cell->of->rule;
	struct hit last = { .ts = INT64_MIN };
	r->bad = r->bad || table.n % HIT_BYTES;
	while (toc_left(&in) && !r->bad) {
		const struct hit h = read_hit(r, &in);
		uint64_t evicted = 0;
		uint32_t at;
		r->bad = r->bad || h.ts < last.ts || (h.ts == last.ts && h.ref < last.ref) || h.ref >= rule->nrefs ||
			 (rule->kind->number && !isfinite(h.of.number));
		if (!r->bad)
			window_insert(cell, &h, r->c->config.cell_hits, &evicted, &at);
		last = h;
	}
}

/* NULL where there is none. */
static struct toc_event *read_event(struct reader *r, struct document *d, const char *name)
{
	if (r->bad || !document_has(d, name))
		return NULL;
	struct document below = document_below(d, name);
	struct toc_event *ev = event_of_document(&below, r->names);
	r->bad = r->bad || below.bad;
	return ev;
}

static void read_evidence(struct reader *r, struct cell *cell, struct document *d)
{
	struct document list = document_below(d, "evidence");
	struct toc_event *opener = read_event(r, d, "opener");
	bson_iter_t it;
	if (opener)
		evidence_opener(cell, opener);
	free(opener);
	r->bad = r->bad || !document_iter(&list, &it);
	while (!r->bad && bson_iter_next(&it)) {
		struct document pair = document_below(&list, bson_iter_key(&it));
		struct toc_event *ev = read_event(r, &pair, "event"), *who = read_event(r, &pair, "who");
		const struct toc_view view = { ev, who };
		r->bad = r->bad || !ev || cell->nevidence == TOC_EVIDENCE;
		if (!r->bad)
			evidence_keep(r->c, cell, &view);
		free(ev);
		free(who);
	}
}

static void read_state(struct cell *cell, struct document *d)
{
	cell->listed = document_bool(d, "listed");
	cell->heavy = document_bool(d, "heavy");
	const uint32_t raised = document_count(d, "raised");
	cell->opened = document_time(d, "opened", 0);
	cell->held = document_time(d, "held", 0);
	cell->judged = document_time(d, "judged", INT64_MIN);
	cell->anchor = document_time(d, "anchor", TOC_NEVER);
	cell->from_ts = document_time(d, "from", 0);
	cell->to_ts = document_time(d, "to", 0);
	cell->rhythm.first = document_time(d, "first_heard", 0);
	cell->rhythm.last = document_time(d, "last_heard", 0);
	cell->rhythm.again = document_time(d, "not_before", INT64_MIN);
	cell->rhythm.gap = document_double(d, "gap");
	cell->rhythm.n = document_count(d, "times_heard");
	cell->value = document_double(d, "value");
	cell->count = (uint64_t)document_int(d, "count");
	/* sources have other numbers now: where it was not the wire, none is waited for by name */
	cell->nsources = document_bool(d, "wire") ? 0 : CELL_SOURCES + 1;
	d->bad = d->bad || raised >= TOC_SEVERITIES || !(cell->rhythm.gap >= 0);
	cell->raised = (uint8_t)(d->bad ? 0 : raised);
}

static void read_into(struct reader *r, struct running *to, struct cell *cell, struct document *d)
{
	const struct toc_span hits = document_bytes(d, "hits");
	const bool open = document_bool(d, "open");
	read_state(cell, d);
	r->bad = r->bad || d->bad;
	cell->pinned = true; /* evidence may need room */
	cell->tally.rule = NULL;
	read_hits(r, cell, hits);
	read_evidence(r, cell, d);
	cell->pinned = false;
	if (cell->nsources > CELL_SOURCES && to->judged == AT_SILENCE)
		cell->nsources = 0;
	cell->open = open && cell->opener;
	cell->tally.rule = to->judged == AT_HIT ? to->rule : NULL;
	if (r->bad || !window_rebuild(cell)) {
		cells_remove(r->c, cell);
		return;
	}
	cell_place(r->c, cell);
	r->out->cells++;
}

static void read_cell(struct reader *r)
{
	struct document d = document_next(&r->rest);
	d.moved = r->moved;
	const uint32_t index = document_count(&d, "rule");
	const struct toc_span text = document_bytes(&d, "key");
	bool fresh = false;
	r->bad = r->bad || d.bad || index >= r->nrules;
	struct running *to = r->bad ? NULL : r->rules[index];
	if (!to)
		return;
	r->bad = !key_fits(to->rule, text);
	struct cell *cell = r->bad ? NULL : cells_get(r->c, to, (const char *)text.p, (uint32_t)text.n, &fresh);
	r->bad =
		r->bad || (cell && !fresh && !cell->listed); /* twice the same; one of a list is there from the start */
	if (cell && !r->bad)
		read_into(r, to, cell, &d);
}

/* Another boot has another clock that is never set: nothing can be said of it. */
static toc_time moved_by(struct reader *r, struct document *body)
{
	const struct toc_corr_clock *now = &r->c->clock;
	struct document clock = document_below(body, "clock");
	const toc_time by = now->offset - document_time(&clock, "offset", 0);
	const bool same = !clock.bad && now->boot[0] && toc_span_is(document_text(&clock, "boot"), now->boot);
	return same && llabs(by) >= moved_least && llabs(by) < moved_most ? by : 0;
}

static bool read_all(struct reader *r)
{
	struct document d = document_next(&r->rest), values = document_below(&d, "values");
	const struct toc_hash_key keys = { (uint64_t)document_int(&values, "k0"),
					   (uint64_t)document_int(&values, "k1") };
	r->nrules = document_count(&d, "rules");
	const uint32_t n = document_count(&d, "cells");
	if (d.bad || values.bad || r->nrules > r->rest.n / 16)
		return false;
	r->moved = r->out->moved = moved_by(r, &d);
	r->rules = calloc(r->nrules + 1, sizeof(*r->rules));
	for (uint32_t i = 0; r->rules && i < r->nrules && !r->bad; i++)
		read_rule(r, i);
	for (uint32_t i = 0; r->rules && i < n && !r->bad; i++)
		read_cell(r);
	r->c->values = keys;
	return r->rules && !r->bad && r->rest.n == 0;
}

/* What was taken before the damage showed. */
static void forget_all(struct toc_correlator *c)
{
	while (c->oldest)
		cells_remove(c, c->oldest);
	for (unsigned i = 0; i < c->nrules; i++) {
		struct running *r = &c->running[i];
		r->novel_since = TOC_NEVER;
		while (r->novel && toc_lru_oldest(r->novel))
			toc_lru_remove(r->novel, toc_lru_oldest(r->novel));
		while (r->inhibited && toc_lru_oldest(r->inhibited))
			toc_lru_remove(r->inhibited, toc_lru_oldest(r->inhibited));
		while (r->bases && toc_lru_oldest(r->bases)) {
			struct base *b = toc_lru_oldest(r->bases);
			budget_free(&r->budget, b->peaks, base_bytes(r->rule));
			toc_lru_remove(r->bases, b);
		}
	}
}

bool toc_correlate_snapshot_number(struct toc_span bytes, uint64_t *number, const char **what)
{
	struct toc_span body;
	if (!snapshot_open(&snapshot_correlations, bytes, &body, what))
		return false;
	struct document d = document_next(&body);
	*number = (uint64_t)document_int(&d, "number");
	return !d.bad;
}

bool toc_correlate_restore(struct toc_correlator *c, struct toc_intern *names, struct toc_span bytes,
			   struct toc_corr_restored *out, char *err, size_t err_n)
{
	struct reader r = { .c = c, .names = names, .out = out };
	const struct toc_hash_key values = c->values;
	const char *what = NULL;
	*out = (struct toc_corr_restored){ 0 };
	bool ok = snapshot_open(&snapshot_correlations, bytes, &r.rest, &what);
	if (ok && !read_all(&r)) {
		ok = false;
		forget_all(c);
		c->values = values;
		*out = (struct toc_corr_restored){ 0 };
	}
	free(r.rules);
	if (!ok)
		snprintf(err, err_n, "%s; windows begin empty", what);
	return ok;
}

void toc_correlate_dates(struct toc_correlator *c, const struct toc_corr_clock *clock)
{
	c->clock = *clock;
}
