/* correlation - Sigma's correlation documents to what correlate/ runs. */
#include <stdlib.h>
#include <string.h>

#include "correlate/correlate.h"
#include "ruleset/load.h"

enum { CHAIN_DEPTH = 10 };

static const struct {
	const char *name, *words;
	enum toc_corr_op op;
} ops[] = { { "gt", "more than", TOC_CORR_GT },	 { "gte", "at least", TOC_CORR_GTE },
	    { "lt", "fewer than", TOC_CORR_LT }, { "lte", "at most", TOC_CORR_LTE },
	    { "eq", "exactly", TOC_CORR_EQ },	 { "neq", "other than", TOC_CORR_NEQ } };

enum { OPS = sizeof(ops) / sizeof(ops[0]) };

static const struct toc_yaml *body(const struct doc *doc)
{
	return toc_yaml_get(doc->root, "correlation");
}

static bool generates(struct load *l, const struct doc *doc)
{
	const struct toc_yaml *node = toc_yaml_get(body(doc), "generate");
	bool yes = false;
	if (!node)
		node = toc_yaml_get(doc->root, "generate");
	if (node)
		toc_yaml_bool(node, &yes, l->diag);
	return yes;
}

static struct doc *find_rule(struct load *l, const struct toc_yaml *at, const char *name)
{
	struct doc *found = docs_find(l, name);
	if (found)
		return found;
	const struct doc *docs = l->docs.at;
	const char **names = toc_arena_alloc(l->arena, (2 * l->docs.n + 1) * sizeof(*names));
	unsigned n = 0;
	for (unsigned i = 0; i < l->docs.n; i++)
		if (docs[i].name)
			names[n++] = docs[i].name;
	const char *near = toc_nearest(toc_span_str(name), names);
	mistake(l, at, "there is no rule \"%s\"%s%s%s", name, near ? " (" : "", near ? near : "", near ? "?)" : "");
	return NULL;
}

/* Children get their numbers first, so that a correlation refers to smaller ones only. */
static void number(struct load *l, struct doc *doc, uint32_t *next, unsigned depth)
{
	if (doc->numbered)
		return;
	if (doc->visiting) { /* it gets its number where it was first met */
		mistake(l, body(doc), "this correlation refers to itself by way of its rules");
		return;
	}
	if (depth > CHAIN_DEPTH)
		mistake(l, body(doc), "correlations are chained too deeply (%d at most)", CHAIN_DEPTH);
	doc->visiting = true;
	const struct toc_yaml *rules = toc_yaml_get(body(doc), "rules");
	bool generate = generates(l, doc);
	for (const char *const *r = strings_read(l, rules, "rules"); *r; r++) {
		struct doc *child = find_rule(l, rules, *r);
		if (!child)
			continue;
		child->referred = true;
		child->generated = child->generated || generate;
		if (child->kind == DOC_CORRELATION && depth <= CHAIN_DEPTH)
			number(l, child, next, depth + 1);
	}
	doc->visiting = false;
	if (!doc->numbered)
		doc->number = (*next)++;
	doc->numbered = true;
}

void correlation_number(struct load *l, struct doc *doc, uint32_t *next)
{
	number(l, doc, next, 0);
}

/* The field that a name of group-by or condition.field means in a rule: by aliases, or the name itself. */
static struct toc_fieldset field_in(struct load *l, const struct doc *doc, const struct doc *rule,
				    const struct toc_yaml *at, const char *name)
{
	const struct toc_yaml *alias = toc_yaml_get(toc_yaml_get(body(doc), "aliases"), name);
	const struct toc_yaml *field = rule->name ? toc_yaml_get(alias, rule->name) : NULL;
	if (!field)
		field = toc_yaml_get(alias, rule->id);
	if (alias && !field)
		mistake(l, alias, "the alias \"%s\" says nothing for the rule \"%s\"", name,
			rule->name ? rule->name : rule->id);
	return field && toc_yaml_str(field) ? taxonomy_field(l, field, field->text)
					    : taxonomy_field(l, at, toc_span_str(name));
}

static void read_refs(struct load *l, const struct doc *doc, struct toc_corr_rule *out)
{
	const struct toc_yaml *rules = toc_yaml_get(body(doc), "rules");
	const struct toc_yaml *condition = toc_yaml_get(body(doc), "condition");
	const struct toc_yaml *field = toc_yaml_get(condition, "field");
	const char *const *names = strings_read(l, rules, "rules");
	struct toc_corr_ref *refs = toc_arena_alloc(l->arena, TOC_CORR_REFS * sizeof(*refs));
	if (!names[0])
		mistake(l, body(doc), "a correlation names its rules (rules: [name])");
	for (; *names; names++) {
		const struct doc *rule = docs_find(l, *names);
		if (!rule)
			continue; /* told when it was numbered */
		if (out->nrefs == TOC_CORR_REFS) {
			mistake(l, rules, "more than %d rules in one correlation", TOC_CORR_REFS);
			break;
		}
		struct toc_corr_ref *ref = &refs[out->nrefs++];
		ref->rule = rule->number;
		for (unsigned k = 0; k < out->nkeys; k++)
			ref->key[k] = field_in(l, doc, rule, body(doc), out->key_names[k]);
		if (toc_yaml_str(field))
			ref->value = field_in(l, doc, rule, field, toc_yaml_str(field));
	}
	out->refs = refs;
}

