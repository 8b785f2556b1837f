/* super - the keys of `tocsin:` that change what a correlation means. */
#include <stdlib.h>
#include <string.h>

#include "correlate/correlate.h"
#include "ruleset/super.h"

static const struct toc_yaml *ours(const struct doc *doc)
{
	return toc_yaml_get(doc->root, "tocsin");
}

const struct toc_yaml *super_match(const struct doc *doc)
{
	const struct toc_yaml *expr = toc_yaml_get(toc_yaml_get(ours(doc), "match"), "expr");
	return toc_yaml_str(expr) ? expr : NULL;
}

bool super_map(struct load *l, const struct toc_yaml *node, const char *const *keys, const char *where)
{
	if (node->kind != TOC_YAML_MAP) {
		mistake(l, node, "%s is a map ({%s: …})", where, keys[0]);
		return false;
	}
	toc_yaml_only(node, keys, where, l->diag);
	return true;
}

bool super_number(struct load *l, const struct toc_yaml *node, double least, double most, const char *what, double *out)
{
	const char *text = node && node->kind == TOC_YAML_SCALAR && node->plain ? toc_yaml_str(node) : NULL;
	char *end = NULL;
	const double n = text ? strtod(text, &end) : 0;
	if (!text || end == text || *end || !(n >= least && n <= most)) {
		mistake(l, node, "%s is a number from %g to %g", what, least, most);
		return false;
	}
	*out = n;
	return true;
}

/* What a change of makes the kept windows mean something else. */
static const char *const hashed[] = { "late", "match", "absent", "ratio", "new", "baseline", "period", "when", NULL };

uint64_t super_hash(const struct doc *doc, uint64_t h)
{
	for (unsigned i = 0; hashed[i]; i++) {
		const struct toc_yaml *node = toc_yaml_get(ours(doc), hashed[i]);
		h = toc_hash_mix(h, i);
		h = node ? hash_tree(h, node) : h;
	}
	return h;
}

/* --- match -------------------------------------------------------------------------------------------------------- */

static bool read_order(struct load *l, const struct toc_yaml *node, const char *const *names, struct toc_corr_expr *e)
{
	for (const char *const *name = strings_read(l, node, "order"); *name; name++) {
		uint8_t i = 0;
		while (names[i] && strcmp(names[i], *name) != 0)
			i++;
		bool twice = false;
		for (unsigned k = 0; k < e->norder; k++)
			twice = twice || e->order[k] == i;
		if (!names[i] || twice || e->norder == TOC_CORR_REFS) {
			mistake(l, node, "order: \"%s\" %s", *name,
				twice ? "stands twice" : "is none of the correlation's rules");
			return false;
		}
		e->order[e->norder++] = i;
	}
	return true;
}

/* Without `not` an order makes a sequence of it: its rules are put in that order. */
static void as_sequence(struct load *l, const struct toc_yaml *node, struct toc_corr_rule *out,
			struct toc_corr_ref *refs)
{
	struct toc_corr_expr *e = &out->expr;
	struct toc_corr_ref *sorted = toc_arena_alloc(l->arena, TOC_CORR_REFS * sizeof(*sorted));
	struct toc_corr_word *words = toc_arena_alloc(l->arena, e->n * sizeof(*words));
	uint8_t now[TOC_CORR_REFS] = { 0 };
	if (e->norder != out->nrefs) {
		mistake(l, node, "without `not`, order names all of the rules");
		return;
	}
	for (unsigned i = 0; i < e->norder; i++) {
		sorted[i] = refs[e->order[i]];
		now[e->order[i]] = (uint8_t)i;
	}
	memcpy(refs, sorted, out->nrefs * sizeof(*refs));
	for (unsigned i = 0; i < e->n; i++)
		words[i] = (struct toc_corr_word){ e->words[i].step, now[e->words[i].ref] };
	e->words = words;
	e->norder = 0;
	out->kind = toc_corr_kind_find("temporal_ordered");
	expr_terms(l, node, e);
}

