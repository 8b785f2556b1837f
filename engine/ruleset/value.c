/* value - one value of a detection item to a test. */
#include <stdlib.h>
#include <string.h>

#include "ruleset/item.h"
#include "ruleset/load.h"

static const struct tree *refuse(struct load *l, const struct toc_yaml *value, const char *code, const char *what)
{
	tell(l, value, (struct finding){ TOC_ERROR, code, NULL, 0, 0 }, "%s", what);
	return NULL;
}

static struct leaf leaf_of(const struct item *item, enum leaf_kind kind, enum toc_test_kind test)
{
	return (struct leaf){ .kind = kind,
			      .keyword = item->keyword,
			      .field = item->name,
			      .mods = item->mods,
			      .cased = (item->mods & MOD_CASED) != 0,
			      .test = { .kind = test, .keyword = item->keyword, .field = item->field } };
}

/* A string under none, contains, startswith, endswith, and the encodings. */
static const struct tree *string_test(struct load *l, const struct item *item, const struct toc_yaml *value)
{
	struct unit_list list;
	if (item->mods & MOD_AFFIXES && value->text.n == 0)
		tell(l, value, (struct finding){ TOC_WARNING, "empty-contains", NULL, 0, 0 },
		     "every value contains the empty text; this asks only whether the field is there");
	if (!units_rewrite(l, item, value, toc_units_sigma(l->arena, value->text), &list))
		return NULL;
	return units_tests(l, item, value, &list);
}

static const struct tree *compile_exists(struct load *l, const struct item *item, const struct toc_yaml *value)
{
	struct scalar s = scalar_read(value);
	struct leaf leaf = leaf_of(item, LEAF_EXISTS, TOC_TEST_PRESENT);
	if (s.kind != SCALAR_BOOL)
		return refuse(l, value, "value-kind", "exists takes true or false");
	leaf.inverted = !s.yes;
	return tree_test(l, item->key, value, &leaf);
}

static const struct tree *compile_regex(struct load *l, const struct item *item, const struct toc_yaml *value)
{
	char err[256];
	struct leaf leaf = leaf_of(item, LEAF_REGEX, TOC_TEST_REGEX);
	leaf.text = toc_yaml_str(value);
	if (toc_yaml_is_null(value))
		return refuse(l, value, "value-kind", "a regular expression is a text, not null");
	if (strlen(leaf.text) != value->text.n)
		return refuse(l, value, "regex", "a regular expression may not hold a NUL");
	const char *odd = regex_odd_escape(l, leaf.text);
	if (odd)
		return refuse(l, value, "regex", odd);
	if (!toc_build_regex(l->build, regex_live(l, value, leaf.text, (item->mods & MOD_M) != 0),
			     (item->mods & MOD_I) != 0, (item->mods & MOD_M) != 0, (item->mods & MOD_S) != 0,
			     &leaf.test.regex, err, sizeof(err))) {
		tell(l, value, (struct finding){ TOC_ERROR, "regex", NULL, 0, 0 },
		     "this regular expression cannot be run in linear time: %s", err);
		return NULL;
	}
	return tree_test(l, item->key, value, &leaf);
}

static const struct tree *compile_cidr(struct load *l, const struct item *item, const struct toc_yaml *value)
{
	struct leaf leaf = leaf_of(item, LEAF_NETWORK, TOC_TEST_NETWORK);
	leaf.text = toc_yaml_str(value);
	if (!toc_network_parse(value->text, true, &leaf.test.net, &leaf.test.bits))
		return refuse(l, value, "network",
			      "expected a network such as 10.0.0.0/8 or 2001:db8::/32 (no host bits set)");
	return tree_test(l, item->key, value, &leaf);
}

static const struct tree *compile_compare(struct load *l, const struct item *item, const struct toc_yaml *value)
{
	struct scalar s = scalar_read(value);
	bool part = (item->mods & MOD_PART) != 0;
	struct leaf leaf = leaf_of(item, part ? LEAF_PART : LEAF_COMPARE, part ? TOC_TEST_PART : TOC_TEST_COMPARE);
	if (s.kind != SCALAR_NUMBER)
		return refuse(l, value, "value-kind", "a comparison needs a number without quotes");
	if (part && s.number != (double)(int)s.number)
		return refuse(l, value, "value-kind", "a part of a time is a whole number");
	leaf.test.compare = part && !(item->mods & MOD_COMPARE) ? TOC_CMP_EQ : item->compare;
	leaf.test.part = item->part;
	leaf.test.zone = part ? l->zone : NULL;
	leaf.test.number = s.number;
	return tree_test(l, item->key, value, &leaf);
}

