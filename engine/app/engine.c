/* engine - from merged events to alerts, in one page. */
#include "app/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/now.h"
#include "app/observed.h"
#include "event/json.h"

enum { OUT = 1 << 18 };

struct toc_engine {
	struct toc_emit emit; /* first: observe is given this */
	struct toc_engine_parts parts;
	struct toc_engine_counters count;
	struct toc_x509_seen *x509;
	/* events that observe made while it saw the present one */
	uint8_t *derived;
	size_t derived_n, derived_room;
	toc_time at;
	bool ending;
	struct toc_lru *past;		 /* rule_counts.h */
	uint32_t until_measured, chance; /* events; what the next gap is made of */
	uint64_t ordinal;
	uint32_t index;
	uint32_t *hits; /* room for every number of the matcher */
	uint8_t *out;
	size_t out_n, out_room;
};

static void derive(struct toc_emit *emit, struct toc_draft *d)
{
	struct toc_engine *e = (struct toc_engine *)emit;
	size_t size = toc_draft_size(d);
	if (e->derived_n + size > e->derived_room) {
		e->derived_room = 2 * (e->derived_n + size);
		e->derived = realloc(e->derived, e->derived_room);
		if (!e->derived)
			abort(); /* observe's caps bound it */
	}
	if (!d->head.at) {
		d->head.at = e->at;
		d->head.ordinal = e->ordinal;
	}
	d->head.index = ++e->index;
	toc_draft_seal(d, e->derived + e->derived_n);
	e->derived_n += size;
}

struct toc_engine *toc_engine_new(struct toc_intern *names)
{
	struct toc_engine *e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->emit.event = derive;
	e->x509 = toc_x509_seen_new(names);
	e->past = toc_rule_past_new();
	e->chance = 1;
	e->out = malloc(OUT);
	e->out_room = OUT;
	if (e->x509 && e->out && e->past)
		return e;
	toc_engine_free(e);
	return NULL;
}

void toc_engine_free(struct toc_engine *e)
{
	if (!e)
		return;
	toc_x509_seen_free(e->x509);
	toc_lru_free(e->past);
	free(e->derived);
	free(e->hits);
	free(e->out);
	free(e);
}

struct toc_emit *toc_engine_emit(struct toc_engine *e)
{
	return &e->emit;
}

static void flush(struct toc_engine *e)
{
	for (size_t at = 0; at < e->out_n && !e->count.write_failed;) {
		ssize_t n = write(STDOUT_FILENO, e->out + at, e->out_n - at);
		if (n < 0 && errno == EINTR)
			continue;
		e->count.write_failed = n <= 0;
		at += n > 0 ? (size_t)n : 0;
	}
	e->count.printed_bytes += e->out_n;
	e->out_n = 0;
}

/* Room for n more bytes of output. */
static char *room(struct toc_engine *e, size_t n)
{
	if (e->out_n + n > e->out_room)
		flush(e);
	if (n > e->out_room) {
		e->out = realloc(e->out, n);
		e->out_room = n;
		if (!e->out)
			abort(); /* an event's text is bounded by its draft */
	}
	return (char *)e->out + e->out_n;
}

static void print(struct toc_engine *e, const struct toc_view *view)
{
	const struct toc_event *ev = view->ev;
	const struct toc_print *p = &e->parts.print;
	if (!p->on || (p->kinds && !p->kinds[ev->kind]))
		return;
	size_t n = ev->text ? ev->text_n : toc_json_bound(ev, e->parts.names);
	char *out = room(e, n + (view->who ? toc_json_bound(view->who, e->parts.names) : 0) + 2), *end = out;
	if (ev->text) {
		memcpy(end, (const uint8_t *)ev + ev->text, n);
		end += n;
	} else {
		end += toc_json_event(ev, e->parts.names, end);
	}
	if (view->who)
		end += toc_json_fields(view->who, e->parts.names, end);
	memcpy(end, "}\n", 2);
	e->out_n += (size_t)(end + 2 - out);
}

static unsigned numbers_of(const struct toc_ruleset *r)
{
	return r->ndetections + r->nraises + r->nexempted;
}

/* Those that exemptions took are the highest; returns how many are left. */
static unsigned count_exempted(struct toc_generation *g, const uint32_t *hits, unsigned n, toc_time ts)
{
	const struct toc_ruleset *r = g->rules;
	const uint32_t first = r->ndetections + r->ncorrelations + r->nraises;
	for (; n && hits[n - 1] >= first; n--) {
		const struct toc_exempted *x = &r->exempted[hits[n - 1] - first];
		const struct toc_calendar *when = r->alerts[x->rule].when;
		g->exempted[x->filter] += !when || calendar_holds(when, ts);
	}
	return n;
}

