/* alerts - the table of episodes: hits and findings in, revisions out. */
#include <stdlib.h>
#include <string.h>

#include "alert/table.h"

enum { EPISODES = 65536, RULES = 65536, KEEP_FIRST = 4 };

static const toc_time usual_close = 10 * TOC_MIN, usual_max = 24 * TOC_HOUR;
static const size_t most_evidence = (size_t)128 << 20; /* bytes of copies, all episodes together */

/* Has enough come since the last revision to say so again? That it has become graver is said at once. */
bool alerts_worth_telling(const struct toc_alerts *a, const struct episode *e, toc_time at)
{
	double factor = e->rule->update > 1 ? e->rule->update : 2;
	if (e->severity > e->told_severity)
		return true;
	if (e->window[0] && !maintenance_still(a->maintenances, e->window, at))
		return true; /* it was no part of the work, or the work goes on beyond its time */
	return (double)e->count >= factor * (double)e->told && at - e->told_at >= e->rule->quiet;
}

/* --- evidence ----------------------------------------------------------------------------------------------------- */

static struct toc_event *copy(const struct toc_event *ev)
{
	struct toc_event *out = ev ? malloc(ev->size) : NULL;
	if (!out)
		return NULL;
	memcpy(out, ev, ev->size);
	if (!(out->flags & TOC_EVENT_LINE))
		out->text = out->text_n = 0; /* printed anew, masked */
	return out;
}

static void drop_pair(struct toc_alerts *a, struct evidence_pair *pair)
{
	if (pair->ev)
		a->evidence_bytes -= pair->ev->size + (pair->who ? pair->who->size : 0);
	free(pair->ev);
	free(pair->who);
	*pair = (struct evidence_pair){ NULL, NULL };
}

/* The first few show how it began, the latest how it goes on. */
static void keep(struct toc_alerts *a, struct episode *e, const struct toc_view *view)
{
	size_t size = view->ev->size + (view->who ? view->who->size : 0);
	if (a->evidence_bytes + size > most_evidence)
		return;
	if (e->nevidence == TOC_EVIDENCE) {
		drop_pair(a, &e->evidence[KEEP_FIRST]);
		memmove(&e->evidence[KEEP_FIRST], &e->evidence[KEEP_FIRST + 1],
			(TOC_EVIDENCE - KEEP_FIRST - 1) * sizeof(e->evidence[0]));
		e->nevidence--;
	}
	struct evidence_pair pair = { copy(view->ev), copy(view->who) };
	if (!pair.ev) {
		free(pair.who);
		return;
	}
	a->evidence_bytes += pair.ev->size + (pair.who ? pair.who->size : 0);
	e->evidence[e->nevidence++] = pair;
}

/* --- opening and closing ------------------------------------------------------------------------------------------ */

void alerts_release(struct toc_alerts *a, struct episode *e)
{
	for (unsigned i = 0; i < e->nevidence; i++)
		drop_pair(a, &e->evidence[i]);
	free(e->key_text);
	free(e->subject);
	text_free(&e->told_routes);
	text_free(&e->barred);
}

/* Its place is taken by a newer one: it closes, and the loss is counted. */
static void evicted(void *user, void *cell)
{
	struct toc_alerts *a = user;
	struct episode *e = cell;
	a->count.episodes_evicted++;
	a->count.closed++;
	alerts_tell_own(a, e, TOC_ALERT_CLOSE, a->at);
	alerts_release(a, e);
}

void alerts_close_episode(struct toc_alerts *a, struct episode *e, toc_time at)
{
	alerts_tell_own(a, e, TOC_ALERT_CLOSE, at);
	a->count.closed++;
	alerts_release(a, e);
	toc_lru_remove(a->episodes, e);
}

void alerts_hash_key(const struct toc_alerts *a, uint32_t number, struct toc_span raw, uint8_t out[16])
{
	uint64_t rule = a->rule_hash[number];
	const struct toc_hash_key other = { a->hash_key->k1 ^ rule, ~a->hash_key->k0 };
	const struct toc_hash_key first = { a->hash_key->k0 ^ rule, a->hash_key->k1 };
	uint64_t h[2] = { toc_hash(&first, raw.p, raw.n), toc_hash(&other, raw.p, raw.n) };
	memcpy(out, h, 16);
}

/* One value of a key, with its NUL. */
void alerts_put_value(struct text *out, struct toc_span value)
{
	text_put(out, toc_span_first(value, toc_span_find(value, '\0')));
	text_put(out, toc_span_of("", 1));
}

