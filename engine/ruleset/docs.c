/* docs - the documents of a load: their kinds, names, and the collection actions that make one from several. */
#include <string.h>

#include "ruleset/load.h"

enum { MERGE_DEPTH = 16, NEAREST = 64 };

struct doc *docs_find(struct load *l, const char *name)
{
	unsigned i;
	return index_get(&l->doc_index, toc_span_str(name), &i) ? (struct doc *)l->docs.at + i : NULL;
}

/* --- collection actions ------------------------------------------------------------------------------------------- */

static const struct toc_yaml_pair *pair_of(const struct toc_yaml *map, struct toc_span key)
{
	for (unsigned i = 0; i < map->n; i++)
		if (toc_span_eq(map->as.pairs[i].key->text, key))
			return &map->as.pairs[i];
	return NULL;
}

/* Both maps in one, what stands in `over` before what stands in `base`, maps in maps likewise. */
static const struct toc_yaml *merged(struct load *l, const struct toc_yaml *base, const struct toc_yaml *over,
				     unsigned depth)
{
	if (base->kind != TOC_YAML_MAP || over->kind != TOC_YAML_MAP || depth > MERGE_DEPTH)
		return over;
	struct toc_yaml *out = toc_arena_alloc(l->arena, sizeof(*out));
	struct toc_yaml_pair *pairs = toc_arena_alloc(l->arena, (base->n + over->n + 1) * sizeof(*pairs));
	*out = *over;
	out->n = 0;
	for (unsigned i = 0; i < base->n; i++) {
		const struct toc_yaml_pair *p = &base->as.pairs[i], *q = pair_of(over, p->key->text);
		pairs[out->n] = q ? *q : *p;
		if (q)
			pairs[out->n].value = merged(l, p->value, q->value, depth + 1);
		out->n++;
	}
	for (unsigned i = 0; i < over->n; i++)
		if (!pair_of(base, over->as.pairs[i].key->text))
			pairs[out->n++] = over->as.pairs[i];
	out->as.pairs = pairs;
	return out;
}

static const struct toc_yaml *without_action(struct load *l, const struct toc_yaml *map)
{
	struct toc_yaml *out = toc_arena_alloc(l->arena, sizeof(*out));
	struct toc_yaml_pair *pairs = toc_arena_alloc(l->arena, (map->n + 1) * sizeof(*pairs));
	*out = *map;
	out->n = 0;
	for (unsigned i = 0; i < map->n; i++)
		if (!toc_span_is(map->as.pairs[i].key->text, "action"))
			pairs[out->n++] = map->as.pairs[i];
	out->as.pairs = pairs;
	return out;
}

/* A template and the document before hold within one file. */
static void forget_other_file(struct load *l, const struct toc_yaml *root)
{
	if (l->global && l->global->at.file != root->at.file)
		l->global = NULL;
	if (l->before && l->before->at.file != root->at.file)
		l->before = NULL;
}

/* The rule that a document makes, or NULL where it makes none. */
static const struct toc_yaml *act(struct load *l, const struct toc_yaml *root, const struct toc_yaml *action)
{
	static const char *const words[] = { "global", "reset", "repeat", NULL };
	const char *word = toc_yaml_str(action);
	if (!action)
		return l->global ? merged(l, l->global, root, 0) : root;
	if (word && strcmp(word, "global") == 0) {
		const struct toc_yaml *own = without_action(l, root);
		l->global = l->global ? merged(l, l->global, own, 0) : own;
	} else if (word && strcmp(word, "reset") == 0) {
		l->global = NULL;
	} else if (word && strcmp(word, "repeat") == 0 && l->before) {
		return merged(l, l->before, without_action(l, root), 0);
	} else {
		const char *near = word ? toc_nearest(action->text, words) : NULL;
		bool repeat = word && strcmp(word, "repeat") == 0;
		tell(l, action, (struct finding){ TOC_ERROR, "action", near, 0, 0 }, "%s",
		     repeat ? "there is no rule in front of this one to repeat"
			    : "a collection action is global, reset or repeat");
	}
	return NULL;
}

/* --- documents ---------------------------------------------------------------------------------------------------- */

