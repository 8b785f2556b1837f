/* intern - open-addressing name table with stable strings. */
#include "base/intern.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/hash.h"

enum { MAX_NAMES = 65535, SLOTS = 1 << 17 };

struct name {
	char *text; /* the name, NUL, then its JSON key */
	size_t n, key_n;
};

struct toc_intern {
	struct name names[MAX_NAMES + 1]; /* fixed, so that readers never see it move */
	toc_field slots[SLOTS];
	toc_field count;
	_Atomic size_t longest_key; /* readers in other threads */
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

/* Names are mostly ours; a key of somebody's YAML may hold anything, so all but plain ASCII becomes \u00xx. */
static size_t write_key(struct toc_span name, char *out)
{
	static const char digits[] = "0123456789abcdef";
	char *p = out;
	*p++ = ',';
	*p++ = '"';
	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i];
		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
			*p++ = (char)c;
			continue;
		}
		memcpy(p, "\\u00", 4);
		p[4] = digits[c >> 4];
		p[5] = digits[c & 15];
		p += 6;
	}
	*p++ = '"';
	*p++ = ':';
	return (size_t)(p - out);
}

toc_field toc_intern_add(struct toc_intern *t, struct toc_span name)
{
	size_t slot = slot_of(t, name);
	if (t->slots[slot] || t->count == MAX_NAMES)
		return t->slots[slot];
	char *text = calloc(1, name.n + 1 + 6 * name.n + 4 + TOC_INTERN_PAD);
	if (!text)
		return 0;
	if (name.n)
		memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	toc_field id = (toc_field)(t->count + 1);
	t->names[id] = (struct name){ text, name.n, write_key(name, text + name.n + 1) };
	if (t->names[id].key_n > t->longest_key)
		t->longest_key = t->names[id].key_n;
	t->slots[slot] = id;
	t->count = id;
	return id;
}

struct toc_span toc_intern_key(const struct toc_intern *t, toc_field id)
{
	const struct name *name = &t->names[id];
	return toc_span_of(name->text ? name->text + name->n + 1 : NULL, name->key_n);
}

size_t toc_intern_longest_key(const struct toc_intern *t)
{
	return atomic_load_explicit(&t->longest_key, memory_order_relaxed);
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
