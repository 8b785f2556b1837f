/* taxonomy - which events carry which logsource, and which names of fields mean the same (rules/taxonomy). */
#include <string.h>

#include "ruleset/load.h"

struct alias {
	const char *name;
	struct toc_fieldset fields;
};

/* Events of a kind carry a logsource, all of them or those for which `where` holds. */
struct source_entry {
	toc_field kind;
	const char *dims[3]; /* category, product, service; NULL = not said */
	const struct toc_yaml *where;
};

static const char *const dimensions[3] = { "category", "product", "service" };

static void add_field(struct load *l, struct toc_fieldset *set, const struct toc_yaml *at, struct toc_span name)
{
	toc_field id = toc_intern_add(l->names, name);
	for (unsigned i = 0; i < set->n; i++)
		if (set->id[i] == id)
			return;
	if (set->n == TOC_ALIASES || !id)
		mistake(l, at, "more than %d names for one field", TOC_ALIASES);
	else
		set->id[set->n++] = id;
}

static void take_aliases(struct load *l, const struct toc_yaml *map)
{
	for (unsigned i = 0; map && map->kind == TOC_YAML_MAP && i < map->n; i++) {
		struct alias *a = table_add(l, &l->aliases, sizeof(*a));
		a->name = toc_yaml_str(map->as.pairs[i].key);
		add_field(l, &a->fields, map->as.pairs[i].key, map->as.pairs[i].key->text);
		for (const char *const *s = strings_read(l, map->as.pairs[i].value, "an alias"); *s; s++)
			add_field(l, &a->fields, map->as.pairs[i].value, toc_span_str(*s));
	}
}

static void take_source(struct load *l, const struct toc_yaml *entry)
{
	static const char *const keys[] = { "kind", "category", "product", "service", "where", NULL };
	const char *kind = toc_yaml_str(toc_yaml_get(entry, "kind"));
	toc_yaml_only(entry, keys, "a logsource", l->diag);
	if (!kind) {
		mistake(l, entry, "a logsource names the kind of its events (kind: dns)");
		return;
	}
	struct source_entry *e = table_add(l, &l->sources, sizeof(*e));
	e->kind = toc_intern_add(l->names, toc_span_str(kind));
	for (unsigned d = 0; d < 3; d++)
		e->dims[d] = toc_yaml_str(toc_yaml_get(entry, dimensions[d]));
	e->where = toc_yaml_get(entry, "where");
	if (l->dictionary && !toc_dictionary_kind(l->dictionary, e->kind))
		mistake(l, toc_yaml_get(entry, "kind"), "there is no event kind \"%s\"; `tocsin fields` lists them",
			kind);
}

void taxonomy_take(struct load *l, const struct toc_yaml *root)
{
	static const char *const keys[] = { "logsources", "aliases", NULL };
	const struct toc_yaml *sources = toc_yaml_get(root, "logsources");
	toc_yaml_only(root, keys, "a taxonomy", l->diag);
	take_aliases(l, toc_yaml_get(root, "aliases"));
	if (sources && sources->kind != TOC_YAML_LIST)
		mistake(l, sources, "logsources must be a list (- kind: dns)");
	for (unsigned i = 0; sources && sources->kind == TOC_YAML_LIST && i < sources->n; i++)
		take_source(l, sources->as.items[i]);
}

static bool known(const struct load *l, const struct toc_fieldset *set)
{
	for (unsigned i = 0; i < set->n; i++)
		if (toc_dictionary_field(l->dictionary, 0, set->id[i]))
			return true;
	return false;
}

struct toc_fieldset taxonomy_field(struct load *l, const struct toc_yaml *at, struct toc_span name)
{
	struct toc_fieldset set = { 0 };
	add_field(l, &set, at, name);
	const struct alias *aliases = l->aliases.at;
	for (unsigned i = 0; i < l->aliases.n; i++)
		if (toc_span_is(name, aliases[i].name))
			for (unsigned k = 0; k < aliases[i].fields.n; k++) {
				const char *other = toc_intern_name(l->names, aliases[i].fields.id[k]);
				add_field(l, &set, at, toc_span_str(other));
			}
	if (l->dictionary && !known(l, &set))
		remark(l, at, "no event has a field \"%.*s\"; `tocsin fields` lists what exists", (int)name.n,
		       (const char *)name.p);
	return set;
}

/* Every dimension that `want` sets must be what `have` says. */
static bool agrees(const struct toc_yaml *want, const char *const have[3])
{
	for (unsigned d = 0; d < 3; d++) {
		const char *value = toc_yaml_str(toc_yaml_get(want, dimensions[d]));
		if (value && (!have[d] || strcmp(value, have[d]) != 0))
			return false;
	}
	return true;
}

bool taxonomy_covers(const struct toc_yaml *filter, const struct toc_yaml *rule)
{
	const char *have[3];
	for (unsigned d = 0; d < 3; d++)
		have[d] = toc_yaml_str(toc_yaml_get(rule, dimensions[d]));
	return agrees(filter, have);
}

static bool says_something(const struct toc_yaml *logsource)
{
	for (unsigned d = 0; d < 3; d++)
		if (toc_yaml_str(toc_yaml_get(logsource, dimensions[d])))
			return true;
	return false;
}

/* The rule on one kind: always, or where one of the entries' conditions holds. */
static void place_on(struct load *l, toc_field kind, const struct toc_yaml *logsource, uint32_t rule, toc_node node)
{
	const struct source_entry *e = l->sources.at;
	toc_node *gates = toc_arena_alloc(l->arena, (l->sources.n + 1) * sizeof(*gates));
	unsigned n = 0;
	for (unsigned i = 0; i < l->sources.n; i++) {
		if (e[i].kind != kind || !agrees(logsource, e[i].dims))
			continue;
		if (!e[i].where) {
			toc_build_rule(l->build, rule, kind, node);
			return;
		}
		n += search_compile(l, e[i].where, 0, &gates[n]);
	}
	if (n == 0)
		return;
	toc_node both[2] = { toc_build_any(l->build, gates, n), node };
	toc_build_rule(l->build, rule, kind, toc_build_all(l->build, both, 2));
}

void taxonomy_place(struct load *l, const struct toc_yaml *logsource, uint32_t rule, toc_node node)
{
	const struct source_entry *e = l->sources.at;
	bool found = false;
	if (!says_something(logsource)) {
		mistake(l, logsource, "a rule needs a logsource with category, product or service");
		return;
	}
	for (unsigned i = 0; i < l->sources.n; i++) {
		bool first = agrees(logsource, e[i].dims);
		for (unsigned k = 0; first && k < i; k++)
			first = e[k].kind != e[i].kind || !agrees(logsource, e[k].dims);
		if (first)
			place_on(l, e[i].kind, logsource, rule, node);
		found = found || first;
	}
	if (!found)
		remark(l, logsource, "no event carries this logsource, so the rule never fires (rules/taxonomy)");
}
