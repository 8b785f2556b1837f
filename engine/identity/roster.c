/* roster - reading CSV (RFC 4180) line by line into a table sorted by key. */
#include "identity/roster.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"

enum { ROWS = 1000000, COLUMNS = 16, LINE = 4096, TOLD = 10, BYTES = 256 << 20 };

static const struct column {
	const char *name;
	size_t at;
} columns[] = {
	{ "user", offsetof(struct toc_roster_row, user) },
	{ "host", offsetof(struct toc_roster_row, host) },
	{ "role", offsetof(struct toc_roster_row, role) },
	{ "owner", offsetof(struct toc_roster_row, owner) },
	{ "ownership", offsetof(struct toc_roster_row, ownership) },
	{ "kind", offsetof(struct toc_roster_row, kind) },
	{ "grade_band", offsetof(struct toc_roster_row, grade_band) },
	{ "mac", offsetof(struct toc_roster_row, key) },
};
enum { NCOLUMNS = sizeof(columns) / sizeof(columns[0]) };

struct reading {
	struct toc_arena *arena;
	struct toc_diag *diag;
	struct toc_place at; /* the line that is read */
	size_t key_at;
	const struct column *heads[COLUMNS]; /* NULL: a column that nothing is made of */
	unsigned ncolumns, nameless;
	struct toc_roster_row *rows;
	unsigned n, room;
};

/* Splits a line in place; returns the number of cells, 0 where a quote does not end its cell. Cells beyond COLUMNS are
 * counted and let go. */
static unsigned split(char *line, char **cells)
{
	unsigned n = 0;
	char *in = line, *out = line;
	for (bool more = true; more; n++) {
		bool quoted = *in == '"';
		in += quoted;
		if (n < COLUMNS)
			cells[n] = out;
		while (*in && (quoted || *in != ',')) {
			if (quoted && *in == '"' && in[1] != '"')
				break;
			in += quoted && *in == '"';
			*out++ = *in++;
		}
		if (quoted && (*in != '"' || (in[1] && in[1] != ',')))
			return 0;
		in += quoted;
		more = *in == ',';
		in += more;
		*out++ = '\0';
	}
	return n;
}

static const struct column *find_column(const char *name)
{
	for (unsigned i = 0; i < NCOLUMNS; i++)
		if (strcmp(columns[i].name, name) == 0)
			return &columns[i];
	return NULL;
}

/* The key as it is looked up: lower-case; a device's MAC in colon form. */
static const char *canonical(struct toc_arena *a, const char *text, bool device)
{
	struct toc_mac mac;
	char colons[TOC_MAC_TEXT];
	if (device && toc_mac_parse(toc_span_str(text), &mac)) {
		toc_mac_print(&mac, colons);
		text = colons;
	}
	char *copy = toc_arena_str(a, toc_span_str(text));
	for (char *c = copy; *c; c++)
		*c = (char)toc_lower((uint8_t)*c);
	return copy;
}

/* The first line names the columns. */
static bool read_head(struct reading *r, char *line)
{
	char *cells[COLUMNS];
	bool keyed = false;
	const unsigned n = split(line + (strncmp(line, "\xef\xbb\xbf", 3) == 0 ? 3 : 0), cells); /* Excel's mark */
	r->ncolumns = n < COLUMNS ? n : COLUMNS;
	for (unsigned i = 0; i < r->ncolumns; i++) {
		r->heads[i] = find_column(cells[i]);
		keyed = keyed || (r->heads[i] && r->heads[i]->at == r->key_at);
	}
	if (n > COLUMNS)
		toc_diag_add(r->diag, TOC_ERROR, r->at, "a roster has %d columns at most", COLUMNS);
	else if (!keyed)
		toc_diag_add(r->diag, TOC_ERROR, r->at,
			     "the roster's first line must name its columns, one of them the key "
			     "(mac,host,role,owner,ownership or user,role,kind,grade_band)");
	return keyed && n <= COLUMNS;
}

static void keep_row(struct reading *r, struct toc_roster_row row)
{
	if (r->n == r->room) {
		r->room = r->room ? 2 * r->room : 256;
		r->rows = realloc(r->rows, r->room * sizeof(row));
		if (!r->rows)
			abort(); /* at start-up there is nothing to save */
	}
	r->rows[r->n++] = row;
}

