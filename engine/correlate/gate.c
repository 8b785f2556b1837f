/* gate - what holds an opening back though its bounds hold: events that do not come, another rule, an exemption. */
#include <string.h>

#include "correlate/state.h"
#include "tocsin/draft.h"

enum { KINDS = 65536, EXEMPT_HITS = 1024 };

bool gate_begin(struct toc_correlator *c)
{
	const struct toc_corr_filters *filters = NULL;
	for (unsigned i = 0; i < c->nrules; i++) {
		const struct toc_corr_rule *r = c->running[i].rule;
		filters = r->nexemptions ? r->filters : filters;
		if (r->nneeds && !c->needed) {
			c->needed = calloc(KINDS / 8, 1);
			c->seen = c->needed ? malloc(KINDS * sizeof(*c->seen)) : NULL;
			if (!c->seen)
				return false;
			for (unsigned k = 0; k < KINDS; k++)
				c->seen[k] = INT64_MIN;
		}
		for (unsigned k = 0; k < r->nneeds; k++)
			c->needed[r->needs[k] / 8] |= (uint8_t)(1 << r->needs[k] % 8);
	}
	if (!filters)
		return true;
	c->nfilters = filters->n;
	c->filtered = calloc(filters->n + 1, sizeof(*c->filtered));
	c->draft = malloc(sizeof(*c->draft));
	c->scratch = toc_match_scratch_new(filters->matcher);
	return c->filtered && c->draft && c->scratch;
}

void gate_end(struct toc_correlator *c)
{
	toc_match_scratch_free(c->scratch);
	free(c->draft);
	free(c->filtered);
	free(c->needed);
	free(c->seen);
}

void toc_correlate_seen(struct toc_correlator *c, toc_field kind, toc_time at)
{
	if (c->needed && c->needed[kind / 8] >> kind % 8 & 1 && at > c->seen[kind])
		c->seen[kind] = at;
}

/* Events of every kind that the rule needs came lately: within its timespan, and an hour at least. */
static bool awake(const struct toc_correlator *c, const struct toc_corr_rule *r, toc_time at)
{
	const toc_time lately = r->timespan > TOC_HOUR ? r->timespan : TOC_HOUR;
	for (unsigned i = 0; i < r->nneeds; i++)
		if (c->seen[r->needs[i]] == INT64_MIN || at - c->seen[r->needs[i]] > lately)
			return false;
	return true;
}

static void put_value(struct toc_draft *d, unsigned field, const char *text)
{
	struct toc_addr addr;
	if (toc_addr_parse(toc_span_str(text), &addr))
		toc_put_ip(d, field, &addr);
	else
		toc_put_cstr(d, field, text);
}

/* An event that has the key's fields, by all names that the rule knows them by. */
static struct toc_event *key_event(struct toc_correlator *c, const struct cell *cell, toc_time at)
{
	toc_field map[1 + TOC_CORR_KEYS * TOC_ALIASES];
	const struct toc_corr_rule *r = cell->of->rule;
	const char *text = cell->text;
	unsigned n = 0;
	map[n++] = r->filters->kind;
	toc_draft_begin(c->draft, map, 0);
	c->draft->head.ts = c->draft->head.at = at;
	for (unsigned k = 0; k < r->nkeys; k++, text += strlen(text) + 1)
		for (unsigned i = 0; i < r->refs[0].key[k].n; i++) {
			map[n] = r->refs[0].key[k].id[i];
			put_value(c->draft, n++, text);
		}
	void *room = aligned_alloc(8, toc_draft_size(c->draft));
	return room ? toc_draft_seal(c->draft, room) : NULL;
}

static bool among(uint32_t number, const uint32_t *hits, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (hits[i] == number)
			return true;
	return false;
}

/* A filter is one more condition, as written: where it does not hold for the key, the rule does not fire. */
static bool exempted(struct toc_correlator *c, struct cell *cell, toc_time at)
{
	const struct toc_corr_rule *r = cell->of->rule;
	uint32_t hits[EXEMPT_HITS];
	bool out = false;
	struct toc_event *ev = key_event(c, cell, at);
	if (!ev)
		return false;
	const struct toc_view view = { ev, NULL };
	unsigned n = toc_match(r->filters->matcher, c->scratch, &view, hits, EXEMPT_HITS);
	n = n < EXEMPT_HITS ? n : EXEMPT_HITS;
	for (unsigned i = 0; i < r->nexemptions; i++) {
		const struct toc_corr_exemption *x = &r->exemptions[i];
		if (at >= x->expires || among(x->filter, hits, n))
			continue;
		c->filtered[x->filter]++;
		out = true;
	}
	free(ev);
	return out;
}

bool gate_lets(struct toc_correlator *c, struct cell *cell, toc_time ts, toc_time at)
{
	struct running *r = cell->of;
	if (r->rule->nneeds && !awake(c, r->rule, at)) {
		count_one(&r->count.asleep, &c->count.asleep);
		return false;
	}
	if (r->inhibited && inhibit_holds(c, cell, ts)) {
		count_one(&r->count.inhibited, &c->count.inhibited);
		return false;
	}
	if (r->rule->nexemptions && exempted(c, cell, at)) {
		count_one(&r->count.exempted, &c->count.exempted);
		return false;
	}
	return true;
}

uint64_t toc_correlate_filter_count(const struct toc_correlator *c, uint32_t filter)
{
	return filter < c->nfilters ? c->filtered[filter] : 0;
}
