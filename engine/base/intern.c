/* intern - open-addressing name table with stable strings. */
#include "base/intern.h"

#include <stdlib.h>

#include "base/hash.h"

enum { MAX_NAMES = 65535, SLOTS = 1 << 17 };

struct name {
	char *text;
	size_t n;
};

struct toc_intern {
	struct name names[MAX_NAMES + 1]; /* fixed, so that readers never see it move */
	toc_field slots[SLOTS];
	toc_field count;
};

struct toc_intern *toc_intern_new(void)
{
	return calloc(1, sizeof(struct toc_intern));
}

void toc_intern_free(struct toc_intern *t)
{
	if (!t)
		return;
	for (unsigned i = 1; i <= t->count; i++)
		free(t->names[i].text);
	free(t);
}

/* The slot that holds the name, or the free one where it belongs. At most half the slots are used. */
static size_t slot_of(const struct toc_intern *t, struct toc_span name)
{
	size_t i = (size_t)toc_hash_fixed(name.p, name.n) & (SLOTS - 1);
	while (t->slots[i] && !toc_span_eq(toc_span_of(t->names[t->slots[i]].text, t->names[t->slots[i]].n), name))
		i = (i + 1) & (SLOTS - 1);
	return i;
}

toc_field toc_intern_find(const struct toc_intern *t, struct toc_span name)
{
	return t->slots[slot_of(t, name)];
}

toc_field toc_intern_add(struct toc_intern *t, struct toc_span name)
{
	size_t slot = slot_of(t, name);
	if (t->slots[slot] || t->count == MAX_NAMES)
		return t->slots[slot];
	char *text = malloc(name.n + 1);
	if (!text)
		return 0;
	if (name.n)
		memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	toc_field id = ++t->count;
	t->names[id] = (struct name){ text, name.n };
	t->slots[slot] = id;
	return id;
}

const char *toc_intern_name(const struct toc_intern *t, toc_field id)
{
	return id && t->names[id].text ? t->names[id].text : "";
}

size_t toc_intern_length(const struct toc_intern *t, toc_field id)
{
	return t->names[id].n;
}

toc_field toc_intern_count(const struct toc_intern *t)
{
	return t->count;
}

void toc_intern_decls(struct toc_intern *t, const struct toc_field_decl *decls, unsigned n, toc_field *map)
{
	for (unsigned i = 0; i < n; i++)
		map[i] = decls[i].name ? toc_intern_add(t, toc_span_str(decls[i].name)) : 0;
}
