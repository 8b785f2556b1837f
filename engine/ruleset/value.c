/* value - one value of a detection item to a test. */
#include <stdlib.h>
#include <string.h>

#include "ruleset/item.h"
#include "ruleset/load.h"

enum { PATTERN_ENTRIES = 10000 };

static toc_node add(struct load *l, const struct toc_test *t)
{
	return toc_build_test(l->build, t);
}

static bool refuse(struct load *l, const struct toc_yaml *value, const char *what)
{
	mistake(l, value, "%s", what);
	return false;
}

static toc_node pattern_test(struct load *l, const struct item *item, struct toc_units units)
{
	struct toc_test t = { .kind = TOC_TEST_STRING, .keyword = item->keyword, .field = item->field };
	bool contains = item->keyword || (item->mods & MOD_CONTAINS) != 0;
	toc_pattern_of(&t.pattern, l->arena, units, (item->mods & MOD_CASED) != 0,
		       contains || (item->mods & MOD_ENDSWITH) != 0, contains || (item->mods & MOD_STARTSWITH) != 0);
	/* a lone star asks whether the field is there at all */
	if (t.pattern.form == PATTERN_ANY && !item->keyword)
		t.kind = TOC_TEST_PRESENT;
	return add(l, &t);
}

/* One of the three ways in which the value may lie in the encoded text. */
static toc_node offset_tests(struct load *l, const struct item *item, struct toc_units units)
{
	toc_node nodes[3];
	for (unsigned offset = 0; offset < 3; offset++)
		nodes[offset] = pattern_test(l, item, toc_encode_base64_offset(l->arena, units, offset));
	return toc_build_any(l->build, nodes, 3);
}

/* A string under none, contains, startswith, endswith, and the encodings; a number or bool under these is its text. */
static bool string_test(struct load *l, const struct item *item, const struct toc_yaml *value, toc_node *out)
{
	struct toc_units units = toc_units_sigma(l->arena, value->text);
	bool base64 = (item->mods & (MOD_BASE64 | MOD_BASE64OFFSET)) != 0;
	if ((item->mods & MOD_ENCODINGS) && scalar_read(value).kind != SCALAR_STRING)
		return refuse(l, value, "wide, base64 and windash need a string (put it in quotes)");
	if (base64 && toc_units_wild(units))
		return refuse(l, value, "base64 cannot hold a wildcard; write \\* or \\? for the character itself");
	if ((item->mods & MOD_BASE64OFFSET) && units.n < 3)
		remark(l, value, "so short a text leaves next to nothing of its base64; this matches almost anything");
	if (item->mods & MOD_WINDASH)
		units = toc_encode_windash(l->arena, units);
	if (item->mods & MOD_UTF16)
		units = toc_encode_utf16(l->arena, units, item->utf16);
	if (item->mods & MOD_BASE64)
		units = toc_encode_base64(l->arena, units);
	*out = item->mods & MOD_BASE64OFFSET ? offset_tests(l, item, units) : pattern_test(l, item, units);
	return true;
}

static bool compile_exists(struct load *l, const struct item *item, const struct toc_yaml *value, toc_node *out)
{
	struct scalar s = scalar_read(value);
	if (s.kind != SCALAR_BOOL)
		return refuse(l, value, "exists takes true or false");
	*out = add(l, &(struct toc_test){ .kind = TOC_TEST_PRESENT, .field = item->field });
	if (!s.yes)
		*out = toc_build_not(l->build, *out);
	return true;
}

static bool compile_regex(struct load *l, const struct item *item, const struct toc_yaml *value, toc_node *out)
{
	char err[256];
	struct toc_test t = { .kind = TOC_TEST_REGEX, .keyword = item->keyword, .field = item->field };
	if (strlen((const char *)value->text.p) != value->text.n)
		return refuse(l, value, "a regular expression may not hold a NUL");
	if (!toc_build_regex(l->build, (const char *)value->text.p, (item->mods & MOD_I) != 0,
			     (item->mods & MOD_M) != 0, (item->mods & MOD_S) != 0, &t.regex, err, sizeof(err))) {
		mistake(l, value, "this regular expression cannot be run in linear time: %s", err);
		return false;
	}
	*out = add(l, &t);
	return true;
}

static bool compile_cidr(struct load *l, const struct item *item, const struct toc_yaml *value, toc_node *out)
{
	struct toc_test t = { .kind = TOC_TEST_NETWORK, .field = item->field };
	if (!toc_network_parse(value->text, true, &t.net, &t.bits))
		return refuse(l, value, "expected a network such as 10.0.0.0/8 or 2001:db8::/32 (no host bits set)");
	*out = add(l, &t);
	return true;
}

static bool compile_compare(struct load *l, const struct item *item, const struct toc_yaml *value, toc_node *out)
{
	struct scalar s = scalar_read(value);
	if (s.kind != SCALAR_NUMBER)
		return refuse(l, value, "a comparison needs a number without quotes");
	*out = add(l, &(struct toc_test){ .kind = item->mods & MOD_PART ? TOC_TEST_PART : TOC_TEST_COMPARE,
					  .field = item->field,
					  .compare = item->compare,
					  .part = item->part,
					  .number = s.number });
	return true;
}

