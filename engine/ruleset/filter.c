/* filter - Sigma filters: one more condition of the rules that they name, as it is written (pySigma's reading). */
#include <stdio.h>
#include <string.h>

#include "ruleset/load.h"

static const struct toc_yaml *body(const struct doc *filter)
{
	return toc_yaml_get(filter->root, "filter");
}

/* `any`, and an empty list, mean every rule that the logsource covers. */
static bool names_rule(struct load *l, const struct doc *filter, const struct doc *rule)
{
	const struct toc_yaml *rules = toc_yaml_get(body(filter), "rules");
	if (rules && rules->kind == TOC_YAML_LIST && rules->n == 0)
		return true;
	for (const char *const *n = strings_read(l, rules, "rules"); *n; n++)
		if (strcmp(*n, "any") == 0 || strcmp(*n, rule->id) == 0 || (rule->name && strcmp(*n, rule->name) == 0))
			return true;
	return false;
}

static bool covers(const struct doc *filter, const struct doc *rule)
{
	return taxonomy_covers(&filter->source, &rule->source);
}

/* What an exemption says holds for events before it expires. */
static const struct tree *until(struct load *l, const struct doc *filter, const struct tree *extra)
{
	struct leaf leaf = { .kind = LEAF_BEFORE, .test = { .kind = TOC_TEST_BEFORE, .time = filter->expires } };
	leaf.field = "ts";
	leaf.inverted = true;
	const struct tree *either[2] = { extra, tree_test(l, filter->root, filter->root, &leaf) };
	return extra ? tree_any(l, either, 2) : NULL;
}

const struct tree *filters_apply(struct load *l, const struct doc *rule, const struct tree *tree)
{
	const unsigned *filters = l->filters.at;
	for (unsigned i = 0; i < l->filters.n; i++) {
		const struct doc *filter = (const struct doc *)l->docs.at + filters[i];
		if (filter->broken || !names_rule(l, filter, rule) || !covers(filter, rule))
			continue;
		l->mute = true; /* it was told when the filter was looked at by itself */
		const struct tree *extra = detection_compile(l, body(filter), "a filter", NULL);
		l->mute = false;
		const struct tree *both[2] = { tree, filter->expires ? until(l, filter, extra) : extra };
		if (!extra)
			return NULL;
		if (filter->expires)
			exempted_note(l, rule, filter, tree, both[1]);
		tree = tree_all(l, both, 2);
	}
	return tree;
}

/* An exemption from a correlation names it; what it covers of a detection's events its logsource says too. */
static bool exempts(struct load *l, const struct doc *filter, const struct doc *rule)
{
	return !filter->broken && filter->expires && names_rule(l, filter, rule) &&
	       (rule->kind == DOC_CORRELATION || covers(filter, rule));
}

const char *const *filters_exempting(struct load *l, const struct doc *rule)
{
	const unsigned *filters = l->filters.at;
	const char **out = toc_arena_alloc(l->arena, (l->filters.n + 1) * sizeof(*out));
	unsigned n = 0;
	for (unsigned i = 0; i < l->filters.n; i++) {
		const struct doc *filter = (const struct doc *)l->docs.at + filters[i];
		if (exempts(l, filter, rule))
			out[n++] = filter->title ? filter->title : filter->id;
	}
	return out;
}

/* --- what is wrong with a filter by itself ------------------------------------------------------------------------ */

static void check_name(struct load *l, const struct doc *filter, const char *name, const struct toc_yaml *at)
{
	const struct doc *rule = docs_find(l, name);
	const char *near = rule ? NULL : docs_nearest(l, name, DOC_DETECTION);
	if (filter->from_alert)
		return; /* the rule was there when the exemption was made: a later one takes it or does not */
	if (!rule)
		tell(l, at, (struct finding){ TOC_ERROR, "unknown-rule", near, 0, 0 }, "there is no rule \"%s\"%s%s%s",
		     name, near ? " (" : "", near ? near : "", near ? "?)" : "");
	else if (rule->kind == DOC_DETECTION && !covers(filter, rule))
		tell(l, at, (struct finding){ TOC_WARNING, "filter-logsource", NULL, 0, 0 },
		     "the filter's logsource is not that of \"%s\", so it never applies", name);
}

static void check_names(struct load *l, const struct doc *filter, const struct toc_yaml *rules)
{
	const char *const *names = strings_read(l, rules, "rules");
	for (unsigned i = 0; names[i]; i++)
		if (strcmp(names[i], "any") != 0)
			check_name(l, filter, names[i], strings_node(rules, i));
}

/* A condition that only adds what must hold reads like an exclusion and is its opposite. */
static void check_negation(struct load *l, const struct doc *filter)
{
	const struct toc_yaml *condition = toc_yaml_get(body(filter), "condition");
	const char *text = toc_yaml_str(condition);
	if (text && !strstr(text, "not "))
		tell(l, condition,
		     (struct finding){ TOC_WARNING, "filter-without-not", toc_arena_printf(l->arena, "not %s", text), 0,
				       0 },
		     "the rule fires only where this holds as well; to leave events out write: not …");
}

/* Compiled once by itself, so that its mistakes are told even where no rule takes it. */
static void check_one(struct load *l, struct doc *filter)
{
	const struct toc_yaml *rules = toc_yaml_get(body(filter), "rules");
	unsigned before = toc_diag_errors(l->diag);
	l->now = filter;
	filter->source = logsource_read(l, toc_yaml_get(filter->root, "logsource"));
	law_exemption(l, filter);
	if (!rules)
		tell(l, filter->root, (struct finding){ TOC_ERROR, "filter-rules", NULL, 0, 0 },
		     "a filter names its rules (rules: [name], or any)");
	else
		check_names(l, filter, rules);
	l->quiet = filter->from_alert; /* nobody wrote it who could mend it */
	if (!toc_yaml_get(filter->root, "logsource") && !filter->from_alert)
		tell(l, filter->root, (struct finding){ TOC_ERROR, "logsource", NULL, 0, 0 },
		     "a filter needs a logsource (category, product or service)");
	const struct tree *tree = detection_compile(l, body(filter), "a filter", NULL);
	filter->broken = !tree || toc_diag_errors(l->diag) != before;
	if (tree && toc_diag_errors(l->diag) == before)
		check_negation(l, filter);
	l->now = NULL;
	l->quiet = false;
}

void filters_check(struct load *l)
{
	const unsigned *filters = l->filters.at;
	for (unsigned i = 0; i < l->filters.n; i++)
		check_one(l, (struct doc *)l->docs.at + filters[i]);
}
