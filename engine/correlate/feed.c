/* feed - an event, or an opening, to the cells of the correlations that refer to its rule. */
#include <math.h>
#include <string.h>

#include "correlate/calendar.h"
#include "correlate/state.h"

/* A value's text with its NUL; one of its own would end it early and name another group. fold: in small letters, for
 * whoever logs in chooses how an account is written. */
static uint32_t put_key(const struct toc_value *v, bool fold, char *out)
{
	const uint32_t n = (uint32_t)toc_value_text(v, out, TOC_KEY_TEXT - 1);
	for (uint32_t i = 0; fold && i < n; i++)
		out[i] = (char)toc_lower((uint8_t)out[i]);
	for (char *nul = memchr(out, '\0', n); nul; nul = memchr(nul, '\0', (size_t)(out + n - nul)))
		*nul = '\1';
	out[n] = '\0';
	return n + 1;
}

static const char *child_key(const struct cell *child, unsigned place)
{
	const char *text = child->text;
	while (place--)
		text += strlen(text) + 1;
	return text;
}

/* What an event, or a child's opening, has for a field. */
static struct toc_value read_value(const struct toc_corr_ref *ref, const struct toc_fieldset *set, uint8_t of,
				   const struct toc_view *view, const struct cell *child)
{
	const struct toc_event *owner;
	if (!ref->chained)
		return toc_fieldset_get(set, view, &owner);
	if (!child || of == TOC_CORR_NO_KEY)
		return (struct toc_value){ .type = TOC_NONE };
	return (struct toc_value){ .type = TOC_STRING, .as.s = toc_span_str(child_key(child, of)) };
}

/* Texts of the group-by values one behind the other, NUL-terminated; 0 when one is missing. */
static uint32_t key_text(const struct toc_corr_rule *rule, const struct toc_corr_ref *ref, const struct toc_view *view,
			 const struct cell *child, char *out)
{
	uint32_t n = 0;
	for (unsigned k = 0; k < rule->nkeys; k++) {
		struct toc_value v = read_value(ref, &ref->key[k], ref->key_of[k], view, child);
		if (v.type == TOC_NONE || v.list)
			return 0;
		n += put_key(&v, rule->fold_keys >> k & 1, out + n);
	}
	if (rule->nkeys == 0)
		out[n++] = '\0'; /* one group for all */
	return n;
}

static bool number_of(const struct toc_value *v, double *out)
{
	return !v->list && toc_value_number(v, out) && isfinite(*out);
}

/* One value is hashed as it is; of several the NULs between them keep ("ab", "c") and ("a", "bc") apart. */
static bool hash_values(struct toc_correlator *c, const struct toc_corr_rule *rule, const struct toc_corr_ref *ref,
			const struct toc_view *view, const struct cell *child, uint64_t *out)
{
	char text[TOC_CORR_VALUES * TOC_KEY_TEXT];
	uint32_t n = 0;
	for (unsigned i = 0; i < rule->nvalues; i++) {
		struct toc_value v = read_value(ref, &ref->value[i], ref->value_of[i], view, child);
		if (v.type == TOC_NONE || v.list)
			return false;
		n += put_key(&v, rule->fold_values >> i & 1, text + n);
	}
	*out = toc_hash(&c->values, text, n);
	return true;
}

/* What the kind needs of the hit; false: it is missing, or no number. */
static bool read_hit(struct toc_correlator *c, const struct toc_corr_rule *rule, const struct toc_corr_ref *ref,
		     const struct toc_view *view, const struct cell *child, struct hit *hit)
{
	if (rule->ratio.n || rule->period.on) {
		const struct toc_event *owner;
		struct toc_value v = { .type = TOC_NONE };
		if (!child)
			v = toc_fieldset_get(&ref->second, view, &owner);
		if (!number_of(&v, &hit->second))
			hit->second = 0;
	}
	if (rule->kind->number) {
		struct toc_value v = read_value(ref, &ref->value[0], ref->value_of[0], view, child);
		return number_of(&v, &hit->of.number);
	}
	if (rule->kind->needs_field)
		return hash_values(c, rule, ref, view, child, &hit->of.hash);
	hit->of.hash = 0;
	return true;
}

static uint32_t weight_of(const struct toc_correlator *c, const struct toc_event *ev)
{
	struct toc_value v = c->config.count_field ? toc_event_get(ev, c->config.count_field)
						   : (struct toc_value){ .type = TOC_NONE };
	return v.type == TOC_UINT && !v.list && v.as.u > 0 && v.as.u < 1000000 ? (uint32_t)v.as.u : 1;
}

