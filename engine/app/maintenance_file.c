/* maintenance_file - the windows as YAML: each value is quoted, so that reasons may hold what they will. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alert/text.h"
#include "app/maintenance.h"
#include "app/options.h"
#include "base/files.h"
#include "base/yaml.h"
#include "ruleset/show.h"

enum { MOST_BYTES = 1 << 20, NAMES = 64 };

void toc_maintenance_path(const char *state, char *out, size_t room)
{
	snprintf(out, room, "%s/maintenance.yml", state);
}

static bool mistake(struct toc_diag *diag, const struct toc_yaml *at, const char *what)
{
	toc_diag_add(diag, TOC_ERROR, at->at, "%s", what);
	return false;
}

static bool read_time(const struct toc_yaml *map, const char *key, toc_time *out, struct toc_diag *diag)
{
	const char *text = toc_yaml_str(toc_yaml_get(map, key));
	return (text && toc_time_read(text, out)) ||
	       mistake(diag, map, "a window needs begin and end, such as 2026-03-02T08:00:00Z");
}

static bool read_names(struct toc_arena *arena, const struct toc_yaml *list, const char *const **out,
		       struct toc_diag *diag)
{
	if (!list)
		return true;
	if (list->kind != TOC_YAML_LIST || !list->n || list->n > NAMES)
		return mistake(diag, list, "expected a list of 1 to 64 names");
	const char **names = toc_arena_alloc(arena, (list->n + 1) * sizeof(*names));
	for (unsigned i = 0; i < list->n; i++)
		if (!(names[i] = toc_yaml_str(list->as.items[i])))
			return mistake(diag, list->as.items[i], "expected a name");
	*out = names;
	return true;
}

static bool read_window(struct toc_arena *arena, const struct toc_yaml *map, struct toc_maintenance *m,
			struct toc_diag *diag)
{
	static const char *const keys[] = { "id", "owner", "reason", "begin", "end", "rules", "zones", NULL };
	const char *id = toc_yaml_str(toc_yaml_get(map, "id"));
	if (map->kind != TOC_YAML_MAP)
		return mistake(diag, map, "a window is a map");
	toc_yaml_only(map, keys, "a window", diag);
	m->owner = toc_yaml_str(toc_yaml_get(map, "owner"));
	m->reason = toc_yaml_str(toc_yaml_get(map, "reason"));
	if (!id || strlen(id) >= sizeof(m->id) || !m->owner || !m->reason)
		return mistake(diag, map, "a window needs id, owner and reason");
	memcpy(m->id, id, strlen(id) + 1);
	return read_time(map, "begin", &m->begin, diag) && read_time(map, "end", &m->end, diag) &&
	       read_names(arena, toc_yaml_get(map, "rules"), &m->rules, diag) &&
	       read_names(arena, toc_yaml_get(map, "zones"), &m->zones, diag);
}

static void read_list(struct toc_maintenance_file *f, const struct toc_yaml *list, struct toc_diag *diag)
{
	if (toc_yaml_is_null(list))
		return;
	if (list->kind != TOC_YAML_LIST) {
		mistake(diag, list, "expected a list of windows");
		return;
	}
	struct toc_maintenance *at = toc_arena_alloc(f->arena, (list->n + 1) * sizeof(*at));
	for (unsigned i = 0; i < list->n; i++)
		f->list.n += read_window(f->arena, list->as.items[i], &at[f->list.n], diag);
	f->list.at = at;
}

struct toc_maintenance_file *toc_maintenance_read(const struct toc_opener *opener, const char *state,
						  struct toc_diag *diag)
{
	char path[1200];
	size_t n = 0;
	unsigned ndocs = 0, before = toc_diag_errors(diag);
	struct toc_arena *arena = toc_arena_new();
	struct toc_maintenance_file *f = toc_arena_alloc(arena, sizeof(*f));
	f->arena = arena;
	toc_maintenance_path(state, path, sizeof(path));
	const char *name = toc_arena_str(arena, toc_span_str(path));
	uint8_t *text = toc_files_read(opener, path, MOST_BYTES, &n);
	if (!text && errno != ENOENT)
		toc_diag_add(diag, TOC_ERROR, (struct toc_place){ name, 0, 0 }, "%s", strerror(errno));
	if (text) {
		const struct toc_yaml *const *docs = toc_yaml_read(arena, toc_span_of(text, n), name, diag, &ndocs);
		for (unsigned i = 0; i < ndocs && i < 1; i++)
			read_list(f, docs[i], diag);
	}
	free(text);
	if (toc_diag_errors(diag) == before)
		return f;
	toc_arena_free(arena);
	return NULL;
}

void toc_maintenance_free(struct toc_maintenance_file *f)
{
	if (f)
		toc_arena_free(f->arena);
}

static void put_time(const char *before, toc_time at, FILE *out)
{
	char text[TIME_TEXT];
	text[time_text(at, text)] = '\0';
	fprintf(out, "%s\"%s\"", before, text);
}

static void put_text(const char *before, const char *text, FILE *out)
{
	fputs(before, out);
	toc_show_string(toc_span_str(text), out);
}

static void put_names(const char *before, const char *const *names, FILE *out)
{
	for (unsigned i = 0; names && names[i]; i++)
		put_text(i ? ", " : before, names[i], out);
	fputs(names ? "]" : "", out);
}

/* JSON is YAML, so one form is both the file and the list. */
static void put_window(const struct toc_maintenance *m, FILE *out)
{
	put_text("{\"id\": ", m->id, out);
	put_text(", \"owner\": ", m->owner, out);
	put_text(", \"reason\": ", m->reason, out);
	put_time(", \"begin\": ", m->begin, out);
	put_time(", \"end\": ", m->end, out);
	put_names(", \"rules\": [", m->rules, out);
	put_names(", \"zones\": [", m->zones, out);
	fputc('}', out);
}

void toc_maintenance_write(const struct toc_maintenances *list, FILE *out)
{
	fputs("# Announced work: written by `tocsin maintenance`, which has it audited; changes by hand are not.\n",
	      out);
	for (unsigned i = 0; i < list->n; i++) {
		fputs("- ", out);
		put_window(&list->at[i], out);
		fputc('\n', out);
	}
}

void toc_maintenance_json(const struct toc_maintenances *list, toc_time at, FILE *out)
{
	const char *comma = "";
	fputc('[', out);
	for (unsigned i = 0; list && i < list->n; i++) {
		if (at >= list->at[i].end)
			continue;
		fputs(comma, out);
		put_window(&list->at[i], out);
		comma = ",";
	}
	fputc(']', out);
}