/* A source's number has its listener in front (normalise/clock.c). */
static toc_time lateness(const struct toc_engine *e, const struct toc_event *ev)
{
	const uint32_t listener = ev->source >> 20;
	return ev->source && listener < e->parts.nlate ? e->parts.late[listener] : 0;
}

static uint64_t monotonic(void)
{
	return (uint64_t)toc_now_monotonic();
}

/*
 * One event in TOC_RULE_SAMPLE is measured, with gaps of chance, so that no rhythm of the traffic escapes (xorshift32,
 * Marsaglia 2003).
 */
static bool measure(struct toc_engine *e, struct toc_generation *g)
{
	const bool now = e->until_measured == 0;
	if (now) {
		e->chance ^= e->chance << 13;
		e->chance ^= e->chance >> 17;
		e->chance ^= e->chance << 5;
		e->until_measured = e->chance % (2 * TOC_RULE_SAMPLE - 1);
	} else {
		e->until_measured--;
	}
	toc_match_stopwatch(g->scratch, now ? monotonic : NULL);
	toc_correlate_stopwatch(g->correlator, now ? monotonic : NULL);
	return now;
}

/* A detection's own alert: a correlation's is told where it is fed. */
static void alert(struct toc_engine *e, uint32_t rule, const struct toc_view *view, const struct toc_raised *raised,
		  bool measured)
{
	const toc_stopwatch now = measured ? monotonic : NULL;
	const uint64_t start = toc_stopwatch_start(now);
	toc_alerts_hit(e->parts.alerts, rule, view, raised);
	e->parts.generation->spent[rule] += toc_stopwatch_since(now, start);
}

static void judge(struct toc_engine *e, const struct toc_view *view)
{
	struct toc_generation *g = e->parts.generation;
	const bool measured = measure(e, g);
	toc_correlate_clock(g->correlator, view->ev->source, view->ev->ts, lateness(e, view->ev));
	toc_correlate_seen(g->correlator, view->ev->kind, view->ev->at);
	unsigned n = toc_match(g->rules->matcher, g->scratch, view, e->hits, numbers_of(g->rules));
	bool again = false;
	n = count_exempted(g, e->hits, n, view->ev->ts);
	struct toc_raised raised = { NULL, 0 }; /* their numbers are behind those of rules */
	for (; n && e->hits[n - 1] >= g->rules->ndetections; n--)
		raised = (struct toc_raised){ &e->hits[n - 1], raised.n + 1 };
	e->count.hits += n;
	for (unsigned i = 0; i < n; i++) {
		const struct toc_alert_rule *rule = &g->rules->alerts[e->hits[i]];
		g->hits[e->hits[i]]++;
		if (rule->when && !calendar_holds(rule->when, view->ev->ts))
			continue;
		if (rule->alerts)
			alert(e, e->hits[i], view, &raised, measured);
		if (rule->alerts || rule->held)
			toc_observed_hit(g->correlator, rule, view);
		toc_correlate_hit(g->correlator, e->hits[i], view, again, &raised);
		again = true;
	}
}

static void pass(struct toc_engine *e, const struct toc_event *ev)
{
	struct toc_view view = { ev, NULL };
	bool stored = ev->flags & TOC_EVENT_STORED;
	if (e->parts.identity && !(stored && toc_identity_has(e->parts.identity, ev)))
		view.who = toc_identity_see(e->parts.identity, ev, lateness(e, ev));
	if (e->parts.observe && (!stored || e->parts.observe_stored))
		toc_observe_see(e->parts.observe, &view);
	print(e, &view);
	if (e->parts.generation)
		judge(e, &view);
	if (e->parts.seen)
		e->parts.seen(e->parts.seen_user, &view);
}

/* Events that were made meanwhile pass in turn; each may cause more. */
static void pass_derived(struct toc_engine *e)
{
	for (size_t at = 0; at < e->derived_n;) {
		/* copied out: the buffer may move while this one passes */
		uint32_t size = ((const struct toc_event *)(const void *)(e->derived + at))->size;
		struct toc_event *ev = aligned_alloc(8, size);
		if (!ev)
			abort();
		memcpy(ev, e->derived + at, size);
		at += size;
		e->count.derived++;
		pass(e, ev);
		free(ev);
	}
	e->derived_n = 0;
}

