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
	mistake(l, key, "unknown modifier \"%.*s\"%s%s%s", (int)name.n, (const char *)name.p, near ? " (" : "",
		near ? near : "", near ? "?)" : "");
	return false;
}

/* What may not stand in front of a modifier, and how that is said. */
static const struct {
	unsigned of, forbidden;
	const char *words;
} orders[] = {
	{ MOD_RE | MOD_CIDR, ~(unsigned)(MOD_ALL | MOD_NEQ), "must come first" },
	{ MOD_UTF16, MOD_CONTAINS | MOD_STARTSWITH | MOD_ENDSWITH | MOD_BASE64 | MOD_BASE64OFFSET,
	  "must stand before contains, startswith, endswith and base64" },
	{ MOD_BASE64 | MOD_BASE64OFFSET, MOD_CONTAINS | MOD_STARTSWITH | MOD_ENDSWITH,
	  "must stand before contains, startswith and endswith" },
};

static bool in_order(struct load *l, const struct item *item, const char *name, unsigned bit)
{
	bool flag = (bit & (MOD_I | MOD_M | MOD_S)) != 0;
	if (flag && !(item->mods & MOD_RE)) {
		mistake(l, item->key, "the modifier \"%s\" must follow \"re\"", name);
		return false;
	}
	for (unsigned i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		if (!(bit & orders[i].of) || !(item->mods & orders[i].forbidden))
			continue;
		mistake(l, item->key, "the modifier \"%s\" %s", name, orders[i].words);
		return false;
	}
	return true;
}

static bool add_modifier(struct load *l, struct item *item, struct toc_span name)
{
	for (unsigned i = 0; i < MODIFIERS; i++) {
		unsigned bit = modifiers[i].bit;
		if (!toc_span_is(name, modifiers[i].name))
			continue;
		if (!in_order(l, item, modifiers[i].name, bit))
			return false;
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

/* Modifiers that choose the kind of test exclude each other. */
static bool check_modifiers(struct load *l, const struct item *item)
{
	static const unsigned kinds[] = {
		MOD_CONTAINS, MOD_STARTSWITH, MOD_ENDSWITH, MOD_EXISTS, MOD_CIDR, MOD_COMPARE
	};
	unsigned n = 0;
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		n += (item->mods & kinds[i]) != 0;
	bool list_clash =
		(item->mods & MOD_EXPAND) &&
		(item->mods & (MOD_EXISTS | MOD_CIDR | MOD_COMPARE | MOD_RE | MOD_ENCODINGS | MOD_PART | MOD_CASED));
	bool re_clash = (item->mods & MOD_RE) && (n > 0 || (item->mods & MOD_CASED));
	bool ref_clash = (item->mods & MOD_FIELDREF) &&
			 (item->mods & (MOD_EXISTS | MOD_CIDR | MOD_COMPARE | MOD_EXPAND | MOD_RE));
	/* encodings rewrite a string, and dashes are looked for in what was written */
	bool code_clash = (item->mods & MOD_ENCODINGS) &&
			  (item->mods & (MOD_EXISTS | MOD_CIDR | MOD_COMPARE | MOD_RE | MOD_FIELDREF | MOD_PART));
	bool dash_clash = (item->mods & MOD_WINDASH) && (item->mods & (MOD_BASE64 | MOD_BASE64OFFSET));
	if (n > 1 || re_clash || ref_clash || code_clash || dash_clash || list_clash) {
		mistake(l, item->key, "these modifiers cannot stand together: \"%s\"", toc_yaml_str(item->key));
		return false;
	}
	if (item->keyword && (item->mods & ~(unsigned)(MOD_ALL | MOD_CASED | MOD_CONTAINS | MOD_NEQ | MOD_RE | MOD_I |
						       MOD_M | MOD_S | MOD_ENCODINGS))) {
		mistake(l, item->key,
			"keywords take only the modifiers all, cased, contains, re, windash and encodings");
		return false;
	}
	return true;
}

static bool read_key(struct load *l, struct item *item)
{
	struct toc_span text = item->key->text;
	size_t bar = toc_span_find(text, '|');
	struct toc_span name = toc_span_first(text, bar);
	item->keyword = name.n == 0;
	if (!item->keyword)
		item->field = taxonomy_field(l, item->key, name);
	while (bar < text.n) {
		text = toc_span_from(text, bar + 1);
		bar = toc_span_find(text, '|');
		if (!add_modifier(l, item, toc_span_first(text, bar)))
			return false;
	}
	return check_modifiers(l, item);
}

/* The values of an item: any of them, or with `all` each. */
static bool compile_values(struct load *l, const struct item *item, const struct toc_yaml *value, toc_node *out)
{
	if (value->kind == TOC_YAML_MAP) {
		mistake(l, value, "a field's value must be a scalar or a list, not a map");
		return false;
	}
	if (value->kind == TOC_YAML_SCALAR)
		return value_compile(l, item, value, out);
	toc_node *nodes = toc_arena_alloc(l->arena, (value->n + 1) * sizeof(*nodes));
	bool ok = value->n > 0;
	if (!ok)
		mistake(l, value, "the list of values is empty");
	for (unsigned i = 0; i < value->n; i++)
		ok = value_compile(l, item, value->as.items[i], &nodes[i]) && ok;
	if (!ok)
		return false;
	*out = item->mods & MOD_ALL ? toc_build_all(l->build, nodes, value->n)
				    : toc_build_any(l->build, nodes, value->n);
	return true;
}

bool item_compile(struct load *l, const struct toc_yaml *key, const struct toc_yaml *value, toc_node *out)
{
	struct item item = { .key = key };
	if (!read_key(l, &item) || !compile_values(l, &item, value, out))
		return false;
	/* neq turns the whole item round, as pySigma has it: not (a or b) */
	if (item.mods & MOD_NEQ)
		*out = toc_build_not(l->build, *out);
	return true;
}

bool keyword_compile(struct load *l, const struct toc_yaml *value, toc_node *out)
{
	const struct item item = { .key = value, .keyword = true };
	return value_compile(l, &item, value, out);
}
