/* diag - a list of messages, and the nearest valid name. */
#include "base/diag.h"

#include <stdarg.h>
#include <stdlib.h>

enum { LONGEST_NAME = 63 };

struct toc_diag {
	struct toc_arena *arena;
	struct toc_message *messages;
	size_t n, room;
	unsigned count[3];
};

struct toc_diag *toc_diag_new(void)
{
	struct toc_arena *arena = toc_arena_new();
	struct toc_diag *d = toc_arena_alloc(arena, sizeof(*d));
	d->arena = arena;
	return d;
}

void toc_diag_free(struct toc_diag *d)
{
	if (!d)
		return;
	free(d->messages);
	toc_arena_free(d->arena);
}

static const char *keep(struct toc_diag *d, const char *text)
{
	return text ? toc_arena_str(d->arena, toc_span_str(text)) : NULL;
}

void toc_diag_tell(struct toc_diag *d, const struct toc_message *m)
{
	if (d->n == d->room) {
		size_t room = d->room ? 2 * d->room : 64;
		struct toc_message *more = realloc(d->messages, room * sizeof(*more));
		if (!more)
			abort(); /* start-up and reload only */
		d->messages = more;
		d->room = room;
	}
	struct toc_message *own = &d->messages[d->n++];
	*own = *m;
	own->at.file = keep(d, m->at.file);
	own->text = keep(d, m->text);
	own->suggestion = keep(d, m->suggestion);
	d->count[m->severity]++;
}

void toc_diag_add(struct toc_diag *d, enum toc_severity severity, struct toc_place at, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *text = toc_arena_vprintf(d->arena, format, args);
	va_end(args);
	toc_diag_tell(d, &(struct toc_message){ .severity = severity, .at = at, .code = "invalid", .text = text });
}

unsigned toc_diag_errors(const struct toc_diag *d)
{
	return d->count[TOC_ERROR];
}

unsigned toc_diag_warnings(const struct toc_diag *d)
{
	return d->count[TOC_WARNING];
}

bool toc_diag_get(const struct toc_diag *d, unsigned i, struct toc_message *out)
{
	if (i >= d->n)
		return false;
	*out = d->messages[i];
	return true;
}

static int by_place(const void *a, const void *b)
{
	const struct toc_message *x = *(const struct toc_message *const *)a, *y = *(const struct toc_message *const *)b;
	int c = strcmp(x->at.file ? x->at.file : "", y->at.file ? y->at.file : "");
	if (c)
		return c;
	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	if (x->at.column != y->at.column)
		return x->at.column < y->at.column ? -1 : 1;
	return x < y ? -1 : x > y; /* as added */
}

const char *toc_severity_name(enum toc_severity severity)
{
	static const char *const names[] = { [TOC_ERROR] = "error", [TOC_WARNING] = "warning", [TOC_NOTE] = "note" };
	return names[severity];
}

static void print_one(const struct toc_message *m, FILE *out)
{
	if (m->at.file)
		fprintf(out, "%s:", m->at.file);
	if (m->at.line)
		fprintf(out, "%u:%u:", m->at.line, m->at.column ? m->at.column : 1);
	fprintf(out, "%s%s: %s\n", m->at.file ? " " : "", toc_severity_name(m->severity), m->text);
}

const struct toc_message **toc_diag_sorted(const struct toc_diag *d, size_t *n)
{
	const struct toc_message **order = calloc(d->n + 1, sizeof(*order));
	if (!order)
		abort();
	for (size_t i = 0; i < d->n; i++)
		order[i] = &d->messages[i];
	qsort(order, d->n, sizeof(*order), by_place);
	*n = d->n;
	return order;
}

void toc_diag_print(const struct toc_diag *d, FILE *out)
{
	size_t n;
	const struct toc_message **order = toc_diag_sorted(d, &n);
	for (size_t i = 0; i < n; i++)
		if (order[i]->severity != TOC_NOTE)
			print_one(order[i], out);
	free(order);
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;
	return m < c ? m : c;
}

/* Damerau-Levenshtein (adjacent transpositions) over three rows. */
static unsigned distance(struct toc_span a, struct toc_span b)
{
	unsigned rows[3][LONGEST_NAME + 1];
	for (unsigned j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned *row = rows[i % 3], *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];
		row[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			uint8_t x = toc_lower(a.p[i - 1]), y = toc_lower(b.p[j - 1]);
			row[j] = min3(up[j] + 1, row[j - 1] + 1, up[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == toc_lower(b.p[j - 2]) && toc_lower(a.p[i - 2]) == y &&
			    up2[j - 2] + 1 < row[j])
				row[j] = up2[j - 2] + 1;
		}
	}
	return rows[a.n % 3][b.n];
}

const char *toc_nearest(struct toc_span name, const char *const *candidates)
{
	const char *best = NULL;
	unsigned limit = (unsigned)(name.n < 3 ? 1 : name.n < 6 ? 2 : name.n / 3) + 1;
	if (name.n > LONGEST_NAME)
		return NULL;
	for (; *candidates; candidates++) {
		struct toc_span c = toc_span_str(*candidates);
		const size_t apart = name.n < c.n ? c.n - name.n : name.n - c.n; /* letters that one has more */
		if (c.n > LONGEST_NAME || apart >= limit)
			continue;
		unsigned d = distance(name, c);
		if (d < limit) {
			limit = d;
			best = *candidates;
		}
	}
	return best;
}
