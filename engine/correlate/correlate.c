/* correlate - making a correlator of rules, and what passes through it. */
#include "correlate/correlate.h"

#include <stdlib.h>

#include "correlate/state.h"

static int by_rule(const void *a, const void *b)
{
	const struct reference *x = a, *y = b;
	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	if (x->by != y->by)
		return x->by < y->by ? -1 : 1;
	return x->ref != y->ref ? (x->ref < y->ref ? -1 : 1) : (int)y->inhibits - x->inhibits;
}

static bool is_lower(const struct toc_corr_bound *b)
{
	return b->op == TOC_CORR_GT || b->op == TOC_CORR_GTE;
}

bool toc_corr_rule_waits(const struct toc_corr_rule *r)
{
	bool waits = r->absent.on || r->expr.forbidden;
	for (unsigned i = 0; i < r->nbounds && !r->expr.n; i++)
		waits = waits || !is_lower(&r->bounds[i]);
	for (unsigned i = 0; i < r->ratio.n; i++)
		waits = waits || !is_lower(&r->ratio.bounds[i]);
	return waits;
}

static enum judged judged_when(const struct toc_corr_rule *r)
{
	if (r->absent.on)
		return AT_SILENCE;
	if (r->expr.forbidden)
		return AT_ANCHOR;
	return toc_corr_rule_waits(r) ? AT_CLOSE : AT_HIT;
}

static void add_references(struct toc_correlator *c, unsigned by, const struct toc_corr_ref *refs, unsigned n,
			   bool inhibits)
{
	for (unsigned i = 0; i < n; i++) {
		c->references[c->nreferences++] = (struct reference){ refs[i].rule, by, i, inhibits };
		if (refs[i].rule >= c->nnumbers)
			c->nnumbers = refs[i].rule + 1;
	}
}

/* The references of each rule stand together, found by its number. */
static bool make_references(struct toc_correlator *c, const struct toc_corr_rule *rules)
{
	unsigned sum = 0;
	for (unsigned i = 0; i < c->nrules; i++)
		sum += rules[i].nrefs + rules[i].ninhibitors;
	c->references = calloc(sum + 1, sizeof(*c->references));
	if (!c->references)
		return false;
	for (unsigned i = 0; i < c->nrules; i++) {
		add_references(c, i, rules[i].refs, rules[i].nrefs, false);
		add_references(c, i, rules[i].inhibitors, rules[i].ninhibitors, true);
	}
	qsort(c->references, c->nreferences, sizeof(*c->references), by_rule);
	c->first_reference = calloc(c->nnumbers + 2, sizeof(*c->first_reference));
	if (!c->first_reference)
		return false;
	uint32_t at = 0;
	for (unsigned number = 0; number <= c->nnumbers; number++) {
		while (at < c->nreferences && c->references[at].rule < number)
			at++;
		c->first_reference[number] = at;
	}
	return true;
}

static bool begin_rule(struct toc_correlator *c, unsigned i, const struct toc_corr_rule *rule)
{
	struct running *r = &c->running[i];
	r->rule = rule;
	r->index = i;
	r->judged = judged_when(rule);
	r->budget = (struct budget){ 0, c->config.rule_bytes, &c->budget };
	if (r->judged == AT_ANCHOR)
		for (unsigned k = 0; k < rule->nrefs; k++)
			r->anchors |= rule->expr.forbidden >> k & 1 ? 0 : UINT32_C(1) << k;
	return novel_begin(c, r) && baseline_begin(c, r) && inhibit_begin(c, r);
}

static void set_config(struct toc_correlator *c, const struct toc_corr_config *config)
{
	c->config = *config;
	c->config.cells = config->cells ? config->cells : 262144;
	/* one rule's share is a part of the whole: a flood of its groups must not push out those of the others */
	c->config.rule_cells = config->rule_cells ? config->rule_cells : (c->config.cells + 3) / 4;
	c->config.bytes = config->bytes ? config->bytes : (size_t)128 << 20;
	c->config.rule_bytes = config->rule_bytes ? config->rule_bytes : c->config.bytes / 2;
	c->config.cell_hits = config->cell_hits ? config->cell_hits : 262144;
	c->config.learnt = config->learnt ? config->learnt : 262144;
	c->budget.most = c->config.bytes;
}

struct toc_correlator *toc_correlator_new(const struct toc_corr_config *config, const struct toc_corr_rule *rules,
					  unsigned nrules, const struct toc_hash_key *key, struct toc_findings *out)
{
	struct toc_correlator *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	set_config(c, config);
	c->nrules = nrules;
	c->key = *key;
	c->values = (struct toc_hash_key){ toc_hash(key, "values", 6), toc_hash(key, "seulav", 6) };
	c->out = out;
	c->at = c->swept = c->started = INT64_MIN;
	c->nothing.size = sizeof(c->nothing);
	c->nothing.heap = sizeof(c->nothing);
	c->running = calloc(nrules + 1, sizeof(*c->running));
	bool ok = c->running && make_references(c, rules) && clocks_begin(c);
	for (unsigned i = 0; ok && i < nrules; i++)
		ok = begin_rule(c, i, &rules[i]);
	for (unsigned i = 0; ok && i < nrules; i++)
		ok = !rules[i].observed || peaks_begin(c);
	for (unsigned i = 0; ok && i < c->config.ndetections; i++)
		ok = !c->config.detections[i].observed || peaks_begin(c);
	if (ok && gate_begin(c))
		return c;
	toc_correlator_free(c);
	return NULL;
}

void toc_correlator_free(struct toc_correlator *c)
{
	if (!c)
		return;
	cells_free_all(c);
	peaks_free(c);
	clocks_end(c);
	for (unsigned i = 0; c->running && i < c->nrules; i++) {
		toc_lru_free(c->running[i].novel);
		toc_lru_free(c->running[i].inhibited);
		baseline_end(&c->running[i]);
	}
	gate_end(c);
	free(c->running);
	free(c->references);
	free(c->first_reference);
	free(c->due);
	free(c);
}

void toc_correlate_hit(struct toc_correlator *c, uint32_t number, const struct toc_view *view, bool again,
		       const struct toc_raised *raised)
{
	c->event += !again;
	if (view->ev->at > c->at)
		c->at = view->ev->at;
	feed_event(c, number, view, raised);
}

const struct toc_corr_counters *toc_correlate_count(const struct toc_correlator *c)
{
	return &c->count;
}

const struct toc_corr_counters *toc_correlate_rule_count(const struct toc_correlator *c, unsigned rule)
{
	return &c->running[rule].count;
}

uint64_t toc_correlate_rule_spent(const struct toc_correlator *c, unsigned rule)
{
	return c->running[rule].spent;
}

void toc_correlate_stopwatch(struct toc_correlator *c, toc_stopwatch now)
{
	c->now = now;
}

uint64_t toc_correlate_bytes(const struct toc_correlator *c)
{
	return c->budget.bytes;
}

uint64_t toc_correlate_rule_bytes(const struct toc_correlator *c, unsigned rule)
{
	return c->running[rule].budget.bytes;
}
