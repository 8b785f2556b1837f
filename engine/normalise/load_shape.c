/* load_shape - how a normaliser's payloads are laid out: names, splits, columns, the style of pairs. */
#include <stdlib.h>
#include <string.h>

#include "normalise/normaliser.h"

static void mistake(struct shape_reading *r, const struct toc_yaml *at, const char *what)
{
	toc_diag_add(r->diag, TOC_ERROR, at->at, "%s", what);
}

static unsigned count(const struct toc_yaml *node, enum toc_yaml_kind kind)
{
	return node && node->kind == kind ? node->n : 0;
}

/* One name, or a list of names; NULL-terminated. */
static const char *const *strings(struct shape_reading *r, const struct toc_yaml *node)
{
	unsigned n = !node ? 0 : node->kind == TOC_YAML_LIST ? node->n : 1;
	const char **out = toc_arena_alloc(r->n->arena, (n + 1) * sizeof(*out));
	for (unsigned i = 0, k = 0; i < n; i++) {
		const struct toc_yaml *item = node->kind == TOC_YAML_LIST ? node->as.items[i] : node;
		if (toc_yaml_str(item))
			out[k++] = toc_yaml_str(item);
		else
			mistake(r, item, "expected a string or a list of strings");
	}
	return out;
}

/* A declared field, or 0 for `_` and the empty name. */
static unsigned field_named(struct shape_reading *r, const struct toc_yaml *at, struct toc_span name)
{
	int field = !name.n || toc_span_is(name, "_") ? 0 : r->field(r->user, name);
	if (field >= 0)
		return (unsigned)field;
	toc_diag_add(r->diag, TOC_ERROR, at->at, "there is no field \"%.*s\"; declare it under fields:", (int)name.n,
		     (const char *)name.p);
	return 0;
}

/* --- names of payloads -------------------------------------------------------------------------------------------- */

enum { FOLDED = 64 };

/* srcIp, SRC_IP and "Src IP" are srcip. Nothing where it is longer than any name that is listed. */
static struct toc_span fold(struct toc_span name, uint8_t out[FOLDED])
{
	size_t n = 0;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '_' || name.p[i] == '-' || name.p[i] == '.' || name.p[i] == ' ')
			continue;
		if (n == FOLDED)
			return toc_span_of(out, 0);
		out[n++] = toc_lower(name.p[i]);
	}
	return toc_span_of(out, n);
}

/* The name's slot, or the free one where it would be. */
static struct key_slot *slot_of(struct key_slot *slots, unsigned mask, struct toc_span name)
{
	unsigned i = (unsigned)toc_hash_fixed(name.p, name.n) & mask;
	while (slots[i].name.n && !toc_span_eq(slots[i].name, name))
		i = (i + 1) & mask;
	return &slots[i];
}

static void put_key(struct shape_reading *r, struct key_slot slot)
{
	struct normaliser *now = r->now;
	uint8_t text[FOLDED], *kept;
	struct toc_span folded = fold(slot.name, text);
	*slot_of(now->keys, now->key_mask, slot.name) = slot;
	if (!now->folded || !folded.n || slot_of(now->folded, now->key_mask, folded)->name.n)
		return;
	kept = toc_arena_alloc(r->n->arena, folded.n);
	memcpy(kept, folded.p, folded.n);
	slot.name = toc_span_of(kept, folded.n);
	*slot_of(now->folded, now->key_mask, slot.name) = slot;
}

const struct key_slot *normaliser_key(const struct normaliser *n, struct toc_span name)
{
	const struct key_slot *slot = slot_of(n->keys, n->key_mask, name);
	return slot->name.n ? slot : NULL;
}

const struct key_slot *normaliser_folded(const struct normaliser *n, struct toc_span name, bool *part)
{
	uint8_t text[FOLDED];
	*part = false;
	for (unsigned parts = 0; n->folded && name.n && parts < 8; parts++) {
		struct toc_span folded = fold(name, text);
		const struct key_slot *slot = folded.n ? slot_of(n->folded, n->key_mask, folded) : NULL;
		if (slot && slot->name.n)
			return slot;
		size_t i = 0;
		while (i < name.n && name.p[i] != '.' && name.p[i] != ' ')
			i++;
		name = toc_span_from(name, i + 1);
		*part = true;
	}
	return NULL;
}

