/* dictionary - declarations gathered from all stages, looked up by (kind, field), printed as documents. */
#include "event/dictionary.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"

struct entry {
	toc_field kind, field; /* field 0: the kind itself */
	const struct toc_field_decl *decl;
	const char *kind_name, *source;
	unsigned order; /* of adding */
};

struct toc_dictionary {
	struct toc_intern *names;
	struct toc_arena *arena;
	struct entry *entries; /* by kind, field and order */
	unsigned n, room;
	uint8_t *strictest; /* by field: of all kinds that have it */
	unsigned nstrictest;
};

struct toc_dictionary *toc_dictionary_new(struct toc_intern *names)
{
	struct toc_arena *arena = toc_arena_new();
	struct toc_dictionary *d = toc_arena_alloc(arena, sizeof(*d));
	d->arena = arena;
	d->names = names;
	return d;
}

void toc_dictionary_free(struct toc_dictionary *d)
{
	if (!d)
		return;
	free(d->entries);
	free(d->strictest);
	toc_arena_free(d->arena);
}

static void note_privacy(struct toc_dictionary *d, toc_field field, enum toc_privacy privacy)
{
	if (field >= d->nstrictest) {
		unsigned room = 2u * field + 512;
		d->strictest = realloc(d->strictest, room * sizeof(*d->strictest));
		if (!d->strictest)
			abort(); /* start-up and reload only */
		memset(d->strictest + d->nstrictest, TOC_OPEN, (room - d->nstrictest) * sizeof(*d->strictest));
		d->nstrictest = room;
	}
	if (privacy > d->strictest[field])
		d->strictest[field] = (uint8_t)privacy;
}

static void add(struct toc_dictionary *d, struct entry e)
{
	if (d->n == d->room) {
		d->room = d->room ? 2 * d->room : 512;
		d->entries = realloc(d->entries, d->room * sizeof(e));
		if (!d->entries)
			abort(); /* start-up and reload only */
	}
	e.order = d->n;
	d->entries[d->n++] = e;
	note_privacy(d, e.field, e.decl->privacy);
}

static int by_kind_and_field(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->field != y->field)
		return x->field < y->field ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Puts the entries from `first` on in their places among those before, which are sorted. */
static void sort_in(struct toc_dictionary *d, unsigned first)
{
	const unsigned n = d->n - first;
	struct entry *fresh = malloc((n + 1) * sizeof(*fresh));
	if (!fresh)
		abort();
	memcpy(fresh, d->entries + first, n * sizeof(*fresh));
	qsort(fresh, n, sizeof(*fresh), by_kind_and_field);
	for (unsigned to = d->n, old = first, i = n; i > 0;)
		d->entries[--to] = old > 0 && by_kind_and_field(&d->entries[old - 1], &fresh[i - 1]) > 0
					   ? d->entries[--old]
					   : fresh[--i];
	free(fresh);
}

void toc_dictionary_add(struct toc_dictionary *d, const char *source, const struct toc_field_decl *decls, unsigned n)
{
	const unsigned first = d->n;
	struct entry e = { .source = toc_arena_str(d->arena, toc_span_str(source)) };
	for (unsigned i = 0; i < n; i++) {
		if (!decls[i].name)
			continue;
		toc_field id = toc_intern_add(d->names, toc_span_str(decls[i].name));
		bool kind = decls[i].type == TOC_KIND;
		if (kind) {
			e.kind = id;
			e.kind_name = decls[i].name;
		}
		e.field = kind ? 0 : id;
		e.decl = &decls[i];
		add(d, e);
	}
	sort_in(d, first);
}

/* The first entry of (kind, field), or NULL. */
static const struct entry *find(const struct toc_dictionary *d, toc_field kind, toc_field field)
{
	unsigned low = 0, high = d->n;
	while (low < high) {
		unsigned mid = low + (high - low) / 2;
		const struct entry *e = &d->entries[mid];
		if (e->kind < kind || (e->kind == kind && e->field < field))
			low = mid + 1;
		else
			high = mid;
	}
	const struct entry *e = &d->entries[low];
	return low < d->n && e->kind == kind && e->field == field ? e : NULL;
}

const struct toc_field_decl *toc_dictionary_kind(const struct toc_dictionary *d, toc_field kind)
{
	const struct entry *e = find(d, kind, 0);
	return e ? e->decl : NULL;
}

