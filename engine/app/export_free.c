/* export_free - free text that leaves: log lines and people's notes, written again word by word. */
#include <string.h>

#include "app/export.h"
#include "cli/safe.h"

enum { LINE = 4096 };

void export_put_text(FILE *out, const char *label, struct toc_span text)
{
	char clean[LINE * 4 + 1];
	cli_safe(text, LINE, clean, sizeof(clean));
	if (text.n)
		fprintf(out, "%s%s\n", label, clean);
}

static void put(FILE *out, struct text *t)
{
	text_puts(t, "}\n");
	fwrite(t->p, 1, t->n, out);
	text_free(t);
}

/* A digest of what was redacted would tell who guesses right; it stands only where nothing was. */
static void put_line(const struct export_alert *a, const struct export_line *line, const struct redactor *r,
		     const char *withheld, const struct export_files *f)
{
	char when[TIME_TEXT], label[TIME_TEXT + 32];
	const struct toc_span came = toc_span_of(line->text, line->n),
			      ts = toc_span_of(when, time_text(line->ts, when));
	struct text json = { 0 }, text = { 0 };
	if (withheld)
		text_puts(&text, withheld);
	else
		redactor_text(r, came, &text);
	const struct toc_span shown = toc_span_of(text.p, text.n);
	text_puts(&json, "{");
	json_puts(&json, "alert", a->id);
	json_put(&json, "ts", ts);
	json_put(&json, "text", shown);
	if (toc_span_eq(shown, came))
		json_puts(&json, "sha256", line->sha256);
	text_puts(&json, line->cut ? ",\"cut\":true" : ",\"cut\":false");
	put(f->lines, &json);
	snprintf(label, sizeof(label), "  log line of %.*s: ", (int)ts.n, when);
	export_put_text(f->text, label, shown);
	text_free(&text);
}

void export_put_lines(const struct export_alert *a, const struct redactor *r, const char *withheld,
		      const struct export_files *f)
{
	for (unsigned i = 0; i < a->nlines; i++)
		put_line(a, &a->lines[i], r, withheld, f);
}

static void put_deed(FILE *out, const struct cli_node *deed)
{
	static const struct {
		const char *path, *before;
	} parts[] = { { "do", ": " }, { "verdict", ", verdict " }, { "to", ", to " }, { "note", ": " } };
	struct text t = { 0 };
	text_put(&t, cli_tree_text(deed, "person"));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const struct toc_span what = cli_tree_text(deed, parts[i].path);
		text_puts(&t, what.n ? parts[i].before : "");
		text_put(&t, what);
	}
	export_put_text(out, "  done by ", toc_span_of(t.p, t.n));
	text_free(&t);
}

void export_put_deeds(const struct export_alert *a, const struct redactor *r, const char *withheld,
		      const struct export_files *f)
{
	for (unsigned i = 0; i < a->ndeeds; i++) {
		struct toc_arena *arena = toc_arena_new();
		struct text json = { 0 }, deed = { 0 };
		if (withheld)
			json_string(&deed, toc_span_str(withheld));
		else
			redactor_json(r, cli_tree_read(arena, toc_span_str(a->deeds[i])), &deed);
		text_puts(&json, "{");
		json_puts(&json, "alert", a->id);
		json_name(&json, "deed");
		text_put(&json, toc_span_of(deed.p, deed.n));
		put(f->notes, &json);
		if (withheld)
			export_put_text(f->text, "  done by people: ", toc_span_str(withheld));
		else
			put_deed(f->text, cli_tree_read(arena, toc_span_of(deed.p, deed.n)));
		text_free(&deed);
		toc_arena_free(arena);
	}
}