static bool compile_part(struct load *l, const struct item *item, const struct toc_yaml *value, toc_node *out)
{
	struct item equal = *item;
	equal.compare = TOC_CMP_EQ;
	return compile_compare(l, item->mods & MOD_COMPARE ? item : &equal, value, out);
}

static bool compile_fieldref(struct load *l, const struct item *item, const struct toc_yaml *value, toc_node *out)
{
	static const struct {
		unsigned mod;
		enum pattern_form relation;
	} relations[] = { { MOD_CONTAINS, PATTERN_CONTAINS },
			  { MOD_STARTSWITH, PATTERN_PREFIX },
			  { MOD_ENDSWITH, PATTERN_SUFFIX } };
	struct toc_test t = { .kind = TOC_TEST_FIELD, .field = item->field, .relation = PATTERN_EXACT };
	t.cased = (item->mods & MOD_CASED) != 0;
	t.other = taxonomy_field(l, value, value->text);
	for (unsigned i = 0; i < sizeof(relations) / sizeof(relations[0]); i++)
		if (item->mods & relations[i].mod)
			t.relation = relations[i].relation;
	*out = add(l, &t);
	return true;
}

/* contains, startswith, endswith of a list's entries: a test each, so the list may not be long. */
static bool entry_tests(struct load *l, const struct item *item, const struct toc_yaml *value,
			const struct toc_list *list, toc_node *out)
{
	size_t n = toc_list_count(list), at = 0;
	if (toc_list_type_of(list) != TOC_LIST_STRING)
		return refuse(l, value, "contains, startswith and endswith need a list of type string, user or hash");
	if (n == 0 || n > PATTERN_ENTRIES)
		return refuse(l, value, "contains, startswith and endswith need a list of 1 to 10,000 entries");
	toc_node *nodes = toc_arena_alloc(l->arena, n * sizeof(*nodes));
	for (size_t i = 0; i < n; i++)
		nodes[i] = pattern_test(l, item, toc_units_plain(l->arena, toc_list_next(list, &at)));
	*out = item->mods & MOD_ALL ? toc_build_all(l->build, nodes, (unsigned)n)
				    : toc_build_any(l->build, nodes, (unsigned)n);
	return true;
}

static bool compile_expand(struct load *l, const struct item *item, const struct toc_yaml *value, toc_node *out)
{
	struct toc_span text = value->text;
	struct toc_test t = { .kind = TOC_TEST_LIST, .field = item->field };
	if (text.n < 3 || text.p[0] != '%' || text.p[text.n - 1] != '%')
		return refuse(l, value, "expand needs the name of a list: '%name%'");
	t.list = lists_find(l, value, toc_span_first(toc_span_from(text, 1), text.n - 2));
	if (!t.list)
		return false;
	if (item->mods & (MOD_CONTAINS | MOD_STARTSWITH | MOD_ENDSWITH))
		return entry_tests(l, item, value, t.list, out);
	*out = add(l, &t);
	return true;
}

static bool compile_plain(struct load *l, const struct item *item, const struct toc_yaml *value, toc_node *out)
{
	struct scalar s = scalar_read(value);
	bool whole = !(item->mods & (MOD_CONTAINS | MOD_STARTSWITH | MOD_ENDSWITH)) && !item->keyword;
	struct toc_test t = { .field = item->field, .number = s.number, .yes = s.yes };
	if (s.kind == SCALAR_NULL) {
		if (!whole)
			return refuse(l, value, "null stands alone: it asks that the field is absent");
		t.kind = TOC_TEST_PRESENT;
		*out = toc_build_not(l->build, add(l, &t));
		return true;
	}
	if (s.kind == SCALAR_STRING || !whole || (item->mods & MOD_ENCODINGS))
		return string_test(l, item, value, out);
	t.kind = s.kind == SCALAR_BOOL ? TOC_TEST_BOOL : TOC_TEST_NUMBER;
	toc_pattern_literal(&t.pattern, l->arena, value->text, false, false, false);
	*out = add(l, &t);
	return true;
}

bool value_compile(struct load *l, const struct item *item, const struct toc_yaml *value, toc_node *out)
{
	static const struct {
		unsigned mod;
		bool (*compile)(struct load *, const struct item *, const struct toc_yaml *, toc_node *);
	} kinds[] = { { MOD_EXISTS, compile_exists },	{ MOD_RE, compile_regex },
		      { MOD_CIDR, compile_cidr },	{ MOD_PART, compile_part },
		      { MOD_COMPARE, compile_compare }, { MOD_FIELDREF, compile_fieldref },
		      { MOD_EXPAND, compile_expand },	{ 0, compile_plain } };
	if (value->kind != TOC_YAML_SCALAR)
		return refuse(l, value, "expected a single value here");
	unsigned i = 0;
	while (kinds[i].mod && !(item->mods & kinds[i].mod))
		i++;
	return kinds[i].compile(l, item, value, out);
}
