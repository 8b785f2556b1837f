/* yaml - libyaml's events into a tree. */
#include "base/yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/digest.h"
#include "base/files.h"
#include "tocsin/time.h"

enum { MERGED = 16384 };

struct anchor {
	struct anchor *next;
	const char *name;
	const struct toc_yaml *node; /* NULL while it is being read */
};

struct reader {
	yaml_parser_t parser;
	struct toc_arena *arena;
	struct toc_diag *diag;
	const char *name;
	struct toc_span text;
	struct anchor *anchors;
	unsigned nodes, depth;
	bool failed;
};

/* Growing array of pointers while a collection is read. */
struct growing {
	const void **items;
	unsigned n, room;
};

static void grow(struct growing *g, const void *item)
{
	if (g->n == g->room) {
		g->room = g->room ? 2 * g->room : 16;
		g->items = realloc(g->items, g->room * sizeof(*g->items));
		if (!g->items)
			abort();
	}
	g->items[g->n++] = item;
}

static struct toc_place place(const struct reader *r, yaml_mark_t mark)
{
	return (struct toc_place){ r->name, (unsigned)mark.line + 1, (unsigned)mark.column + 1 };
}

static void fail(struct reader *r, yaml_mark_t mark, const char *what)
{
	if (!r->failed)
		toc_diag_tell(r->diag,
			      &(struct toc_message){
				      .severity = TOC_ERROR, .at = place(r, mark), .code = "yaml", .text = what });
	r->failed = true;
}

/* Where a byte stands: the reader knows no line of what it cannot decode. */
static yaml_mark_t mark_of(const struct reader *r, size_t offset)
{
	yaml_mark_t mark = { offset, 0, 0 };
	for (size_t i = 0; i < offset && i < r->text.n; i++) {
		mark.column = r->text.p[i] == '\n' ? 0 : mark.column + ((r->text.p[i] & 0xc0) != 0x80);
		mark.line += r->text.p[i] == '\n';
	}
	return mark;
}

static bool next_event(struct reader *r, yaml_event_t *ev)
{
	if (r->failed)
		return false;
	if (yaml_parser_parse(&r->parser, ev))
		return true;
	yaml_mark_t mark = r->parser.problem_mark;
	if (r->parser.error == YAML_READER_ERROR)
		mark = mark_of(r, r->parser.problem_offset);
	fail(r, mark, r->parser.problem ? r->parser.problem : "this is not YAML");
	return false;
}

static const struct toc_yaml *read_node(struct reader *r, yaml_event_t *ev);

static struct toc_yaml *new_node(struct reader *r, enum toc_yaml_kind kind, const yaml_event_t *ev)
{
	if (++r->nodes >= TOC_YAML_NODES) {
		fail(r, ev->start_mark, "too many nodes in one file; split it");
		return NULL;
	}
	struct toc_yaml *node = toc_arena_alloc(r->arena, sizeof(*node));
	node->kind = kind;
	node->size = 1;
	node->at = place(r, ev->start_mark);
	return node;
}

static struct anchor *note_anchor(struct reader *r, const yaml_char_t *name)
{
	if (!name)
		return NULL;
	struct anchor *a = toc_arena_alloc(r->arena, sizeof(*a));
	a->name = toc_arena_str(r->arena, toc_span_str((const char *)name));
	a->next = r->anchors;
	r->anchors = a;
	return a;
}

static const struct toc_yaml *read_alias(struct reader *r, const yaml_event_t *ev)
{
	const char *name = (const char *)ev->data.alias.anchor;
	for (const struct anchor *a = r->anchors; a; a = a->next) {
		if (strcmp(a->name, name) != 0)
			continue;
		if (a->node && a->node->size > TOC_YAML_NODES - r->nodes) {
			fail(r, ev->start_mark,
			     "too many nodes in one file, what aliases stand for included; split it");
			return NULL;
		}
		r->nodes += a->node ? a->node->size : 0;
		if (a->node)
			return a->node;
		fail(r, ev->start_mark, "this alias contains itself");
		return NULL;
	}
	fail(r, ev->start_mark, "alias to an anchor that does not exist");
	return NULL;
}

static const struct toc_yaml *read_scalar(struct reader *r, const yaml_event_t *ev)
{
	struct toc_yaml *node = new_node(r, TOC_YAML_SCALAR, ev);
	if (!node)
		return NULL;
	struct toc_span text = toc_span_of(ev->data.scalar.value, ev->data.scalar.length);
	node->text = toc_span_of(toc_arena_str(r->arena, text), text.n);
	if (ev->end_mark.line == ev->start_mark.line)
		node->end = (unsigned)ev->end_mark.column + 1;
	node->plain = ev->data.scalar.plain_implicit && ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return node;
}

