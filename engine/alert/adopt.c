/* adopt - a new generation of rules: open episodes of rules that live on go on under them, the others close. */
#include <stdlib.h>
#include <string.h>

#include "alert/table.h"

bool alerts_use_rules(struct toc_alerts *a, const struct toc_alert_rule *rules, unsigned nrules)
{
	uint64_t *hash = calloc(nrules + 1, sizeof(*hash));
	if (!hash)
		return false;
	for (unsigned i = 0; i < nrules; i++)
		hash[i] = toc_hash_fixed(rules[i].id, strlen(rules[i].id));
	free(a->rule_hash);
	a->rule_hash = hash;
	a->rules = rules;
	a->nrules = nrules;
	return true;
}

/* Episodes know their rule by pointer; the key that they are found by is made of the rule's id and stays. */
struct adoption {
	const struct toc_corr_rule *correlations;
	unsigned ncorrelations;
	const struct toc_alert_rule **by_id; /* of the new generation, ascending by id */
	unsigned n;
	uint8_t (*orphans)[16];
	uint32_t norphans;
};

static int by_id(const void *a, const void *b)
{
	const struct toc_alert_rule *const *x = a, *const *y = b;
	return strcmp((*x)->id, (*y)->id);
}

/* The names of the key that the rule's episodes have: of a detection its own, of a correlation its group-by. */
static const char *const *key_names(const struct adoption *x, const struct toc_alert_rule *rule, unsigned *n)
{
	for (unsigned i = 0; i < x->ncorrelations; i++)
		if (x->correlations[i].number == rule->number) {
			*n = x->correlations[i].nkeys;
			return x->correlations[i].key_names;
		}
	*n = rule->nkeys;
	return rule->key_names;
}

static bool take_over(const struct adoption *x, struct episode *e, const struct toc_alert_rule *rule)
{
	unsigned n;
	const char *const *names = key_names(x, rule, &n);
	bool same = rule->alerts && e->nkeys == n;
	for (unsigned i = 0; same && i < n; i++)
		same = strcmp(e->key_names[i], names[i]) == 0;
	if (!same)
		return false;
	if (e->severity <= e->rule->severity || e->severity < rule->severity) /* else an event has raised it */
		e->severity = (uint8_t)rule->severity;
	e->rule = rule;
	e->key_names = names;
	return true;
}

static void adopt_one(void *user, void *cell)
{
	struct adoption *x = user;
	struct episode *e = cell;
	const struct toc_alert_rule *old = e->rule;
	const struct toc_alert_rule **found = bsearch(&old, x->by_id, x->n, sizeof(*x->by_id), by_id);
	if (!found || !take_over(x, e, *found))
		memcpy(x->orphans[x->norphans++], e->key, sizeof(e->key));
}

bool toc_alerts_adopt(struct toc_alerts *a, const struct toc_alert_rule *rules, unsigned nrules,
		      const struct toc_corr_rule *correlations, unsigned ncorrelations)
{
	struct adoption x = { .correlations = correlations,
			      .ncorrelations = ncorrelations,
			      .by_id = calloc(nrules + 1, sizeof(*x.by_id)),
			      .n = nrules,
			      .orphans = calloc(toc_lru_count(a->episodes) + 1, sizeof(*x.orphans)) };
	bool ok = x.by_id && x.orphans && alerts_use_rules(a, rules, nrules);
	for (unsigned i = 0; ok && i < nrules; i++)
		x.by_id[i] = &rules[i];
	if (ok) {
		qsort(x.by_id, nrules, sizeof(*x.by_id), by_id);
		toc_lru_each(a->episodes, adopt_one, &x);
	}
	/* their rules are still there: the old generation goes after this */
	for (uint32_t i = 0; i < x.norphans; i++)
		alerts_close_episode(a, toc_lru_get(a->episodes, x.orphans[i]), a->at);
	free(x.by_id);
	free(x.orphans);
	return ok;
}
