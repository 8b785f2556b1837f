/* expand - `%name%` in a value: a named list of the site, or values that a pipeline gives (Sigma, "Placeholders"). */
#include <string.h>

#include "ruleset/item.h"
#include "ruleset/load.h"

enum { PATTERN_ENTRIES = 10000 };

/* A value cut at its placeholder. */
struct cut {
	struct toc_units before, after;
	struct toc_span name; /* n = 0: there is none */
};

static const struct tree *refuse(struct load *l, const struct toc_yaml *value, const char *code, const char *what)
{
	tell(l, value, (struct finding){ TOC_ERROR, code, NULL, 0, 0 }, "%s", what);
	return NULL;
}

static bool is_name_char(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* `%name%` at text[i], not behind a backslash; n = 0: none. */
static struct toc_span placeholder_at(struct toc_span text, size_t i)
{
	size_t end = i + 1;
	if (text.p[i] != '%' || (i > 0 && text.p[i - 1] == '\\'))
		return toc_span_of("", 0);
	while (end < text.n && is_name_char(text.p[end]))
		end++;
	bool closed = end > i + 1 && end < text.n && text.p[end] == '%';
	return toc_span_of(text.p + i + 1, closed ? end - i - 1 : 0);
}

/* Sigma text, and `\%` is a percent sign. */
static struct toc_units units_of(struct load *l, struct toc_span text)
{
	uint8_t *plain = toc_arena_alloc(l->arena, text.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++)
		if (!(text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] == '%'))
			plain[n++] = text.p[i];
	return toc_units_sigma(l->arena, toc_span_of(plain, n));
}

static struct cut cut_at_first(struct load *l, struct toc_span text, unsigned *found)
{
	struct cut c = { .name = toc_span_of("", 0) };
	*found = 0;
	for (size_t i = 0; i < text.n; i++) {
		struct toc_span name = placeholder_at(text, i);
		if (!name.n)
			continue;
		if (++*found == 1) {
			c.name = name;
			c.before = units_of(l, toc_span_first(text, i));
			c.after = units_of(l, toc_span_from(text, i + name.n + 2));
		}
		i += name.n + 1;
	}
	return c;
}

static struct toc_units filled(struct load *l, const struct cut *c, struct toc_units entry)
{
	struct toc_units out = { toc_arena_alloc(l->arena, (c->before.n + entry.n + c->after.n + 1) * sizeof(*out.at)),
				 0 };
	const struct toc_units parts[3] = { c->before, entry, c->after };
	for (unsigned i = 0; i < 3; i++)
		for (size_t k = 0; k < parts[i].n; k++)
			out.at[out.n++] = parts[i].at[k];
	return out;
}

static const struct tree *any_or_all(struct load *l, const struct item *item, const struct tree *const *trees,
				     unsigned n)
{
	return item->mods & MOD_ALL ? tree_all(l, trees, n) : tree_any(l, trees, n);
}

static const struct tree *one_entry(struct load *l, const struct item *item, const struct toc_yaml *value,
				    const struct cut *c, struct toc_units entry)
{
	struct unit_list list;
	return units_rewrite(l, item, value, filled(l, c, entry), &list) ? units_tests(l, item, value, &list) : NULL;
}

/* A test for each entry of a list, so it may not be long. */
static const struct tree *entry_tests(struct load *l, const struct item *item, const struct toc_yaml *value,
				      const struct cut *c, const struct toc_list *list)
{
	size_t n = toc_list_count(list), at = 0;
	if (toc_list_type_of(list) != TOC_LIST_STRING)
		return refuse(l, value, "list-type",
			      "a part of a value, contains, startswith, endswith and keywords need a list of type "
			      "string, user or hash");
	if (n == 0 || n > PATTERN_ENTRIES)
		return refuse(l, value, "list-size",
			      "a part of a value, contains, startswith, endswith and keywords need a list of 1 to "
			      "10,000 entries");
	const struct tree **trees = toc_arena_alloc(l->arena, n * sizeof(struct tree *));
	for (size_t i = 0; i < n; i++) {
		trees[i] = one_entry(l, item, value, c, toc_units_plain(l->arena, toc_list_next(list, &at)));
		if (!trees[i])
			return NULL;
	}
	return any_or_all(l, item, trees, (unsigned)n);
}

/* Values of a pipeline: Sigma text each. */
static const struct tree *value_tests(struct load *l, const struct item *item, const struct toc_yaml *value,
				      const struct cut *c, const struct toc_yaml *values)
{
	const char *const *texts = strings_read(l, values, "a placeholder's value");
	unsigned n = 0;
	while (texts[n])
		n++;
	const struct tree **trees = toc_arena_alloc(l->arena, (n + 1) * sizeof(struct tree *));
	for (unsigned i = 0; i < n; i++) {
		trees[i] = one_entry(l, item, value, c, toc_units_sigma(l->arena, toc_span_str(texts[i])));
		if (!trees[i])
			return NULL;
	}
	return n ? any_or_all(l, item, trees, n)
		 : refuse(l, value, "list-size", "the pipeline gives this placeholder no value");
}

/* A list that expires holds no event after that day. */
static const struct tree *while_valid(struct load *l, const struct item *item, const struct toc_yaml *value,
				      const struct cut *c, const struct tree *tree)
{
	struct leaf leaf = { .kind = LEAF_BEFORE, .field = "ts", .test = { .kind = TOC_TEST_BEFORE } };
	leaf.test.time = lists_expires(l, c->name);
	if (!tree || !leaf.test.time)
		return tree;
	const struct tree *both[2] = { tree, tree_test(l, item->key, value, &leaf) };
	return tree_all(l, both, 2);
}

const struct tree *expand_compile(struct load *l, const struct item *item, const struct toc_yaml *value)
{
	unsigned found;
	struct unit_list plain;
	if (scalar_read(value).kind != SCALAR_STRING)
		return refuse(l, value, "value-kind", "expand needs a string with the name of a list: '%name%'");
	struct cut c = cut_at_first(l, value->text, &found);
	if (found == 0) {
		tell(l, value, (struct finding){ TOC_WARNING, "expand-nothing", NULL, 0, 0 },
		     "there is no placeholder in this value ('%%name%%'); it is the text itself");
		return units_rewrite(l, item, value, units_of(l, value->text), &plain)
			       ? units_tests(l, item, value, &plain)
			       : NULL;
	}
	if (found > 1)
		return refuse(l, value, "value-form", "one placeholder in a value is the most");
	const struct toc_yaml *values = pipeline_values(l, c.name);
	if (values)
		return value_tests(l, item, value, &c, values);
	const struct toc_list *list = lists_find(l, value, c.name);
	if (!list)
		return NULL;
	if (item->keyword || (item->mods & MOD_AFFIXES) || c.before.n || c.after.n)
		return while_valid(l, item, value, &c, entry_tests(l, item, value, &c, list));
	struct leaf leaf = { .kind = LEAF_LIST, .field = item->name, .mods = item->mods };
	leaf.text = toc_arena_str(l->arena, c.name);
	leaf.test = (struct toc_test){ .kind = TOC_TEST_LIST, .field = item->field, .list = list };
	return while_valid(l, item, value, &c, tree_test(l, item->key, value, &leaf));
}