const struct toc_field_decl *toc_dictionary_field(const struct toc_dictionary *d, toc_field kind, toc_field field)
{
	const struct entry *e = kind ? find(d, kind, field) : NULL;
	if (kind || !field)
		return e && field ? e->decl : NULL;
	for (unsigned i = 0; i < d->n; i++)
		if (d->entries[i].field == field)
			return d->entries[i].decl;
	return NULL;
}

bool toc_dictionary_of_flow(const struct toc_dictionary *d, toc_field kind)
{
	static const char decoder[] = "decoder ";
	for (const struct entry *e = find(d, kind, 0); e && e < d->entries + d->n && e->kind == kind && e->field == 0;
	     e++)
		if (strncmp(e->source, decoder, sizeof(decoder) - 1) == 0)
			return true;
	return false;
}

enum toc_privacy toc_dictionary_privacy(const struct toc_dictionary *d, toc_field kind, toc_field field)
{
	enum toc_privacy strictest = TOC_OPEN;
	bool found = false;
	for (const struct entry *e = find(d, kind, field);
	     e && e < d->entries + d->n && e->kind == kind && e->field == field; e++) {
		found = true;
		if (e->decl->privacy > strictest)
			strictest = e->decl->privacy;
	}
	/* a field beside the event (identity's) is declared under a kind of its own */
	if (!found && field < d->nstrictest)
		strictest = (enum toc_privacy)d->strictest[field];
	return strictest;
}

