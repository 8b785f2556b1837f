/* pipeline_apply - what the steps of the pipelines do to one rule. */
#include <string.h>

#include "ruleset/load.h"
#include "ruleset/pipeline.h"

static const char *const dimensions[3] = { "category", "product", "service" };

/* The rule as it is when a step's conditions are judged. */
struct state {
	struct load *l;
	const struct doc *doc;
	struct logsource source;
	const struct pipeline_step *const *taken;
	unsigned ntaken;
};

static bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* Does the item hold this value, as text? */
static bool holds_value(const struct toc_yaml *value, const char *text)
{
	if (value->kind == TOC_YAML_SCALAR)
		return same(toc_yaml_str(value), text);
	for (unsigned i = 0; value->kind == TOC_YAML_LIST && i < value->n; i++)
		if (same(toc_yaml_str(value->as.items[i]), text))
			return true;
	return false;
}

/* Is there an item of the field (and, where given, the value) anywhere in the detection? Depth: as YAML's. */
static bool has_item(const struct toc_yaml *node, const char *field, const char *value)
{
	for (unsigned i = 0; node->kind == TOC_YAML_LIST && i < node->n; i++)
		if (has_item(node->as.items[i], field, value))
			return true;
	for (unsigned i = 0; node->kind == TOC_YAML_MAP && i < node->n; i++) {
		const struct toc_yaml_pair *p = &node->as.pairs[i];
		struct toc_span name = toc_span_first(p->key->text, toc_span_find(p->key->text, '|'));
		if (field && toc_span_is(name, field) && (!value || holds_value(p->value, value)))
			return true;
		if (p->value->kind != TOC_YAML_SCALAR && has_item(p->value, field, value))
			return true;
	}
	return false;
}

static bool source_fits(const struct state *s, const struct toc_yaml *condition)
{
	for (unsigned d = 0; d < 3; d++) {
		const char *want = toc_yaml_str(toc_yaml_get(condition, dimensions[d]));
		if (want && !same(want, s->source.dims[d]))
			return false;
	}
	return true;
}

static bool has_tag(const struct state *s, const char *tag)
{
	const struct toc_yaml *tags = toc_yaml_get(s->doc->root, "tags");
	return tags && holds_value(tags, tag);
}

static bool was_taken(const struct state *s, const char *id)
{
	for (unsigned i = 0; i < s->ntaken; i++)
		if (same(s->taken[i]->id, id))
			return true;
	return false;
}

static bool rule_fits(const struct state *s, const struct toc_yaml *condition)
{
	const char *type = toc_yaml_str(toc_yaml_get(condition, "type"));
	const char *field = toc_yaml_str(toc_yaml_get(condition, "field"));
	const struct toc_yaml *detection = toc_yaml_get(s->doc->root, "detection");
	if (same(type, "logsource"))
		return source_fits(s, condition);
	if (same(type, "contains_detection_item") || same(type, "contains_field"))
		return detection && has_item(detection, field, toc_yaml_str(toc_yaml_get(condition, "value")));
	if (same(type, "processing_item_applied"))
		return was_taken(s, toc_yaml_str(toc_yaml_get(condition, "processing_item_id")));
	if (same(type, "tag"))
		return has_tag(s, toc_yaml_str(toc_yaml_get(condition, "tag")));
	return same(type, "is_sigma_rule") == (s->doc->kind == DOC_DETECTION);
}

static bool joined(const struct step_conditions *c, unsigned held, unsigned n)
{
	return (c->any ? held > 0 : held == n) != c->negated;
}

static bool step_concerns(const struct state *s, const struct pipeline_step *step)
{
	unsigned held = 0;
	if (!step->rule.list || step->rule.list->n == 0)
		return true;
	for (unsigned i = 0; i < step->rule.list->n; i++)
		held += rule_fits(s, step->rule.list->as.items[i]);
	return joined(&step->rule, held, step->rule.list->n);
}

static void change_source(struct state *s, const struct toc_yaml *map)
{
	for (unsigned d = 0; d < 3; d++)
		s->source.dims[d] = toc_yaml_str(toc_yaml_get(map, dimensions[d]));
}

