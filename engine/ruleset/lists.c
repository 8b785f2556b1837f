/* lists - rules/lists/lists.yml: named lists with type, file or values, owner. */
#include <string.h>

#include "base/files.h"
#include "ruleset/load.h"

struct named_list {
	const char *name;
	const struct toc_list *list;
	const struct toc_yaml *entry;
	toc_time read_at, max_age, expires; /* 0 = none */
};

static const struct {
	const char *name;
	enum toc_list_type type;
} types[] = { { "string", TOC_LIST_STRING }, { "user", TOC_LIST_STRING },
	      { "hash", TOC_LIST_STRING },   { "domain_suffix", TOC_LIST_DOMAIN },
	      { "cidr", TOC_LIST_CIDR },     { "address", TOC_LIST_CIDR },
	      { "mac", TOC_LIST_MAC } };

enum { TYPES = sizeof(types) / sizeof(types[0]) };

static bool find_type(struct load *l, const struct toc_yaml *node, const struct toc_yaml *entry, unsigned *out)
{
	const char *names[TYPES + 1] = { NULL };
	for (*out = 0; *out < TYPES; ++*out) {
		names[*out] = types[*out].name;
		if (toc_yaml_str(node) && strcmp(toc_yaml_str(node), types[*out].name) == 0)
			return true;
	}
	const char *near = toc_yaml_str(node) ? toc_nearest(node->text, names) : NULL;
	tell(l, node ? node : entry, (struct finding){ TOC_ERROR, "list", near, 0, 0 },
	     "a list needs a type: domain_suffix, cidr, address, mac, user, hash or string%s%s%s", near ? " (" : "",
	     near ? near : "", near ? "?)" : "");
	return false;
}

/* Letters of names (RFC 1035, `_` of services, `*` before a dot, UTF-8): an error page or a URL is no name. */
static bool is_name(struct toc_span entry)
{
	for (size_t i = 0; i < entry.n; i++) {
		const uint8_t c = toc_lower(entry.p[i]);
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80 || (c && strchr("-._*", c))))
			return false;
	}
	return entry.n > 0;
}

bool lists_fits(const char *type, struct toc_span entry)
{
	if (strcmp(type, "domain_suffix") == 0)
		return is_name(entry);
	if (strcmp(type, "address") == 0)
		return toc_span_find(entry, '/') == entry.n;
	if (strcmp(type, "hash") != 0)
		return true;
	for (size_t i = 0; i < entry.n; i++)
		if (!((entry.p[i] >= '0' && entry.p[i] <= '9') ||
		      (toc_lower(entry.p[i]) >= 'a' && toc_lower(entry.p[i]) <= 'f')))
			return false;
	return entry.n == 32 || entry.n == 40 || entry.n == 64 || entry.n == 96 || entry.n == 128;
}

static struct toc_list *from_values(struct load *l, const struct toc_yaml *values, unsigned type)
{
	unsigned n = values->kind == TOC_YAML_LIST ? values->n : 1, told = 0;
	struct toc_list *list = toc_list_new(l->arena, types[type].type, n);
	for (unsigned i = 0; i < n; i++) {
		const struct toc_yaml *v = values->kind == TOC_YAML_LIST ? values->as.items[i] : values;
		bool good = v->kind == TOC_YAML_SCALAR && lists_fits(types[type].name, v->text) &&
			    toc_list_add(list, v->text);
		if (!good && told++ < TOC_LIST_TOLD)
			tell(l, v, (struct finding){ TOC_ERROR, "list-entry", NULL, 0, 0 },
			     "\"%.64s\" is not of the list's type (%s)",
			     v->kind == TOC_YAML_SCALAR ? toc_yaml_str(v) : "a list or map", types[type].name);
	}
	if (told > TOC_LIST_TOLD)
		tell(l, values, (struct finding){ TOC_ERROR, "list-entry", NULL, 0, 0 },
		     "%u more entries are not of the list's type", told - TOC_LIST_TOLD);
	return list;
}

toc_time max_age_read(struct load *l, const struct toc_yaml *entry, toc_time changed_at)
{
	const struct toc_yaml *node = toc_yaml_get(entry, "max_age");
	toc_time max_age = 0;
	if (node && toc_yaml_duration(node, &max_age, l->diag) && changed_at && l->clock > changed_at + max_age)
		tell(l, node, (struct finding){ TOC_WARNING, "stale-list", NULL, 0, 0 },
		     "its file is older than its max_age; is whatever fetches it still running?");
	return max_age;
}

