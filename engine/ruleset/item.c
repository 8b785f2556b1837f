/* item - reading `Field|modifier|…: value` (Sigma specification, "Value Modifiers"). */
#include "ruleset/item.h"

#include <stdlib.h>
#include <string.h>

#include "ruleset/load.h"

static const struct {
	const char *name;
	unsigned bit;
	int detail; /* comparison or part of a time */
} modifiers[] = {
	{ "contains", MOD_CONTAINS, 0 },
	{ "startswith", MOD_STARTSWITH, 0 },
	{ "endswith", MOD_ENDSWITH, 0 },
	{ "all", MOD_ALL, 0 },
	{ "cased", MOD_CASED, 0 },
	{ "exists", MOD_EXISTS, 0 },
	{ "neq", MOD_NEQ, 0 },
	{ "re", MOD_RE, 0 },
	{ "i", MOD_I, 0 },
	{ "ignorecase", MOD_I, 0 },
	{ "m", MOD_M, 0 },
	{ "multiline", MOD_M, 0 },
	{ "s", MOD_S, 0 },
	{ "dotall", MOD_S, 0 },
	{ "cidr", MOD_CIDR, 0 },
	{ "lt", MOD_COMPARE, TOC_CMP_LT },
	{ "lte", MOD_COMPARE, TOC_CMP_LTE },
	{ "gt", MOD_COMPARE, TOC_CMP_GT },
	{ "gte", MOD_COMPARE, TOC_CMP_GTE },
	{ "fieldref", MOD_FIELDREF, 0 },
	{ "expand", MOD_EXPAND, 0 },
	{ "minute", MOD_PART, TOC_PART_MINUTE },
	{ "hour", MOD_PART, TOC_PART_HOUR },
	{ "day", MOD_PART, TOC_PART_DAY },
	{ "week", MOD_PART, TOC_PART_WEEK },
	{ "month", MOD_PART, TOC_PART_MONTH },
	{ "year", MOD_PART, TOC_PART_YEAR },
	{ "wide", MOD_UTF16, TOC_UTF16_LE },
	{ "utf16le", MOD_UTF16, TOC_UTF16_LE },
	{ "utf16be", MOD_UTF16, TOC_UTF16_BE },
	{ "utf16", MOD_UTF16, TOC_UTF16_BOM },
	{ "base64", MOD_BASE64, 0 },
	{ "base64offset", MOD_BASE64OFFSET, 0 },
	{ "windash", MOD_WINDASH, 0 },
};

enum { MODIFIERS = sizeof(modifiers) / sizeof(modifiers[0]) };

static bool unknown_modifier(struct load *l, const struct toc_yaml *key, struct toc_span name)
{
	const char *names[MODIFIERS + 1] = { NULL };
	for (unsigned i = 0; i < MODIFIERS; i++)
		names[i] = modifiers[i].name;
	const char *near = toc_nearest(name, names);
	struct finding f = { TOC_ERROR, "unknown-modifier", near, (size_t)(name.p - key->text.p), name.n };
	tell(l, key, f, "unknown modifier \"%.*s\"%s%s%s", (int)name.n, (const char *)name.p, near ? " (" : "",
	     near ? near : "", near ? "?)" : "");
	return false;
}

/* What may not stand in front of a modifier, and how that is said. */
static const struct {
	unsigned of, forbidden;
	const char *words;
} orders[] = {
	{ MOD_RE | MOD_CIDR, ~0u, "must come first" },
	{ MOD_UTF16, MOD_AFFIXES | MOD_BASE64 | MOD_BASE64OFFSET,
	  "must stand before contains, startswith, endswith and base64" },
	{ MOD_BASE64 | MOD_BASE64OFFSET, MOD_AFFIXES, "must stand before contains, startswith and endswith" },
	{ MOD_PART, MOD_COMPARE, "must stand before lt, lte, gt and gte (hour|gte)" },
};