void pipeline_begin(struct load *l, struct doc *doc)
{
	const struct pipeline_step *all = l->steps.at;
	const struct pipeline_step **taken = toc_arena_alloc(l->arena, (l->steps.n + 1) * sizeof(*taken));
	struct state s = { l, doc, logsource_read(l, toc_yaml_get(doc->root, "logsource")), taken, 0 };
	for (unsigned i = 0; i < l->steps.n; i++) {
		if (!step_concerns(&s, &all[i]))
			continue;
		taken[s.ntaken++] = &all[i];
		if (all[i].kind == STEP_LOGSOURCE)
			change_source(&s, all[i].at);
	}
	doc->source = s.source;
	doc->steps = taken;
}

/* --- fields ------------------------------------------------------------------------------------------------------- */

static bool has_name(const struct toc_yaml *list, struct toc_span name)
{
	for (unsigned i = 0; list && list->kind == TOC_YAML_LIST && i < list->n; i++)
		if (toc_yaml_str(list->as.items[i]) && toc_span_eq(list->as.items[i]->text, name))
			return true;
	return false;
}

static bool field_fits(const struct pipeline_step *step, struct toc_span name)
{
	unsigned held = 0;
	const struct toc_yaml *list = step->field.list;
	if (!list || list->n == 0)
		return true;
	for (unsigned i = 0; i < list->n; i++) {
		bool include = same(toc_yaml_str(toc_yaml_get(list->as.items[i], "type")), "include_fields");
		held += has_name(toc_yaml_get(list->as.items[i], "fields"), name) == include;
	}
	return joined(&step->field, held, list->n);
}

static bool value_fits(struct load *l, const struct toc_yaml *condition, const struct toc_yaml *value)
{
	const char *type = toc_yaml_str(toc_yaml_get(condition, "type")), *text = toc_yaml_str(value);
	if (same(type, "is_null"))
		return toc_yaml_is_null(value);
	if (same(type, "contains_wildcard"))
		return text && toc_units_wild(toc_units_sigma(l->arena, value->text));
	struct toc_pattern p;
	bool front, back;
	struct toc_span plain;
	if (!text || !pipeline_pattern(toc_yaml_get(condition, "pattern"), &plain, &front, &back))
		return false;
	toc_pattern_literal(&p, l->arena, plain, true, front, back);
	return toc_pattern_match(&p, value->text);
}

static bool item_fits(struct load *l, const struct pipeline_step *step, const struct toc_yaml *value)
{
	unsigned held = 0;
	const struct toc_yaml *list = step->item.list;
	if (!list || list->n == 0)
		return true;
	for (unsigned i = 0; i < list->n; i++) {
		const struct toc_yaml *condition = list->as.items[i];
		bool all = same(toc_yaml_str(toc_yaml_get(condition, "cond")), "all");
		unsigned fit = 0, n = value->kind == TOC_YAML_LIST ? value->n : 1;
		for (unsigned k = 0; k < n; k++)
			fit += value_fits(l, condition, value->kind == TOC_YAML_LIST ? value->as.items[k] : value);
		held += all ? fit == n : fit > 0;
	}
	return joined(&step->item, held, list->n);
}

/* Names that one step makes of one; none: dropped. */
static void step_names(struct load *l, const struct pipeline_step *step, const char *name, struct table *out)
{
	const struct toc_yaml *to =
		step->kind == STEP_MAPPING ? toc_yaml_get(toc_yaml_get(step->at, "mapping"), name) : NULL;
	if (step->kind == STEP_DROP)
		return;
	if (step->kind == STEP_PREFIX) {
		const char *prefix = toc_yaml_str(toc_yaml_get(step->at, "prefix"));
		*(const char **)table_add(l, out, sizeof(char *)) = toc_arena_printf(l->arena, "%s%s", prefix, name);
		return;
	}
	const char *const *names = to ? strings_read(l, to, "a mapped field") : NULL;
	for (; names && *names; names++)
		*(const char **)table_add(l, out, sizeof(char *)) = *names;
	if (!to)
		*(const char **)table_add(l, out, sizeof(char *)) = name;
}