static const struct tree *compile_fieldref(struct load *l, const struct item *item, const struct toc_yaml *value)
{
	static const struct {
		unsigned mod;
		enum pattern_form relation;
	} relations[] = { { MOD_CONTAINS, PATTERN_CONTAINS },
			  { MOD_STARTSWITH, PATTERN_PREFIX },
			  { MOD_ENDSWITH, PATTERN_SUFFIX } };
	struct leaf leaf = leaf_of(item, LEAF_FIELD, TOC_TEST_FIELD);
	struct toc_units name = toc_units_sigma(l->arena, value->text);
	if (scalar_read(value).kind != SCALAR_STRING)
		return refuse(l, value, "value-kind", "fieldref takes the name of another field");
	if (toc_units_wild(name))
		return refuse(l, value, "value-form", "the name of a field has no wildcards");
	char *text = toc_arena_alloc(l->arena, name.n + 1);
	for (size_t i = 0; i < name.n; i++)
		text[i] = (char)name.at[i];
	leaf.text = text;
	leaf.test.relation = PATTERN_EXACT;
	leaf.test.cased = leaf.cased;
	leaf.test.other = taxonomy_names(l, value, toc_span_of(text, name.n));
	for (unsigned i = 0; i < sizeof(relations) / sizeof(relations[0]); i++)
		if (item->mods & relations[i].mod)
			leaf.test.relation = relations[i].relation;
	return tree_test(l, item->key, value, &leaf);
}

/* Kinds of values that a modifier cannot take (Sigma has them as errors of type). */
static const char *misfit(const struct item *item, enum scalar_kind kind)
{
	unsigned strings = MOD_CASED | MOD_ENCODINGS | MOD_EXPAND;
	if (kind == SCALAR_DATE)
		return "an unquoted date is no value in Sigma; put it in quotes";
	if (kind == SCALAR_NULL && (item->keyword || (item->mods & (strings | MOD_AFFIXES))))
		return "null stands alone: it asks that the field is absent";
	if (kind == SCALAR_BOOL && (item->mods & MOD_AFFIXES))
		return "contains, startswith and endswith compare text; put true and false in quotes";
	if (kind != SCALAR_STRING && (item->mods & strings))
		return "cased, expand, wide, base64 and windash need a string (put it in quotes)";
	return NULL;
}

static const struct tree *compile_plain(struct load *l, const struct item *item, const struct toc_yaml *value)
{
	struct scalar s = scalar_read(value);
	bool whole = !(item->mods & MOD_AFFIXES) && !item->keyword;
	struct leaf leaf = leaf_of(item, s.kind == SCALAR_NUMBER ? LEAF_NUMBER : LEAF_BOOL,
				   s.kind == SCALAR_NUMBER ? TOC_TEST_NUMBER : TOC_TEST_BOOL);
	const char *why = misfit(item, s.kind);
	if (why)
		return refuse(l, value, "value-kind", why);
	if (s.kind == SCALAR_NULL) {
		leaf.kind = LEAF_NULL;
		leaf.test.kind = TOC_TEST_PRESENT;
		leaf.inverted = true;
		return tree_test(l, item->key, value, &leaf);
	}
	if (s.kind != SCALAR_STRING && (item->mods & MOD_AFFIXES))
		tell(l, value, (struct finding){ TOC_WARNING, "number-as-text", NULL, 0, 0 },
		     "contains, startswith and endswith compare text; put the value in quotes");
	if (s.kind == SCALAR_STRING || !whole)
		return string_test(l, item, value);
	leaf.test.number = s.number;
	leaf.test.yes = s.yes;
	toc_pattern_literal(&leaf.test.pattern, l->arena, value->text, false, false, false);
	return tree_test(l, item->key, value, &leaf);
}

const struct tree *value_compile(struct load *l, const struct item *item, const struct toc_yaml *value)
{
	static const struct {
		unsigned mod;
		const struct tree *(*compile)(struct load *, const struct item *, const struct toc_yaml *);
	} kinds[] = { { MOD_EXISTS, compile_exists },	{ MOD_RE, compile_regex },
		      { MOD_CIDR, compile_cidr },	{ MOD_PART, compile_compare },
		      { MOD_COMPARE, compile_compare }, { MOD_FIELDREF, compile_fieldref },
		      { MOD_EXPAND, expand_compile },	{ 0, compile_plain } };
	if (value->kind != TOC_YAML_SCALAR)
		return refuse(l, value, "value-shape", "expected a single value here");
	unsigned i = 0;
	while (kinds[i].mod && !(item->mods & kinds[i].mod))
		i++;
	return kinds[i].compile(l, item, value);
}
