/* correlation - Sigma's correlation documents to what correlate/ runs. */
#include <stdlib.h>
#include <string.h>

#include "correlate/correlate.h"
#include "event/dictionary.h"
#include "ruleset/super.h"

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

const struct toc_yaml *correlation_body(const struct doc *doc)
{
	return body(doc);
}

/* A condition as text names its rules itself; `rules` may be left out then. */
const char *const *correlation_rules(struct load *l, const struct doc *doc)
{
	const struct toc_yaml *rules = toc_yaml_get(body(doc), "rules");
	const struct toc_yaml *condition = toc_yaml_get(body(doc), "condition");
	if (rules)
		return strings_read(l, rules, "rules");
	return expr_names(l, toc_yaml_str(condition) ? condition : super_match(doc));
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
	const char *near = docs_nearest(l, name, DOC_FILTER);
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
	const struct toc_yaml *inhibitors = toc_yaml_get(toc_yaml_get(doc->root, "tocsin"), "inhibited_by");
	bool generate = generates(l, doc);
	for (const char *const *r = correlation_rules(l, doc); *r; r++) {
		struct doc *child = find_rule(l, rules ? rules : body(doc), *r);
		if (!child)
			continue;
		child->referred = true;
		child->generated = child->generated || generate;
		if (child->kind == DOC_CORRELATION && depth <= CHAIN_DEPTH)
			number(l, child, next, depth + 1);
	}
	/* of one event the inhibitor hears first */
	for (const char *const *r = strings_read(l, inhibitors, "inhibited_by"); *r; r++) {
		struct doc *other = find_rule(l, inhibitors, *r);
		if (other && other->kind == DOC_CORRELATION && depth <= CHAIN_DEPTH)
			number(l, other, next, depth + 1);
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

/* What an alias says for a rule, or the name itself. */
static const struct toc_yaml *alias_of(struct load *l, const struct doc *doc, const struct doc *rule, const char *name)
{
	const struct toc_yaml *alias = toc_yaml_get(toc_yaml_get(body(doc), "aliases"), name);
	const struct toc_yaml *field = rule->name ? toc_yaml_get(alias, rule->name) : NULL;
	if (!field)
		field = toc_yaml_get(alias, rule->id);
	if (alias && !toc_yaml_str(field))
		mistake(l, alias, "the alias \"%s\" says nothing for the rule \"%s\"", name,
			rule->name ? rule->name : rule->id);
	return field;
}

static const struct doc *first_rule(struct load *l, const struct doc *doc)
{
	const char *const *names = correlation_rules(l, doc);
	return names[0] ? docs_find(l, names[0]) : NULL;
}

/* Through a chain: the field of the first detection below that the name stands for. */
static struct toc_fieldset field_below(struct load *l, const struct doc *doc, const struct doc *rule,
				       const struct toc_yaml *at, const char *name, uint8_t *place, unsigned depth)
{
	const struct toc_yaml *field = alias_of(l, doc, rule, name);
	const char *own = toc_yaml_str(field) ? toc_yaml_str(field) : name;
	if (rule->kind != DOC_CORRELATION)
		return taxonomy_field(l, field ? field : at, toc_span_str(own));
	const char *const *group = strings_read(l, toc_yaml_get(body(rule), "group-by"), "group-by");
	const struct doc *below = first_rule(l, rule);
	for (uint8_t i = 0; group[i] && i < TOC_CORR_KEYS; i++) {
		if (strcmp(group[i], own) != 0)
			continue;
		*place = i;
		uint8_t deeper;
		return below && depth <= CHAIN_DEPTH ? field_below(l, rule, below, at, own, &deeper, depth + 1)
						     : (struct toc_fieldset){ 0 };
	}
	return (struct toc_fieldset){ 0 };
}

struct toc_fieldset correlation_field(struct load *l, const struct doc *doc, const struct doc *rule,
				      const struct toc_yaml *at, const char *name, uint8_t *place)
{
	*place = TOC_CORR_NO_KEY;
	struct toc_fieldset set = field_below(l, doc, rule, at, name, place, 0);
	if (rule->kind == DOC_CORRELATION && *place == TOC_CORR_NO_KEY)
		mistake(l, at,
			"the correlation \"%s\" does not group by \"%s\"; of a correlation only its group-by is seen "
			"(aliases may name one of its fields)",
			rule->name ? rule->name : rule->id, name);
	return set;
}

/* Does the field name a person, in events of the rule? Of a chained rule the key is folded already, if it does. */
static bool names_person(struct load *l, const struct doc *rule, const struct toc_fieldset *set)
{
	const toc_field *kind = l->dictionary && rule->kind != DOC_CORRELATION ? taxonomy_kinds(l, &rule->source) : NULL;
	for (; kind && *kind; kind++)
		for (unsigned i = 0; i < set->n; i++)
			if (toc_dictionary_field(l->dictionary, *kind, set->id[i]) &&
			    toc_dictionary_privacy(l->dictionary, *kind, set->id[i]) == TOC_PERSON)
				return true;
	for (unsigned i = 0; l->dictionary && i < set->n; i++) /* identity's stand beside the event */
		if (!toc_dictionary_field(l->dictionary, 0, set->id[i]) ||
		    toc_dictionary_privacy(l->dictionary, 0, set->id[i]) != TOC_PERSON)
			return false;
	return set->n && l->dictionary;
}

static void read_ref(struct load *l, const struct doc *doc, const struct doc *rule, const char *const *fields,
		     struct toc_corr_rule *out, struct toc_corr_ref *ref)
{
	const struct toc_yaml *group = toc_yaml_get(body(doc), "group-by");
	const struct toc_yaml *field = toc_yaml_get(toc_yaml_get(body(doc), "condition"), "field");
	ref->rule = rule->number;
	ref->chained = rule->kind == DOC_CORRELATION;
	for (unsigned k = 0; k < out->nkeys; k++) {
		ref->key[k] = correlation_field(l, doc, rule, group, out->key_names[k], &ref->key_of[k]);
		out->fold_keys |= (uint8_t)(names_person(l, rule, &ref->key[k]) << k);
	}
	for (unsigned i = 0; fields[i] && i < TOC_CORR_VALUES; i++) {
		ref->value[i] = correlation_field(l, doc, rule, field, fields[i], &ref->value_of[i]);
		out->fold_values |= (uint8_t)(names_person(l, rule, &ref->value[i]) << i);
	}
}

static struct toc_corr_ref *read_refs(struct load *l, const struct doc *doc, struct toc_corr_rule *out)
{
	const struct toc_yaml *rules = toc_yaml_get(body(doc), "rules"), *at = rules ? rules : body(doc);
	const struct toc_yaml *field = toc_yaml_get(toc_yaml_get(body(doc), "condition"), "field");
	const char *const *names = correlation_rules(l, doc), *const *fields = strings_read(l, field, "field");
	struct toc_corr_ref *refs = toc_arena_alloc(l->arena, TOC_CORR_REFS * sizeof(*refs));
	if (!names[0])
		mistake(l, body(doc), "a correlation names its rules (rules: [name])");
	for (; *names; names++) {
		const struct doc *rule = docs_find(l, *names);
		if (!rule)
			continue; /* told when it was numbered */
		if (out->nrefs == TOC_CORR_REFS) {
			mistake(l, at, "more than %d rules in one correlation", TOC_CORR_REFS);
			break;
		}
		for (unsigned i = 0; i < out->nrefs; i++)
			if (refs[i].rule == rule->number)
				mistake(l, at, "\"%s\" stands twice among the rules", *names);
		read_ref(l, doc, rule, fields, out, &refs[out->nrefs++]);
	}
	out->refs = refs;
	return refs;
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

/* --- condition ---------------------------------------------------------------------------------------------------- */

static void read_bound(struct load *l, const struct toc_yaml *node, unsigned op, struct toc_corr_rule *out)
{
	struct scalar s = node->kind == TOC_YAML_SCALAR ? scalar_read(node) : (struct scalar){ 0 };
	if (s.kind != SCALAR_NUMBER)
		mistake(l, node, "the bound of a correlation is a number");
	else if (out->nbounds < TOC_CORR_BOUNDS)
		out->bounds[out->nbounds++] = (struct toc_corr_bound){ ops[op].op, s.number };
}

/* The thresholds, and the same in words. */
static const char *read_bounds(struct load *l, const struct toc_yaml *condition, struct toc_corr_rule *out)
{
	const char *words = "";
	for (unsigned i = 0; i < OPS; i++) {
		const struct toc_yaml *bound = toc_yaml_get(condition, ops[i].name);
		if (!bound)
			continue;
		read_bound(l, bound, i, out);
		words = toc_arena_printf(l->arena, "%s%s%s %s", words, *words ? " and " : "", ops[i].words,
					 toc_yaml_str(bound) ? toc_yaml_str(bound) : "");
	}
	return words;
}

static void read_percentile(struct load *l, const struct toc_yaml *condition, struct toc_corr_rule *out)
{
	const struct toc_yaml *node = toc_yaml_get(condition, "percentile");
	const bool wanted = out->kind == toc_corr_kind_find("value_percentile");
	out->percentile = 50;
	if (node && !wanted)
		mistake(l, node, "percentile is for type: value_percentile");
	else if (node)
		super_number(l, node, 0, 100, "percentile", &out->percentile);
	else if (wanted && condition)
		remark(l, condition,
		       "without percentile: N this compares the 50th percentile of the field's numbers, not how rare "
		       "a value is");
}

static const char *read_field(struct load *l, const struct doc *doc, const struct toc_yaml *condition,
			      struct toc_corr_rule *out)
{
	const struct toc_yaml *field = toc_yaml_get(condition, "field"), *at = condition ? condition : body(doc);
	const char *const *names = strings_read(l, field, "field");
	const char *words = "";
	for (; names[out->nvalues]; out->nvalues++) {
		if (out->nvalues == TOC_CORR_VALUES) {
			mistake(l, field, "more than %d fields in condition.field", TOC_CORR_VALUES);
			break;
		}
		words = toc_arena_printf(l->arena, "%s%s%s", words, *words ? ", " : " of ", names[out->nvalues]);
	}
	if (!out->kind)
		return words;
	const bool needs = toc_corr_kind_needs_field(out->kind);
	if (needs && !out->nvalues)
		mistake(l, at, "this type of correlation needs condition.field");
	else if (!needs && out->nvalues)
		mistake(l, field, "this type of correlation counts no field; value_count counts its different values");
	else if (out->nvalues > 1 && out->kind != toc_corr_kind_find("value_count"))
		mistake(l, field, "several fields (distinct tuples) are for type: value_count");
	return words;
}

/* Is there a number of rules that a temporal correlation can reach? */
static void check_reach(struct load *l, const struct toc_yaml *condition, const struct toc_corr_rule *out)
{
	for (unsigned i = 0; i < out->nbounds; i++) {
		const struct toc_corr_bound *b = &out->bounds[i];
		if ((b->op == TOC_CORR_GTE && b->value > out->nrefs) ||
		    (b->op == TOC_CORR_GT && b->value >= out->nrefs))
			mistake(l, condition, "it has only %u rules, so this can never hold", out->nrefs);
	}
}

/* The name by which a site sets the bound; vars.c has put its value in place. */
static const char *variable_of(const struct doc *doc)
{
	const struct toc_yaml *vars = toc_yaml_get(toc_yaml_get(doc->root, "tocsin"), "vars");
	for (unsigned i = 0; vars && vars->kind == TOC_YAML_MAP && i < vars->n; i++) {
		const char *at = toc_yaml_str(toc_yaml_get(vars->as.pairs[i].value, "at"));
		if (at && (strcmp(at, "correlation.condition.gte") == 0 || strcmp(at, "correlation.condition.gt") == 0))
			return toc_yaml_str(vars->as.pairs[i].key);
	}
	return NULL;
}

static const char *read_map(struct load *l, const struct doc *doc, const struct toc_yaml *condition,
			    struct toc_corr_rule *out)
{
	static const char *const keys[] = { "gt", "gte", "lt", "lte", "eq", "neq", "field", "percentile", NULL };
	const bool temporal = out->kind && toc_corr_kind_is_temporal(out->kind);
	if (condition)
		toc_yaml_only(condition, keys, "a correlation's condition", l->diag);
	const char *words = read_bounds(l, condition, out), *fields = read_field(l, doc, condition, out);
	read_percentile(l, condition, out);
	if (!out->nbounds && !temporal)
		mistake(l, body(doc), "a correlation needs a bound (condition: {gte: 10})");
	if (temporal)
		check_reach(l, condition, out);
	if (temporal && !out->nbounds)
		words = "all of these";
	return toc_arena_printf(l->arena, "%s%s", words, fields);
}

static const char *read_condition(struct load *l, const struct doc *doc, struct toc_corr_rule *out)
{
	const struct toc_yaml *condition = toc_yaml_get(body(doc), "condition");
	if (!condition || condition->kind == TOC_YAML_MAP)
		return read_map(l, doc, condition, out);
	if (!toc_yaml_str(condition)) {
		mistake(l, condition, "a condition is a map ({gte: 10}), or a text over names of rules");
	} else if (out->kind && !toc_corr_kind_is_temporal(out->kind)) {
		mistake(l, condition, "conditions over names of rules are for temporal and temporal_ordered");
	} else if (expr_compile(l, condition, correlation_rules(l, doc), &out->expr)) {
		if (out->kind == toc_corr_kind_find("temporal_ordered") && out->expr.forbidden) {
			out->expr.norder = out->nrefs;
			for (unsigned i = 0; i < out->nrefs; i++)
				out->expr.order[i] = (uint8_t)i;
		} else if (out->kind == toc_corr_kind_find("temporal_ordered")) {
			expr_terms(l, condition, &out->expr);
		}
	}
	return toc_yaml_str(condition) ? toc_yaml_str(condition) : "";
}

/* s m h d w, and M and y as pySigma has them: a month is a twelfth of a year, a year has 365.2425 days. */
static bool read_timespan(struct load *l, const struct toc_yaml *node, toc_time *out)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 },      { 'm', 60 },	 { 'h', 3600 },	   { 'd', 86400 },
		      { 'w', 604800 }, { 'M', 2629746 }, { 'y', 31556952 } };
	const char *text = toc_yaml_str(node);
	char *end = NULL;
	const int64_t n = text && *text >= '1' && *text <= '9' && strlen(text) <= 10 ? strtoll(text, &end, 10) : 0;
	for (size_t i = 0; n && i < sizeof(units) / sizeof(units[0]); i++) {
		if (end[0] != units[i].unit || end[1])
			continue;
		if (n > INT64_C(3155695200) / units[i].seconds) {
			mistake(l, node, "a timespan is a hundred years at most");
			return false;
		}
		*out = n * units[i].seconds * TOC_SEC;
		return true;
	}
	mistake(l, node, "a timespan is a number and one of s m h d w M y, such as 90m (not 1h30m)");
	return false;
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
uint64_t hash_tree(uint64_t h, const struct toc_yaml *node)
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

/* As `hash`, without the bounds. */
static uint64_t shape_of(const struct doc *doc)
{
	static const char *const measured[] = { "type", "rules", "group-by", "timespan", "timeframe", "aliases", NULL },
				 *const of_condition[] = { "field", "percentile", NULL };
	const struct toc_yaml *condition = toc_yaml_get(body(doc), "condition");
	uint64_t h = super_hash(doc, 0);
	for (const char *const *key = measured; *key; key++)
		if (toc_yaml_get(body(doc), *key))
			h = hash_tree(toc_hash_mix(h, 1), toc_yaml_get(body(doc), *key));
	if (toc_yaml_str(condition))
		return hash_tree(h, condition);
	for (const char *const *key = of_condition; *key; key++)
		if (toc_yaml_get(condition, *key))
			h = hash_tree(toc_hash_mix(h, 2), toc_yaml_get(condition, *key));
	return h;
}

void correlation_compile(struct load *l, const struct doc *doc, struct toc_corr_rule *out, struct toc_alert_rule *words)
{
	static const char *const keys[] = { "type",    "rules",	    "group-by", "timespan", "timeframe",
					    "aliases", "condition", "generate", NULL };
	const struct toc_yaml *timespan = toc_yaml_get(body(doc), "timespan");
	out->number = doc->number;
	out->id = doc->id;
	out->hash = super_hash(doc, hash_tree(0, body(doc)));
	out->shape = shape_of(doc);
	out->zone = l->zone;
	toc_yaml_only(body(doc), keys, "a correlation", l->diag);
	read_type(l, doc, out);
	read_group(l, doc, out);
	struct toc_corr_ref *refs = read_refs(l, doc, out);
	const char *bound = read_condition(l, doc, out);
	out->variable = variable_of(doc);
	if (toc_yaml_get(body(doc), "timeframe"))
		mistake(l, toc_yaml_get(body(doc), "timeframe"), "a correlation says timespan, not timeframe");
	else if (!timespan)
		mistake(l, body(doc), "a correlation needs a timespan (timespan: 10m)");
	else if (read_timespan(l, timespan, &out->timespan))
		words->condition = toc_arena_printf(l->arena, "%s within %s", bound, toc_yaml_str(timespan));
	out->close = words->close;
	out->max = words->max;
	if (out->kind)
		super_read(l, doc, out, refs, correlation_rules(l, doc));
	words->timespan = out->timespan;
}