static void read_group(struct load *l, const struct doc *doc, struct toc_corr_rule *out)
{
	const struct toc_yaml *group = toc_yaml_get(body(doc), "group-by");
	for (const char *const *name = strings_read(l, group, "group-by"); *name; name++) {
		if (out->nkeys == TOC_CORR_KEYS) {
			mistake(l, group, "more than %d fields in group-by", TOC_CORR_KEYS);
			return;
		}
		out->key_names[out->nkeys++] = *name;
	}
}

static void read_bound(struct load *l, const struct toc_yaml *node, unsigned op, struct toc_corr_rule *out)
{
	struct scalar s = node->kind == TOC_YAML_SCALAR ? scalar_read(node) : (struct scalar){ 0 };
	if (s.kind != SCALAR_NUMBER)
		mistake(l, node, "the bound of a correlation is a number");
	else if (out->nbounds < TOC_CORR_BOUNDS)
		out->bounds[out->nbounds++] = (struct toc_corr_bound){ ops[op].op, s.number };
}

/* The thresholds, and the same in words. */
static const char *read_condition(struct load *l, const struct doc *doc, struct toc_corr_rule *out)
{
	static const char *const keys[] = { "gt", "gte", "lt", "lte", "eq", "neq", "field", NULL };
	const struct toc_yaml *condition = toc_yaml_get(body(doc), "condition");
	const char *field = toc_yaml_str(toc_yaml_get(condition, "field")), *words = "";
	if (condition && condition->kind != TOC_YAML_MAP) {
		mistake(l, condition, "a condition written as text is not in this version; use gte: N");
		return words;
	}
	if (condition)
		toc_yaml_only(condition, keys, "a correlation's condition", l->diag);
	for (unsigned i = 0; i < OPS; i++) {
		const struct toc_yaml *bound = toc_yaml_get(condition, ops[i].name);
		if (!bound)
			continue;
		read_bound(l, bound, i, out);
		words = toc_arena_printf(l->arena, "%s%s%s %s", words, *words ? " and " : "", ops[i].words,
					 toc_yaml_str(bound) ? toc_yaml_str(bound) : "");
	}
	bool temporal = out->kind && strncmp(toc_yaml_str(toc_yaml_get(body(doc), "type")), "temporal", 8) == 0;
	if (!out->nbounds && !temporal)
		mistake(l, body(doc), "a correlation needs a bound (condition: {gte: 10})");
	if (out->kind && toc_corr_kind_needs_field(out->kind) && !field)
		mistake(l, condition ? condition : body(doc), "this type of correlation needs condition.field");
	if (temporal && !out->nbounds)
		words = "all of these";
	return field ? toc_arena_printf(l->arena, "%s of %s", words, field) : words;
}

static void read_type(struct load *l, const struct doc *doc, struct toc_corr_rule *out)
{
	const struct toc_yaml *type = toc_yaml_get(body(doc), "type");
	const char *text = toc_yaml_str(type);
	out->kind = text ? toc_corr_kind_find(text) : NULL;
	if (out->kind)
		return;
	const char *near = text ? toc_nearest(type->text, toc_corr_kind_names()) : NULL;
	mistake(l, type ? type : body(doc), "%s%s%s%s%s",
		text ? "there is no correlation type \"" : "a correlation needs a type (type: event_count)",
		text ? text : "", text ? "\"" : "", near ? "; did you mean " : "", near ? near : "");
}

/* FNV over the tree: the same text after a reload keeps its cells. */
static uint64_t hash_tree(uint64_t h, const struct toc_yaml *node)
{
	h = toc_hash_mix(h, (uint64_t)node->kind + node->n);
	if (node->kind == TOC_YAML_SCALAR)
		return toc_hash_mix(h, toc_hash_fixed(node->text.p, node->text.n));
	for (unsigned i = 0; i < node->n; i++) {
		if (node->kind == TOC_YAML_MAP)
			h = hash_tree(h, node->as.pairs[i].key);
		h = hash_tree(h, node->kind == TOC_YAML_MAP ? node->as.pairs[i].value : node->as.items[i]);
	}
	return h;
}

void correlation_compile(struct load *l, const struct doc *doc, struct toc_corr_rule *out, struct toc_alert_rule *words)
{
	static const char *const keys[] = { "type",    "rules",	    "group-by", "timespan",
					    "aliases", "condition", "generate", NULL };
	const struct toc_yaml *timespan = toc_yaml_get(body(doc), "timespan");
	const struct toc_yaml *late = toc_yaml_get(toc_yaml_get(doc->root, "tocsin"), "late");
	out->number = doc->number;
	out->id = doc->id;
	out->hash = hash_tree(0, body(doc));
	toc_yaml_only(body(doc), keys, "a correlation", l->diag);
	read_type(l, doc, out);
	read_group(l, doc, out);
	read_refs(l, doc, out);
	const char *bound = read_condition(l, doc, out);
	if (!timespan)
		mistake(l, body(doc), "a correlation needs a timespan (timespan: 10m)");
	else if (toc_yaml_duration(timespan, &out->timespan, l->diag))
		words->condition = toc_arena_printf(l->arena, "%s within %s", bound, toc_yaml_str(timespan));
	if (late)
		toc_yaml_duration(late, &out->late, l->diag);
	words->timespan = out->timespan;
}
