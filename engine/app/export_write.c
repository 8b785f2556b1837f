/* export_write - a line of JSON and a paragraph for each alert, and a manifest of what was written. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/export.h"
#include "base/files.h"
#include "base/log.h"
#include "tocsin/digest.h"

enum { JSON, LINES, NOTES, TEXT, MANIFEST, FILES }; /* the manifest is of those before it */
static const char *const files_of[FILES] = { "alerts.jsonl", "lines.jsonl", "notes.jsonl", "alerts.txt",
					     "manifest.json" };

enum { PATH = 4096, FILE_MOST = 1 << 30 };

static FILE *create(const struct export_writing *w, const char *name)
{
	char path[PATH];
	snprintf(path, sizeof(path), "%s/%s", w->folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!f)
		toc_error("%s: %s", path, strerror(errno));
	return f;
}

/* --- for people --------------------------------------------------------------------------------------------------- */

static void put_time(FILE *out, const char *label, const struct cli_node *doc, const char *path)
{
	char text[TIME_TEXT];
	const double ms = cli_tree_number(doc, path);
	text[time_text((toc_time)(ms > 0 && ms < 1e15 ? ms : 0) * TOC_MS, text)] = '\0';
	fprintf(out, "%s%s\n", label, text);
}

/* "    src_user: quentin", a field a line. */
static void put_fields(FILE *out, const struct cli_node *data)
{
	char label[160];
	for (const struct cli_node *c = data ? data->child : NULL; c; c = c->next) {
		snprintf(label, sizeof(label), "    %.*s: ", (int)(c->name.n < 120 ? c->name.n : 120),
			 (const char *)c->name.p);
		export_put_text(out, label, c->text);
	}
}

static void put_paragraph(FILE *out, const struct export_alert *a, unsigned number, const struct cli_node *doc)
{
	const struct cli_node *list = cli_tree_at(doc, "evidences"),
			      *clauses = cli_tree_at(doc, "unmapped.tocsin.policy");
	fprintf(out, "\n%u. ", number);
	export_put_text(out, "", cli_tree_text(doc, "finding_info.title"));
	fprintf(out, "  alert %s, revision %u\n", a->id, a->revision);
	put_time(out, "  from ", doc, "start_time");
	put_time(out, "  to   ", doc, "end_time");
	export_put_text(out, "  ", cli_tree_text(doc, "message"));
	for (const struct cli_node *c = clauses ? clauses->child : NULL; c; c = c->next)
		export_put_text(out, "  policy: ", c->text);
	export_put_text(out, "  why: ", cli_tree_text(doc, "finding_info.desc"));
	export_put_text(out, "  harmless if: ", cli_tree_text(doc, "unmapped.tocsin.disproof"));
	export_put_text(out, "  evidence: ", cli_tree_text(doc, "evidences"));
	for (const struct cli_node *c = list ? list->child : NULL; c; c = c->next) {
		fputs("  evidence:\n", out);
		put_fields(out, cli_tree_at(c, "data"));
	}
}

/* --- one alert ---------------------------------------------------------------------------------------------------- */

/* What people wrote and what came over the wire: names stand in it that no document has. */
static void put_free_text(const struct toc_config *config, struct toc_arena *arena, const struct export_alert *a,
			  const struct export_way *way, struct redactor *r, const struct export_files *f,
			  struct export_writing *w)
{
	if (!a->nlines && !a->ndeeds)
		return;
	if (!way->loosen(way->self, arena, config->people, r)) {
		toc_warn("export: lines and notes of alert %s are withheld: they have more names than can be redacted",
			 a->id);
		w->withheld++;
		return;
	}
	export_put_lines(a, r, way->withheld(way->self, EXPORT_LINES), f);
	export_put_deeds(a, r, way->withheld(way->self, EXPORT_NOTES), f);
	w->lines += a->nlines;
	w->notes += a->ndeeds;
}

static bool put_alert(const struct toc_config *config, const struct export_alert *a, const struct export_way *way,
		      const struct export_files *f, struct export_writing *w)
{
	struct toc_arena *arena = toc_arena_new();
	struct redactor *r = calloc(1, sizeof(*r));
	struct text json = { 0 };
	const struct cli_node *doc = cli_tree_read(arena, toc_span_str(a->json));
	const char *why = "it is no document";
	if (!r)
		abort();
	const bool ok = doc && way->prepare(way->self, arena, a, doc, r, &why);
	if (ok) {
		redactor_json(r, doc, &json);
		fprintf(f->json, "%.*s\n", (int)json.n, json.p);
		put_paragraph(f->text, a, ++w->written, cli_tree_read(arena, toc_span_of(json.p, json.n)));
		put_free_text(config, arena, a, way, r, f, w);
	} else {
		toc_warn("export: alert %s is withheld: %s", a->id, why);
		w->withheld++;
	}
	text_free(&json);
	free(r);
	toc_arena_free(arena);
	return ok;
}