void size_check(struct load *l, const struct toc_yaml *entry, const char *what, const char *name, uint64_t n)
{
	const uint64_t before = toc_sizes_get(l->sizes.before, what, name);
	if (!toc_yaml_get(entry, "most") && toc_sizes_far(l->sizes.before, what, name, n))
		tell(l, entry, (struct finding){ TOC_ERROR, "list-size", NULL, 0, 0 },
		     "the %s has %llu entries, %llu in the last good one; if it is right, say so (most: %llu)", what,
		     (unsigned long long)n, (unsigned long long)before, (unsigned long long)n);
	toc_sizes_put(l->sizes.now, what, name, n);
}

static void read_times(struct load *l, struct named_list *list)
{
	const struct toc_yaml *expires = toc_yaml_get(list->entry, "expires");
	if (expires && !day_end_read(expires, &list->expires))
		tell(l, expires, (struct finding){ TOC_ERROR, "date", NULL, 0, 0 },
		     "expected a date such as 2027-06-30");
	if (list->expires && l->clock && list->expires <= l->clock)
		tell(l, expires, (struct finding){ TOC_WARNING, "expired", NULL, 0, 0 },
		     "this list has expired: no event after that day is in it");
	list->max_age = max_age_read(l, list->entry, list->read_at);
}

static void take_list(struct load *l, const struct toc_yaml *key, const struct toc_yaml *entry)
{
	static const char *const keys[] = { "type", "file",   "values", "max_age", "owner", "reason", "expires", "kind",
					    "what", "format", "column", "part",	   "least", "most",   NULL };
	const struct toc_yaml *file = toc_yaml_get(entry, "file"), *values = toc_yaml_get(entry, "values");
	unsigned type;
	toc_yaml_only(entry, keys, "a list", l->diag);
	if (!find_type(l, toc_yaml_get(entry, "type"), entry, &type))
		return;
	if (!toc_yaml_str(file) == !values) {
		tell(l, entry, (struct finding){ TOC_ERROR, "list", NULL, 0, 0 }, "a list has either a file or values");
		return;
	}
	struct named_list *list = table_add(l, &l->lists, sizeof(*list));
	list->name = toc_yaml_str(key);
	list->entry = entry;
	index_set(l->arena, &l->list_index, key->text, l->lists.n - 1); /* a site's own, read later, wins */
	list->list = values ? from_values(l, values, type)
			    : list_file_read(l, entry, types[type].type, types[type].name, &list->read_at);
	if (file)
		size_check(l, entry, "list", list->name, toc_list_count(list->list));
	else if (toc_yaml_get(entry, "max_age"))
		list->read_at = toc_files_changed(l->opener, entry->at.file); /* its values stand there */
	read_times(l, list);
	law_list(l, key, entry);
}

void lists_take(struct load *l, const struct toc_yaml *root)
{
	if (root->kind != TOC_YAML_MAP)
		mistake(l, root, "lists.yml is a map of names to lists");
	for (unsigned i = 0; root->kind == TOC_YAML_MAP && i < root->n; i++)
		take_list(l, root->as.pairs[i].key, root->as.pairs[i].value);
}

static const struct named_list *named(const struct load *l, struct toc_span name)
{
	unsigned i;
	return index_get(&l->list_index, name, &i) ? (const struct named_list *)l->lists.at + i : NULL;
}

const struct toc_list *lists_find(struct load *l, const struct toc_yaml *at, struct toc_span name)
{
	const struct named_list *found = named(l, name), *lists = l->lists.at;
	if (found)
		return found->list;
	const char **names = toc_arena_alloc(l->arena, (l->lists.n + 1) * sizeof(*names));
	for (unsigned i = 0; lists && i < l->lists.n; i++)
		names[i] = lists[i].name;
	const char *near = toc_nearest(name, names);
	tell(l, at, (struct finding){ TOC_ERROR, "unknown-list", near, 0, 0 },
	     "there is no list \"%.*s\"%s%s%s; lists.yml names them", (int)name.n, (const char *)name.p,
	     near ? " (" : "", near ? near : "", near ? "?)" : "");
	return NULL;
}

const struct toc_yaml *lists_entry(const struct load *l, struct toc_span name)
{
	const struct named_list *found = named(l, name);
	return found ? found->entry : NULL;
}

toc_time lists_expires(const struct load *l, struct toc_span name)
{
	const struct named_list *found = named(l, name);
	return found ? found->expires : 0;
}

bool lists_info(const struct table *lists, unsigned i, struct toc_list_info *out)
{
	const struct named_list *list = (const struct named_list *)lists->at + i;
	if (i >= lists->n)
		return false;
	*out = (struct toc_list_info){ .name = list->name,
				       .type = toc_yaml_str(toc_yaml_get(list->entry, "type")),
				       .owner = toc_yaml_str(toc_yaml_get(list->entry, "owner")),
				       .entries = list->list ? toc_list_count(list->list) : 0,
				       .read_at = list->read_at,
				       .max_age = list->max_age,
				       .at = list->entry->at };
	return true;
}