static bool in_order(struct load *l, const struct item *item, struct toc_span name, unsigned bit)
{
	struct finding f = { TOC_ERROR, "modifier-order", NULL, (size_t)(name.p - item->key->text.p), name.n };
	bool flag = (bit & (MOD_I | MOD_M | MOD_S)) != 0;
	if (flag && !(item->mods & MOD_RE)) {
		tell(l, item->key, f, "the modifier \"%.*s\" must follow \"re\"", (int)name.n, (const char *)name.p);
		return false;
	}
	for (unsigned i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		if (!(bit & orders[i].of) || !(item->mods & orders[i].forbidden))
			continue;
		tell(l, item->key, f, "the modifier \"%.*s\" %s", (int)name.n, (const char *)name.p, orders[i].words);
		return false;
	}
	return true;
}

static bool clash(struct load *l, const struct item *item, const char *why)
{
	tell(l, item->key, (struct finding){ TOC_ERROR, "modifier-clash", NULL, 0, 0 },
	     "these modifiers cannot stand together: \"%s\"%s%s", toc_yaml_str(item->key), *why ? "; " : "", why);
	return false;
}

static bool add_modifier(struct load *l, struct item *item, struct toc_span name)
{
	for (unsigned i = 0; i < MODIFIERS; i++) {
		unsigned bit = modifiers[i].bit;
		if (!toc_span_is(name, modifiers[i].name))
			continue;
		if (!in_order(l, item, name, bit))
			return false;
		if ((bit & item->mods & (MOD_COMPARE | MOD_PART | MOD_UTF16)) && bit)
			return clash(l, item, "one of a sort is enough");
		if ((bit & MOD_REWRITES) && !(bit & item->mods)) {
			if (item->nsteps == ITEM_STEPS)
				return clash(l, item, "too many");
			item->steps[item->nsteps++] = bit;
		}
		item->mods |= bit;
		if (bit == MOD_COMPARE)
			item->compare = (enum toc_compare)modifiers[i].detail;
		if (bit == MOD_PART)
			item->part = (enum toc_time_part)modifiers[i].detail;
		if (bit == MOD_UTF16)
			item->utf16 = (enum toc_utf16)modifiers[i].detail;
		return true;
	}
	return unknown_modifier(l, item->key, name);
}

/* Modifiers that choose the kind of test, and what may stand beside each. Words of a string stand beside none. */
static const struct {
	unsigned of, beside;
	const char *why;
} kinds[] = {
	{ MOD_EXISTS, 0, "exists stands alone" },
	{ MOD_RE, MOD_I | MOD_M | MOD_S | MOD_ALL | MOD_NEQ | MOD_AFFIXES, "an expression takes i, m, s, all and neq" },
	{ MOD_CIDR, MOD_ALL | MOD_NEQ, "a network takes all and neq; a list of type cidr needs only expand" },
	{ MOD_PART, MOD_COMPARE | MOD_ALL | MOD_NEQ, "a part of a time takes lt, lte, gt, gte, all and neq" },
	{ MOD_COMPARE, MOD_PART | MOD_ALL | MOD_NEQ, "a comparison takes all and neq" },
	{ MOD_FIELDREF, MOD_AFFIXES | MOD_CASED | MOD_ALL | MOD_NEQ,
	  "fieldref takes contains, startswith, endswith, cased, all and neq" },
	{ MOD_EXPAND, MOD_AFFIXES | MOD_ALL | MOD_NEQ, "expand takes contains, startswith, endswith, all and neq" },
};

static bool check_modifiers(struct load *l, const struct item *item)
{
	unsigned affixes = item->mods & MOD_AFFIXES;
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((item->mods & kinds[i].of) && (item->mods & ~(kinds[i].of | kinds[i].beside)))
			return clash(l, item, kinds[i].why);
	if (affixes & (affixes - 1))
		return clash(l, item, "contains is both startswith and endswith");
	if (item->keyword && (item->mods & (MOD_EXISTS | MOD_CIDR | MOD_PART | MOD_COMPARE | MOD_FIELDREF |
					    MOD_STARTSWITH | MOD_ENDSWITH))) {
		tell(l, item->key, (struct finding){ TOC_ERROR, "keyword-modifier", NULL, 0, 0 },
		     "keywords take only the modifiers all, neq, cased, contains, re, expand, windash and encodings");
		return false;
	}
	if ((item->mods & MOD_RE) && affixes)
		tell(l, item->key, (struct finding){ TOC_WARNING, "regex-affix", NULL, 0, 0 },
		     "an expression is looked for anywhere in the value; contains, startswith and endswith change "
		     "nothing (use ^ and $)");
	return true;
}

