/* detection - search identifiers and their condition (Sigma specification, "Detection"). */
#include <string.h>

#include "ruleset/load.h"

enum { SEARCH_DEPTH = 16 };

static bool compile_map(struct load *l, const struct toc_yaml *map, toc_node *out)
{
	toc_node *nodes = toc_arena_alloc(l->arena, (map->n + 1) * sizeof(*nodes));
	bool ok = true;
	for (unsigned i = 0; i < map->n; i++)
		ok = item_compile(l, map->as.pairs[i].key, map->as.pairs[i].value, &nodes[i]) && ok;
	if (ok)
		*out = toc_build_all(l->build, nodes, map->n);
	return ok;
}

static bool compile_list(struct load *l, const struct toc_yaml *list, unsigned depth, toc_node *out)
{
	toc_node *nodes = toc_arena_alloc(l->arena, (list->n + 1) * sizeof(*nodes));
	bool ok = true;
	for (unsigned i = 0; i < list->n; i++)
		ok = search_compile(l, list->as.items[i], depth + 1, &nodes[i]) && ok;
	if (ok)
		*out = toc_build_any(l->build, nodes, list->n);
	return ok;
}

bool search_compile(struct load *l, const struct toc_yaml *search, unsigned depth, toc_node *out)
{
	if (search->kind == TOC_YAML_SCALAR)
		return keyword_compile(l, search, out);
	if (search->n == 0 || depth > SEARCH_DEPTH) {
		mistake(l, search, "%s",
			search->n ? "lists are nested too deeply" : "a search identifier may not be empty");
		return false;
	}
	return search->kind == TOC_YAML_MAP ? compile_map(l, search, out) : compile_list(l, search, depth, out);
}

static void warn_unused(struct load *l, const struct toc_yaml *detection, const struct identifier *ids, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!ids[i].used && ids[i].name[0] != '_')
			remark(l, toc_yaml_get(detection, ids[i].name), "the condition does not use \"%s\"",
			       ids[i].name);
}

bool detection_compile(struct load *l, const struct toc_yaml *detection, toc_node *out)
{
	const struct toc_yaml *condition = toc_yaml_get(detection, "condition");
	unsigned n = 0;
	bool ok = true;
	if (!detection || detection->kind != TOC_YAML_MAP || !condition) {
		mistake(l, detection, "a detection is a map of search identifiers with a condition");
		return false;
	}
	struct identifier *ids = toc_arena_alloc(l->arena, (detection->n + 1) * sizeof(*ids));
	for (unsigned i = 0; i < detection->n; i++) {
		const struct toc_yaml_pair *pair = &detection->as.pairs[i];
		const char *name = toc_yaml_str(pair->key);
		if (strcmp(name, "condition") == 0 || strcmp(name, "timeframe") == 0 || strcmp(name, "rules") == 0)
			continue; /* rules: of a filter */
		ids[n].name = name;
		ok = search_compile(l, pair->value, 0, &ids[n++].node) && ok;
	}
	if (!ok || !condition_compile(l, condition, ids, n, out))
		return false;
	warn_unused(l, detection, ids, n);
	return true;
}
