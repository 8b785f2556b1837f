/* super_filter - filters that name a correlation: they hold for its group key; exemptions with owner and end. */
#include <string.h>

#include "ruleset/super.h"

static bool names(struct load *l, const struct doc *filter, const struct doc *rule)
{
	const struct toc_yaml *list = toc_yaml_get(toc_yaml_get(filter->root, "filter"), "rules");
	for (const char *const *n = strings_read(l, list, "rules"); *n; n++)
		if (strcmp(*n, rule->id) == 0 || (rule->name && strcmp(*n, rule->name) == 0))
			return true;
	return false;
}

static struct toc_corr_rule *correlation_of(const struct toc_ruleset *set, struct toc_corr_rule *all,
					    const struct doc *doc)
{
	return doc->kind == DOC_CORRELATION ? &all[doc->number - set->ndetections] : NULL;
}

/* Puts the filter before every correlation that it names; false: it names none. */
static bool apply(struct load *l, const struct toc_ruleset *set, struct toc_corr_rule *all, const struct doc *filter,
		  struct toc_corr_exemption exemption, const struct toc_corr_filters *filters)
{
	const struct doc *docs = l->docs.at;
	bool any = false;
	for (unsigned i = 0; i < l->docs.n; i++) {
		struct toc_corr_rule *rule = correlation_of(set, all, &docs[i]);
		if (!rule || !names(l, filter, &docs[i]))
			continue;
		struct toc_corr_exemption *more = toc_arena_alloc(l->arena, (rule->nexemptions + 1) * sizeof(*more));
		if (rule->nexemptions)
			memcpy(more, rule->exemptions, rule->nexemptions * sizeof(*more));
		more[rule->nexemptions++] = exemption;
		rule->exemptions = more;
		rule->filters = filters;
		any = true;
	}
	return any;
}

struct toc_matcher *super_filters(struct load *l, struct toc_ruleset *set, struct toc_corr_rule *correlations)
{
	struct doc *docs = l->docs.at;
	struct toc_corr_filters *filters = toc_arena_alloc(l->arena, sizeof(*filters));
	struct toc_build *rules = l->build;
	filters->kind = toc_intern_add(l->names, toc_span_str("correlation"));
	l->build = toc_build_new(l->arena);
	for (unsigned i = 0; i < l->docs.n; i++) {
		struct doc *filter = &docs[i];
		const struct keyword_scope everywhere = { 0 };
		const toc_time expires = filter->expires ? filter->expires : TOC_NEVER;
		const struct toc_corr_exemption exemption = { filters->n, expires };
		if (filter->kind != DOC_FILTER || filter->broken ||
		    !apply(l, set, correlations, filter, exemption, filters))
			continue;
		l->mute = true; /* it was told when the filter was looked at by itself */
		const struct tree *tree = detection_compile(l, toc_yaml_get(filter->root, "filter"), "a filter", NULL);
		l->mute = false;
		if (!tree)
			continue;
		toc_build_rule(l->build, filters->n, filters->kind, TOC_NO_NODE, tree_lower(l, tree, &everywhere));
		filter->number = filters->n++;
		filter->numbered = true;
	}
	const char *why = "";
	struct toc_matcher *matcher = toc_build_finish(l->build, &why);
	l->build = rules;
	filters->matcher = matcher;
	set->nfilters = filters->n;
	if (!matcher)
		mistake(l, NULL, "the filters cannot be compiled: %s", why);
	return matcher;
}
