/* detection - search identifiers and their condition (Sigma specification, "Detection"). */
#include <string.h>

#include "ruleset/load.h"

enum { SEARCH_DEPTH = 16, VALUES = 100000 };

static const struct tree *refuse(struct load *l, const struct toc_yaml *at, const char *what)
{
	tell(l, at, (struct finding){ TOC_ERROR, "detection", NULL, 0, 0 }, "%s", what);
	return NULL;
}

static const struct tree *compile_map(struct load *l, const struct toc_yaml *map)
{
	const struct tree **trees = toc_arena_alloc(l->arena, (map->n + 1) * sizeof(struct tree *));
	unsigned n = 0;
	bool ok = true;
	for (unsigned i = 0; i < map->n; i++) {
		const struct toc_yaml_pair *pair = &map->as.pairs[i];
		size_t name = toc_span_find(pair->key->text, '|');
		if (l->now && name && !pipeline_fields(l, toc_span_first(pair->key->text, name), pair->value))
			continue; /* a pipeline drops it */
		trees[n] = item_compile(l, pair->key, pair->value);
		ok = trees[n++] && ok;
	}
	if (ok && n == 0)
		return refuse(l, map, "the pipeline drops everything in this search identifier");
	return ok ? tree_all(l, trees, n) : NULL;
}

static const struct tree *compile_list(struct load *l, const struct toc_yaml *list, unsigned depth)
{
	const struct tree **trees = toc_arena_alloc(l->arena, (list->n + 1) * sizeof(struct tree *));
	bool ok = true;
	for (unsigned i = 0; i < list->n; i++)
		ok = (trees[i] = search_compile(l, list->as.items[i], depth + 1)) && ok;
	return ok ? tree_any(l, trees, list->n) : NULL;
}

const struct tree *search_compile(struct load *l, const struct toc_yaml *search, unsigned depth)
{
	if (search->kind == TOC_YAML_SCALAR && depth == 0 && toc_yaml_is_null(search))
		return refuse(l, search, "a search identifier may not be empty");
	if (search->kind == TOC_YAML_SCALAR)
		return keyword_compile(l, search);
	if (search->n == 0)
		return refuse(l, search, "a search identifier may not be empty");
	if (search->n > VALUES)
		return refuse(l, search, "more than 100,000 entries here; make it a named list (expand)");
	if (depth > SEARCH_DEPTH)
		return refuse(l, search, "lists are nested too deeply");
	return search->kind == TOC_YAML_MAP ? compile_map(l, search) : compile_list(l, search, depth);
}

static void warn_unused(struct load *l, const struct toc_yaml *detection, const struct identifier *ids, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!ids[i].used && ids[i].name[0] != '_')
			tell(l, toc_yaml_get(detection, ids[i].name),
			     (struct finding){ TOC_WARNING, "unused-identifier", NULL, 0, 0 },
			     "the condition does not use \"%s\"", ids[i].name);
}

void detection_unused(struct load *l, const struct doc *doc)
{
	warn_unused(l, toc_yaml_get(doc->root, "detection"), doc->ids, doc->nids);
}

/* Patterns may reach any name; a condition can say only words. */
static void check_name(struct load *l, const struct toc_yaml *key)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	static const char *const words[] = { "and", "or", "not", "of", "them", NULL };
	const char *name = toc_yaml_str(key);
	bool ok = *name && strspn(name, letters) == key->text.n;
	for (const char *const *w = words; *w; w++)
		ok = ok && strcmp(name, *w) != 0;
	if (!ok)
		tell(l, key, (struct finding){ TOC_WARNING, "identifier-name", NULL, 0, 0 },
		     "a condition cannot name this: a search identifier is a word of letters, digits, _ and -");
}

/* Keys of a detection or filter map that are no search identifiers. */
static bool is_control(const char *name)
{
	return strcmp(name, "condition") == 0 || strcmp(name, "timeframe") == 0 || strcmp(name, "rules") == 0;
}

const struct tree *detection_compile(struct load *l, const struct toc_yaml *detection, const char *what,
				     struct doc *keep)
{
	const struct toc_yaml *condition = toc_yaml_get(detection, "condition");
	unsigned n = 0;
	bool ok = true;
	if (!detection || detection->kind != TOC_YAML_MAP || !condition) {
		tell(l, detection ? detection : l->now->root, (struct finding){ TOC_ERROR, "detection", NULL, 0, 0 },
		     "%s is a map of search identifiers with a condition", what);
		return NULL;
	}
	struct identifier *ids = toc_arena_alloc(l->arena, (detection->n + 1) * sizeof(*ids));
	for (unsigned i = 0; i < detection->n; i++) {
		const struct toc_yaml_pair *pair = &detection->as.pairs[i];
		if (is_control(toc_yaml_str(pair->key)))
			continue;
		check_name(l, pair->key);
		ids[n].name = toc_yaml_str(pair->key);
		ids[n].tree = search_compile(l, pair->value, 0);
		ok = ids[n++].tree && ok;
	}
	const struct tree *out = condition_compile(l, condition, ids, n);
	if (!out || !ok)
		return NULL;
	if (!keep) {
		warn_unused(l, detection, ids, n);
		return out;
	}
	keep->ids = ids;
	keep->nids = n;
	return out;
}
