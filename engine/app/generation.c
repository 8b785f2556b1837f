/* generation - files to rules, rules to what runs them. */
#include "app/generation.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct toc_generation *toc_generation_load(const struct toc_generation_config *config, struct toc_diag *diag)
{
	const struct toc_config *c = config->config;
	const struct toc_ruleset_config conf = { .paths = config->rule_paths ? config->rule_paths : c->rules,
						 .taxonomy = c->taxonomy,
						 .lists = c->lists,
						 .vars = c->vars,
						 .pipelines = c->pipelines,
						 .calendars = c->calendars,
						 .policy = c->policy,
						 .time_zone = c->time_zone,
						 .sizes = config->sizes,
						 .observe = c->rules_observe,
						 .observed = config->rule_paths ? NULL : c->rules_observed,
						 .trial = config->trial,
						 .now = (toc_time)time(NULL) * TOC_SEC,
						 .opener = config->opener,
						 .cache = config->cache,
						 .documents = config->documents };
	struct toc_generation *g = calloc(1, sizeof(*g));
	if (!g)
		abort(); /* at load there is nothing to save */
	g->rules = toc_ruleset_load(&conf, config->names, config->dictionary, diag);
	g->scratch = g->rules ? toc_match_scratch_new(g->rules->matcher) : NULL;
	if (g->scratch)
		return g;
	if (g->rules)
		toc_diag_add(diag, TOC_ERROR, (struct toc_place){ 0 }, "out of memory for the rules' scratch");
	toc_generation_free(g);
	return NULL;
}

bool toc_generation_read_site(struct toc_generation *g, const struct toc_generation_config *config,
			      struct toc_diag *diag)
{
	const unsigned before = toc_diag_errors(diag);
	const struct toc_site_files files = { config->opener, config->sizes, (toc_time)time(NULL) * TOC_SEC };
	g->arena = toc_arena_new();
	g->site = toc_site_new(g->arena, config->config->site, &files, diag);
	return toc_diag_errors(diag) == before;
}

bool toc_generation_attach(struct toc_generation *g, const struct toc_config *c, struct toc_intern *names,
			   const struct toc_hash_key *key, struct toc_findings *findings)
{
	g->detections = calloc(g->rules->ndetections + 1, sizeof(*g->detections));
	for (unsigned i = 0; g->detections && i < g->rules->ndetections; i++)
		g->detections[i] = (struct toc_corr_detection){ g->rules->alerts[i].id, g->rules->alerts[i].held };
	const struct toc_corr_config corr = { .cells = c->windows,
					      .bytes = c->window_bytes,
					      .detections = g->detections,
					      .ndetections = g->detections ? g->rules->ndetections : 0,
					      .count_field = toc_intern_add(names, toc_span_str("count")) };
	g->correlator = toc_correlator_new(&corr, g->rules->correlations, g->rules->ncorrelations, key, findings);
	g->exempted = calloc(g->rules->nfilters + 1, sizeof(*g->exempted));
	g->hits = calloc(g->rules->ndetections + 1, sizeof(*g->hits));
	g->spent = calloc(g->rules->ndetections + 1, sizeof(*g->spent));
	return g->detections && g->correlator && g->exempted && g->hits && g->spent;
}

uint64_t toc_generation_exempted(const struct toc_generation *g, unsigned filter)
{
	return g->exempted[filter] + toc_correlate_filter_count(g->correlator, filter);
}

void toc_generation_succeed(struct toc_generation *g, const struct toc_generation *old)
{
	for (unsigned i = 0; i < g->rules->nfilters; i++)
		for (unsigned k = 0; k < old->rules->nfilters; k++)
			if (strcmp(g->rules->filters[i].id, old->rules->filters[k].id) == 0)
				g->exempted[i] += toc_generation_exempted(old, k);
}

void toc_generation_free(struct toc_generation *g)
{
	if (!g)
		return;
	toc_correlator_free(g->correlator);
	free(g->detections);
	free(g->exempted);
	free(g->hits);
	free(g->spent);
	toc_match_scratch_free(g->scratch);
	toc_ruleset_free(g->rules);
	toc_sizes_free(g->sizes);
	if (g->arena)
		toc_arena_free(g->arena);
	free(g);
}