bool toc_dictionary_loose(const struct toc_dictionary *d, toc_field kind, toc_field field)
{
	for (const struct entry *e = find(d, kind, field);
	     e && e < d->entries + d->n && e->kind == kind && e->field == field; e++)
		if (strncmp(e->source, "normaliser", 10) == 0)
			return true;
	return false;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted names without repeats, of kinds or of fields among the entries from `first` on. */
static const char **names_of(const struct toc_dictionary *d, const struct entry *first, bool kinds)
{
	const struct entry *end = d->entries + d->n;
	const char **out = malloc(((size_t)(end - first) + 1) * sizeof(*out));
	unsigned n = 0, kept = 0;
	if (!out)
		abort(); /* start-up and reload only */
	for (const struct entry *e = first; e < end && (kinds || e->kind == first->kind); e++)
		if (kinds == (e->field == 0))
			out[n++] = e->decl->name;
	qsort(out, n, sizeof(*out), by_text);
	for (unsigned i = 0; i < n; i++)
		if (i == 0 || strcmp(out[i], out[kept - 1]) != 0)
			out[kept++] = out[i];
	out[kept] = NULL;
	return out;
}

const char **toc_dictionary_kinds(const struct toc_dictionary *d)
{
	return names_of(d, d->entries, true);
}

const char *toc_dictionary_nearest(const struct toc_dictionary *d, toc_field kind, struct toc_span name)
{
	const struct entry *first = find(d, kind, 0);
	if (!first)
		return NULL;
	const char **names = names_of(d, first, false), *near = toc_nearest(name, names);
	free(names);
	return near;
}

static const char *const type_names[] = {
	[TOC_NONE] = "none",	 [TOC_BOOL] = "bool",	  [TOC_INT] = "int",	       [TOC_UINT] = "uint",
	[TOC_DOUBLE] = "double", [TOC_TIME] = "time",	  [TOC_DURATION] = "duration", [TOC_IP] = "ip",
	[TOC_MAC] = "mac",	 [TOC_STRING] = "string", [TOC_KIND] = "kind",
};
static const char *const privacy_names[] = {
	[TOC_OPEN] = "none", [TOC_DEVICE] = "device", [TOC_PERSON] = "person", [TOC_CONTENT] = "content"
};

struct printer {
	void (*kind)(const struct toc_dictionary *d, const struct entry *e, FILE *out);
	void (*field)(const struct entry *e, FILE *out);
};

/* Sources of a kind, in the order of adding: "decoder dns, normaliser bind". */
static void print_sources(const struct toc_dictionary *d, const struct entry *kind, FILE *out)
{
	for (const struct entry *e = kind; e < d->entries + d->n && e->kind == kind->kind && e->field == 0; e++)
		if (e == kind || strcmp(e->source, e[-1].source) != 0)
			fprintf(out, "%s%s", e == kind ? "" : ", ", e->source);
}

static int by_order(const void *a, const void *b)
{
	const struct entry *x = *(const struct entry *const *)a, *y = *(const struct entry *const *)b;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void print_kind(const struct toc_dictionary *d, const char *name, const struct printer *p, FILE *out)
{
	toc_field kind = toc_intern_find(d->names, toc_span_str(name));
	const struct entry *e = find(d, kind, 0);
	const struct entry **fields = calloc(d->n + 1, sizeof(*fields));
	unsigned n = 0;
	if (!fields)
		abort();
	if (!e)
		abort(); /* the name is of a kind that there is */
	p->kind(d, e, out);
	for (; e < d->entries + d->n && e->kind == kind; e++)
		if (e->field && (n == 0 || fields[n - 1]->field != e->field))
			fields[n++] = e;
	qsort(fields, n, sizeof(*fields), by_order); /* as declared, not as interned */
	for (unsigned i = 0; i < n; i++)
		p->field(fields[i], out);
	free(fields);
}

static void print_all(struct toc_dictionary *d, const struct printer *p, FILE *out)
{
	const char **kinds = toc_dictionary_kinds(d);
	for (const char **kind = kinds; *kind; kind++)
		print_kind(d, *kind, p, out);
	free(kinds);
}

static void markdown_kind(const struct toc_dictionary *d, const struct entry *e, FILE *out)
{
	fprintf(out, "\n## %s\n%s. Source: ", e->kind_name, e->decl->doc ? e->decl->doc : "");
	print_sources(d, e, out);
	fputs(".\n\n| field | type | privacy | meaning |\n|---|---|---|---|\n", out);
}

static void markdown_field(const struct entry *e, FILE *out)
{
	const struct toc_field_decl *f = e->decl;
	fprintf(out, "| `%s` | %s%s%s%s | %s | %s |\n", f->name, f->list ? "list of " : "", type_names[f->type],
		f->unit ? ", " : "", f->unit ? f->unit : "", privacy_names[f->privacy], f->doc ? f->doc : "");
}

void toc_dictionary_markdown(struct toc_dictionary *d, FILE *out)
{
	static const struct printer p = { markdown_kind, markdown_field };
	fputs("# Event kinds and fields\n\nPrinted by `tocsin fields --markdown` from the tables in the code and in "
	      "rules/normalise; "
	      "do not edit.\nUnset fields are absent. Every event also has `ts` and, where a flow caused it, `uid`.\n",
	      out);
	print_all(d, &p, out);
}

static void yaml_kind(const struct toc_dictionary *d, const struct entry *e, FILE *out)
{
	fprintf(out, "%s:\n  source: \"", e->kind_name);
	print_sources(d, e, out);
	fputs("\"\n  fields:\n", out);
}

static void yaml_field(const struct entry *e, FILE *out)
{
	const struct toc_field_decl *f = e->decl;
	fprintf(out, "    \"%s\": {type: %s, list: %s, privacy: %s", f->name, type_names[f->type],
		f->list ? "true" : "false", privacy_names[f->privacy]);
	if (f->unit)
		fprintf(out, ", unit: \"%s\"", f->unit);
	fputs("}\n", out);
}

void toc_dictionary_yaml(struct toc_dictionary *d, FILE *out)
{
	static const struct printer p = { yaml_kind, yaml_field };
	fputs("# The dictionary: every event kind and field; printed by `tocsin fields --yaml`; do not edit.\n", out);
	print_all(d, &p, out);
}

static void table_kind(const struct toc_dictionary *d, const struct entry *e, FILE *out)
{
	fprintf(out, "%s - %s (", e->kind_name, e->decl->doc ? e->decl->doc : "");
	print_sources(d, e, out);
	fputs(")\n", out);
}

static void table_field(const struct entry *e, FILE *out)
{
	const struct toc_field_decl *f = e->decl;
	fprintf(out, "  %-32s %s%-9s %-8s %s\n", f->name, f->list ? "[]" : "", type_names[f->type],
		privacy_names[f->privacy], f->doc ? f->doc : "");
}

void toc_dictionary_table(struct toc_dictionary *d, const char *kind, FILE *out)
{
	static const struct printer p = { table_kind, table_field };
	if (kind)
		print_kind(d, kind, &p, out);
	else
		print_all(d, &p, out);
}