const char *const *pipeline_fields(struct load *l, struct toc_span name, const struct toc_yaml *value)
{
	struct table now = { 0 };
	*(const char **)table_add(l, &now, sizeof(char *)) = toc_arena_str(l->arena, name);
	for (unsigned s = l->first_step; l->now && l->now->steps && l->now->steps[s]; s++) {
		const struct pipeline_step *step = l->now->steps[s];
		struct table next = { 0 };
		if (step->kind == STEP_LOGSOURCE || step->kind == STEP_CONDITION || step->kind == STEP_PLACEHOLDERS)
			continue;
		for (unsigned i = 0; i < now.n; i++) {
			const char *one = ((const char **)now.at)[i];
			if (field_fits(step, toc_span_str(one)) && item_fits(l, step, value))
				step_names(l, step, one, &next);
			else
				*(const char **)table_add(l, &next, sizeof(char *)) = one;
		}
		now = next;
		if (now.n == 0)
			return NULL;
	}
	table_add(l, &now, sizeof(char *));
	return now.at;
}

/* --- conditions and placeholders ---------------------------------------------------------------------------------- */

/* `$category` and its kin, where the condition is a template. */
static const struct toc_yaml *filled(struct load *l, const struct doc *doc, const struct toc_yaml *value, bool template)
{
	const char *text = toc_yaml_str(value);
	for (unsigned d = 0; template && text && d < 3; d++) {
		if (text[0] != '$' || strcmp(text + 1, dimensions[d]) != 0)
			continue;
		struct toc_yaml *out = toc_arena_alloc(l->arena, sizeof(*out));
		*out = *value;
		out->text = toc_span_str(doc->source.dims[d] ? doc->source.dims[d] : "");
		return out;
	}
	return value;
}

static const struct tree *added(struct load *l, const struct doc *doc, const struct pipeline_step *step)
{
	const struct toc_yaml *map = toc_yaml_get(step->at, "conditions");
	bool template = false, negated = false, ok = true;
	if (toc_yaml_get(step->at, "template"))
		toc_yaml_bool(toc_yaml_get(step->at, "template"), &template, l->diag);
	if (toc_yaml_get(step->at, "negated"))
		toc_yaml_bool(toc_yaml_get(step->at, "negated"), &negated, l->diag);
	const struct tree **trees = toc_arena_alloc(l->arena, (map->n + 1) * sizeof(struct tree *));
	unsigned n = 0;
	for (unsigned i = 0; i < map->n; i++) {
		const struct toc_yaml *value = filled(l, doc, map->as.pairs[i].value, template);
		const struct toc_yaml *key = map->as.pairs[i].key;
		if (!pipeline_fields(l, toc_span_first(key->text, toc_span_find(key->text, '|')), value))
			continue;
		trees[n] = item_compile(l, key, value);
		ok = trees[n++] && ok;
	}
	if (!ok || n == 0)
		return NULL;
	const struct tree *all = tree_all(l, trees, n);
	return negated ? tree_not(l, all) : all;
}

const struct tree *pipeline_conditions(struct load *l, const struct doc *doc, const struct tree *tree)
{
	for (unsigned s = 0; doc->steps && doc->steps[s]; s++) {
		if (doc->steps[s]->kind != STEP_CONDITION)
			continue;
		l->first_step = s + 1; /* what is added sees only the steps behind it */
		const struct tree *extra = added(l, doc, doc->steps[s]), *both[2] = { extra, tree };
		l->first_step = 0;
		if (extra)
			tree = tree_all(l, both, 2);
	}
	return tree;
}

const struct toc_yaml *pipeline_values(struct load *l, struct toc_span name)
{
	const struct expansion *e = l->expansions.at;
	bool offered = false;
	for (unsigned s = 0; l->now && l->now->steps && l->now->steps[s]; s++) {
		const struct pipeline_step *step = l->now->steps[s];
		const struct toc_yaml *include = toc_yaml_get(step->at, "include"),
				      *exclude = toc_yaml_get(step->at, "exclude");
		offered = offered || (step->kind == STEP_PLACEHOLDERS && (!include || has_name(include, name)) &&
				      !has_name(exclude, name));
	}
	for (unsigned i = l->expansions.n; offered && i-- > 0;) /* later pipelines win */
		if (toc_span_is(name, e[i].name))
			return e[i].values;
	return NULL;
}