static bool read_row(struct reading *r, char *line)
{
	char *cells[COLUMNS];
	struct toc_roster_row row = { 0 };
	const unsigned n = split(line, cells);
	if (n == 0 || n > r->ncolumns || r->n == ROWS) {
		toc_diag_add(r->diag, TOC_ERROR, r->at,
			     n == 0	    ? "a quote does not end its cell (RFC 4180)"
			     : r->n == ROWS ? "more than a million rows"
					    : "the row has more cells than the first line names columns");
		return false;
	}
	for (unsigned i = 0; i < n; i++)
		if (r->heads[i] && *cells[i])
			*(const char **)(void *)((char *)&row + r->heads[i]->at) =
				toc_arena_str(r->arena, toc_span_str(cells[i]));
	const char *key = *(const char **)(void *)((char *)&row + r->key_at);
	if (!key) {
		if (r->nameless++ < TOLD)
			toc_diag_add(r->diag, TOC_WARNING, r->at, "the row names nobody: its key is empty");
		return true;
	}
	row.key = canonical(r->arena, key, r->key_at == offsetof(struct toc_roster_row, key));
	keep_row(r, row);
	return true;
}

/* The file is taken whole lines at a time; false: a mistake was told. */
static bool read_line(struct reading *r, struct toc_span text)
{
	char line[LINE];
	if (text.n > LINE - 2) {
		toc_diag_add(r->diag, TOC_ERROR, r->at, "the line is longer than %d bytes", LINE - 2);
		return false;
	}
	if (text.n)
		memcpy(line, text.p, text.n);
	line[text.n] = '\0';
	line[strcspn(line, "\r")] = '\0';
	if (strlen(line) + 1 < text.n) { /* but for its \r */
		toc_diag_add(r->diag, TOC_ERROR, r->at, "the line has a byte that no text has");
		return false;
	}
	if (r->at.line == 1)
		return read_head(r, line);
	return !*line || *line == '#' || read_row(r, line);
}

/* Each line up to the first mistake; false: it was told. */
static bool read_lines(struct reading *r, struct toc_span text)
{
	bool ok = true;
	while (ok && text.n) {
		const size_t end = toc_span_find(text, '\n');
		r->at.line++;
		ok = read_line(r, toc_span_first(text, end));
		text = toc_span_from(text, end + 1);
	}
	if (ok && r->at.line == 0)
		toc_diag_add(r->diag, TOC_ERROR, r->at, "the roster is empty");
	else if (ok && r->n == 0)
		toc_diag_add(r->diag, TOC_ERROR, r->at, "the roster has no row behind its first line");
	return ok;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct toc_roster_row *)a)->key, ((const struct toc_roster_row *)b)->key);
}

void toc_roster_read(struct toc_roster *roster, struct toc_arena *arena, const struct toc_opener *opener,
		     const char *path, struct toc_place named, size_t key_at, struct toc_diag *diag)
{
	size_t n = 0;
	struct reading r = { .arena = arena, .diag = diag, .at = { path, 0, 1 }, .key_at = key_at };
	uint8_t *text = toc_files_read(opener, path, BYTES, &n);
	if (!text) {
		toc_diag_add(diag, TOC_ERROR, named, "%s: %s", path,
			     errno == EFBIG ? "larger than 256 MB" : strerror(errno));
		return;
	}
	if (read_lines(&r, toc_span_of(text, n)) && r.nameless > TOLD)
		toc_diag_add(diag, TOC_WARNING, r.at, "%u more rows name nobody", r.nameless - TOLD);
	free(text);
	roster->changed_at = toc_files_changed(opener, path);
	if (r.n) {
		qsort(r.rows, r.n, sizeof(*r.rows), by_key);
		roster->rows = toc_arena_alloc(arena, r.n * sizeof(*r.rows)); /* so that one free ends all */
		memcpy(roster->rows, r.rows, r.n * sizeof(*r.rows));
		roster->n = r.n;
	}
	free(r.rows);
}

const struct toc_roster_row *toc_roster_find(const struct toc_roster *roster, struct toc_span key)
{
	char text[256];
	if (key.n >= sizeof(text) || !roster->n)
		return NULL;
	for (size_t i = 0; i < key.n; i++)
		text[i] = (char)toc_lower(key.p[i]);
	text[key.n] = '\0';
	const struct toc_roster_row want = { .key = text };
	return bsearch(&want, roster->rows, roster->n, sizeof(*roster->rows), by_key);
}
