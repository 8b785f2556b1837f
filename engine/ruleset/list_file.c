/* list_file - a list's entries from a text file, in one of the forms of list_format.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "ruleset/list_format.h"
#include "ruleset/load.h"

enum { LIST_BYTES = 64 << 20 };

/* Relative paths are beside lists.yml. */
static const char *path_of(struct load *l, const struct toc_yaml *node)
{
	const char *name = toc_yaml_str(node), *slash = strrchr(node->at.file, '/');
	return name[0] == '/' || !slash
		       ? name
		       : toc_arena_printf(l->arena, "%.*s/%s", (int)(slash - node->at.file), node->at.file, name);
}

static void tell_entry(struct load *l, const char *path, unsigned line, struct toc_span entry, const char *type)
{
	const char *text = toc_arena_printf(l->arena, "\"%.*s\" is not of the list's type (%s)",
					    (int)(entry.n < 64 ? entry.n : 64), (const char *)entry.p, type);
	toc_diag_tell(l->diag,
		      &(struct toc_message){
			      .severity = TOC_ERROR, .at = { path, line, 1 }, .code = "list-entry", .text = text });
}

/* A file as it is read. */
struct reading {
	struct load *l;
	const char *path, *type;
	const struct list_format *format;
	struct toc_list *list;
	unsigned line, told;
	size_t taken, others;
};

/* A feed of URLs serves a list of names and one of addresses: of each, what is the other's is no mistake. The first row
 * of a CSV may be its heading. */
static void take_entry(void *self, struct toc_span entry)
{
	struct reading *r = self;
	bool fits = lists_fits(r->type, entry) && toc_list_add(r->list, entry);
	bool heading = r->format->form == LIST_CSV && r->taken + r->others == 0;
	r->taken += fits;
	r->others += !fits;
	if (!fits && !heading && !r->format->host && r->told++ < TOC_LIST_TOLD)
		tell_entry(r->l, r->path, r->line, entry, r->type);
}

static size_t lines_of(struct toc_span text)
{
	size_t lines = 1;
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	return lines;
}

/* Names of a hosts file stand several in a line: a word is a blank or a line apart from the next. */
static size_t most_entries(const struct list_format *format, struct toc_span text)
{
	size_t n = lines_of(text);
	for (size_t i = 0; format->form == LIST_HOSTS && i < text.n; i++)
		n += text.p[i] == ' ' || text.p[i] == '\t';
	return n;
}

static struct toc_list *from_text(struct reading *r, enum toc_list_type type, struct toc_span text)
{
	r->list = toc_list_new(r->l->arena, type, most_entries(r->format, text));
	for (r->line = 1; text.n; r->line++) {
		size_t end = toc_span_find(text, '\n');
		list_format_line(r->format, toc_span_first(text, end), take_entry, r);
		text = toc_span_from(text, end + 1);
	}
	if (r->told > TOC_LIST_TOLD)
		toc_diag_add(r->l->diag, TOC_ERROR, (struct toc_place){ r->path, 0, 0 },
			     "%u more entries are not of the list's type", r->told - TOC_LIST_TOLD);
	return r->list;
}

/* A number of the list's entry; `value` stays where the key is absent. */
static void read_number(struct load *l, const struct toc_yaml *entry, const char *key, int64_t from, int64_t *value)
{
	const struct toc_yaml *node = toc_yaml_get(entry, key);
	if (node)
		toc_yaml_int(node, from, INT64_C(1) << 32, value, l->diag);
}

/* A feed that is empty is broken, unless its list says `least: 0`: refused, and what is loaded stays. */
static void check_count(struct load *l, const struct toc_yaml *entry, const struct reading *r)
{
	int64_t least = 1, most = INT64_MAX;
	read_number(l, entry, "least", 0, &least);
	read_number(l, entry, "most", 1, &most);
	if ((int64_t)r->taken < least || (int64_t)r->taken > most)
		tell(l, entry, (struct finding){ TOC_ERROR, "list-size", NULL, 0, 0 },
		     "%s has %zu entries of the list's type; at least %lld and at most %lld are believed", r->path,
		     r->taken, (long long)least, (long long)most);
}

static void read_format(struct load *l, const struct toc_yaml *entry, struct list_format *out)
{
	const struct toc_yaml *format = toc_yaml_get(entry, "format"), *part = toc_yaml_get(entry, "part");
	int64_t column = 1;
	if (format && !(toc_yaml_str(format) && list_form_named(toc_yaml_str(format), &out->form)))
		tell(l, format, (struct finding){ TOC_ERROR, "list", NULL, 0, 0 },
		     "a list's file has the format lines, hosts, csv, drop or tor");
	read_number(l, entry, "column", 1, &column);
	out->column = (unsigned)column;
	out->host = part != NULL;
	if (part && !(toc_yaml_str(part) && strcmp(toc_yaml_str(part), "host") == 0))
		tell(l, part, (struct finding){ TOC_ERROR, "list", NULL, 0, 0 },
		     "the part of an entry can only be host");
	if (toc_yaml_get(entry, "column") && out->form != LIST_CSV)
		tell(l, entry, (struct finding){ TOC_ERROR, "list", NULL, 0, 0 }, "only the format csv has columns");
}

const struct toc_list *list_file_read(struct load *l, const struct toc_yaml *entry, enum toc_list_type type,
				      const char *name, toc_time *read_at)
{
	size_t n = 0;
	const struct toc_yaml *file = toc_yaml_get(entry, "file");
	const char *path = path_of(l, file);
	struct list_format format = { 0 };
	read_format(l, entry, &format);
	uint8_t *bytes = toc_files_read(l->opener, path, LIST_BYTES, &n);
	if (!bytes) {
		tell(l, file, (struct finding){ TOC_ERROR, "list", NULL, 0, 0 },
		     "the list's file %s cannot be read: %s", path,
		     errno == EFBIG ? "larger than 64 MB" : strerror(errno));
		return toc_list_new(l->arena, type, 1);
	}
	struct reading r = { .l = l, .path = path, .type = name, .format = &format };
	struct toc_list *list = from_text(&r, type, toc_span_of(bytes, n));
	free(bytes);
	check_count(l, entry, &r);
	*read_at = toc_files_changed(l->opener, path);
	return list;
}