/* --- the manifest ------------------------------------------------------------------------------------------------- */

static bool hash_file(const char *path, char out[65], size_t *bytes)
{
	uint8_t digest[32];
	uint8_t *all = toc_files_read(&toc_opener_self, path, FILE_MOST, bytes);
	if (!all) {
		toc_error("%s: %s", path, strerror(errno));
		return false;
	}
	toc_sha256(toc_span_of(all, *bytes), digest);
	toc_hex(digest, sizeof(digest), out);
	out[64] = '\0';
	free(all);
	return true;
}

static bool put_file(struct text *t, const char *path, const char *name)
{
	char hash[65];
	size_t bytes = 0;
	if (!hash_file(path, hash, &bytes))
		return false;
	text_puts(t, t->p[t->n - 1] == '[' ? "{" : ",{");
	json_puts(t, "name", name);
	json_number(t, "bytes", bytes);
	json_puts(t, "sha256", hash);
	text_puts(t, "}");
	return true;
}

static void json_time(struct text *t, const char *name, toc_time at)
{
	char text[TIME_TEXT];
	json_put(t, name, toc_span_of(text, time_text(at, text)));
}

static bool write_manifest(const struct toc_config *config, struct export_writing *w)
{
	char path[PATH];
	size_t bytes;
	struct text t = { 0 };
	text_puts(&t, "{");
	json_puts(&t, "kind", w->kind);
	json_time(&t, "made_at", w->now);
	json_puts(&t, "made_by", w->by);
	json_puts(&t, "owner", w->owner);
	json_puts(&t, "sensor", config->sensor);
	json_time(&t, "from", w->from);
	json_time(&t, "to", w->to);
	json_number(&t, "alerts", w->written);
	json_number(&t, "withheld", w->withheld);
	json_number(&t, "lines", w->lines);
	json_number(&t, "notes", w->notes);
	json_puts(&t, "no_notes", w->no_notes);
	text_puts(&t, ",\"files\":[");
	bool ok = true;
	for (unsigned i = 0; i < MANIFEST; i++) {
		snprintf(path, sizeof(path), "%s/%s", w->folder, files_of[i]);
		ok = put_file(&t, path, files_of[i]) && ok;
	}
	if (w->profile)
		ok = put_file(&t, w->profile, "profile") && ok;
	text_puts(&t, "]}\n");
	FILE *f = ok ? create(w, files_of[MANIFEST]) : NULL;
	ok = f && fwrite(t.p, 1, t.n, f) == t.n;
	ok = f && fclose(f) == 0 && ok;
	snprintf(path, sizeof(path), "%s/%s", w->folder, files_of[MANIFEST]);
	text_free(&t);
	return ok && hash_file(path, w->manifest, &bytes);
}

bool export_write(const struct toc_config *config, const struct export_alerts *alerts, const struct export_way *way,
		  struct export_writing *w)
{
	if (mkdir(w->folder, 0700) != 0) {
		toc_error("%s: %s; an export is written into a new folder", w->folder, strerror(errno));
		return false;
	}
	struct export_files f = { create(w, files_of[JSON]), create(w, files_of[TEXT]), create(w, files_of[LINES]),
				  create(w, files_of[NOTES]) };
	FILE *const all[] = { f.json, f.text, f.lines, f.notes };
	bool ok = f.json && f.text && f.lines && f.notes;
	if (ok)
		fprintf(f.text, "Alerts of sensor %s, %s.\n", config->sensor,
			strcmp(w->kind, "subject") == 0 ? "about one person; others are numbers"
							: "as far as they are public");
	for (unsigned i = 0; ok && i < alerts->n; i++)
		put_alert(config, &alerts->at[i], way, &f, w);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i])
			ok = fclose(all[i]) == 0 && ok;
	return ok && write_manifest(config, w);
}

void export_remove(const struct export_writing *w)
{
	char path[PATH];
	for (unsigned i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/%s", w->folder, files_of[i]);
		unlink(path);
	}
	if (rmdir(w->folder) != 0)
		toc_error("%s: %s", w->folder, strerror(errno));
}
