/* list_file - a list's entries from a text file: one a line, `#` begins a comment. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
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

static toc_time changed_at(struct load *l, const char *path)
{
	struct stat st;
	int fd = toc_open(l->opener, TOC_ASK_READ, path);
	bool known = fd >= 0 && fstat(fd, &st) == 0;
	if (fd >= 0)
		close(fd);
	return known ? (toc_time)st.st_mtime * TOC_SEC : 0;
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

static void tell_entry(struct load *l, const char *path, unsigned line, struct toc_span entry, const char *type)
{
	const char *text = toc_arena_printf(l->arena, "\"%.*s\" is not of the list's type (%s)",
					    (int)(entry.n < 64 ? entry.n : 64), (const char *)entry.p, type);
	toc_diag_tell(l->diag,
		      &(struct toc_message){
			      .severity = TOC_ERROR, .at = { path, line, 1 }, .code = "list-entry", .text = text });
}

static struct toc_list *from_text(struct load *l, const char *path, enum toc_list_type type, const char *name,
				  struct toc_span text)
{
	size_t lines = 1;
	unsigned told = 0;
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	struct toc_list *list = toc_list_new(l->arena, type, lines);
	for (unsigned line = 1; text.n; line++) {
		size_t end = toc_span_find(text, '\n');
		struct toc_span entry = trim(toc_span_first(text, end));
		text = toc_span_from(text, end + 1);
		if (entry.n && (!lists_fits(name, entry) || !toc_list_add(list, entry)) && told++ < TOC_LIST_TOLD)
			tell_entry(l, path, line, entry, name);
	}
	if (told > TOC_LIST_TOLD)
		toc_diag_add(l->diag, TOC_ERROR, (struct toc_place){ path, 0, 0 },
			     "%u more entries are not of the list's type", told - TOC_LIST_TOLD);
	return list;
}

const struct toc_list *list_file_read(struct load *l, const struct toc_yaml *file, enum toc_list_type type,
				      const char *name, toc_time *read_at)
{
	size_t n = 0;
	const char *path = path_of(l, file);
	uint8_t *bytes = toc_files_read(l->opener, path, LIST_BYTES, &n);
	if (!bytes) {
		tell(l, file, (struct finding){ TOC_ERROR, "list", NULL, 0, 0 },
		     "the list's file %s cannot be read: %s", path,
		     errno == EFBIG ? "larger than 64 MB" : strerror(errno));
		return toc_list_new(l->arena, type, 1);
	}
	struct toc_list *list = from_text(l, path, type, name, toc_span_of(bytes, n));
	free(bytes);
	*read_at = changed_at(l, path);
	return list;
}