static const struct toc_yaml *read_list(struct reader *r, const yaml_event_t *start)
{
	struct toc_yaml *node = new_node(r, TOC_YAML_LIST, start);
	struct growing g = { 0 };
	yaml_event_t ev;
	while (node && next_event(r, &ev)) {
		bool end = ev.type == YAML_SEQUENCE_END_EVENT;
		const struct toc_yaml *item = end ? NULL : read_node(r, &ev);
		yaml_event_delete(&ev);
		if (!item)
			break;
		grow(&g, item);
	}
	if (node && !r->failed) {
		const struct toc_yaml **items = toc_arena_alloc(r->arena, g.n * sizeof(*items));
		for (unsigned i = 0; i < g.n; i++) {
			items[i] = g.items[i];
			node->size += items[i]->size;
		}
		node->n = g.n;
		node->as.items = items;
	}
	free(g.items);
	return r->failed ? NULL : node;
}

static int by_key(const void *a, const void *b)
{
	const struct toc_yaml *x = (*(const struct toc_yaml_pair *const *)a)->key;
	const struct toc_yaml *y = (*(const struct toc_yaml_pair *const *)b)->key;
	int c = strcmp((const char *)x->text.p, (const char *)y->text.p);
	return c ? c : (x < y ? -1 : 1);
}

static void duplicate(struct reader *r, const struct toc_yaml *first, const struct toc_yaml *second)
{
	const char *text = toc_arena_printf(r->arena, "key \"%s\" stands twice (first in line %u)",
					    (const char *)second->text.p, first->at.line);
	toc_diag_tell(r->diag, &(struct toc_message){ .severity = TOC_ERROR,
						      .at = second->at,
						      .end = second->end,
						      .code = "duplicate-key",
						      .text = text });
}

static void check_duplicates(struct reader *r, const struct toc_yaml *map)
{
	const struct toc_yaml_pair **order = calloc(map->n + 1, sizeof(*order));
	if (!order)
		abort();
	for (unsigned i = 0; i < map->n; i++)
		order[i] = &map->as.pairs[i];
	qsort(order, map->n, sizeof(*order), by_key);
	for (unsigned i = 1; i < map->n; i++) {
		const struct toc_yaml *a = order[i - 1]->key, *b = order[i]->key;
		const struct toc_yaml *second = a->at.line > b->at.line ? a : b, *first = second == a ? b : a;
		if (toc_span_eq(a->text, b->text))
			duplicate(r, first, second);
	}
	free(order);
}

static bool is_merge(const struct toc_yaml_pair *p)
{
	return p->key->plain && toc_span_is(p->key->text, "<<");
}

static bool has_key(const struct toc_yaml_pair *pairs, unsigned n, struct toc_span key)
{
	for (unsigned i = 0; i < n; i++)
		if (toc_span_eq(pairs[i].key->text, key))
			return true;
	return false;
}

/* Keys of `from` that are not there yet. */
static unsigned take_pairs(struct reader *r, const struct toc_yaml *from, struct toc_yaml_pair *pairs, unsigned n)
{
	if (from->kind != TOC_YAML_MAP)
		toc_diag_add(r->diag, TOC_ERROR, from->at, "<< takes a map, or a list of maps");
	for (unsigned i = 0; from->kind == TOC_YAML_MAP && i < from->n; i++)
		if (!has_key(pairs, n, from->as.pairs[i].key->text))
			pairs[n++] = from->as.pairs[i];
	return n;
}

/* `<<: *other` (https://yaml.org/type/merge.html): the keys of other maps, where this one has not got them. */
static void merge_keys(struct reader *r, struct toc_yaml *map)
{
	unsigned room = map->n, n = 0;
	bool any = false;
	for (unsigned i = 0; i < map->n; i++) {
		const struct toc_yaml *value = map->as.pairs[i].value;
		any = any || is_merge(&map->as.pairs[i]);
		if (is_merge(&map->as.pairs[i]))
			room += value->size;
	}
	if (any && room > MERGED)
		toc_diag_add(r->diag, TOC_ERROR, map->at, "too many keys to merge (<<)");
	if (!any || room > MERGED)
		return;
	struct toc_yaml_pair *pairs = toc_arena_alloc(r->arena, room * sizeof(*pairs));
	for (unsigned i = 0; i < map->n; i++)
		if (!is_merge(&map->as.pairs[i]))
			pairs[n++] = map->as.pairs[i];
	for (unsigned i = 0; i < map->n; i++) {
		const struct toc_yaml *value = map->as.pairs[i].value;
		bool list = is_merge(&map->as.pairs[i]) && value->kind == TOC_YAML_LIST;
		for (unsigned k = 0; list && k < value->n; k++)
			n = take_pairs(r, value->as.items[k], pairs, n);
		if (is_merge(&map->as.pairs[i]) && !list)
			n = take_pairs(r, value, pairs, n);
	}
	map->as.pairs = pairs;
	map->n = n;
}