/* Rules of one template share its id: the second and those after it are told apart by their lines. */
static void tell_template_apart(struct load *l, struct doc *doc)
{
	const struct toc_yaml *id = toc_yaml_get(doc->root, "id");
	struct doc *other = id && toc_yaml_str(id) ? docs_find(l, toc_yaml_str(id)) : NULL;
	if (!other || other == doc || toc_yaml_get(other->root, "id") != id)
		return;
	doc->id = toc_arena_printf(l->arena, "%s#%u", doc->id, doc->root->at.line);
}

static void check_unique(struct load *l, struct doc *doc)
{
	unsigned number = (unsigned)(doc - (const struct doc *)l->docs.at), other;
	struct index *x = doc->kind == DOC_FILTER ? &l->filter_index : &l->doc_index;
	tell_template_apart(l, doc);
	const char *names[2] = { doc->id, doc->name };
	for (unsigned i = 0; i < 2; i++) {
		if (!names[i] || index_put(l->arena, x, toc_span_str(names[i]), number, &other) || other == number)
			continue;
		const struct toc_yaml *first = ((const struct doc *)l->docs.at)[other].root;
		const struct toc_yaml *at = toc_yaml_get(doc->root, i ? "name" : "id");
		tell(l, at ? at : doc->root, (struct finding){ TOC_ERROR, "duplicate-id", NULL, 0, 0 },
		     "the id or name of this rule is also that of %s:%u", first->at.file, first->at.line);
	}
}

static const char *text_key(struct load *l, const struct toc_yaml *root, const char *key, size_t most)
{
	const struct toc_yaml *node = toc_yaml_get(root, key);
	const char *text = toc_yaml_str(node);
	if (node && (!text || !*text || node->text.n > most))
		tell(l, node, (struct finding){ TOC_ERROR, "metadata", NULL, 0, 0 },
		     "%s is a text of 1 to %zu characters", key, most);
	return text && *text ? text : NULL;
}

static enum doc_kind kind_of(const struct toc_yaml *root)
{
	return toc_yaml_get(root, "correlation") ? DOC_CORRELATION
	       : toc_yaml_get(root, "filter")	 ? DOC_FILTER
						 : DOC_DETECTION;
}

static void add_doc(struct load *l, const struct toc_yaml *root)
{
	struct doc *doc = table_add(l, &l->docs, sizeof(*doc));
	doc->root = root;
	doc->path = root->at.file;
	doc->category = l->category;
	doc->kind = kind_of(root);
	doc->name = text_key(l, root, "name", 256);
	doc->title = text_key(l, root, "title", 256);
	doc->id = toc_yaml_str(toc_yaml_get(root, "id"));
	if (!toc_yaml_get(root, "title"))
		tell(l, root, (struct finding){ TOC_ERROR, "metadata", NULL, 0, 0 }, "a rule needs a title");
	if (!doc->title)
		doc->title = "";
	if (!doc->id)
		doc->id = doc->name ? doc->name : toc_arena_printf(l->arena, "%s:%u", root->at.file, root->at.line);
	if (doc->kind == DOC_FILTER)
		*(unsigned *)table_add(l, &l->filters, sizeof(unsigned)) = l->docs.n - 1;
	check_unique(l, doc);
}

void docs_take(struct load *l, const struct toc_yaml *root)
{
	if (root->kind != TOC_YAML_MAP) {
		tell(l, root, (struct finding){ TOC_ERROR, "document", NULL, 0, 0 },
		     "a rule is a map (title, logsource, detection)");
		return;
	}
	forget_other_file(l, root);
	const struct toc_yaml *action = toc_yaml_get(root, "action");
	/* templates are for rules: correlations and filters stand as they are written */
	if (!action && kind_of(root) != DOC_DETECTION) {
		add_doc(l, root);
		return;
	}
	const struct toc_yaml *made = act(l, root, action);
	if (!made)
		return;
	l->before = made;
	add_doc(l, made);
}

const char *docs_nearest(struct load *l, const char *name, enum doc_kind what)
{
	const struct doc *docs = l->docs.at;
	if (l->sought++ >= NEAREST)
		return NULL; /* as many again would take as long as all rules for each */
	const char **names = toc_arena_alloc(l->arena, (l->docs.n + 1) * sizeof(*names));
	for (unsigned i = 0, n = 0; i < l->docs.n; i++)
		if (what == DOC_FILTER ? docs[i].name != NULL : docs[i].kind == what)
			names[n++] = docs[i].name ? docs[i].name : docs[i].id;
	return toc_nearest(toc_span_str(name), names);
}
