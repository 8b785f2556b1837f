/* exempt - exemptions: each with owner, reason and end; what it takes from a detection is a rule of the matcher of its
 * own, so that it can be counted. */
#include "ruleset/load.h"

struct exempted {
	const struct doc *rule;
	struct doc *filter;
	const struct tree *tree; /* the rule, as the filters before left it, and the exemption */
};

void exempted_note(struct load *l, const struct doc *rule, const struct doc *filter, const struct tree *tree,
		   const struct tree *holds)
{
	const struct tree *both[2] = { tree, tree_not(l, holds) };
	struct exempted *x = table_add(l, &l->exempted, sizeof(*x));
	*x = (struct exempted){ rule, (struct doc *)(uintptr_t)filter, tree_all(l, both, 2) };
}

static struct toc_ruleset_filter describe(const struct doc *filter)
{
	const struct toc_yaml *e = toc_yaml_get(toc_yaml_get(filter->root, "tocsin"), "exemption");
	return (struct toc_ruleset_filter){ .id = filter->id,
					    .title = filter->title,
					    .owner = toc_yaml_str(toc_yaml_get(e, "owner")),
					    .reason = toc_yaml_str(toc_yaml_get(e, "reason")),
					    .expires = filter->expires ? filter->expires : TOC_NEVER };
}

/* Those that name correlations have their places already. */
static void list_filters(struct load *l, struct toc_ruleset *set)
{
	struct toc_ruleset_filter *all = toc_arena_alloc(l->arena, (l->filters.n + 1) * sizeof(*all));
	const unsigned *filters = l->filters.at;
	for (unsigned i = 0; i < l->filters.n; i++) {
		struct doc *filter = (struct doc *)l->docs.at + filters[i];
		if (filter->broken || (!filter->numbered && !filter->expires))
			continue;
		if (!filter->numbered)
			filter->number = set->nfilters++;
		filter->numbered = true;
		all[filter->number] = describe(filter);
	}
	set->filters = all;
}

void exempted_place(struct load *l, struct toc_ruleset *set)
{
	const struct exempted *from = l->exempted.at;
	struct toc_exempted *to = toc_arena_alloc(l->arena, (l->exempted.n + 1) * sizeof(*to));
	list_filters(l, set);
	for (unsigned i = 0; i < l->exempted.n; i++) {
		if (!from[i].rule->tree || !from[i].filter->numbered)
			continue;
		l->now = from[i].rule;
		taxonomy_place(l, &from[i].rule->source,
			       set->ndetections + set->ncorrelations + set->nraises + set->nexempted,
			       pipeline_conditions(l, from[i].rule, from[i].tree));
		to[set->nexempted++] = (struct toc_exempted){ from[i].filter->number, from[i].rule->number };
	}
	l->now = NULL;
	set->exempted = to;
}
