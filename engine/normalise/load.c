/* load - rules/normalise to normalisers: fields, patterns and key tables. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "normalise/programs.h"
#include "normalise/variants.h"

enum { MOST_FILES = 512, MOST_NORMALISERS = 2048 };

struct loading {
	struct toc_normalisers *n;
	struct toc_diag *diag;
	struct normaliser *now;
};

static void mistake(struct loading *l, const struct toc_yaml *at, const char *what)
{
	toc_diag_add(l->diag, TOC_ERROR, at->at, "%s", what);
}

/* --- fields ------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum toc_type type;
} types[] = { { "string", TOC_STRING }, { "uint", TOC_UINT },	      { "int", TOC_INT },
	      { "double", TOC_DOUBLE }, { "bool", TOC_BOOL },	      { "ip", TOC_IP },
	      { "mac", TOC_MAC },	{ "duration", TOC_DURATION }, { "time", TOC_TIME } };
static const struct {
	const char *name;
	enum toc_privacy class;
} classes[] = { { "none", TOC_OPEN }, { "device", TOC_DEVICE }, { "person", TOC_PERSON }, { "content", TOC_CONTENT } };

static void add_field(struct toc_normalisers *n, struct toc_field_decl decl)
{
	if (n->nfields == n->fields_room) {
		n->fields_room = n->fields_room ? 2 * n->fields_room : 256;
		n->fields = realloc(n->fields, n->fields_room * sizeof(*n->fields));
		if (!n->fields)
			abort();
	}
	n->fields[n->nfields++] = decl;
}

static enum toc_type read_type(struct loading *l, const struct toc_yaml *node)
{
	const char *text = toc_yaml_str(node), *names[sizeof(types) / sizeof(types[0]) + 1] = { NULL };
	for (size_t i = 0; text && i < sizeof(types) / sizeof(types[0]); i++) {
		names[i] = types[i].name;
		if (strcmp(text, types[i].name) == 0)
			return types[i].type;
	}
	const char *near = text ? toc_nearest(node->text, names) : NULL;
	toc_diag_add(l->diag, TOC_ERROR, node->at,
		     "a field's type is string, uint, int, double, bool, ip, mac, duration or time%s%s%s",
		     near ? " (" : "", near ? near : "", near ? "?)" : "");
	return TOC_STRING;
}

static enum toc_privacy read_class(struct loading *l, const struct toc_yaml *node)
{
	const char *text = node ? toc_yaml_str(node) : "none";
	for (size_t i = 0; text && i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcmp(text, classes[i].name) == 0)
			return classes[i].class;
	mistake(l, node, "a field's privacy is none, device, person or content");
	return TOC_PERSON;
}

/* name: type, or name: {type, privacy, unit, doc}. */
static void read_field(struct loading *l, const struct toc_yaml_pair *pair)
{
	static const char *const keys[] = { "type", "privacy", "unit", "doc", NULL };
	const struct toc_yaml *v = pair->value;
	struct toc_field_decl d = { .name = toc_yaml_str(pair->key), .type = TOC_STRING };
	if (v->kind == TOC_YAML_SCALAR) {
		d.type = read_type(l, v);
	} else if (v->kind == TOC_YAML_MAP) {
		toc_yaml_only(v, keys, "a field", l->diag);
		if (toc_yaml_get(v, "type"))
			d.type = read_type(l, toc_yaml_get(v, "type"));
		d.privacy = read_class(l, toc_yaml_get(v, "privacy"));
		d.unit = toc_yaml_str(toc_yaml_get(v, "unit"));
		d.doc = toc_yaml_str(toc_yaml_get(v, "doc"));
	} else {
		mistake(l, v, "a field is its type, or a map of type, privacy, unit and doc");
	}
	if (d.name && (strcmp(d.name, "event") == 0 || strcmp(d.name, "ts") == 0))
		mistake(l, pair->key, "every printed event has event and ts of its own; take another name");
	for (unsigned i = LINE_HOST; i <= LINE_HEADER_LAST; i++)
		l->now->names_header = l->now->names_header || strcmp(d.name, toc_line_fields[i].name) == 0;
	/* printed events are read back by the dictionary: one name of one kind has one type */
	for (unsigned i = LINE_HOST; d.name && i < LINE_FIELDS; i++)
		if (strcmp(d.name, toc_line_fields[i].name) == 0 && d.type != toc_line_fields[i].type)
			mistake(l, pair->key, "every line's event has this field, of another type; leave it out");
	add_field(l->n, d);
}

