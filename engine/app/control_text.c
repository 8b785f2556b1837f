/* control_text - the engine's numbers as JSON. */
#include "app/control_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/funnel.h"
#include "app/maintenance.h"
#include "ruleset/show.h"

static uint64_t *exempted(const struct toc_generation *g)
{
	uint64_t *n = calloc(g->rules->nfilters + 1, sizeof(*n));
	for (unsigned i = 0; n && i < g->rules->nfilters; i++)
		n[i] = toc_generation_exempted(g, i);
	return n;
}

static uint64_t observing(const struct toc_ruleset *r)
{
	uint64_t n = 0;
	for (unsigned i = 0; i < r->ndetections + r->ncorrelations; i++)
		n += r->alerts[i].observed;
	return n;
}

static void text(const char *name, const char *value, FILE *out)
{
	fprintf(out, ",\"%s\":", name);
	toc_show_string(toc_span_str(value ? value : ""), out);
}

/* Each with its end and what it has kept back. */
static void write_exemptions(const struct control_status *s, FILE *out)
{
	const char *comma = "";
	fputs(",\"exemptions\":[", out);
	for (unsigned i = 0; s->exempted && i < s->set->nfilters; i++) {
		const struct toc_ruleset_filter *f = &s->set->filters[i];
		if (!f->owner)
			continue;
		fprintf(out, "%s{\"suppressed\":%" PRIu64 ",\"expires\":%" PRId64 ",\"expired\":%s", comma,
			s->exempted[i], f->expires / TOC_SEC, s->at >= f->expires ? "true" : "false");
		text("title", f->title ? f->title : f->id, out);
		text("owner", f->owner, out);
		text("reason", f->reason, out);
		fputc('}', out);
		comma = ",";
	}
	fputc(']', out);
}

void control_status_free(struct control_status *s)
{
	free(s->exempted);
	free(s->counts);
	s->exempted = NULL;
	s->counts = NULL;
}

void control_status_read(struct control_status *s, const struct toc_pipeline *p)
{
	control_status_free(s); /* nobody came for it */
	*s = (struct control_status){ .at = toc_engine_at(p->engine),
				      .rules = p->generation->rules->documents,
				      .generations = toc_engine_count(p->engine)->switches + 1,
				      .engine = *toc_engine_count(p->engine),
				      .correlate = *toc_correlate_count(p->generation->correlator),
				      .alerts = *toc_alerts_count(p->alerts),
				      .set = p->generation->rules,
				      .exempted = exempted(p->generation),
				      .counts = toc_engine_rules(p->engine) };
	s->ncounts = s->counts ? s->set->ndetections + s->set->ncorrelations : 0;
}

static void write_confinement(const struct toc_confinement *c, struct toc_fences *fences, FILE *out)
{
	const struct {
		const char *name;
		bool holds;
	} rows[] = { { "capabilities", c->capable },
		     { "no_new_privs", c->no_new_privs },
		     { "seccomp", c->seccomp },
		     { "core_dumps", c->dumpable } };
	fprintf(out, ",\"confinement\":{\"uid\":%u,\"landlock\":%d", c->uid, c->landlock);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		fprintf(out, ",\"%s\":%s", rows[i].name, rows[i].holds ? "true" : "false");
	fputs(",\"threads\":", out);
	toc_fences_write(fences, out);
	fputc('}', out);
}

/* What the packet threads let go at this moment, in sum. */
static void write_shedding(const struct toc_pipeline *p, FILE *out)
{
	char names[TOC_SHED_TEXT];
	fprintf(out, ",\"shedding\":\"%s\"", toc_shedding_text(toc_pipeline_sheds(p), names));
}

static void write_canary(const struct toc_canary_status *c, FILE *out)
{
	if (!c->on)
		return;
	fprintf(out,
		",\"canary\":{\"every\":%.0f,\"age\":%.3f,\"way\":%.3f,\"arrived\":%s,\"seen\":%" PRIu64
		",\"confirmed\":%" PRIu64 ",\"overdue\":%s,\"missing_at\":\"%s\"}",
		(double)c->every / (double)TOC_SEC, (double)c->age / (double)TOC_SEC, (double)c->way / (double)TOC_SEC,
		c->arrived ? "true" : "false", c->seen, c->confirmed, c->overdue ? "true" : "false", c->missing_at);
}

void control_status_write(const struct control_status *s, const struct toc_pipeline *p, FILE *out)
{
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = { { "rules", s->rules },
		     { "rules_observing", observing(s->set) },
		     { "generations", s->generations },
		     { "events", s->engine.events },
		     { "events_observed", s->engine.derived },
		     { "events_duplicate", s->engine.duplicates },
		     { "hits", s->engine.hits },
		     { "windows", s->correlate.cells },
		     { "windows_evicted", s->correlate.cells_evicted },
		     { "hits_evicted", s->correlate.hits_evicted },
		     { "hits_without_key", s->correlate.missing_key },
		     { "alerts_opened", s->alerts.opened },
		     { "alerts_updated", s->alerts.updated },
		     { "alerts_closed", s->alerts.closed },
		     { "alerts_refused", s->alerts.refused },
		     { "alerts_moved", s->alerts.moved },
		     { "alerts_unrouted", s->alerts.unrouted },
		     { "alerts_in_maintenance", s->alerts.maintained },
		     { "episodes_evicted", s->alerts.episodes_evicted } };
	char delivery[4096] = "", evidence[1024] = "";
	struct toc_funnel funnel;
	fprintf(out, "{\"at\":%" PRId64 ".%06" PRId64, s->at / TOC_SEC, s->at % TOC_SEC / TOC_US);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		fprintf(out, ",\"%s\":%" PRIu64, rows[i].name, rows[i].value);
	write_exemptions(s, out);
	fputs(",\"maintenance\":", out);
	toc_maintenance_json(s->maintenances, s->at, out);
	write_confinement(s->confinement, p->options.fences, out);
	write_canary(&s->canary, out);
	write_shedding(p, out);
	toc_funnel_read(&funnel, s, p);
	fputs(",\"funnel\":", out);
	toc_funnel_write(&funnel, out);
	control_senders_write(p, out);
	if (s->delivers)
		toc_courier_status_json(&s->courier, delivery, sizeof(delivery));
	if (p->options.clerk)
		toc_clerk_status_json(p->options.clerk, evidence, sizeof(evidence));
	bool well =
		s->alerts.refused == 0 && s->courier.trouble[0] == '\0' && s->courier.lost == 0 && !s->canary.overdue;
	fprintf(out, "%s%s%s,\"ok\":%s}\n", evidence, delivery[0] ? "," : "", delivery, well ? "true" : "false");
}
