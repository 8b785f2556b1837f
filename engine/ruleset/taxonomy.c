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
	bool words;	     /* keywords are whole words */
	const char *dims[3]; /* category, product, service; NULL = not said */
	const struct toc_yaml *where;
	const struct tree *gate; /* compiled when it is first needed */
	bool told;
};

/* Where the line of a kind stands (keywords of the taxonomy). */
struct scope_entry {
	toc_field kind;
	const struct toc_yaml *at; /* the names as they were written */
	unsigned nfields;
	toc_field fields[TOC_ALIASES];
};

static const char *const dimensions[3] = { "category", "product", "service" };

static void add_field(struct load *l, struct toc_fieldset *set, const struct toc_yaml *at, struct toc_span name)
{
	toc_field id = toc_intern_add(l->names, name);
	for (unsigned i = 0; i < set->n; i++)
		if (set->id[i] == id)
			return;
	if (set->n == TOC_ALIASES || !id)
		tell(l, at, (struct finding){ TOC_ERROR, "alias", NULL, 0, 0 },
		     id ? "more than %d names for one field" : "too many different names of fields (%d for one)",
		     TOC_ALIASES);
	else
		set->id[set->n++] = id;
}

static void take_aliases(struct load *l, const struct toc_yaml *map)
{
	for (unsigned i = 0; map && map->kind == TOC_YAML_MAP && i < map->n; i++) {
		/* a name that stands in two files: the first has it */
		if (!index_put(l->arena, &l->alias_index, map->as.pairs[i].key->text, l->aliases.n, NULL)) {
			tell(l, map->as.pairs[i].key, (struct finding){ TOC_ERROR, "alias", NULL, 0, 0 },
			     "this name has its meaning already");
			continue;
		}
		struct alias *a = table_add(l, &l->aliases, sizeof(*a));
		a->name = toc_yaml_str(map->as.pairs[i].key);
		add_field(l, &a->fields, map->as.pairs[i].key, map->as.pairs[i].key->text);
		for (const char *const *s = strings_read(l, map->as.pairs[i].value, "an alias"); *s; s++)
			add_field(l, &a->fields, map->as.pairs[i].value, toc_span_str(*s));
	}
}

static void take_source(struct load *l, const struct toc_yaml *entry)
{
	static const char *const keys[] = { "kind", "category", "product", "service", "where", "words", NULL };
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
	if (toc_yaml_get(entry, "words"))
		toc_yaml_bool(toc_yaml_get(entry, "words"), &e->words, l->diag);
	if (l->dictionary && !toc_dictionary_kind(l->dictionary, e->kind))
		mistake(l, toc_yaml_get(entry, "kind"), "there is no event kind \"%s\"; `tocsin fields` lists them",
			kind);
}

static void take_scopes(struct load *l, const struct toc_yaml *map)
{
	for (unsigned i = 0; map && map->kind == TOC_YAML_MAP && i < map->n; i++) {
		struct scope_entry *s = table_add(l, &l->scopes, sizeof(*s));
		s->kind = toc_intern_add(l->names, map->as.pairs[i].key->text);
		s->at = map->as.pairs[i].value;
		for (const char *const *f = strings_read(l, map->as.pairs[i].value, "a field"); *f; f++)
			if (s->nfields < TOC_ALIASES)
				s->fields[s->nfields++] = toc_intern_add(l->names, toc_span_str(*f));
	}
}

void taxonomy_take(struct load *l, const struct toc_yaml *root)
{
	static const char *const keys[] = { "logsources", "aliases", "keywords", NULL };
	const struct toc_yaml *sources = toc_yaml_get(root, "logsources");
	toc_yaml_only(root, keys, "a taxonomy", l->diag);
	take_aliases(l, toc_yaml_get(root, "aliases"));
	take_scopes(l, toc_yaml_get(root, "keywords"));
	if (sources && sources->kind != TOC_YAML_LIST)
		mistake(l, sources, "logsources must be a list (- kind: dns)");
	for (unsigned i = 0; sources && sources->kind == TOC_YAML_LIST && i < sources->n; i++)
		take_source(l, sources->as.items[i]);
}

struct logsource logsource_read(struct load *l, const struct toc_yaml *node)
{
	struct logsource out = { .at = node };
	for (unsigned d = 0; d < 3; d++) {
		const struct toc_yaml *value = toc_yaml_get(node, dimensions[d]);
		if (value && toc_yaml_is_null(value))
			continue;
		out.dims[d] = toc_yaml_str(value);
		if (value && !out.dims[d] && !l->mute)
			tell(l, value, (struct finding){ TOC_ERROR, "logsource", NULL, 0, 0 },
			     "%s of a logsource is a word", dimensions[d]);
	}
	return out;
}

static bool known(const struct load *l, const struct toc_fieldset *set)
{
	for (unsigned i = 0; i < set->n; i++)
		if (toc_dictionary_field(l->dictionary, 0, set->id[i]))
			return true;
	return false;
}

struct toc_fieldset taxonomy_names(struct load *l, const struct toc_yaml *at, struct toc_span name)
{
	struct toc_fieldset set = { 0 };
	unsigned i;
	add_field(l, &set, at, name);
	if (!index_get(&l->alias_index, name, &i))
		return set;
	const struct toc_fieldset *more = &((const struct alias *)l->aliases.at)[i].fields;
	for (unsigned k = 0; k < more->n; k++)
		add_field(l, &set, at, toc_span_str(toc_intern_name(l->names, more->id[k])));
	return set;
}

