/* findings - what the correlator says becomes episodes. */
#include <stdlib.h>

#include "alert/table.h"

static void finding_key(struct toc_alerts *a, const struct toc_finding *f, uint8_t key[16], struct text *raw)
{
	for (unsigned i = 0; i < f->rule->nkeys; i++) {
		text_put(raw, f->key[i]);
		text_put(raw, toc_span_of("", 1));
	}
	alerts_hash_key(a, f->rule->number, toc_span_of(raw->p, raw->n), key);
}

static void class_key(const struct toc_alerts *a, const struct toc_finding *f, struct episode *e)
{
	for (unsigned i = 0; i < f->rule->nkeys; i++)
		e->key_class[i] = mask_class(&a->mask, f->cause, &f->rule->refs[0].key[i]);
}

static void take_numbers(struct toc_alerts *a, struct episode *e, const struct toc_finding *f)
{
	a->at = f->at > a->at ? f->at : a->at;
	e->count = f->count > e->count ? f->count : e->count;
	e->value = f->value;
	alerts_raise(e, f->raised);
	e->first = e->revision == 0 || f->first < e->first ? f->first : e->first;
	e->last = e->revision == 0 || f->last > e->last ? f->last : e->last;
}

/* The view of the newest evidence: for the subject. */
static struct toc_view latest(const struct toc_finding *f)
{
	struct toc_view view = { f->cause, NULL };
	if (f->nevidence) {
		view.ev = f->evidence[2 * (f->nevidence - 1)];
		view.who = f->evidence[2 * (f->nevidence - 1) + 1];
	}
	return view;
}

static void finding_open(struct toc_findings *self, const struct toc_finding *f)
{
	struct toc_alerts *a = (struct toc_alerts *)self;
	const struct toc_alert_rule *rule = &a->rules[f->rule->number];
	struct text raw = { 0 }, values = { 0 };
	uint8_t key[16];
	bool fresh;
	if (!rule->alerts)
		return; /* it only feeds the correlations above it */
	finding_key(a, f, key, &raw);
	struct episode *e = toc_lru_add(a->episodes, key, &fresh);
	if (fresh) {
		struct toc_view view = latest(f);
		for (unsigned i = 0; i < f->rule->nkeys; i++)
			alerts_put_value(&values, f->key[i]);
		alerts_open_episode(a, e, rule, toc_span_of(raw.p, raw.n), values, f->cause);
		class_key(a, f, e);
		e->correlation = true;
		e->key_names = f->rule->key_names;
		e->nkeys = f->rule->nkeys;
		e->due = TOC_NEVER; /* the correlator says when it is over */
		alerts_set_subject(a, e, &view);
		alerts_set_doubt(a, e, &view);
	}
	take_numbers(a, e, f);
	alerts_tell(a, e, fresh ? TOC_ALERT_OPEN : TOC_ALERT_UPDATE, f->at, f->evidence, f->nevidence);
	text_free(&raw);
}

static struct episode *find(struct toc_alerts *a, const struct toc_finding *f)
{
	struct text raw = { 0 };
	uint8_t key[16];
	if (!a->rules[f->rule->number].alerts)
		return NULL;
	finding_key(a, f, key, &raw);
	text_free(&raw);
	return toc_lru_get(a->episodes, key);
}

static void finding_update(struct toc_findings *self, const struct toc_finding *f)
{
	struct toc_alerts *a = (struct toc_alerts *)self;
	struct episode *e = find(a, f);
	if (!e)
		return;
	take_numbers(a, e, f);
	if (!alerts_worth_telling(a, e, f->at))
		return;
	a->count.updated++;
	alerts_tell(a, e, TOC_ALERT_UPDATE, f->at, f->evidence, f->nevidence);
}

static void finding_close(struct toc_findings *self, const struct toc_finding *f)
{
	struct toc_alerts *a = (struct toc_alerts *)self;
	struct episode *e = find(a, f);
	if (!e)
		return;
	take_numbers(a, e, f);
	alerts_tell(a, e, TOC_ALERT_CLOSE, f->at, f->evidence, f->nevidence);
	a->count.closed++;
	alerts_release(a, e);
	toc_lru_remove(a->episodes, e);
}

const struct toc_findings alerts_findings = { finding_open, finding_update, finding_close };