static void advance(struct toc_engine *e, toc_time at)
{
	if (e->parts.observe) {
		toc_observe_advance(e->parts.observe, at);
		pass_derived(e);
	}
	if (!e->parts.generation)
		return;
	toc_correlate_advance(e->parts.generation->correlator, at);
	toc_alerts_advance(e->parts.alerts, at);
}

static void take(struct toc_engine *e, const struct toc_event *ev)
{
	e->ordinal = ev->ordinal;
	e->index = ev->index;
	if (ev->at > e->at) {
		e->at = ev->at;
		advance(e, e->at);
	}
	if (ev->flags & TOC_EVENT_TALLY) {
		if (e->parts.alerts)
			toc_alerts_loss(e->parts.alerts, ev->at, ev->uid, (uint64_t)ev->ts);
		return;
	}
	if (!toc_x509_seen_first(e->x509, ev)) {
		e->count.duplicates++;
		return;
	}
	e->count.events++;
	pass(e, ev);
	pass_derived(e);
}

static bool make_room_for_hits(struct toc_engine *e, const struct toc_generation *g)
{
	uint32_t *hits = calloc(numbers_of(g->rules) + 1, sizeof(*hits));
	if (!hits)
		return false;
	free(e->hits);
	e->hits = hits;
	return true;
}

/* Observers that count tell what rules ask for. */
static void bind_observers(struct toc_engine *e)
{
	double at[TOC_OBSERVE_BOUNDS];
	const toc_field kind = toc_intern_find(e->parts.names, toc_span_str("scan")),
			field = toc_intern_find(e->parts.names, toc_span_str("count_distinct"));
	if (!e->parts.observe || !e->parts.generation || !kind || !field)
		return;
	toc_observe_bounds(e->parts.observe, at,
			   toc_matcher_bounds(e->parts.generation->rules->matcher, kind, field, at, TOC_OBSERVE_BOUNDS));
}

struct toc_generation *toc_engine_switch(struct toc_engine *e, struct toc_generation *next)
{
	struct toc_generation *old = e->parts.generation;
	const struct toc_ruleset *rules = next->rules;
	if (!old || !make_room_for_hits(e, next))
		return next;
	toc_correlator_adopt(next->correlator, old->correlator);
	toc_generation_succeed(next, old);
	toc_rule_past_add(e->past, old);
	toc_correlate_finish(old->correlator, e->at); /* windows of rules that changed: their episodes close */
	if (!toc_alerts_adopt(e->parts.alerts, rules->alerts, rules->ndetections + rules->ncorrelations,
			      rules->correlations, rules->ncorrelations))
		abort(); /* windows have moved already; this little memory is there unless the machine is lost */
	e->parts.generation = next;
	bind_observers(e);
	if (next->site)
		toc_identity_take_site(e->parts.identity, next->site);
	e->count.switches++;
	return old;
}

struct toc_rule_count *toc_engine_rules(const struct toc_engine *e)
{
	return toc_rule_counts(e->past, e->parts.generation, e->parts.alerts);
}

bool toc_engine_ending(const struct toc_engine *e)
{
	return e->ending;
}

toc_time toc_engine_at(const struct toc_engine *e)
{
	return e->at;
}

void toc_engine_run(struct toc_engine *e, const struct toc_engine_parts *parts, void (*tick)(void *user), void *user)
{
	const struct toc_event *ev;
	toc_time at;
	enum toc_merged got;
	e->parts = *parts;
	if (parts->generation && !make_room_for_hits(e, parts->generation))
		abort(); /* at start-up there is nothing to save */
	bind_observers(e);
	while ((got = toc_merge_next(parts->merge, 100, &ev, &at)) != TOC_MERGED_END) {
		if (got == TOC_MERGED_EVENT) {
			take(e, ev);
			continue;
		}
		if (got == TOC_MERGED_TICK && at > e->at) {
			e->at = at;
			advance(e, at);
		}
		if (tick) {
			flush(e);
			tick(user);
		}
	}
	e->ending = true;
	if (tick)
		tick(user);
	if (parts->observe) {
		toc_observe_finish(parts->observe, e->at);
		pass_derived(e);
	}
	if (parts->generation) {
		toc_correlate_finish(e->parts.generation->correlator, e->at);
		toc_alerts_finish(parts->alerts, e->at);
	}
	flush(e);
}

const struct toc_engine_counters *toc_engine_count(const struct toc_engine *e)
{
	return &e->count;
}
