/* export_lines - log lines of the alerts that are exported, each once however many revisions kept it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/export.h"
#include "evidence/cut.h"
#include "evidence/spool.h"

enum { LINES_MOST = 1024 }; /* of an alert: 16 a revision */

static bool has(const struct export_alert *a, const char *sha256, toc_time ts)
{
	for (unsigned i = 0; i < a->nlines; i++)
		if (a->lines[i].ts == ts && strcmp(a->lines[i].sha256, sha256) == 0)
			return true;
	return false;
}

static bool see(void *user, const uint8_t *bson, uint32_t n)
{
	struct cut_record r;
	struct export_alert *a = cut_read(bson, n, &r) ? export_find(user, r.id) : NULL;
	for (unsigned i = 0; a && i < r.nlines && a->nlines < LINES_MOST; i++) {
		if (r.revision > a->revision || has(a, r.line[i].sha256, r.line[i].ts))
			continue;
		a->lines = realloc(a->lines, (a->nlines + 1) * sizeof(*a->lines));
		char *text = malloc(r.line[i].text.n + 1);
		if (!a->lines || !text)
			abort();
		memcpy(text, r.line[i].text.p, r.line[i].text.n);
		struct export_line *line = &a->lines[a->nlines++];
		*line = (struct export_line){
			.ts = r.line[i].ts, .text = text, .n = r.line[i].text.n, .cut = r.line[i].cut
		};
		memcpy(line->sha256, r.line[i].sha256, strnlen(r.line[i].sha256, 64));
	}
	return true;
}

static int by_time(const void *x, const void *y)
{
	const struct export_line *a = x, *b = y;
	return a->ts != b->ts ? (a->ts < b->ts ? -1 : 1) : strcmp(a->sha256, b->sha256);
}

bool export_take_lines(const char *folder, struct export_alerts *a)
{
	if (!spool_read_folder(folder, see, a) && errno != ENOENT)
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (a->at[i].nlines)
			qsort(a->at[i].lines, a->at[i].nlines, sizeof(*a->at[i].lines), by_time);
	return true;
}