static void read_fields(struct loading *l, const struct toc_yaml *root)
{
	const struct toc_yaml *map = toc_yaml_get(root, "fields"), *kind = toc_yaml_get(root, "kind");
	l->now->kind = l->n->nfields;
	add_field(l->n, (struct toc_field_decl){ .name = toc_yaml_str(kind),
						 .type = TOC_KIND,
						 .doc = toc_yaml_str(toc_yaml_get(root, "doc")) });
	l->now->first = l->n->nfields;
	for (unsigned i = 0; map && map->kind == TOC_YAML_MAP && i < map->n; i++)
		read_field(l, &map->as.pairs[i]);
	l->now->nfields = l->n->nfields - l->now->first;
	for (unsigned i = LINE_HOST; i < LINE_FIELDS; i++)
		add_field(l->n, toc_line_fields[i]);
}

/* The same kind and fields as a normaliser that stands in a file before this one (in the order of names). */
static void take_fields(struct loading *l, const struct toc_yaml *root, const struct toc_yaml *like)
{
	if (toc_yaml_get(root, "fields") || toc_yaml_get(root, "kind"))
		mistake(l, like, "a normaliser that is like another has its kind and fields, and none of its own");
	for (unsigned i = 0; toc_yaml_str(like) && i + 1 < l->n->n; i++) {
		const struct normaliser *other = &l->n->all[i];
		if (strcmp(other->name, toc_yaml_str(like)) != 0)
			continue;
		l->now->kind = other->kind;
		l->now->first = other->first;
		l->now->like = other->root;
		l->now->nfields = other->nfields;
		l->now->names_header = other->names_header;
		return;
	}
	mistake(l, like, "there is no normaliser of that name in a file before this one");
}

static int find_field(void *user, struct toc_span name)
{
	struct loading *l = user;
	for (unsigned i = 0; i < l->now->nfields; i++)
		if (toc_span_is(name, l->n->fields[l->now->first + i].name))
			return (int)(l->now->first + i);
	for (unsigned i = LINE_HOST; i < LINE_FIELDS; i++)
		if (toc_span_is(name, toc_line_fields[i].name)) {
			l->now->names_header = l->now->names_header || i <= LINE_HEADER_LAST;
			return (int)i;
		}
	return -1;
}

/* --- patterns ---------------------------------------------------------------------------------------- */

static const char *const *strings(struct loading *l, const struct toc_yaml *node)
{
	unsigned n = !node ? 0 : node->kind == TOC_YAML_LIST ? node->n : 1;
	const char **out = toc_arena_alloc(l->n->arena, (n + 1) * sizeof(*out));
	for (unsigned i = 0, k = 0; i < n; i++) {
		const struct toc_yaml *item = node->kind == TOC_YAML_LIST ? node->as.items[i] : node;
		if (toc_yaml_str(item))
			out[k++] = toc_yaml_str(item);
		else
			mistake(l, item, "expected a string or a list of strings");
	}
	return out;
}

static void read_set(struct loading *l, const struct toc_yaml *map, struct rule *r)
{
	unsigned n = map && map->kind == TOC_YAML_MAP ? map->n : 0;
	struct constant *set = toc_arena_alloc(l->n->arena, (n + 1) * sizeof(*set));
	if (map && map->kind != TOC_YAML_MAP)
		mistake(l, map, "set is a map of fields to values");
	for (unsigned i = 0; i < n; i++) {
		int field = find_field(l, map->as.pairs[i].key->text);
		if (field < 0 || !toc_yaml_str(map->as.pairs[i].value))
			mistake(l, map->as.pairs[i].key, "there is no such field; declare it under fields:");
		else
			set[r->nset++] = (struct constant){ (unsigned)field, map->as.pairs[i].value->text };
	}
	r->set = set;
}

static unsigned add_rule(struct loading *l)
{
	struct toc_normalisers *n = l->n;
	if (n->nrules == n->rules_room) {
		n->rules_room = n->rules_room ? 2 * n->rules_room : 64;
		n->rules = realloc(n->rules, n->rules_room * sizeof(*n->rules));
		if (!n->rules)
			abort();
	}
	n->rules[n->nrules] = (struct rule){ 0 };
	return n->nrules++;
}

static void add_text(struct loading *l, struct pattern_text text)
{
	struct normaliser *now = l->now;
	if (now->ntexts == now->texts_room) {
		now->texts_room = now->texts_room ? 2 * now->texts_room : 16;
		struct pattern_text *moved = toc_arena_alloc(l->n->arena, now->texts_room * sizeof(*moved));
		if (now->ntexts)
			memcpy(moved, now->texts, now->ntexts * sizeof(*moved));
		now->texts = moved;
	}
	now->texts[now->ntexts++] = text;
}

