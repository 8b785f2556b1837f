/* lint_event - rules against the events that exist: logsources, fields and values that no event can have. */
#include <math.h>
#include <string.h>

#include "ruleset/item.h"
#include "ruleset/lint.h"

struct look {
	struct load *l;
	const toc_field *kinds; /* 0-terminated */
	toc_field identity;	/* kind under which what stands beside an event is declared */
	toc_field conn;		/* kind under which the fields of a flow are declared */
	toc_field gate;		/* it is a taxonomy's condition on this kind; 0: a rule's */
	struct index told;
};

/* What every event of a flow has: its addresses and ports. */
static const struct toc_field_decl *of_flow(const struct look *look, toc_field field)
{
	const char *name = toc_intern_name(look->l->names, field);
	if (!look->conn || strncmp(name, "id.", 3) != 0)
		return NULL;
	for (unsigned i = 0; look->kinds[i]; i++)
		if (toc_dictionary_of_flow(look->l->dictionary, look->kinds[i]))
			return toc_dictionary_field(look->l->dictionary, look->conn, field);
	return NULL;
}

/* The next declaration of the field for one of the kinds (or beside any event), or NULL. *at counts. */
static const struct toc_field_decl *declared(const struct look *look, toc_field field, unsigned *at, toc_field *kind)
{
	unsigned n = 0;
	while (look->kinds[n])
		n++;
	while (*at <= n + 1) {
		*kind = *at < n ? look->kinds[*at] : *at == n ? look->identity : look->conn;
		const bool flow = (*at)++ > n;
		const struct toc_field_decl *d = flow	 ? of_flow(look, field)
						 : *kind ? toc_dictionary_field(look->l->dictionary, *kind, field)
							 : NULL;
		if (d)
			return d;
	}
	return NULL;
}

/* The flow stage puts its four names beside every decoder's event; they are declared once, with conn. */
static bool is_flow_name(const struct look *look, const struct toc_fieldset *set)
{
	static const char *const flow[] = { "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", NULL };
	for (unsigned i = 0; i < set->n; i++)
		for (const char *const *name = flow; *name; name++)
			if (strcmp(toc_intern_name(look->l->names, set->id[i]), *name) == 0)
				return true;
	return false;
}

static bool has_field(const struct look *look, const struct toc_fieldset *set)
{
	for (unsigned i = 0; i < set->n; i++) {
		unsigned at = 0;
		toc_field kind;
		if (declared(look, set->id[i], &at, &kind))
			return true;
	}
	return false;
}

static const char *plain_text(const struct look *look, const struct leaf *leaf)
{
	struct toc_units u = leaf->units;
	if (toc_units_wild(u))
		return NULL;
	char *text = toc_arena_alloc(look->l->arena, u.n + 1);
	for (size_t i = 0; i < u.n; i++)
		text[i] = (char)u.at[i];
	return text;
}

/* Could a field of this type have this text? Wildcards: perhaps. */
static bool fits_text(const struct look *look, enum toc_type type, const struct leaf *leaf)
{
	struct toc_addr a;
	struct toc_mac m;
	const char *text = plain_text(look, leaf);
	if (!text || leaf->mods & MOD_REWRITES)
		return true;
	switch (type) {
	case TOC_IP:
		return toc_addr_parse(toc_span_str(text), &a);
	case TOC_MAC:
		return toc_mac_parse(toc_span_str(text), &m);
	case TOC_BOOL:
		return toc_span_ieq(toc_span_str(text), toc_span_str("true")) ||
		       toc_span_ieq(toc_span_str(text), toc_span_str("false"));
	case TOC_UINT:
		return *text && strspn(text, "0123456789.") == strlen(text);
	case TOC_INT:
	case TOC_DOUBLE:
		return *text && strspn(text, "+-0123456789.eE") == strlen(text);
	case TOC_NONE:
	case TOC_TIME:
	case TOC_DURATION:
	case TOC_STRING:
	case TOC_KIND:
		break;
	}
	return true;
}

static bool fits_number(enum toc_type type, double n)
{
	switch (type) {
	case TOC_IP:
	case TOC_MAC:
	case TOC_BOOL:
		return false;
	case TOC_UINT:
		return n >= 0 && n == floor(n);
	case TOC_INT:
		return n == floor(n);
	case TOC_NONE:
	case TOC_DOUBLE:
	case TOC_TIME:
	case TOC_DURATION:
	case TOC_STRING:
	case TOC_KIND:
		break;
	}
	return true;
}

static bool fits(const struct look *look, enum toc_type type, const struct leaf *leaf)
{
	switch (leaf->kind) {
	case LEAF_STRING:
		return fits_text(look, type, leaf);
	case LEAF_NUMBER:
		return fits_number(type, leaf->test.number);
	case LEAF_COMPARE:
		return type != TOC_IP && type != TOC_MAC && type != TOC_BOOL;
	case LEAF_BOOL:
		return type == TOC_BOOL || type == TOC_STRING;
	case LEAF_NETWORK:
		return type == TOC_IP || type == TOC_STRING;
	case LEAF_PART:
		return type == TOC_TIME;
	case LEAF_NULL:
	case LEAF_EXISTS:
	case LEAF_REGEX:
	case LEAF_FIELD:
	case LEAF_LIST:
	case LEAF_BEFORE:
		break;
	}
	return true;
}

