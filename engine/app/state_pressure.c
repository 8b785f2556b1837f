/* state_pressure - what the windows of each rule had to give up since the last look. */
#include "app/state_pressure.h"

#include <stdlib.h>

#include "tocsin/draft.h"

enum { EV_PRESSURE, F_RULE, F_TITLE, F_GIVEN_UP, F_WINDOWS, F_BYTES, N_FIELDS };

const struct toc_field_decl toc_state_pressure_fields[] = {
	[EV_PRESSURE] = { "state_pressure", TOC_KIND, false, TOC_OPEN, NULL,
			  "a correlation has more groups or hits than it may keep; at most every five seconds" },
	[F_RULE] = { "rule", TOC_STRING, false, TOC_OPEN, NULL, "its id" },
	[F_TITLE] = { "title", TOC_STRING, false, TOC_OPEN, NULL, "its title" },
	[F_GIVEN_UP] = { "given_up", TOC_UINT, false, TOC_OPEN, NULL, "windows and hits given up since the last one" },
	[F_WINDOWS] = { "windows", TOC_UINT, false, TOC_OPEN, NULL, "that it holds now" },
	[F_BYTES] = { "bytes", TOC_UINT, false, TOC_OPEN, "B", "that they take" },
};
const unsigned toc_state_pressure_nfields = N_FIELDS;

struct toc_state_pressure {
	toc_field map[N_FIELDS];
	struct toc_draft draft;
	const struct toc_generation *generation; /* that was looked at last */
	uint64_t *told;				 /* given up until then, of each of its correlations */
	toc_time looked;
};

struct toc_state_pressure *toc_state_pressure_new(struct toc_intern *names)
{
	struct toc_state_pressure *p = calloc(1, sizeof(*p));
	if (p)
		toc_intern_decls(names, toc_state_pressure_fields, N_FIELDS, p->map);
	return p;
}

void toc_state_pressure_free(struct toc_state_pressure *p)
{
	if (p)
		free(p->told);
	free(p);
}

static uint64_t given_up(const struct toc_generation *g, unsigned i)
{
	const struct toc_corr_counters *n = toc_correlate_rule_count(g->correlator, i);
	return n->cells_evicted + n->hits_evicted;
}

static void tell(struct toc_state_pressure *p, const struct toc_pipeline *pipeline, unsigned i, uint64_t n, toc_time at)
{
	const struct toc_generation *g = pipeline->generation;
	const struct toc_alert_rule *rule = &g->rules->alerts[g->rules->ndetections + i];
	struct toc_emit *emit = toc_engine_emit(pipeline->engine);
	struct toc_draft *d = &p->draft;
	toc_draft_begin(d, p->map, EV_PRESSURE);
	d->head.ts = at;
	toc_put_cstr(d, F_RULE, rule->id);
	toc_put_cstr(d, F_TITLE, rule->title);
	toc_put_uint(d, F_GIVEN_UP, n);
	toc_put_uint(d, F_WINDOWS, toc_correlate_rule_count(g->correlator, i)->cells);
	toc_put_uint(d, F_BYTES, toc_correlate_rule_bytes(g->correlator, i));
	emit->event(emit, d);
}

/* What the rules of a new generation brought with them was told as the old one's. */
static void begin(struct toc_state_pressure *p, const struct toc_generation *g)
{
	uint64_t *told = calloc(g->rules->ncorrelations + 1, sizeof(*told));
	for (unsigned i = 0; told && i < g->rules->ncorrelations; i++)
		told[i] = given_up(g, i);
	free(p->told);
	p->told = told;
	p->generation = g;
}

void toc_state_pressure_tick(struct toc_state_pressure *p, const struct toc_pipeline *pipeline)
{
	const struct toc_generation *g = pipeline->generation;
	const toc_time at = toc_engine_at(pipeline->engine);
	if (at <= 0 || !g || (g == p->generation && at - p->looked < 5 * TOC_SEC))
		return;
	p->looked = at;
	if (g != p->generation)
		begin(p, g);
	for (unsigned i = 0; p->told && i < g->rules->ncorrelations; i++) {
		uint64_t now = given_up(g, i);
		if (now > p->told[i])
			tell(p, pipeline, i, now - p->told[i], at);
		p->told[i] = now;
	}
}
