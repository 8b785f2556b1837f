/* lists - rules/lists/lists.yml: named lists with type, file or values, owner. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "ruleset/load.h"

struct named_list {
	const char *name;
	const struct toc_list *list;
	const struct toc_yaml *entry;
};

static const struct {
	const char *name;
	enum toc_list_type type;
} types[] = { { "string", TOC_LIST_STRING }, { "user", TOC_LIST_STRING },
	      { "hash", TOC_LIST_STRING },   { "domain_suffix", TOC_LIST_DOMAIN },
	      { "cidr", TOC_LIST_CIDR },     { "address", TOC_LIST_CIDR },
	      { "mac", TOC_LIST_MAC } };

enum { TYPES = sizeof(types) / sizeof(types[0]), LIST_BYTES = 64 << 20 };

static bool find_type(struct load *l, const struct toc_yaml *node, const struct toc_yaml *entry,
		      enum toc_list_type *out)
{
	const char *names[TYPES + 1] = { NULL };
	for (unsigned i = 0; i < TYPES; i++) {
		names[i] = types[i].name;
		if (toc_yaml_str(node) && strcmp(toc_yaml_str(node), types[i].name) == 0) {
			*out = types[i].type;
			return true;
		}
	}
	const char *near = toc_yaml_str(node) ? toc_nearest(node->text, names) : NULL;
	mistake(l, node ? node : entry,
		"a list needs a type: domain_suffix, cidr, address, mac, user, hash or string%s%s%s", near ? " (" : "",
		near ? near : "", near ? "?)" : "");
	return false;
}

/* The file's text, or NULL after a message; relative paths are beside lists.yml. */
static char *read_file(struct load *l, const struct toc_yaml *node, size_t *n)
{
	const char *name = toc_yaml_str(node), *slash = strrchr(node->at.file, '/');
	const char *path =
		name[0] == '/' || !slash
			? name
			: toc_arena_printf(l->arena, "%.*s/%s", (int)(slash - node->at.file), node->at.file, name);
	uint8_t *bytes = toc_files_read(l->opener, path, LIST_BYTES, n);
	if (!bytes) {
		mistake(l, node, "the list's file %s cannot be read: %s", path,
			errno == EFBIG ? "larger than 64 MB" : strerror(errno));
		return NULL;
	}
	char *text = toc_arena_str(l->arena, toc_span_of(bytes, *n));
	free(bytes);
	return text;
}

static struct toc_span trim(struct toc_span s)
{
	size_t hash = toc_span_find(s, '#');
	s = toc_span_first(s, hash);
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = toc_span_from(s, 1);
	while (s.n && strchr(" \t\r", s.p[s.n - 1]))
		s.n--;
	return s;
}

static struct toc_list *from_text(struct load *l, const struct toc_yaml *at, enum toc_list_type type,
				  struct toc_span text)
{
	size_t lines = 1;
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	struct toc_list *list = toc_list_new(l->arena, type, lines);
	for (unsigned line = 1; text.n; line++) {
		size_t end = toc_span_find(text, '\n');
		struct toc_span entry = trim(toc_span_first(text, end));
		text = toc_span_from(text, end + 1);
		if (entry.n && !toc_list_add(list, entry))
			mistake(l, at, "line %u of the list, \"%.*s\", is not of its type", line, (int)entry.n,
				(const char *)entry.p);
	}
	return list;
}

static struct toc_list *from_values(struct load *l, const struct toc_yaml *values, enum toc_list_type type)
{
	const char *const *strings = strings_read(l, values, "a list's value");
	size_t n = 0;
	while (strings[n])
		n++;
	struct toc_list *list = toc_list_new(l->arena, type, n);
	for (size_t i = 0; i < n; i++)
		if (!toc_list_add(list, toc_span_str(strings[i])))
			mistake(l, values, "\"%s\" is not of the list's type", strings[i]);
	return list;
}

static void take_list(struct load *l, const char *name, const struct toc_yaml *entry)
{
	static const char *const keys[] = { "type",   "file",	 "values", "max_age", "owner",
					    "reason", "expires", "kind",   "what",    NULL };
	const struct toc_yaml *file = toc_yaml_get(entry, "file"), *values = toc_yaml_get(entry, "values");
	enum toc_list_type type;
	static const char *const later[] = { "max_age", "expires", NULL };
	toc_yaml_only(entry, keys, "a list", l->diag);
	for (const char *const *k = later; *k; k++)
		if (toc_yaml_get(entry, *k))
			mistake(l, toc_yaml_get(entry, *k), "%s of a list is not in this version", *k);
	if (!find_type(l, toc_yaml_get(entry, "type"), entry, &type))
		return;
	if (!toc_yaml_str(file) == !values) {
		mistake(l, entry, "a list has either a file or values");
		return;
	}
	struct named_list *list = table_add(l, &l->lists, sizeof(*list));
	list->name = name;
	list->entry = entry;
	if (values) {
		list->list = from_values(l, values, type);
		return;
	}
	size_t n = 0;
	char *text = read_file(l, file, &n);
	list->list = from_text(l, file, type, toc_span_of(text, text ? n : 0));
}

void lists_take(struct load *l, const struct toc_yaml *root)
{
	if (root->kind != TOC_YAML_MAP)
		mistake(l, root, "lists.yml is a map of names to lists");
	for (unsigned i = 0; root->kind == TOC_YAML_MAP && i < root->n; i++)
		take_list(l, toc_yaml_str(root->as.pairs[i].key), root->as.pairs[i].value);
}

const struct toc_list *lists_find(struct load *l, const struct toc_yaml *at, struct toc_span name)
{
	const struct named_list *lists = l->lists.at;
	const char **names = toc_arena_alloc(l->arena, (l->lists.n + 1) * sizeof(*names));
	for (unsigned i = l->lists.n; i-- > 0;) { /* the last one of a name wins: a site's own */
		names[i] = lists[i].name;
		if (toc_span_is(name, lists[i].name))
			return lists[i].list;
	}
	const char *near = toc_nearest(name, names);
	mistake(l, at, "there is no list \"%.*s\"%s%s%s; lists.yml names them", (int)name.n, (const char *)name.p,
		near ? " (" : "", near ? near : "", near ? "?)" : "");
	return NULL;
}

bool lists_info(const struct table *lists, unsigned i, struct toc_list_info *out)
{
	const struct named_list *list = (const struct named_list *)lists->at + i;
	if (i >= lists->n)
		return false;
	*out = (struct toc_list_info){ list->name, toc_yaml_str(toc_yaml_get(list->entry, "type")),
				       toc_yaml_str(toc_yaml_get(list->entry, "owner")),
				       list->list ? toc_list_count(list->list) : 0, list->entry->at };
	return true;
}