static void add_pattern(struct loading *l, const struct toc_yaml *node, unsigned rule)
{
	struct variants v = { .arena = l->n->arena };
	const char *wrong = variants_write(&v, node->text);
	if (wrong)
		mistake(l, node, wrong);
	for (unsigned i = 0; i < v.n && !wrong; i++)
		add_text(l, (struct pattern_text){ v.text[i], rule, node->at });
}

/* The patterns of all normalisers that name the program, in the order of their files. */
static void build_graph(void *user, struct pattern_graph *graph, const struct program *p)
{
	struct loading *l = user;
	for (unsigned i = 0; i < p->n; i++) {
		l->now = &l->n->all[p->by[i]];
		for (const struct pattern_text *t = l->now->texts; t < l->now->texts + l->now->ntexts; t++)
			pattern_add(graph, t->text, t->rule, find_field, l, t->at, l->diag);
	}
}

/* - text, or - {text, set}. */
static void read_pattern(struct loading *l, const struct toc_yaml *node)
{
	static const char *const keys[] = { "text", "set", NULL };
	const struct toc_yaml *text = node->kind == TOC_YAML_MAP ? toc_yaml_get(node, "text") : node;
	unsigned rule = add_rule(l);
	if (node->kind == TOC_YAML_MAP) {
		toc_yaml_only(node, keys, "a pattern", l->diag);
		read_set(l, toc_yaml_get(node, "set"), &l->n->rules[rule]);
	}
	/* rules and normalisers may still move: the owner is set when all are read (owners_settle) */
	l->n->rules[rule].of = (const struct normaliser *)(uintptr_t)(l->n->n - 1);
	if (!text || !toc_yaml_str(text))
		mistake(l, node, "a pattern is a text, or a map of text and set");
	else
		add_pattern(l, text, rule);
}

