/* canary - from the alert of its rule to the position of the journal that Redis has confirmed. */
#include "app/canary.h"

#include <stdlib.h>
#include <string.h>

#include "app/now.h"

/* The rule canary of rules/detect/health/canary.yml, by its id. */
static const char rule_id[] = "e2b84a0c-3f5d-4d6e-9b1a-7c40d2f18a95";

enum { WAITING = 16 };
enum { EV_OVERDUE, F_AGE, F_EVERY, F_MISSING_AT, N_FIELDS };

const struct toc_field_decl toc_canary_fields[] = {
	[EV_OVERDUE] = { "canary_overdue", TOC_KIND, false, TOC_OPEN, NULL,
			 "the end-to-end canary has not come through for longer than it may; once a minute" },
	[F_AGE] = { "age", TOC_DURATION, false, TOC_OPEN, "s", "since the last one that was confirmed, or the start" },
	[F_EVERY] = { "expected_every", TOC_DURATION, false, TOC_OPEN, "s", "how often one is sent" },
	[F_MISSING_AT] = { "missing_at", TOC_STRING, false, TOC_OPEN, NULL,
			   "line: no line made its rule alert; delivery: Redis has not confirmed it" },
};
const unsigned toc_canary_nfields = N_FIELDS;

/* An alert on its way: when its line came, and where the journal ends behind it. */
struct flight {
	toc_time at;
	toc_journal_pos end;
};

struct toc_canary {
	toc_field map[N_FIELDS];
	struct toc_draft draft;
	toc_time every, patience;
	struct toc_courier *courier; /* NULL: nobody confirms */
	const struct toc_outlet *next;
	void *next_self;
	struct flight flights[WAITING]; /* the oldest first */
	unsigned nflights;
	toc_time started, last, way, seen_at, told; /* last: `at` of the last one that was confirmed */
	uint64_t seen, confirmed;
};

struct toc_canary *toc_canary_new(const struct toc_config *config)
{
	struct toc_canary *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->every = config->canary_every;
	c->patience = config->canary_every * config->canary_misses;
	c->started = toc_now();
	return c;
}

void toc_canary_names(struct toc_canary *c, struct toc_intern *names)
{
	toc_intern_decls(names, toc_canary_fields, N_FIELDS, c->map);
}

void toc_canary_free(struct toc_canary *c)
{
	free(c);
}

static void confirm(struct toc_canary *c, toc_time at, toc_time now)
{
	c->last = at;
	c->way = now > at ? now - at : 0;
	c->confirmed++;
}

/* Where more wait than there is room for, Redis is away: the newest is what will be waited for. */
static void take_off(struct toc_canary *c, toc_time at)
{
	c->seen++;
	c->seen_at = at;
	if (!c->courier) {
		confirm(c, at, toc_now());
		return;
	}
	c->nflights -= c->nflights == WAITING;
	c->flights[c->nflights++] = (struct flight){ at, toc_courier_end(c->courier) };
}

/* To no route, and nothing is kept for it. */
static bool take(void *self, const struct toc_alert *alert)
{
	static const char *const nowhere[] = { NULL };
	struct toc_canary *c = self;
	if (strcmp(alert->rule, rule_id) != 0)
		return c->next->take(c->next_self, alert);
	struct toc_alert stripped = *alert;
	stripped.routes = nowhere;
	stripped.ncopies = stripped.ntraces = 0;
	stripped.sealed = toc_span_of("", 0);
	stripped.evidence.none = true;
	const bool kept = !c->courier || c->next->take(c->next_self, &stripped);
	if (kept && alert->state == TOC_ALERT_OPEN)
		take_off(c, alert->at);
	return kept;
}

static const struct toc_outlet outlet = { "canary", take };

const struct toc_outlet *toc_canary_outlet(struct toc_canary *c, struct toc_courier *courier,
					   const struct toc_outlet *next, void **self)
{
	c->courier = courier;
	c->next = next;
	c->next_self = *self;
	*self = c;
	return &outlet;
}

static void tell(struct toc_canary *c, struct toc_emit *emit, const struct toc_canary_status *s, toc_time at)
{
	struct toc_draft *d = &c->draft;
	toc_draft_begin(d, c->map, EV_OVERDUE);
	d->head.ts = at;
	toc_put_duration(d, F_AGE, s->age);
	toc_put_duration(d, F_EVERY, s->every);
	toc_put_cstr(d, F_MISSING_AT, s->missing_at);
	emit->event(emit, d);
}

void toc_canary_tick(struct toc_canary *c, const struct toc_pipeline *p)
{
	struct toc_canary_status s;
	const toc_time at = toc_engine_at(p->engine), now = toc_now();
	unsigned n = 0;
	while (n < c->nflights && c->flights[n].end <= toc_courier_confirmed(c->courier))
		confirm(c, c->flights[n++].at, now);
	memmove(c->flights, c->flights + n, (c->nflights - n) * sizeof(c->flights[0]));
	c->nflights -= n;
	toc_canary_status(c, &s);
	if (!s.overdue || at <= 0 || at - c->told < TOC_MIN)
		return;
	c->told = at;
	tell(c, toc_engine_emit(p->engine), &s, at);
}

void toc_canary_status(const struct toc_canary *c, struct toc_canary_status *out)
{
	const toc_time now = toc_now(), since = c->last ? c->last : c->started;
	*out = (struct toc_canary_status){ .on = c->every > 0,
					   .arrived = c->last != 0,
					   .every = c->every,
					   .age = now > since ? now - since : 0,
					   .way = c->way,
					   .missing_at = "",
					   .seen = c->seen,
					   .confirmed = c->confirmed };
	out->overdue = out->on && out->age > c->patience;
	if (out->overdue)
		out->missing_at = c->nflights && now - c->seen_at <= c->patience ? "delivery" : "line";
}