static void take(struct toc_correlator *c, struct cell *cell, const struct hit *hit, const struct toc_view *view)
{
	struct running *r = cell->of;
	uint64_t evicted = 0;
	bool holds = false;
	if (c->lateness > r->slack)
		r->slack = c->lateness;
	cell->slack = r->slack;
	cells_make_way(c, r, 2 * cell->room * sizeof(*hit) + 256, cell);
	if (cell->open && episode_over(cell, hit->ts))
		episode_close(c, cell, c->at);
	const enum taken taken = window_take(cell, hit, c->config.cell_hits, &evicted, &holds);
	r->count.hits_evicted += evicted;
	c->count.hits_evicted += evicted;
	if (taken != TAKEN_YES) {
		if (taken == TAKEN_LATE)
			count_one(&r->count.late, &c->count.late);
		return;
	}
	if (r->bases && cell_hit(cell, cell->n - 1)->ts == hit->ts)
		baseline_add(c, cell, hit->ts, tally_value(&cell->tally));
	if (c->peaks && cell->tally.rule)
		peaks_add(c, cell, hit->ts, tally_value(&cell->tally));
	if (!holds || (r->rule->period.on && !period_holds(cell)) || (r->bases && !baseline_holds(c, cell, hit->ts)))
		return;
	if (cell->open)
		episode_update(c, cell, view ? view->ev : NULL, c->at);
	else
		episode_open(c, cell, view, hit->ts, c->at);
}

/* Does the event count at all: in the rule's hours, with a value that is new? */
static bool counts(struct toc_correlator *c, struct running *r, unsigned ref, const struct toc_view *view,
		   struct toc_span key, toc_time ts)
{
	if (r->rule->when && r->judged != AT_SILENCE && !calendar_holds(r->rule->when, ts)) {
		count_one(&r->count.outside, &c->count.outside);
		return false;
	}
	return !r->novel || novel_take(c, r, ref, view, key, ts);
}

/* Is the key one of the list of `absent`? Its entries are in lower case, and so are the keys. */
static bool listed(struct toc_correlator *c, struct running *r, char *text, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char)(text[i] - 'A' + 'a');
	return cells_find(c, r, text, n) != NULL;
}

static void feed_one(struct toc_correlator *c, const struct reference *by, const struct toc_view *view,
		     const struct cell *child, toc_time ts, const struct toc_raised *raised)
{
	char text[TOC_CORR_KEYS * TOC_KEY_TEXT];
	struct running *r = &c->running[by->by];
	const struct toc_corr_ref *ref = &r->rule->refs[by->ref];
	struct hit hit = { .ts = ts,
			   .ref = (uint16_t)by->ref,
			   .weight = child ? 1 : weight_of(c, view->ev),
			   .raised = toc_raise_of(ref->raises, ref->nraises, raised) };
	bool fresh;
	const uint32_t n = key_text(r->rule, ref, view, child, text);
	if (!n) {
		count_one(&r->count.missing_key, &c->count.missing_key);
		return;
	}
	if (!counts(c, r, by->ref, view, toc_span_of(text, n), ts))
		return;
	if (!read_hit(c, r->rule, ref, view, child, &hit)) {
		count_one(&r->count.missing_value, &c->count.missing_value);
		return;
	}
	if (r->rule->absent.list && !listed(c, r, text, n))
		return;
	struct cell *cell = cells_get(c, r, text, n, &fresh);
	if (!cell) {
		count_one(&r->count.hits_evicted, &c->count.hits_evicted);
		return;
	}
	if (!child && !r->rule->kind->by_rule && cell->event == c->event)
		return;
	if (!child)
		cell->event = c->event;
	count_one(&r->count.hits, &c->count.hits);
	if (view) {
		clocks_note(cell, view->ev->source);
		evidence_keep(c, cell, view);
	}
	if (r->judged == AT_HIT)
		take(c, cell, &hit, view);
	else if (r->judged == AT_SILENCE)
		silence_take(c, cell, &hit, view);
	else
		waiting_take(c, cell, &hit, view);
	cell_place(c, cell);
}

static void feed_measured(struct toc_correlator *c, const struct reference *by, const struct toc_view *view,
			  const struct cell *child, toc_time ts, const struct toc_raised *raised)
{
	const uint64_t start = toc_stopwatch_start(c->now);
	feed_one(c, by, view, child, ts, raised);
	c->running[by->by].spent += toc_stopwatch_since(c->now, start);
}

void feed_event(struct toc_correlator *c, uint32_t number, const struct toc_view *view, const struct toc_raised *raised)
{
	if (number >= c->nnumbers)
		return;
	for (uint32_t i = c->first_reference[number]; i < c->first_reference[number + 1]; i++) {
		const struct reference *by = &c->references[i];
		if (by->inhibits)
			inhibit_note(c, by, view, NULL, view->ev->ts + c->running[by->by].rule->timespan);
		else
			feed_measured(c, by, view, NULL, view->ev->ts, raised);
	}
}

/* An opening is an event for the correlations above: its key is all that they see of it. */
void feed_opening(struct toc_correlator *c, const struct cell *child, const struct toc_view *view, toc_time ts)
{
	const uint32_t number = child->of->rule->number;
	if (number >= c->nnumbers)
		return;
	for (uint32_t i = c->first_reference[number]; i < c->first_reference[number + 1]; i++) {
		const struct reference *by = &c->references[i];
		if (by->inhibits)
			inhibit_note(c, by, NULL, child, TOC_NEVER);
		else
			feed_measured(c, by, view, child, ts, NULL);
	}
}

void feed_closing(struct toc_correlator *c, const struct cell *child, toc_time ts)
{
	const uint32_t number = child->of->rule->number;
	if (number >= c->nnumbers)
		return;
	for (uint32_t i = c->first_reference[number]; i < c->first_reference[number + 1]; i++)
		if (c->references[i].inhibits)
			inhibit_note(c, &c->references[i], NULL, child, ts);
}