void alerts_set_subject(struct toc_alerts *a, struct episode *e, const struct toc_view *view)
{
	char value[TOC_KEY_TEXT];
	const struct toc_event *owner;
	struct text out = { 0 };
	struct toc_value v = toc_fieldset_get(&e->rule->subject, view, &owner);
	size_t n = toc_value_text(&v, value, sizeof(value));
	if (v.list || n == 0)
		return;
	alerts_put_value(&out, toc_span_of(value, n));
	e->subject = out.p;
	e->subject_class = mask_class(&a->mask, owner, &e->rule->subject);
}

void toc_alerts_loss(struct toc_alerts *a, toc_time at, uint64_t came, uint64_t lost)
{
	loss_note(&a->loss, at, came, lost);
}

/* needs.identity: is it as sure who it was as the rule wants? */
void alerts_set_doubt(const struct toc_alerts *a, struct episode *e, const struct toc_view *view)
{
	const struct toc_event *owner;
	struct toc_value v = toc_view_get(view, a->src_conf, &owner);
	double sure = 0;
	if (v.list || !toc_value_number(&v, &sure))
		sure = 0;
	e->sure = (uint8_t)(sure > 0 && sure < 100 ? sure : sure > 0 ? 100 : 0);
	if (sure / 100 < e->rule->needs_identity) /* src_conf is per cent */
		e->doubt |= DOUBT_IDENTITY;
}

/* raw: key values, each with a NUL, that the id is made of; values: the same to be shown (taken over). */
void alerts_open_episode(struct toc_alerts *a, struct episode *e, const struct toc_alert_rule *rule,
			 struct toc_span raw, struct text values, const struct toc_event *cause)
{
	e->rule = rule;
	e->severity = (uint8_t)rule->severity;
	e->key_text = values.p;
	e->order = ++a->order;
	e->opened_at = a->at;
	episode_id(a->config.site_key, a->config.sensor, rule->id, raw, cause, e->id);
	a->count.opened++;
	bool fresh;
	struct opened *o = toc_lru_add(a->opened, &a->rule_hash[rule->number], &fresh);
	o->n++;
}

uint64_t toc_alerts_opened(const struct toc_alerts *a, uint32_t number)
{
	const struct opened *o = number < a->nrules ? toc_lru_peek(a->opened, &a->rule_hash[number]) : NULL;
	return o ? o->n : 0;
}

/* --- detection rules ---------------------------------------------------------------------------------------------- */

static void detection_key(struct toc_alerts *a, const struct toc_alert_rule *rule, const struct toc_view *view,
			  struct text *raw, struct text *values, enum toc_privacy *classes)
{
	for (unsigned i = 0; i < rule->nkeys; i++) {
		char value[TOC_KEY_TEXT];
		const struct toc_event *owner;
		struct toc_value v = toc_fieldset_get(&rule->key[i], view, &owner);
		struct toc_span s = toc_span_of(value, v.list ? 0 : toc_value_text(&v, value, sizeof(value)));
		text_put(raw, s);
		text_put(raw, toc_span_of("", 1));
		alerts_put_value(values, s);
		classes[i] = mask_class(&a->mask, owner, &rule->key[i]);
	}
}

toc_time toc_alerts_close(const struct toc_alert_rule *rule)
{
	return rule->close ? rule->close : usual_close;
}

static void count_hit(struct toc_alerts *a, struct episode *e, const struct toc_view *view)
{
	const toc_time close = toc_alerts_close(e->rule);
	const toc_time max = e->rule->max ? e->rule->max : usual_max;
	toc_time ts = view->ev->ts;
	e->count++;
	e->first = e->count == 1 || ts < e->first ? ts : e->first;
	e->last = e->count == 1 || ts > e->last ? ts : e->last;
	e->due = a->at + close < e->opened_at + max ? a->at + close : e->opened_at + max;
	keep(a, e, view);
}

void alerts_raise(struct episode *e, uint8_t severity)
{
	if (severity > e->severity)
		e->severity = severity;
}

void toc_alerts_hit(struct toc_alerts *a, uint32_t number, const struct toc_view *view, const struct toc_raised *raised)
{
	const struct toc_alert_rule *rule = &a->rules[number];
	struct text raw = { 0 }, values = { 0 };
	enum toc_privacy classes[TOC_EPISODE_KEYS];
	uint8_t key[16];
	bool fresh;
	if (view->ev->at > a->at)
		a->at = view->ev->at;
	detection_key(a, rule, view, &raw, &values, classes);
	alerts_hash_key(a, number, toc_span_of(raw.p, raw.n), key);
	struct episode *e = toc_lru_add(a->episodes, key, &fresh);
	if (fresh) {
		alerts_open_episode(a, e, rule, toc_span_of(raw.p, raw.n), values, view->ev);
		memcpy(e->key_class, classes, sizeof(classes));
		e->key_names = rule->key_names;
		e->nkeys = rule->nkeys;
		alerts_set_subject(a, e, view);
		alerts_set_doubt(a, e, view);
	} else {
		text_free(&values);
	}
	text_free(&raw);
	count_hit(a, e, view);
	alerts_raise(e, toc_raise_of(rule->raises, rule->nraises, raised));
	if (fresh) {
		alerts_tell_own(a, e, TOC_ALERT_OPEN, a->at);
	} else if (alerts_worth_telling(a, e, a->at)) {
		a->count.updated++;
		alerts_tell_own(a, e, TOC_ALERT_UPDATE, a->at);
	}
}