static const struct toc_yaml *read_map(struct reader *r, const yaml_event_t *start)
{
	struct toc_yaml *node = new_node(r, TOC_YAML_MAP, start);
	struct growing g = { 0 };
	yaml_event_t ev;
	while (node && next_event(r, &ev)) {
		bool end = ev.type == YAML_MAPPING_END_EVENT;
		const struct toc_yaml *item = end ? NULL : read_node(r, &ev);
		if (item && g.n % 2 == 0 && item->kind != TOC_YAML_SCALAR)
			fail(r, ev.start_mark, "a key must be plain text");
		if (item && g.n == 2 * TOC_YAML_KEYS)
			fail(r, ev.start_mark, "more than 100,000 keys in one map");
		yaml_event_delete(&ev);
		if (!item || r->failed)
			break;
		grow(&g, item);
	}
	if (node && !r->failed) {
		struct toc_yaml_pair *pairs = toc_arena_alloc(r->arena, g.n / 2 * sizeof(*pairs));
		for (unsigned i = 0; i + 1 < g.n; i += 2) {
			pairs[i / 2] = (struct toc_yaml_pair){ g.items[i], g.items[i + 1] };
			node->size += pairs[i / 2].key->size + pairs[i / 2].value->size;
		}
		node->n = g.n / 2;
		node->as.pairs = pairs;
		check_duplicates(r, node);
		merge_keys(r, node);
	}
	free(g.items);
	return r->failed ? NULL : node;
}

static const struct toc_yaml *read_node(struct reader *r, yaml_event_t *ev)
{
	const struct toc_yaml *node = NULL;
	struct anchor *anchor = NULL;
	if (++r->depth > TOC_YAML_DEPTH)
		fail(r, ev->start_mark, "nested too deeply");
	else if (ev->type == YAML_ALIAS_EVENT)
		node = read_alias(r, ev);
	else if (ev->type == YAML_SCALAR_EVENT) {
		anchor = note_anchor(r, ev->data.scalar.anchor);
		node = read_scalar(r, ev);
	} else if (ev->type == YAML_SEQUENCE_START_EVENT) {
		anchor = note_anchor(r, ev->data.sequence_start.anchor);
		node = read_list(r, ev);
	} else if (ev->type == YAML_MAPPING_START_EVENT) {
		anchor = note_anchor(r, ev->data.mapping_start.anchor);
		node = read_map(r, ev);
	} else {
		fail(r, ev->start_mark, "a value was expected here");
	}
	if (anchor)
		anchor->node = node;
	r->depth--;
	return node;
}

const struct toc_yaml *const *toc_yaml_read(struct toc_arena *arena, struct toc_span text, const char *name,
					    struct toc_diag *diag, unsigned *ndocs)
{
	struct reader r = { .arena = arena, .diag = diag, .name = name, .text = text };
	struct growing docs = { 0 };
	yaml_event_t ev;
	if (!yaml_parser_initialize(&r.parser))
		abort();
	yaml_parser_set_input_string(&r.parser, text.p, text.n);
	for (bool more = true; more && next_event(&r, &ev);) {
		more = ev.type != YAML_STREAM_END_EVENT;
		if (ev.type != YAML_STREAM_START_EVENT && ev.type != YAML_DOCUMENT_START_EVENT &&
		    ev.type != YAML_DOCUMENT_END_EVENT && more) {
			const struct toc_yaml *doc = read_node(&r, &ev);
			r.anchors = NULL;
			if (doc)
				grow(&docs, doc);
		}
		yaml_event_delete(&ev);
	}
	yaml_parser_delete(&r.parser);
	const struct toc_yaml **out = toc_arena_alloc(arena, docs.n * sizeof(*out));
	for (unsigned i = 0; i < docs.n; i++)
		out[i] = docs.items[i];
	*ndocs = docs.n;
	free(docs.items);
	return out;
}

const struct toc_yaml *const *toc_yaml_file(struct toc_arena *arena, const struct toc_opener *opener, const char *path,
					    struct toc_sha256 *bytes, struct toc_diag *diag, unsigned *ndocs)
{
	size_t n;
	uint8_t *text = toc_files_read(opener, path, TOC_YAML_BYTES, &n);
	const char *name = toc_arena_str(arena, toc_span_str(path));
	*ndocs = 0;
	if (!text) {
		toc_diag_add(diag, TOC_ERROR, (struct toc_place){ name, 0, 0 }, "cannot be read: %s", strerror(errno));
		return NULL;
	}
	if (bytes)
		toc_sha256_add(bytes, toc_span_of(text, n));
	const struct toc_yaml *const *docs = toc_yaml_read(arena, toc_span_of(text, n), name, diag, ndocs);
	free(text);
	return docs;
}