static void owners_settle(struct toc_normalisers *n)
{
	for (unsigned i = 0; i < n->nrules; i++)
		n->rules[i].of = &n->all[(uintptr_t)n->rules[i].of];
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static bool read_form(struct loading *l, const struct toc_yaml *root)
{
	static const char *const forms[] = { "text", "json", "pairs", "cef", "leef", "xml", "data", "found", NULL };
	const struct toc_yaml *node = toc_yaml_get(root, "form");
	for (unsigned i = 0; node && toc_yaml_str(node) && forms[i]; i++)
		if (strcmp(toc_yaml_str(node), forms[i]) == 0) {
			l->now->form = (enum form)i;
			return true;
		}
	mistake(l, node ? node : root, "a normaliser's form is text, json, pairs, cef, leef, xml, data or found");
	return false;
}

static void read_unset(struct loading *l, const struct toc_yaml *node)
{
	const char *const *names = strings(l, node);
	unsigned n = 0;
	while (names[n])
		n++;
	struct toc_span *spans = toc_arena_alloc(l->n->arena, (n + 1) * sizeof(*spans));
	for (unsigned i = 0; i < n; i++)
		spans[i] = toc_span_str(names[i]);
	for (unsigned i = 0; i < n; i++)
		l->now->unset_lengths |= UINT64_C(1) << (spans[i].n & 63);
	l->now->unset = spans;
	l->now->nunset = n;
}

static void read_body(struct loading *l, const struct toc_yaml *root)
{
	struct normaliser *now = l->now;
	const struct toc_yaml *patterns = toc_yaml_get(root, "patterns");
	now->programs = strings(l, toc_yaml_get(root, "programs"));
	now->require = strings(l, toc_yaml_get(root, "require"));
	now->time = strings(l, toc_yaml_get(root, "time"));
	read_unset(l, toc_yaml_get(root, "unset"));
	if (toc_yaml_get(root, "mail"))
		toc_yaml_bool(toc_yaml_get(root, "mail"), &now->mail, l->diag);
	if (toc_yaml_get(root, "last"))
		toc_yaml_bool(toc_yaml_get(root, "last"), &now->last, l->diag);
	if (toc_yaml_get(root, "rest"))
		toc_yaml_bool(toc_yaml_get(root, "rest"), &now->rest, l->diag);
	if (now->form == FORM_TEXT && (!*now->programs || !patterns || patterns->kind != TOC_YAML_LIST)) {
		mistake(l, root, "a normaliser of text has programs and patterns");
		return;
	}
	if (now->form != FORM_TEXT && !*now->require && !now->last) {
		mistake(l, root, "a normaliser of payloads names what a line must have (require: [EventID])");
		return;
	}
	struct shape_reading shape = { l->n, now, l->diag, find_field, l };
	shape_read(&shape, root);
	for (unsigned i = 0; now->form == FORM_TEXT && i < patterns->n; i++)
		read_pattern(l, patterns->as.items[i]);
	for (const char *const *p = now->programs; *p && now->form == FORM_TEXT; p++)
		if (!programs_add(l->n, *p, l->n->n - 1, now->mail))
			mistake(l, toc_yaml_get(root, "programs"), "too many programs, or too many with a star");
}

static void read_normaliser(struct loading *l, const struct toc_yaml *root)
{
	static const char *const keys[] = { "name",   "doc",	  "kind",    "like",	  "form",    "programs",
					    "fields", "patterns", "require", "time",	  "unset",   "names",
					    "strip",  "split",	  "style",   "separator", "layouts", "last",
					    "mail",   "rest",	  "samples", NULL };
	struct toc_normalisers *n = l->n;
	const char *name = toc_yaml_str(toc_yaml_get(root, "name"));
	const struct toc_yaml *like = toc_yaml_get(root, "like");
	if (root->kind != TOC_YAML_MAP || !name || (!like && !toc_yaml_str(toc_yaml_get(root, "kind")))) {
		mistake(l, root, "a normaliser is a map with name, form, and kind (or like: another normaliser)");
		return;
	}
	toc_yaml_only(root, keys, "a normaliser", l->diag);
	if (n->n == n->room) {
		mistake(l, root, "too many normalisers");
		return;
	}
	l->now = &n->all[n->n++];
	l->now->name = name;
	l->now->root = root;
	if (like)
		take_fields(l, root, like);
	else
		read_fields(l, root);
	if (read_form(l, root))
		read_body(l, root);
}

static void read_file(struct loading *l, const char *path)
{
	unsigned n = 0;
	const struct toc_yaml *const *docs = toc_yaml_file(l->n->arena, &toc_opener_self, path, NULL, l->diag, &n);
	for (unsigned i = 0; i < n; i++)
		read_normaliser(l, docs[i]);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void read_folder(struct loading *l, const char *path)
{
	const char *files[MOST_FILES];
	unsigned n = 0;
	DIR *dir = opendir(path);
	struct dirent *entry;
	while (dir && (entry = readdir(dir)) && n < MOST_FILES) {
		size_t length = strlen(entry->d_name);
		if (entry->d_name[0] != '.' && length > 4 && strcmp(entry->d_name + length - 4, ".yml") == 0)
			files[n++] = toc_arena_printf(l->n->arena, "%s/%s", path, entry->d_name);
	}
	if (dir)
		closedir(dir);
	qsort(files, n, sizeof(files[0]), by_name);
	for (unsigned i = 0; i < n; i++)
		read_file(l, files[i]);
}

static void read_path(struct loading *l, const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		toc_diag_add(l->diag, TOC_ERROR, (struct toc_place){ path, 0, 0 }, "%s", strerror(errno));
	else if (S_ISDIR(st.st_mode))
		read_folder(l, path);
	else
		read_file(l, path);
}

struct toc_normalisers *toc_normalisers_load(const char *const *paths, unsigned n, struct toc_intern *names,
					     struct toc_diag *diag)
{
	struct toc_normalisers *out = calloc(1, sizeof(*out));
	unsigned before = toc_diag_errors(diag);
	if (!out)
		abort();
	out->arena = toc_arena_new();
	out->names = names;
	out->room = MOST_NORMALISERS;
	out->all = toc_arena_alloc(out->arena, out->room * sizeof(*out->all));
	programs_prepare(out);
	for (unsigned i = 0; i < LINE_FIELDS; i++)
		add_field(out, toc_line_fields[i]);
	struct loading l = { out, diag, NULL };
	for (unsigned i = 0; i < n; i++)
		read_path(&l, paths[i]);
	programs_settle(out, build_graph, &l);
	owners_settle(out);
	choose_prepare(out);
	out->map = toc_arena_alloc(out->arena, out->nfields * sizeof(*out->map));
	toc_intern_decls(names, out->fields, out->nfields, out->map);
	if (toc_diag_errors(diag) == before)
		return out;
	toc_normalisers_free(out);
	return NULL;
}

void toc_normalisers_free(struct toc_normalisers *n)
{
	if (!n)
		return;
	toc_arena_free(n->arena);
	free(n->fields);
	free(n->rules);
	free(n);
}

const struct toc_field_decl *toc_normalisers_fields(const struct toc_normalisers *n, unsigned *count)
{
	*count = n->nfields - LINE_FIELDS;
	return n->fields + LINE_FIELDS;
}