static void read_match(struct load *l, const struct toc_yaml *node, struct toc_corr_rule *out,
		       struct toc_corr_ref *refs, const char *const *names)
{
	static const char *const keys[] = { "expr", "order", NULL };
	const struct toc_yaml *expr = toc_yaml_get(node, "expr"), *order = toc_yaml_get(node, "order");
	const bool sequence = out->kind == toc_corr_kind_find("temporal_ordered");
	if (!super_map(l, node, keys, "match"))
		return;
	if (!toc_corr_kind_is_temporal(out->kind) || !toc_yaml_str(expr) || out->expr.n) {
		mistake(l, expr ? expr : node, "%s",
			out->expr.n ? "match stands beside a condition that is a map, not beside a text"
				    : "match needs type: temporal or temporal_ordered, and expr: a and not b");
		return;
	}
	if (!expr_compile(l, expr, names, &out->expr) || (order && !read_order(l, order, names, &out->expr)))
		return;
	for (uint8_t i = 0; sequence && !order && i < out->nrefs; i++)
		out->expr.order[out->expr.norder++] = i;
	if (!out->expr.forbidden && (order || sequence))
		as_sequence(l, node, out, refs);
}

/* --- ratio -------------------------------------------------------------------------------------------------------- */

static void read_ratio(struct load *l, const struct doc *doc, const struct toc_yaml *node, struct toc_corr_rule *out,
		       struct toc_corr_ref *refs, const char *const *names)
{
	static const char *const keys[] = { "over", "gt", "gte", "lt", "lte", NULL };
	static const enum toc_corr_op ops[] = { 0, TOC_CORR_GT, TOC_CORR_GTE, TOC_CORR_LT, TOC_CORR_LTE };
	const struct toc_yaml *over = toc_yaml_get(node, "over");
	if (!super_map(l, node, keys, "ratio"))
		return;
	if (out->kind != toc_corr_kind_find("value_sum") || !toc_yaml_str(over)) {
		mistake(l, over ? over : node, "ratio needs type: value_sum, and over: the field of the other sum");
		return;
	}
	for (unsigned i = 1; keys[i]; i++) {
		const struct toc_yaml *bound = toc_yaml_get(node, keys[i]);
		struct toc_corr_bound *b = &out->ratio.bounds[out->ratio.n];
		if (!bound)
			continue;
		b->op = ops[i];
		if (out->ratio.n == 2)
			mistake(l, bound, "a ratio has two bounds at most");
		else if (super_number(l, bound, 0, 1e15, "the bound of a ratio", &b->value))
			out->ratio.n++;
	}
	if (!out->ratio.n)
		mistake(l, node, "a ratio needs a bound (gte: 10)");
	for (unsigned i = 0; i < out->nrefs; i++) {
		uint8_t place;
		refs[i].second = correlation_field(l, doc, docs_find(l, names[i]), over, toc_yaml_str(over), &place);
	}
}

/* --- others ------------------------------------------------------------------------------------------------------- */

/* Of the group-by those fields count that the other one has, too. */
static void read_inhibitors(struct load *l, const struct doc *doc, const struct toc_yaml *node,
			    struct toc_corr_rule *out)
{
	const char *const *names = strings_read(l, node, "inhibited_by");
	struct toc_corr_ref *refs = toc_arena_alloc(l->arena, TOC_CORR_REFS * sizeof(*refs));
	for (; *names; names++) {
		const struct doc *rule = docs_find(l, *names);
		if (!rule)
			continue; /* told when it was numbered */
		if (rule == doc || out->ninhibitors == TOC_CORR_REFS) {
			mistake(l, node, "%s", rule == doc ? "a rule does not inhibit itself" : "too many rules");
			return;
		}
		struct toc_corr_ref *ref = &refs[out->ninhibitors++];
		const char *const *group =
			strings_read(l, toc_yaml_get(correlation_body(rule), "group-by"), "group-by");
		ref->rule = rule->number;
		ref->chained = rule->kind == DOC_CORRELATION;
		for (unsigned k = 0; k < out->nkeys; k++) {
			ref->key_of[k] = ref->chained ? TOC_CORR_NO_KEY : 0;
			if (!ref->chained)
				ref->key[k] = taxonomy_field(l, node, toc_span_str(out->key_names[k]));
			for (uint8_t i = 0; ref->chained && group[i] && i < TOC_CORR_KEYS; i++)
				if (strcmp(group[i], out->key_names[k]) == 0)
					ref->key_of[k] = i;
		}
	}
	out->inhibitors = refs;
}