const struct toc_yaml *toc_yaml_get(const struct toc_yaml *map, const char *key)
{
	if (!map || map->kind != TOC_YAML_MAP)
		return NULL;
	for (unsigned i = 0; i < map->n; i++)
		if (toc_span_is(map->as.pairs[i].key->text, key))
			return map->as.pairs[i].value;
	return NULL;
}

bool toc_yaml_is_null(const struct toc_yaml *node)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL", NULL };
	if (node->kind != TOC_YAML_SCALAR || !node->plain)
		return false;
	for (const char *const *w = words; *w; w++)
		if (toc_span_is(node->text, *w))
			return true;
	return false;
}

const char *toc_yaml_str(const struct toc_yaml *node)
{
	return node && node->kind == TOC_YAML_SCALAR ? (const char *)node->text.p : NULL;
}

void toc_yaml_replace(const struct toc_yaml *node, const struct toc_yaml *by)
{
	struct toc_yaml *mutable = (struct toc_yaml *)(uintptr_t)node; /* nodes are ours, in the arena */
	mutable->text = by->text;
	mutable->plain = by->plain;
}

static void unknown_key(const struct toc_yaml *key, const char *near, const char *where, struct toc_diag *diag)
{
	char text[512];
	snprintf(text, sizeof(text), "unknown key \"%s\" in %s%s%s%s", (const char *)key->text.p, where,
		 near ? " (" : "", near ? near : "", near ? "?)" : "");
	toc_diag_tell(diag, &(struct toc_message){ .severity = TOC_ERROR,
						   .at = key->at,
						   .end = key->end,
						   .code = "unknown-key",
						   .text = text,
						   .suggestion = near });
}

void toc_yaml_only(const struct toc_yaml *map, const char *const *keys, const char *where, struct toc_diag *diag)
{
	if (!map || map->kind != TOC_YAML_MAP)
		return;
	for (unsigned i = 0; i < map->n; i++) {
		const struct toc_yaml *key = map->as.pairs[i].key;
		const char *const *k = keys;
		while (*k && !toc_span_is(key->text, *k))
			k++;
		if (*k)
			continue;
		unknown_key(key, toc_nearest(key->text, keys), where, diag);
	}
}

bool toc_yaml_bool(const struct toc_yaml *node, bool *out, struct toc_diag *diag)
{
	static const char *const yes[] = { "true", "True", "yes", "on" }, *const no[] = { "false", "False", "no",
											  "off" };
	for (unsigned i = 0; node->kind == TOC_YAML_SCALAR && i < 4; i++) {
		if (toc_span_is(node->text, yes[i]) || toc_span_is(node->text, no[i])) {
			*out = toc_span_is(node->text, yes[i]);
			return true;
		}
	}
	toc_diag_add(diag, TOC_ERROR, node->at, "expected true or false");
	return false;
}

bool toc_yaml_int(const struct toc_yaml *node, int64_t least, int64_t most, int64_t *out, struct toc_diag *diag)
{
	const char *text = toc_yaml_str(node);
	char *end = NULL;
	errno = 0;
	long long v = text && *text ? strtoll(text, &end, 10) : 0;
	if (!end || *end || errno || v < least || v > most) {
		toc_diag_add(diag, TOC_ERROR, node->at, "expected a whole number from %lld to %lld", (long long)least,
			     (long long)most);
		return false;
	}
	*out = v;
	return true;
}

bool toc_yaml_duration(const struct toc_yaml *node, int64_t *out, struct toc_diag *diag)
{
	static const struct {
		const char *unit;
		int64_t ns;
	} units[] = { { "ms", TOC_MS }, { "s", TOC_SEC },     { "m", TOC_MIN },	     { "h", TOC_HOUR },
		      { "d", TOC_DAY }, { "w", 7 * TOC_DAY }, { "M", 30 * TOC_DAY }, { "y", 365 * TOC_DAY } };
	const char *text = toc_yaml_str(node);
	char *end = NULL;
	errno = 0;
	long long v = text && *text >= '0' && *text <= '9' ? strtoll(text, &end, 10) : -1;
	for (size_t i = 0; v >= 0 && !errno && i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit) == 0 && v <= INT64_MAX / units[i].ns) {
			*out = v * units[i].ns;
			return true;
		}
	}
	toc_diag_add(diag, TOC_ERROR, node->at, "expected a time such as 90s, 15m, 24h or 14d");
	return false;
}