struct toc_fieldset taxonomy_field(struct load *l, const struct toc_yaml *at, struct toc_span name)
{
	struct toc_fieldset set = taxonomy_names(l, at, name);
	if (l->dictionary && !known(l, &set))
		tell(l, at, (struct finding){ TOC_WARNING, "unknown-field", NULL, 0, 0 },
		     "no event has a field \"%.*s\"; `tocsin fields` lists what exists", (int)name.n,
		     (const char *)name.p);
	return set;
}

/* Every dimension that `want` sets must be what `have` says. */
static bool agrees(const struct logsource *want, const char *const have[3])
{
	for (unsigned d = 0; d < 3; d++)
		if (want->dims[d] && (!have[d] || strcmp(want->dims[d], have[d]) != 0))
			return false;
	return true;
}

bool taxonomy_covers(const struct logsource *filter, const struct logsource *rule)
{
	return agrees(filter, rule->dims);
}

static bool has_kind(const toc_field *kinds, unsigned n, toc_field kind)
{
	for (unsigned i = 0; i < n; i++)
		if (kinds[i] == kind)
			return true;
	return false;
}

const toc_field *taxonomy_kinds(struct load *l, const struct logsource *source)
{
	const struct source_entry *e = l->sources.at;
	toc_field *kinds = toc_arena_alloc(l->arena, (l->sources.n + 1) * sizeof(*kinds));
	unsigned n = 0;
	for (unsigned i = 0; i < l->sources.n; i++)
		if (agrees(source, e[i].dims) && !has_kind(kinds, n, e[i].kind))
			kinds[n++] = e[i].kind;
	return kinds;
}

/* Compiled once: its mistakes are told once, and its tests are shared by the rules. */
static const struct tree *source_gate(struct load *l, const struct source_entry *entry)
{
	struct source_entry *e = (struct source_entry *)l->sources.at + (entry - (struct source_entry *)l->sources.at);
	const struct doc *now = l->now;
	l->now = NULL;
	if (!e->told)
		e->gate = search_compile(l, e->where, 0);
	e->told = true;
	l->now = now;
	return e->gate;
}

/* A name of a field that a kind does not have. */
static void scope_check(struct load *l, const struct scope_entry *s)
{
	for (unsigned i = 0; i < s->nfields; i++) {
		if (toc_dictionary_field(l->dictionary, s->kind, s->fields[i]))
			continue;
		const char *kind = toc_intern_name(l->names, s->kind), *name = toc_intern_name(l->names, s->fields[i]);
		const char *near = toc_dictionary_nearest(l->dictionary, s->kind, toc_span_str(name));
		tell(l, strings_node(s->at, i), (struct finding){ TOC_ERROR, "unknown-field", near, 0, 0 },
		     "no event of the kind \"%s\" has a field \"%s\" for keywords%s%s%s", kind, name, near ? " (" : "",
		     near ? near : "", near ? "?)" : "");
	}
}

void taxonomy_check(struct load *l)
{
	const struct source_entry *e = l->sources.at;
	const struct scope_entry *s = l->scopes.at;
	for (unsigned i = 0; l->dictionary && i < l->sources.n; i++) {
		const struct tree *gate = e[i].where ? source_gate(l, &e[i]) : NULL;
		if (gate && toc_dictionary_kind(l->dictionary, e[i].kind))
			lint_gate(l, e[i].kind, gate);
	}
	for (unsigned i = 0; l->dictionary && i < l->scopes.n; i++)
		scope_check(l, &s[i]);
}

static const struct keyword_scope *scope_of(struct load *l, toc_field kind, bool words)
{
	struct keyword_scope *scope = toc_arena_alloc(l->arena, sizeof(*scope));
	const struct scope_entry *s = l->scopes.at;
	scope->words = words;
	for (unsigned i = 0; i < l->scopes.n; i++) {
		if (s[i].kind != kind)
			continue;
		scope->nfields = s[i].nfields;
		memcpy(scope->fields, s[i].fields, sizeof(scope->fields));
	}
	return scope;
}

/* The rule on one kind: always, or where one of the entries' conditions holds. */
static void place_on(struct load *l, toc_field kind, const struct logsource *source, uint32_t number,
		     const struct tree *tree)
{
	const struct source_entry *e = l->sources.at;
	toc_node *gates = toc_arena_alloc(l->arena, (l->sources.n + 1) * sizeof(*gates));
	unsigned n = 0;
	bool always = false, words = true;
	for (unsigned i = 0; i < l->sources.n; i++) {
		if (e[i].kind != kind || !agrees(source, e[i].dims))
			continue;
		always = always || !e[i].where;
		words = words && e[i].words; /* where one of the entries does not ask for whole words, they are not */
		const struct tree *gate = e[i].where ? source_gate(l, &e[i]) : NULL;
		if (gate)
			gates[n++] = tree_lower(l, gate, scope_of(l, kind, false));
	}
	toc_node node = tree_lower(l, tree, scope_of(l, kind, words));
	if (always)
		toc_build_rule(l->build, number, kind, TOC_NO_NODE, node);
	else if (n)
		toc_build_rule(l->build, number, kind, toc_build_any(l->build, gates, n), node);
}

void taxonomy_place(struct load *l, const struct logsource *source, uint32_t number, const struct tree *tree)
{
	for (const toc_field *kind = taxonomy_kinds(l, source); *kind; kind++)
		place_on(l, *kind, source, number, tree);
}
