/* units - the modifiers that rewrite a string: windash, UTF-16, base64, and the stars of contains and its kin. */
#include <string.h>

#include "ruleset/item.h"
#include "ruleset/load.h"

/* windash in front of an encoding is an expansion, five ways for each dash; elsewhere it is a class of characters. */
enum { VARIANTS = 625 };

static const char *const dashes[] = { "-", "/", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95" };

enum { DASHES = sizeof(dashes) / sizeof(dashes[0]) };

static bool refuse(struct load *l, const struct toc_yaml *value, const char *code, const char *what)
{
	tell(l, value, (struct finding){ TOC_ERROR, code, NULL, 0, 0 }, "%s", what);
	return false;
}

static void push(struct load *l, struct unit_list *list, struct toc_units u)
{
	if ((list->n & (list->n - 1)) == 0) {
		struct toc_units *bigger = toc_arena_alloc(l->arena, (list->n ? 2 * list->n : 1) * sizeof(*bigger));
		if (list->n)
			memcpy(bigger, list->at, list->n * sizeof(*bigger));
		list->at = bigger;
	}
	list->at[list->n++] = u;
}

static struct toc_units joined(struct load *l, struct toc_units u, size_t at, const char *instead)
{
	size_t n = strlen(instead);
	struct toc_units out = { toc_arena_alloc(l->arena, (u.n + n + 1) * sizeof(*out.at)), 0 };
	for (size_t i = 0; i < u.n; i++) {
		if (i != at) {
			out.at[out.n++] = u.at[i];
			continue;
		}
		for (size_t k = 0; k < n; k++)
			out.at[out.n++] = (uint8_t)instead[k];
	}
	return out;
}

/* Every way to write the dashes of u; false: too many. */
static bool expand_dashes(struct load *l, struct toc_units u, struct unit_list *out)
{
	struct unit_list work = { 0 };
	push(l, &work, u);
	for (unsigned i = 0; i < work.n; i++) {
		struct toc_units now = work.at[i];
		size_t at = 0;
		while (at < now.n && now.at[at] != TOC_UNIT_DASH)
			at++;
		if (at == now.n) {
			push(l, out, now);
			continue;
		}
		if (work.n > 2 * VARIANTS)
			return false;
		for (unsigned k = 0; k < DASHES; k++)
			push(l, &work, joined(l, now, at, dashes[k]));
	}
	return out->n <= VARIANTS;
}

/* A star in front, behind, or both, where there is none. */
static struct toc_units with_stars(struct load *l, struct toc_units u, bool front, bool back)
{
	struct toc_units out = { toc_arena_alloc(l->arena, (u.n + 3) * sizeof(*out.at)), 0 };
	if (front && (u.n == 0 || u.at[0] != TOC_UNIT_ANY))
		out.at[out.n++] = TOC_UNIT_ANY;
	for (size_t i = 0; i < u.n; i++)
		out.at[out.n++] = u.at[i];
	if (back && (out.n == 0 || out.at[out.n - 1] != TOC_UNIT_ANY))
		out.at[out.n++] = TOC_UNIT_ANY;
	return out;
}

static bool has_later_encoding(const struct item *item, unsigned step)
{
	for (unsigned i = step + 1; i < item->nsteps; i++)
		if (item->steps[i] & (MOD_UTF16 | MOD_BASE64 | MOD_BASE64OFFSET))
			return true;
	return false;
}

static bool windash(struct load *l, const struct item *item, unsigned step, const struct toc_yaml *value,
		    struct toc_units u, struct unit_list *out)
{
	u = toc_encode_windash(l->arena, u);
	if (!has_later_encoding(item, step)) {
		push(l, out, u);
		return true;
	}
	return expand_dashes(l, u, out) ||
	       refuse(l, value, "value-form", "too many dashes for windash in front of an encoding (four at most)");
}

static bool one_step(struct load *l, const struct item *item, unsigned step, const struct toc_yaml *value,
		     struct toc_units u, struct unit_list *out)
{
	unsigned bit = item->steps[step];
	if ((bit & (MOD_BASE64 | MOD_BASE64OFFSET)) && toc_units_wild(u))
		return refuse(l, value, "value-form",
			      "base64 cannot hold a wildcard; write \\* or \\? for the character itself");
	if (bit == MOD_WINDASH)
		return windash(l, item, step, value, u, out);
	if (bit == MOD_UTF16)
		push(l, out, toc_encode_utf16(l->arena, u, item->utf16));
	else if (bit == MOD_BASE64)
		push(l, out, toc_encode_base64(l->arena, u));
	else if (bit == MOD_BASE64OFFSET)
		for (unsigned offset = 0; offset < 3; offset++)
			push(l, out, toc_encode_base64_offset(l->arena, u, offset));
	else if (item->keyword)
		push(l, out, u); /* contains: a keyword is looked for anywhere as it is */
	else
		push(l, out,
		     with_stars(l, u, (bit & (MOD_CONTAINS | MOD_ENDSWITH)) != 0,
				(bit & (MOD_CONTAINS | MOD_STARTSWITH)) != 0));
	return true;
}

bool units_rewrite(struct load *l, const struct item *item, const struct toc_yaml *value, struct toc_units units,
		   struct unit_list *out)
{
	struct unit_list now = { 0 };
	push(l, &now, units);
	if ((item->mods & MOD_BASE64OFFSET) && !(item->mods & MOD_UTF16) && units.n < 3)
		tell(l, value, (struct finding){ TOC_WARNING, "short-base64", NULL, 0, 0 },
		     "so short a text leaves next to nothing of its base64; this matches almost anything");
	for (unsigned step = 0; step < item->nsteps; step++) {
		struct unit_list next = { 0 };
		for (unsigned i = 0; i < now.n; i++)
			if (!one_step(l, item, step, value, now.at[i], &next))
				return false;
		now = next;
	}
	*out = now;
	return true;
}

const struct tree *units_tests(struct load *l, const struct item *item, const struct toc_yaml *value,
			       const struct unit_list *list)
{
	const struct tree **trees = toc_arena_alloc(l->arena, (list->n + 1) * sizeof(struct tree *));
	for (unsigned i = 0; i < list->n; i++) {
		struct leaf leaf = { .kind = LEAF_STRING,
				     .units = list->at[i],
				     .keyword = item->keyword,
				     .field = item->name,
				     .mods = item->mods,
				     .cased = (item->mods & MOD_CASED) != 0 };
		leaf.test =
			(struct toc_test){ .kind = TOC_TEST_STRING, .keyword = item->keyword, .field = item->field };
		toc_pattern_of(&leaf.test.pattern, l->arena, leaf.units, leaf.cased, item->keyword, item->keyword);
		/* a lone star asks whether the field is there at all */
		if (leaf.test.pattern.form == PATTERN_ANY && !item->keyword)
			leaf.test.kind = TOC_TEST_PRESENT;
		trees[i] = tree_test(l, item->key, value, &leaf);
	}
	return tree_any(l, trees, list->n);
}