/* name: [by, field, field …] */
static const struct split *read_split(struct shape_reading *r, const struct toc_yaml *node)
{
	struct split *s = toc_arena_alloc(r->n->arena, sizeof(*s));
	unsigned n = count(node, TOC_YAML_LIST);
	const char *by = n ? toc_yaml_str(node->as.items[0]) : NULL;
	if (n < 2 || !by || strlen(by) != 1) {
		mistake(r, node,
			"a split is a list: the byte that separates, then the fields (src: [':', src_ip, src_port])");
		return NULL;
	}
	s->by = (uint8_t)*by;
	s->n = n - 1;
	s->fields = toc_arena_alloc(r->n->arena, s->n * sizeof(*s->fields));
	for (unsigned i = 0; i < s->n; i++)
		s->fields[i] = field_named(r, node->as.items[i + 1], node->as.items[i + 1]->text);
	return s;
}

/* What is not said here is as in the normaliser that this one is like. */
static const struct toc_yaml *said(const struct shape_reading *r, const struct toc_yaml *root, const char *key)
{
	const struct toc_yaml *own = toc_yaml_get(root, key);
	return own || !r->now->like ? own : toc_yaml_get(r->now->like, key);
}

static void read_keys(struct shape_reading *r, const struct toc_yaml *root)
{
	struct normaliser *now = r->now;
	const struct toc_yaml *names = said(r, root, "names"), *splits = said(r, root, "split");
	unsigned n = now->nfields + count(names, TOC_YAML_MAP) + count(splits, TOC_YAML_MAP), room = 16;
	while (room < 2 * n)
		room *= 2;
	now->keys = toc_arena_alloc(r->n->arena, room * sizeof(*now->keys));
	now->key_mask = room - 1;
	now->folded = now->last ? toc_arena_alloc(r->n->arena, room * sizeof(*now->folded)) : NULL;
	for (unsigned f = 0; f < now->nfields; f++)
		put_key(r, (struct key_slot){ toc_span_str(r->n->fields[now->first + f].name), now->first + f, NULL });
	for (unsigned i = 0; i < count(names, TOC_YAML_MAP); i++) {
		const struct toc_yaml_pair *p = &names->as.pairs[i];
		put_key(r, (struct key_slot){ p->key->text, field_named(r, p->value, p->value->text), NULL });
	}
	for (unsigned i = 0; i < count(splits, TOC_YAML_MAP); i++) {
		const struct toc_yaml_pair *p = &splits->as.pairs[i];
		put_key(r, (struct key_slot){ p->key->text, 0, read_split(r, p->value) });
	}
}

/* --- columns ------------------------------------------------------------------------------------------------------ */

static void read_test(struct shape_reading *r, const struct toc_yaml_pair *p, struct layout_test *out)
{
	int64_t column = 0;
	if (toc_yaml_int(p->key, 0, PAYLOAD_PAIRS - 1, &column, r->diag))
		out->column = (unsigned)column;
	out->values = strings(r, p->value);
}

static void read_layout(struct shape_reading *r, const struct toc_yaml *node, struct layout *out)
{
	static const char *const keys[] = { "when", "columns", NULL };
	const struct toc_yaml *when = toc_yaml_get(node, "when"), *columns = toc_yaml_get(node, "columns");
	toc_yaml_only(node, keys, "a layout", r->diag);
	out->ntests = count(when, TOC_YAML_MAP);
	out->tests = toc_arena_alloc(r->n->arena, (out->ntests + 1) * sizeof(*out->tests));
	for (unsigned i = 0; i < out->ntests; i++)
		read_test(r, &when->as.pairs[i], &out->tests[i]);
	out->ncolumns = count(columns, TOC_YAML_LIST);
	if (!out->ncolumns)
		mistake(r, node, "a layout names its columns in their order (columns: [_, serial, type])");
	out->columns = toc_arena_alloc(r->n->arena, (out->ncolumns + 1) * sizeof(*out->columns));
	for (unsigned i = 0; i < out->ncolumns; i++) {
		const struct toc_yaml *c = columns->as.items[i];
		const struct key_slot *key = c->text.n ? normaliser_key(r->now, c->text) : NULL;
		if (key)
			out->columns[i] = *key;
		else
			out->columns[i].field = field_named(r, c, c->text);
		out->columns[i].name = c->text;
	}
}

