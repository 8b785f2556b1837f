/* pipeline - reading of pySigma's processing pipelines (pySigma documentation, "Processing Pipelines", YAML form). */
#include "ruleset/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "ruleset/load.h"

static const struct {
	const char *name;
	enum step_kind kind;
	const char *keys[5]; /* its own */
} kinds[] = {
	{ "field_name_mapping", STEP_MAPPING, { "mapping", NULL } },
	{ "field_name_prefix", STEP_PREFIX, { "prefix", NULL } },
	{ "change_logsource", STEP_LOGSOURCE, { "category", "product", "service", NULL } },
	{ "add_condition", STEP_CONDITION, { "conditions", "name", "template", "negated", NULL } },
	{ "value_placeholders", STEP_PLACEHOLDERS, { "include", "exclude", NULL } },
	{ "drop_detection_item", STEP_DROP, { NULL } },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* Conditions that are understood, by where they stand; the keys that each needs. */
static const char *const rule_conditions[] = { "logsource",
					       "contains_detection_item",
					       "contains_field",
					       "processing_item_applied",
					       "is_sigma_rule",
					       "is_sigma_correlation_rule",
					       "tag",
					       NULL };
static const char *const item_conditions[] = { "match_string", "is_null", "contains_wildcard", NULL };
static const char *const field_conditions[] = { "include_fields", "exclude_fields", NULL };

static void refuse(struct load *l, const struct toc_yaml *at, const char *near, const char *what)
{
	tell(l, at, (struct finding){ TOC_ERROR, "pipeline", near, 0, 0 }, "%s%s%s%s", what, near ? " (" : "",
	     near ? near : "", near ? "?)" : "");
}

static bool flag(struct load *l, const struct toc_yaml *node)
{
	bool yes = false;
	if (node)
		toc_yaml_bool(node, &yes, l->diag);
	return yes;
}

bool pipeline_pattern(const struct toc_yaml *node, struct toc_span *plain, bool *front, bool *back)
{
	struct toc_span s = toc_span_str(toc_yaml_str(node) ? toc_yaml_str(node) : "(");
	*front = toc_span_starts(s, ".*");
	s = toc_span_from(s, *front ? 2 : toc_span_starts(s, "^") ? 1 : 0);
	*back = !(s.n && s.p[s.n - 1] == '$');
	if (!*back)
		s.n--;
	else if (s.n >= 2 && s.p[s.n - 2] == '.' && s.p[s.n - 1] == '*')
		s.n -= 2;
	*plain = s;
	for (size_t i = 0; i < s.n; i++)
		if (strchr("\\^$.|?*+()[]{}", s.p[i]))
			return false;
	return true;
}

static struct step_conditions read_conditions(struct load *l, const struct toc_yaml *map, const char *key,
					      const char *short_key, const char *const *known)
{
	struct step_conditions out = { .list = toc_yaml_get(map, key) };
	const char *op = toc_yaml_str(toc_yaml_get(map, toc_arena_printf(l->arena, "%s_cond_op", short_key)));
	out.negated = flag(l, toc_yaml_get(map, toc_arena_printf(l->arena, "%s_cond_not", short_key)));
	out.any = op && strcmp(op, "or") == 0;
	if (op && strcmp(op, "or") != 0 && strcmp(op, "and") != 0)
		refuse(l, map, NULL, "conditions are joined by and or or");
	if (out.list && out.list->kind != TOC_YAML_LIST) {
		refuse(l, out.list, NULL, "conditions are a list (- type: logsource)");
		out.list = NULL;
	}
	for (unsigned i = 0; out.list && i < out.list->n; i++) {
		const struct toc_yaml *type = toc_yaml_get(out.list->as.items[i], "type");
		const char *const *k = known;
		while (*k && !(toc_yaml_str(type) && strcmp(toc_yaml_str(type), *k) == 0))
			k++;
		struct toc_span plain;
		bool front, back;
		if (*k && strcmp(*k, "match_string") == 0 &&
		    !pipeline_pattern(toc_yaml_get(out.list->as.items[i], "pattern"), &plain, &front, &back))
			refuse(l, out.list->as.items[i], NULL,
			       "the pattern of match_string is plain text here, with .* or ^ in front and .* or $ "
			       "behind");
		if (!*k)
			refuse(l, type ? type : out.list->as.items[i],
			       type && toc_yaml_str(type) ? toc_nearest(type->text, known) : NULL,
			       "this condition of a pipeline is not known here");
	}
	return out;
}

/* The keys that every transformation may have, and its own. */
static void check_keys(struct load *l, const struct toc_yaml *map, unsigned kind)
{
	static const char *const common[] = { "id",
					      "type",
					      "rule_conditions",
					      "rule_cond_op",
					      "rule_cond_not",
					      "detection_item_conditions",
					      "detection_item_cond_op",
					      "detection_item_cond_not",
					      "field_name_conditions",
					      "field_name_cond_op",
					      "field_name_cond_not" };
	const char *keys[24];
	unsigned n = 0;
	for (unsigned i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		keys[n++] = common[i];
	for (const char *const *k = kinds[kind].keys; *k; k++)
		keys[n++] = *k;
	keys[n] = NULL;
	toc_yaml_only(map, keys, "this transformation", l->diag);
}

static void check_step(struct load *l, const struct toc_yaml *map, enum step_kind kind)
{
	const struct toc_yaml *mapping = toc_yaml_get(map, "mapping"), *conditions = toc_yaml_get(map, "conditions");
	if (kind == STEP_MAPPING && (!mapping || mapping->kind != TOC_YAML_MAP))
		refuse(l, map, NULL, "field_name_mapping needs a mapping (mapping: {field: other})");
	if (kind == STEP_MAPPING && mapping && mapping->kind == TOC_YAML_MAP)
		for (unsigned i = 0; i < mapping->n; i++)
			strings_read(l, mapping->as.pairs[i].value, "a mapped field");
	if (kind == STEP_PREFIX && !toc_yaml_str(toc_yaml_get(map, "prefix")))
		refuse(l, map, NULL, "field_name_prefix needs a prefix");
	if (kind == STEP_CONDITION && (!conditions || conditions->kind != TOC_YAML_MAP || conditions->n == 0))
		refuse(l, map, NULL, "add_condition needs conditions (conditions: {field: value})");
}

static void take_step(struct load *l, const struct toc_yaml *map, int64_t priority)
{
	const struct toc_yaml *type = toc_yaml_get(map, "type");
	const char *names[KINDS + 1] = { NULL };
	unsigned k = 0;
	for (unsigned i = 0; i < KINDS; i++)
		names[i] = kinds[i].name;
	while (k < KINDS && !(toc_yaml_str(type) && strcmp(toc_yaml_str(type), kinds[k].name) == 0))
		k++;
	if (k == KINDS) {
		refuse(l, type ? type : map, toc_yaml_str(type) ? toc_nearest(type->text, names) : NULL,
		       "this transformation is not known here: field_name_mapping, field_name_prefix, "
		       "change_logsource, add_condition, value_placeholders, drop_detection_item");
		return;
	}
	check_keys(l, map, k);
	check_step(l, map, kinds[k].kind);
	struct pipeline_step *step = table_add(l, &l->steps, sizeof(*step));
	step->kind = kinds[k].kind;
	step->at = map;
	step->id = toc_yaml_str(toc_yaml_get(map, "id"));
	step->priority = priority;
	step->order = l->steps.n;
	step->rule = read_conditions(l, map, "rule_conditions", "rule", rule_conditions);
	step->item = read_conditions(l, map, "detection_item_conditions", "detection_item", item_conditions);
	step->field = read_conditions(l, map, "field_name_conditions", "field_name", field_conditions);
}

static void take_vars(struct load *l, const struct toc_yaml *vars)
{
	if (vars && vars->kind != TOC_YAML_MAP)
		refuse(l, vars, NULL, "vars of a pipeline are a map of names to values");
	for (unsigned i = 0; vars && vars->kind == TOC_YAML_MAP && i < vars->n; i++) {
		struct expansion *e = table_add(l, &l->expansions, sizeof(*e));
		*e = (struct expansion){ toc_yaml_str(vars->as.pairs[i].key), vars->as.pairs[i].value };
	}
}

void pipeline_take(struct load *l, const struct toc_yaml *root)
{
	static const char *const keys[] = { "name", "priority",		"vars",	       "transformations",
					    "id",   "allowed_backends", "description", NULL };
	const struct toc_yaml *list = toc_yaml_get(root, "transformations");
	int64_t priority = 0;
	if (root->kind != TOC_YAML_MAP) {
		refuse(l, root, NULL, "a pipeline is a map (name, priority, transformations)");
		return;
	}
	toc_yaml_only(root, keys, "a pipeline", l->diag);
	if (toc_yaml_get(root, "priority"))
		toc_yaml_int(toc_yaml_get(root, "priority"), -1000000, 1000000, &priority, l->diag);
	take_vars(l, toc_yaml_get(root, "vars"));
	if (list && list->kind != TOC_YAML_LIST)
		refuse(l, list, NULL, "transformations are a list (- type: field_name_mapping)");
	for (unsigned i = 0; list && list->kind == TOC_YAML_LIST && i < list->n; i++)
		take_step(l, list->as.items[i], priority);
}

static int by_priority(const void *a, const void *b)
{
	const struct pipeline_step *x = a, *y = b;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

void pipeline_sort(struct load *l)
{
	if (l->steps.n)
		qsort(l->steps.at, l->steps.n, sizeof(struct pipeline_step), by_priority);
}