/* The name of the field, and its modifiers. */
static bool read_key(struct load *l, struct item *item, struct toc_span *name)
{
	struct toc_span text = item->key->text;
	size_t bar = toc_span_find(text, '|');
	*name = toc_span_first(text, bar);
	item->keyword = name->n == 0;
	while (bar < text.n) {
		text = toc_span_from(text, bar + 1);
		bar = toc_span_find(text, '|');
		if (!add_modifier(l, item, toc_span_first(text, bar)))
			return false;
	}
	return check_modifiers(l, item);
}

static const struct tree *compile_list(struct load *l, const struct item *item, const struct toc_yaml *list)
{
	const struct tree **trees = toc_arena_alloc(l->arena, (list->n + 1) * sizeof(struct tree *));
	bool ok = true;
	for (unsigned i = 0; i < list->n; i++) {
		if (toc_yaml_is_null(list->as.items[i]) && list->n > 1)
			tell(l, list->as.items[i], (struct finding){ TOC_WARNING, "null-in-list", NULL, 0, 0 },
			     "null among values: it is read as \"or the field is absent\"");
		trees[i] = value_compile(l, item, list->as.items[i]);
		ok = trees[i] && ok;
	}
	if (!ok)
		return NULL;
	return item->mods & MOD_ALL ? tree_all(l, trees, list->n) : tree_any(l, trees, list->n);
}

/* The values of an item: any of them, or with `all` each. */
static const struct tree *compile_values(struct load *l, const struct item *item, const struct toc_yaml *value)
{
	if (value->kind == TOC_YAML_MAP) {
		tell(l, value, (struct finding){ TOC_ERROR, "value-shape", NULL, 0, 0 },
		     "a field's value must be a scalar or a list, not a map");
		return NULL;
	}
	if ((item->mods & MOD_ALL) && (value->kind == TOC_YAML_SCALAR || value->n == 1) && !(item->mods & MOD_EXPAND))
		tell(l, item->key, (struct finding){ TOC_WARNING, "all-single", NULL, 0, 0 },
		     "\"all\" of a single value changes nothing");
	if (value->kind == TOC_YAML_SCALAR)
		return value_compile(l, item, value);
	if (value->n)
		return compile_list(l, item, value);
	tell(l, value, (struct finding){ TOC_WARNING, "empty-list", NULL, 0, 0 },
	     "the list of values is empty; it is read as null (the field is absent)");
	struct toc_yaml *null = toc_arena_alloc(l->arena, sizeof(*null));
	*null = (struct toc_yaml){
		.kind = TOC_YAML_SCALAR, .plain = true, .at = value->at, .text = toc_span_str(""), .size = 1
	};
	return value_compile(l, item, null);
}

static const struct tree *one_name(struct load *l, struct item *item, const char *name, const struct toc_yaml *value)
{
	item->name = name;
	item->field = taxonomy_names(l, item->key, toc_span_str(name));
	return compile_values(l, item, value);
}

const struct tree *item_compile(struct load *l, const struct toc_yaml *key, const struct toc_yaml *value)
{
	struct item item = { .key = key };
	struct toc_span name;
	const struct tree *out = NULL;
	if (!read_key(l, &item, &name))
		return NULL;
	if (item.keyword) {
		out = compile_values(l, &item, value);
	} else {
		const char *const *names = pipeline_fields(l, name, value);
		unsigned n = 0;
		while (names[n])
			n++;
		const struct tree **trees = toc_arena_alloc(l->arena, (n + 1) * sizeof(struct tree *));
		bool ok = true;
		for (unsigned i = 0; i < n; i++)
			ok = (trees[i] = one_name(l, &item, names[i], value)) && ok;
		out = ok ? tree_any(l, trees, n) : NULL;
	}
	/* neq turns the whole item round, as pySigma has it: not (a or b) */
	return out && (item.mods & MOD_NEQ) ? tree_not(l, out) : out;
}

const struct tree *keyword_compile(struct load *l, const struct toc_yaml *value)
{
	const struct item item = { .key = value, .keyword = true };
	return value_compile(l, &item, value);
}