static void read_needs(struct load *l, const struct toc_yaml *node, struct toc_corr_rule *out)
{
	const char *const *names = strings_read(l, toc_yaml_get(node, "events"), "events");
	unsigned n = 0;
	while (names[n])
		n++;
	toc_field *kinds = toc_arena_alloc(l->arena, (n + 1) * sizeof(*kinds));
	for (unsigned i = 0; i < n; i++)
		kinds[out->nneeds++] = toc_intern_add(l->names, toc_span_str(names[i]));
	out->needs = kinds;
}

void super_quality(struct load *l, const struct toc_yaml *needs, struct toc_alert_rule *out)
{
	static const char *const keys[] = { "events", "identity", "max_loss", NULL };
	const struct toc_yaml *identity = toc_yaml_get(needs, "identity"), *loss = toc_yaml_get(needs, "max_loss");
	if (!super_map(l, needs, keys, "needs"))
		return;
	if (identity)
		super_number(l, identity, 0, 1, "identity", &out->needs_identity);
	if (loss)
		out->asks_loss = super_number(l, loss, 0, 1, "max_loss", &out->max_loss);
}

bool super_sleeps(struct load *l, const struct doc *doc)
{
	const struct toc_yaml *events = toc_yaml_get(toc_yaml_get(ours(doc), "needs"), "events");
	bool missing = false;
	for (const char *const *name = strings_read(l, events, "events"); *name && l->dictionary; name++) {
		const toc_field id = toc_intern_find(l->names, toc_span_str(*name));
		missing = missing || !id || !toc_dictionary_kind(l->dictionary, id);
	}
	return missing;
}

/* Rules that wait for the end of a window have no newest window to compare. */
static void check_combination(struct load *l, const struct toc_yaml *map, const struct toc_corr_rule *out)
{
	static const char *const arrive[] = { "baseline", "period", NULL };
	for (unsigned i = 0; arrive[i]; i++)
		if (toc_yaml_get(map, arrive[i]) && toc_corr_rule_waits(out))
			mistake(l, toc_yaml_get(map, arrive[i]), "%s goes with gt and gte only", arrive[i]);
}

void super_read(struct load *l, const struct doc *doc, struct toc_corr_rule *out, struct toc_corr_ref *refs,
		const char *const *names)
{
	const struct toc_yaml *map = ours(doc);
	const struct toc_yaml *late = toc_yaml_get(map, "late"), *match = toc_yaml_get(map, "match");
	const struct toc_yaml *ratio = toc_yaml_get(map, "ratio"), *absent = toc_yaml_get(map, "absent");
	const struct toc_yaml *novel = toc_yaml_get(map, "new"), *baseline = toc_yaml_get(map, "baseline");
	const struct toc_yaml *period = toc_yaml_get(map, "period"), *needs = toc_yaml_get(map, "needs");
	for (unsigned i = 0; i < out->nrefs; i++)
		if (!names[i] || !docs_find(l, names[i]))
			return; /* told; names and refs would not stand side by side */
	if (late)
		toc_yaml_duration(late, &out->late, l->diag);
	if (ratio)
		read_ratio(l, doc, ratio, out, refs, names);
	if (absent)
		super_absent(l, absent, out);
	if (novel)
		super_new(l, doc, novel, out, refs, names);
	if (baseline)
		super_baseline(l, baseline, out);
	if (period)
		super_period(l, doc, period, out, refs, names);
	if (match) /* last: it may put the refs in another order */
		read_match(l, match, out, refs, names);
	out->when = super_when(l, toc_yaml_get(map, "when"));
	if (toc_yaml_get(map, "inhibited_by"))
		read_inhibitors(l, doc, toc_yaml_get(map, "inhibited_by"), out);
	if (needs)
		read_needs(l, needs, out);
	check_combination(l, map, out);
}
