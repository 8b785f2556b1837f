/* tell - one revision: who gets it, a document for each that sees something else, and who its tokens are. */
#include <stdio.h>
#include <stdlib.h>

#include "alert/table.h"

enum { SCHOOL_YEAR = 701 };

/* One document and the routes that it is for. */
struct copy {
	struct audience as;
	const char *routes[AUDIENCES + 1];
	unsigned nroutes;
	size_t at, n; /* within the alerts' text */
};

struct copies {
	unsigned n;
	struct copy at[AUDIENCES + 1];
};

/* The first is the sensor's own, for its journal and for NDJSON; routes that may see as much share it. */
static void group(const struct toc_alerts *a, const struct audiences *who, struct copies *out)
{
	const bool names = a->config.names;
	out->n = 1;
	out->at[0] = (struct copy){ .as = { .shows = { names, true, names } } };
	for (unsigned i = 0; i < who->n; i++) {
		unsigned k = 0;
		while (k < out->n && !audience_same(&out->at[k].as, &who->at[i]))
			k++;
		if (k == out->n)
			out->at[out->n++] = (struct copy){ .as = who->at[i] };
		out->at[k].routes[out->at[k].nroutes++] = who->at[i].route;
	}
}

/* A principal's copy has the evidence of their own building. */
static void write_copy(struct toc_alerts *a, const struct revision *whole, struct copy *c, const struct copy *own)
{
	const struct toc_event *pairs[2 * TOC_EVIDENCE];
	struct revision r = *whole;
	r.evidence = pairs;
	r.nevidence = 0;
	for (unsigned i = 0; i < whole->nevidence; i++) {
		const struct toc_event *ev = whole->evidence[2 * i], *side = whole->evidence[2 * i + 1];
		if (!audience_of_site(&a->fields, ev, side, c->as.site))
			continue;
		pairs[2 * r.nevidence] = ev;
		pairs[2 * r.nevidence++ + 1] = side;
	}
	/* nobody was to get it: then the sensor's own says whom it was meant for */
	r.told = (const char *const *)c->routes;
	r.routes = c->nroutes ? (const char *const *)c->routes : whole->episode->rule->routes;
	a->mask.shows = c->as.shows;
	c->at = a->document.n;
	r.own = c == own;
	document_write(&a->document, &r, &a->mask, &a->chain, &a->scratch, &a->scratch_room);
	c->n = a->document.n - c->at;
}

static void seal(struct toc_alerts *a, const struct episode *e)
{
	char aad[64];
	int n = snprintf(aad, sizeof(aad), "%s-%u", e->id, e->revision);
	text_clear(&a->sealed);
	mask_seal(&a->mask, toc_span_of(aad, (size_t)n), &a->sealed);
}

static void hand_over(struct toc_alerts *a, const struct revision *r, const struct copies *copies)
{
	const struct episode *e = r->episode;
	struct toc_alert_copy more[AUDIENCES];
	for (unsigned i = 1; i < copies->n; i++)
		more[i - 1] = (struct toc_alert_copy){ copies->at[i].routes,
						       toc_span_of(a->document.p + copies->at[i].at, copies->at[i].n) };
	const struct toc_alert alert = { .state = r->state,
					 .id = e->id,
					 .revision = e->revision,
					 .rule = e->rule->id,
					 .severity = e->severity,
					 .routes = copies->at[0].routes,
					 .at = r->at,
					 .json = toc_span_of(a->document.p, copies->at[0].n),
					 .ncopies = copies->n - 1,
					 .copies = more,
					 .sealed = toc_span_of(a->sealed.p, a->sealed.n),
					 .school_year = a->mask.school_year,
					 .evidence = e->rule->evidence,
					 .ntraces = r->traces ? r->traces->n : 0,
					 .traces = r->traces ? r->traces->at : NULL };
	if (!a->outlet->take(a->outlet_self, &alert))
		a->count.refused++;
}

/* What opens in announced work belongs to it as long as that goes on; what opened before does not. */
static void note_maintenance(struct toc_alerts *a, struct episode *e, struct revision *r)
{
	if (r->state == TOC_ALERT_OPEN)
		r->maintenance =
			maintenance_find(a->maintenances, &a->places, e->rule->id, r->evidence, r->nevidence, r->at);
	else if (e->window[0])
		r->maintenance = maintenance_still(a->maintenances, e->window, r->at);
	r->maintenance_over = r->state == TOC_ALERT_UPDATE && e->window[0] && !r->maintenance;
	a->count.maintained += r->state == TOC_ALERT_OPEN && r->maintenance;
	snprintf(e->window, sizeof(e->window), "%s", r->maintenance ? r->maintenance->id : "");
}

void alerts_tell(struct toc_alerts *a, struct episode *e, enum toc_alert_state state, toc_time at,
		 const struct toc_event *const *evidence, unsigned nevidence)
{
	struct revision r = { .episode = e,
			      .state = state,
			      .at = at,
			      .evidence = evidence,
			      .nevidence = nevidence,
			      .sensor = a->config.sensor,
			      .version = a->config.version,
			      .config = a->config.config,
			      .clock = a->config.clock,
			      .began = a->config.clock ? a->config.clock->now(a->config.clock->user) : 0,
			      .lost = loss_share(&a->loss, at, e->rule->timespan),
			      .names = a->names };
	struct audiences who;
	struct copies copies;
	if (e->rule->asks_loss && r.lost > e->rule->max_loss)
		e->doubt |= DOUBT_LOSS;
	if (e->revision && e->count > e->told) /* an update is for the event that it was made at */
		e->folded += e->count - e->told - (state == TOC_ALERT_UPDATE);
	e->revision++;
	e->told = e->count;
	e->told_severity = e->severity;
	e->told_at = at;
	note_maintenance(a, e, &r);
	mask_use_year(&a->mask, school_year(at, a->config.school_year ? a->config.school_year : SCHOOL_YEAR));
	if (a->config.evidence) {
		traces_note(&a->traces, &r);
		r.traces = &a->traces;
	}
	document_note_names(&r, &a->mask);
	audience_choose(&a->config, &a->fields, &r, &a->mask, e, &who);
	a->count.moved += who.moved;
	a->count.unrouted += who.n == 0;
	group(a, &who, &copies);
	text_clear(&a->document);
	for (unsigned i = 0; i < copies.n; i++)
		write_copy(a, &r, &copies.at[i], &copies.at[0]);
	seal(a, e);
	hand_over(a, &r, &copies);
}

void alerts_tell_own(struct toc_alerts *a, struct episode *e, enum toc_alert_state state, toc_time at)
{
	const struct toc_event *pairs[2 * TOC_EVIDENCE];
	for (unsigned i = 0; i < e->nevidence; i++) {
		pairs[2 * i] = e->evidence[i].ev;
		pairs[2 * i + 1] = e->evidence[i].who;
	}
	alerts_tell(a, e, state, at, pairs, e->nevidence);
}
