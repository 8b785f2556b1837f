/* findings - messages with the source line; the file is read again, and only for this. */
#include "app/findings.h"

#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "ruleset/show.h"

/* A line longer than LINE_MOST is not looked into: machines wrote it, and columns are counted from its beginning. */
enum { FILE_BYTES = 64 << 20, WINDOW = 150, BEFORE = 60, LINE_MOST = 16384 };

/* The file of the last message: messages come sorted by file. */
struct source {
	const char *name;
	uint8_t *text;
	size_t n, at; /* at: where line `line` begins */
	unsigned line;
};

static void open_source(struct source *s, const char *name)
{
	if (s->name && strcmp(s->name, name) == 0)
		return;
	free(s->text);
	*s = (struct source){ .name = name, .line = 1 };
	s->text = toc_files_read(&toc_opener_self, name, FILE_BYTES, &s->n);
}

/* Without its end; n = 0 where there is none. */
static struct toc_span line_of(struct source *s, unsigned line)
{
	if (!s->text || line < s->line)
		return toc_span_of("", 0);
	for (; s->line < line; s->line++) {
		struct toc_span rest = toc_span_of(s->text + s->at, s->n - s->at);
		size_t end = toc_span_find(rest, '\n');
		if (end >= rest.n)
			return toc_span_of("", 0);
		s->at += end + 1;
	}
	struct toc_span rest = toc_span_of(s->text + s->at, s->n - s->at);
	rest = toc_span_first(rest, toc_span_find(rest, '\n'));
	if (rest.n && rest.p[rest.n - 1] == '\r')
		rest.n--;
	return rest.n > LINE_MOST ? toc_span_of("", 0) : rest;
}

/* Byte of a column (columns count characters from 1). */
static size_t byte_of(struct toc_span line, unsigned column)
{
	size_t i = 0;
	for (unsigned c = 1; i < line.n && c < column; c++)
		do
			i++;
		while (i < line.n && (line.p[i] & 0xc0) == 0x80);
	return i;
}

static unsigned characters(struct toc_span text)
{
	unsigned n = 0;
	for (size_t i = 0; i < text.n; i++)
		n += (text.p[i] & 0xc0) != 0x80;
	return n;
}

/* The column behind what is meant where the message does not say: to the end of the word. */
static unsigned end_of(const struct toc_message *m, struct toc_span line)
{
	size_t from = byte_of(line, m->at.column), to = from;
	if (m->end > m->at.column)
		return m->end;
	while (to < line.n && !strchr(" ,:]}", line.p[to]))
		to++;
	return m->at.column + (to > from ? characters(toc_span_of(line.p + from, to - from)) : 1);
}

static void put_clean(struct toc_span text, FILE *out)
{
	for (size_t i = 0; i < text.n; i++)
		fputc(text.p[i] < 0x20 || text.p[i] == 0x7f ? ' ' : text.p[i], out);
}

static void print_line(const struct toc_message *m, struct toc_span line, FILE *out)
{
	size_t at = byte_of(line, m->at.column), from = 0;
	if (at > WINDOW - BEFORE) {
		from = at - BEFORE;
		while (from < at && (line.p[from] & 0xc0) == 0x80)
			from++;
	}
	struct toc_span shown = toc_span_first(toc_span_from(line, from), WINDOW);
	unsigned end = end_of(m, line), left = characters(toc_span_of(line.p + from, at - from));
	unsigned room = characters(shown) > left ? characters(shown) - left : 1;
	fprintf(out, "%6u | %s", m->at.line, from ? "…" : "");
	put_clean(shown, out);
	fprintf(out, "%s\n       | %*s^", from + shown.n < line.n ? "…" : "", (int)left + (from ? 1 : 0), "");
	for (unsigned i = 1; i < end - m->at.column && i < room; i++)
		fputc('~', out);
	fputc('\n', out);
}

static void print_text(const struct toc_message *m, struct source *s, FILE *out)
{
	if (m->at.file)
		fprintf(out, "%s:", m->at.file);
	if (m->at.line)
		fprintf(out, "%u:%u:", m->at.line, m->at.column ? m->at.column : 1);
	fprintf(out, "%s%s: %s", m->at.file ? " " : "", toc_severity_name(m->severity), m->text);
	fprintf(out, strcmp(m->code, "invalid") == 0 ? "\n" : " [%s]\n", m->code);
	if (!m->at.file || !m->at.line)
		return;
	open_source(s, m->at.file);
	struct toc_span line = line_of(s, m->at.line);
	if (line.n)
		print_line(m, line, out);
}

void toc_findings_text(const struct toc_diag *d, bool notes, FILE *out)
{
	size_t n;
	const struct toc_message **sorted = toc_diag_sorted(d, &n);
	struct source s = { 0 };
	for (size_t i = 0; i < n; i++)
		if (notes || sorted[i]->severity != TOC_NOTE)
			print_text(sorted[i], &s, out);
	free(s.text);
	free(sorted);
}

static void json_string(const char *text, FILE *out)
{
	if (text)
		toc_show_string(toc_span_str(text), out);
	else
		fputs("null", out);
}

void toc_findings_json(const struct toc_diag *d, FILE *out)
{
	size_t n;
	const struct toc_message **sorted = toc_diag_sorted(d, &n);
	struct source s = { 0 };
	for (size_t i = 0; i < n; i++) {
		const struct toc_message *m = sorted[i];
		unsigned column = m->at.line ? (m->at.column ? m->at.column : 1) : 0, end = column;
		if (m->at.file && m->at.line) {
			open_source(&s, m->at.file);
			end = end_of(m, line_of(&s, m->at.line));
		}
		fputs("{\"file\":", out);
		json_string(m->at.file, out);
		fprintf(out, ",\"line\":%u,\"col\":%u,\"endcol\":%u,\"severity\":\"%s\",\"code\":", m->at.line, column,
			end, toc_severity_name(m->severity));
		json_string(m->code, out);
		fputs(",\"message\":", out);
		json_string(m->text, out);
		fputs(",\"suggestion\":", out);
		json_string(m->suggestion, out);
		fputs("}\n", out);
	}
	free(s.text);
	free(sorted);
}