void toc_alerts_chain(struct toc_alerts *a, const char *route, const char *hash)
{
	chain_set(&a->chain, route, hash);
}

void toc_alerts_maintain(struct toc_alerts *a, const struct toc_maintenances *list)
{
	a->maintenances = list;
}

struct toc_findings *toc_alerts_findings(struct toc_alerts *a)
{
	return &a->findings;
}

/* --- time --------------------------------------------------------------------------------------------------------- */

static void note_ending(void *user, void *cell)
{
	struct toc_alerts *a = user;
	struct episode *e = cell;
	if (e->due > a->swept)
		return;
	if (a->nendings == a->room) {
		a->room = a->room ? 2 * a->room : 64;
		a->endings = realloc(a->endings, a->room * sizeof(*a->endings));
		if (!a->endings)
			abort();
	}
	struct ending *x = &a->endings[a->nendings++];
	x->due = e->due;
	x->order = e->order;
	memcpy(x->key, e->key, sizeof(x->key));
}

static int by_due(const void *p, const void *q)
{
	const struct ending *x = p, *y = q;
	if (x->due != y->due)
		return x->due < y->due ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void sweep(struct toc_alerts *a, toc_time until, bool all)
{
	a->swept = until;
	a->nendings = 0;
	toc_lru_each(a->episodes, note_ending, a);
	if (a->nendings)
		qsort(a->endings, a->nendings, sizeof(*a->endings), by_due);
	for (size_t i = 0; i < a->nendings; i++) {
		struct episode *e = toc_lru_get(a->episodes, a->endings[i].key);
		alerts_close_episode(a, e, all && e->due > a->at ? a->at : e->due);
	}
}

/* Once a second of the engine's clock, on whole seconds: when a sweep runs must not depend on who called. */
void toc_alerts_advance(struct toc_alerts *a, toc_time at)
{
	toc_time second = at - at % TOC_SEC;
	a->at = at > a->at ? at : a->at;
	if (second > a->swept)
		sweep(a, second, false);
}

void toc_alerts_finish(struct toc_alerts *a, toc_time at)
{
	a->at = at > a->at ? at : a->at;
	sweep(a, TOC_NEVER, true);
}

/* --- life --------------------------------------------------------------------------------------------------------- */

struct toc_alerts *toc_alerts_new(const struct toc_alert_config *config, const struct toc_alert_rule *rules,
				  unsigned nrules, struct toc_intern *names, toc_privacy_of privacy, void *privacy_user,
				  const struct toc_hash_key *key, const struct toc_outlet *outlet, void *outlet_self)
{
	struct toc_alerts *a = calloc(1, sizeof(*a));
	if (!a)
		return NULL;
	a->findings = alerts_findings;
	a->config = *config;
	a->names = names;
	a->src_conf = toc_intern_add(names, toc_span_str("src_conf"));
	a->hash_key = key;
	a->outlet = outlet;
	a->outlet_self = outlet_self;
	audience_fields_find(&a->fields, names);
	maintenance_fields_find(&a->places, names);
	a->mask.site_key = a->config.site_key;
	a->mask.privacy = privacy;
	a->mask.user = privacy_user;
	a->episodes = toc_lru_new(16, sizeof(struct episode), EPISODES, key, evicted, a);
	a->opened = toc_lru_new(sizeof(uint64_t), sizeof(struct opened), RULES, key, NULL, NULL);
	if (a->episodes && a->opened && alerts_use_rules(a, rules, nrules))
		return a;
	toc_alerts_free(a);
	return NULL;
}

static void forget(void *user, void *cell)
{
	alerts_release(user, cell);
}

void toc_alerts_free(struct toc_alerts *a)
{
	if (!a)
		return;
	if (a->episodes)
		toc_lru_each(a->episodes, forget, a);
	toc_lru_free(a->episodes);
	toc_lru_free(a->opened);
	free(a->rule_hash);
	chain_free(&a->chain);
	text_free(&a->document);
	text_free(&a->sealed);
	traces_free(&a->traces);
	mask_free(&a->mask);
	free(a->scratch);
	free(a->endings);
	free(a);
}

const struct toc_alert_counters *toc_alerts_count(const struct toc_alerts *a)
{
	return &a->count;
}