/* A normaliser keeps a value that is not of the field's type as text, so nothing is sure about its fields. */
static bool can_match(const struct look *look, const struct leaf *leaf, enum toc_type *type)
{
	for (unsigned i = 0; i < leaf->test.field.n; i++) {
		unsigned at = 0;
		toc_field kind;
		const struct toc_field_decl *d;
		while ((d = declared(look, leaf->test.field.id[i], &at, &kind))) {
			*type = d->type;
			if (toc_dictionary_loose(look->l->dictionary, kind, leaf->test.field.id[i]) ||
			    fits(look, d->type, leaf))
				return true;
		}
	}
	return false;
}

/* Identity says of an address that it is local, and says nothing of others. */
static bool is_never_false(const struct look *look, const struct leaf *leaf)
{
	bool any = false;
	if (leaf->kind != LEAF_BOOL || leaf->test.yes)
		return false;
	for (unsigned i = 0; i < leaf->test.field.n; i++) {
		unsigned at = 0;
		toc_field kind;
		while (declared(look, leaf->test.field.id[i], &at, &kind)) {
			if (kind != look->identity)
				return false;
			any = true;
		}
	}
	return any;
}

static const char *nearest_field(const struct look *look, struct toc_span name)
{
	for (unsigned i = 0; look->kinds[i]; i++) {
		const char *near = toc_dictionary_nearest(look->l->dictionary, look->kinds[i], name);
		if (near)
			return near;
	}
	return NULL;
}

/* Names are looked through for so many fields of a load. */
enum { SUGGESTIONS = 500 };

static void tell_field(struct look *look, const struct tree *t)
{
	struct load *l = look->l;
	struct toc_span name = toc_span_str(t->leaf->field);
	if (!index_put(l->arena, &look->told, name, 0, NULL))
		return;
	const char *near = l->suggested++ < SUGGESTIONS ? nearest_field(look, name) : NULL;
	const char *open = near ? " (" : "", *close = near ? "?)" : "";
	struct finding f = { TOC_WARNING, "unknown-field", near, 0, toc_span_find(t->key->text, '|') };
	near = near ? near : "";
	if (!look->gate) {
		tell(l, t->key, f, "no event of this logsource has a field \"%s\"%s%s%s", t->leaf->field, open, near,
		     close);
		return;
	}
	f.severity = TOC_ERROR; /* a rule that never fires is one rule; this silences all of a logsource */
	tell(l, t->key, f, "no event of the kind \"%s\" has a field \"%s\", so none has this logsource%s%s%s",
	     toc_intern_name(l->names, look->gate), t->leaf->field, open, near, close);
}

static bool see_leaf(void *self, const struct tree *t, bool negated)
{
	static const char *const names[] = { [TOC_BOOL] = "true or false",
					     [TOC_INT] = "a number",
					     [TOC_UINT] = "a number that is not negative",
					     [TOC_DOUBLE] = "a number",
					     [TOC_TIME] = "a time",
					     [TOC_DURATION] = "a duration",
					     [TOC_IP] = "an address",
					     [TOC_MAC] = "a hardware address",
					     [TOC_STRING] = "a text",
					     [TOC_KIND] = "" };
	struct look *look = self;
	enum toc_type type = TOC_STRING;
	(void)negated;
	if (t->leaf->keyword || t->leaf->kind == LEAF_BEFORE || !tree_mark(t, PASS_EVENTS))
		return false;
	if (!has_field(look, &t->leaf->test.field)) {
		if (!is_flow_name(look, &t->leaf->test.field))
			tell_field(look, t);
	} else if (!can_match(look, t->leaf, &type))
		tell(look->l, t->at, (struct finding){ TOC_WARNING, "value-type", NULL, 0, 0 },
		     "\"%s\" is %s, so it never has this value", t->leaf->field, names[type] ? names[type] : "");
	else if (is_never_false(look, t->leaf))
		tell(look->l, t->at, (struct finding){ TOC_WARNING, "never-false", "null", 0, 0 },
		     "\"%s\" is true or absent, so it is never false (null?)", t->leaf->field);
	return false;
}

static void look_through(struct look *look, const struct tree *tree)
{
	look->identity = toc_intern_find(look->l->names, toc_span_str("identity"));
	look->conn = toc_intern_find(look->l->names, toc_span_str("conn"));
	tree_any_leaf(tree, false, see_leaf, look);
}

void lint_gate(struct load *l, toc_field kind, const struct tree *gate)
{
	const toc_field kinds[] = { kind, 0 };
	struct look look = { .l = l, .kinds = kinds, .gate = kind };
	look_through(&look, gate);
}

void lint_events(struct load *l, const struct doc *doc)
{
	struct look look = { .l = l, .kinds = taxonomy_kinds(l, &doc->source) };
	if (!look.kinds[0]) {
		tell(l, doc->source.at, (struct finding){ TOC_WARNING, "unknown-logsource", NULL, 0, 0 },
		     "no event carries this logsource, so the rule never fires (rules/taxonomy)");
		return;
	}
	if (l->dictionary)
		look_through(&look, doc->tree);
}