/* `~uint`, `~ip`, `~any`: values by their form. */
static bool value_fits(struct toc_span value, const char *want)
{
	struct toc_addr a;
	bool digits = value.n > 0;
	if (want[0] != '~')
		return toc_span_is(value, want);
	for (size_t i = 0; i < value.n; i++)
		digits = digits && value.p[i] >= '0' && value.p[i] <= '9';
	if (strcmp(want, "~uint") == 0)
		return digits;
	return strcmp(want, "~ip") == 0 ? toc_addr_parse(value, &a) : value.n > 0;
}

static bool test_holds(const struct layout_test *t, const struct payload *p)
{
	for (const char *const *v = t->values; t->column < p->n && *v; v++)
		if (value_fits(p->pairs[t->column].value, *v))
			return true;
	return false;
}

const struct layout *normaliser_layout(const struct normaliser *n, const struct payload *p)
{
	for (unsigned i = 0; i < n->nlayouts; i++) {
		const struct layout *l = &n->layouts[i];
		unsigned held = 0;
		while (held < l->ntests && test_holds(&l->tests[held], p))
			held++;
		if (held == l->ntests)
			return l;
	}
	return NULL;
}

static void read_layouts(struct shape_reading *r, const struct toc_yaml *node)
{
	r->now->nlayouts = count(node, TOC_YAML_LIST);
	r->now->layouts = toc_arena_alloc(r->n->arena, (r->now->nlayouts + 1) * sizeof(*r->now->layouts));
	if (node && node->kind != TOC_YAML_LIST)
		mistake(r, node, "layouts are a list of {when: {column: value}, columns: [name, …]}");
	for (unsigned i = 0; i < r->now->nlayouts; i++)
		read_layout(r, node->as.items[i], &r->now->layouts[i]);
}

/* --- the style of pairs ------------------------------------------------------------------------------------------- */

/* One byte, or `tab`. */
static uint8_t read_byte(struct shape_reading *r, const struct toc_yaml *node, uint8_t usual)
{
	const char *text = node ? toc_yaml_str(node) : NULL;
	if (!node)
		return usual;
	if (text && strcmp(text, "tab") == 0)
		return '\t';
	if (!text || strlen(text) != 1)
		mistake(r, node, "expected one byte in quotes, or tab");
	return text ? (uint8_t)*text : usual;
}

static void read_style(struct shape_reading *r, const struct toc_yaml *node)
{
	static const char *const keys[] = { "equals", "between", "spaced", "runs_on", NULL };
	struct payload_style *s = &r->now->style;
	*s = payload_usual;
	if (!node)
		return;
	toc_yaml_only(node, keys, "style", r->diag);
	s->equals = read_byte(r, toc_yaml_get(node, "equals"), s->equals);
	s->between = read_byte(r, toc_yaml_get(node, "between"), s->between);
	if (toc_yaml_get(node, "spaced"))
		toc_yaml_bool(toc_yaml_get(node, "spaced"), &s->spaced, r->diag);
	if (toc_yaml_get(node, "runs_on"))
		toc_yaml_bool(toc_yaml_get(node, "runs_on"), &s->runs_on, r->diag);
}

void shape_read(struct shape_reading *r, const struct toc_yaml *root)
{
	r->now->strip = strings(r, said(r, root, "strip"));
	r->now->separator = read_byte(r, toc_yaml_get(root, "separator"), ',');
	read_style(r, toc_yaml_get(root, "style"));
	read_keys(r, root);
	read_layouts(r, toc_yaml_get(root, "layouts"));
}
