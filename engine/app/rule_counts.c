/* rule_counts - of the matcher, the correlator and the alerts, put together by rule. */
#include "app/rule_counts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/random.h"
#include "ruleset/show.h"

enum { RULES = 65536 };

struct past_rule {
	uint64_t id; /* key: hash of the rule's id */
	uint64_t events, hits, ns;
};

struct toc_lru *toc_rule_past_new(void)
{
	struct toc_hash_key key;
	toc_random_key(&key);
	return toc_lru_new(sizeof(uint64_t), sizeof(struct past_rule), RULES, &key, NULL, NULL);
}

static uint64_t hash_of(const struct toc_generation *g, uint32_t rule)
{
	const char *id = g->rules->alerts[rule].id;
	return toc_hash_fixed(id, strlen(id));
}

static uint64_t detection_ns(const struct toc_generation *g, uint32_t rule)
{
	return (toc_match_spent(g->scratch, rule) + g->spent[rule]) * TOC_RULE_SAMPLE;
}

void toc_rule_past_add(struct toc_lru *past, const struct toc_generation *g)
{
	for (uint32_t i = 0; i < g->rules->ndetections; i++) {
		const uint64_t id = hash_of(g, i), events = toc_match_asked(g->scratch, i);
		bool fresh;
		if (!events)
			continue;
		struct past_rule *p = toc_lru_add(past, &id, &fresh);
		p->events += events;
		p->hits += g->hits[i];
		p->ns += detection_ns(g, i);
	}
}

static void count_detection(const struct toc_lru *past, const struct toc_generation *g, uint32_t rule,
			    struct toc_rule_count *out)
{
	const uint64_t id = hash_of(g, rule);
	const struct past_rule *p = toc_lru_peek(past, &id);
	out->events = (p ? p->events : 0) + toc_match_asked(g->scratch, rule);
	out->hits = (p ? p->hits : 0) + g->hits[rule];
	out->ns = (p ? p->ns : 0) + detection_ns(g, rule);
}

static void count_correlation(const struct toc_correlator *c, unsigned i, struct toc_rule_count *out)
{
	const struct toc_corr_counters *n = toc_correlate_rule_count(c, i);
	out->events = n->hits;
	out->hits = n->opened;
	out->windows = n->cells;
	out->ns = toc_correlate_rule_spent(c, i) * TOC_RULE_SAMPLE;
	out->bytes = toc_correlate_rule_bytes(c, i);
}

struct toc_rule_count *toc_rule_counts(const struct toc_lru *past, const struct toc_generation *g,
				       const struct toc_alerts *alerts)
{
	const unsigned n = g ? g->rules->ndetections + g->rules->ncorrelations : 0;
	struct toc_rule_count *counts = n ? calloc(n, sizeof(*counts)) : NULL;
	if (!counts)
		return NULL;
	for (uint32_t i = 0; i < n; i++) {
		counts[i].rule = i;
		counts[i].alerts = toc_alerts_opened(alerts, i);
		if (i < g->rules->ndetections)
			count_detection(past, g, i, &counts[i]);
		else
			count_correlation(g->correlator, i - g->rules->ndetections, &counts[i]);
	}
	return counts;
}

static int by_cost(const void *a, const void *b)
{
	const struct toc_rule_count *x = a, *y = b;
	if (x->ns != y->ns)
		return x->ns > y->ns ? -1 : 1;
	if (x->hits != y->hits)
		return x->hits > y->hits ? -1 : 1;
	if (x->events != y->events)
		return x->events > y->events ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

void toc_rule_counts_sort(struct toc_rule_count *counts, unsigned n)
{
	if (n)
		qsort(counts, n, sizeof(*counts), by_cost);
}

void toc_rule_counts_print(const struct toc_rule_count *counts, unsigned n, unsigned most,
			   const struct toc_ruleset *rules, FILE *out)
{
	fprintf(out, "%10s %12s %10s %8s %9s %12s  %s\n", "CPU MS", "EVENTS", "HITS", "ALERTS", "WINDOWS", "BYTES",
		"RULE");
	for (unsigned i = 0; i < n && i < most; i++) {
		const struct toc_rule_count *c = &counts[i];
		fprintf(out, "%10.1f %12" PRIu64 " %10" PRIu64 " %8" PRIu64 " %9" PRIu64 " %12" PRIu64 "  %s\n",
			(double)c->ns / (double)TOC_MS, c->events, c->hits, c->alerts, c->windows, c->bytes,
			rules->alerts[c->rule].title);
	}
}

void toc_rule_counts_json(const struct toc_rule_count *counts, unsigned n, const struct toc_ruleset *rules, FILE *out)
{
	for (unsigned i = 0; i < n; i++) {
		const struct toc_rule_count *c = &counts[i];
		const struct toc_alert_rule *r = &rules->alerts[c->rule];
		fputs("{\"rule\":", out);
		toc_show_string(toc_span_str(r->id), out);
		fputs(",\"title\":", out);
		toc_show_string(toc_span_str(r->title ? r->title : ""), out);
		fprintf(out,
			",\"kind\":\"%s\",\"events\":%" PRIu64 ",\"hits\":%" PRIu64 ",\"alerts\":%" PRIu64
			",\"cpu_ms\":%.3f,\"windows\":%" PRIu64 ",\"bytes\":%" PRIu64 "}\n",
			c->rule < rules->ndetections ? "detection" : "correlation", c->events, c->hits, c->alerts,
			(double)c->ns / (double)TOC_MS, c->windows, c->bytes);
	}
}
