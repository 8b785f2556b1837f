/* choose - which normaliser of payloads a line is for: by the first name that each of them requires. */
#include "normalise/normaliser.h"

/* Open addressing by name; behind a slot the normalisers that require it first, in the order of their files. */
struct required {
	struct toc_span name;
	struct normaliser *first;
};

static struct required *slot_of(const struct toc_normalisers *n, struct toc_span name)
{
	unsigned i = (unsigned)toc_hash_fixed(name.p, name.n) & n->required_mask;
	while (n->required[i].first && !toc_span_eq(n->required[i].name, name))
		i = (i + 1) & n->required_mask;
	return &n->required[i];
}

void choose_prepare(struct toc_normalisers *n)
{
	unsigned room = 16;
	while (room < 2 * n->n + 2)
		room *= 2;
	n->required = toc_arena_alloc(n->arena, room * sizeof(*n->required));
	n->required_mask = room - 1;
	for (unsigned i = 0; i < n->n; i++) {
		if (n->all[i].form == FORM_TEXT || !n->all[i].require)
			continue;
		if (!*n->all[i].require) {
			n->fallback[n->all[i].form] = n->all[i].last ? &n->all[i] : n->fallback[n->all[i].form];
			continue;
		}
		struct toc_span name = toc_span_str(*n->all[i].require);
		struct required *slot = slot_of(n, name);
		struct normaliser **at = &slot->first;
		slot->name = name;
		n->required_lengths |= UINT64_C(1) << (name.n & 63);
		while (*at)
			at = &(*at)->next;
		*at = &n->all[i];
	}
}

static bool has_all(const struct payload *p, const char *const *names)
{
	for (; *names; names++)
		if (!payload_get(p, toc_span_str(*names)).n)
			return false;
	return true;
}

const struct normaliser *choose(const struct toc_normalisers *n, const struct payload *p, enum form form, bool last)
{
	const struct normaliser *best = NULL;
	for (unsigned i = 0; i < p->n; i++) {
		struct toc_span name = p->pairs[i].name;
		if (!(n->required_lengths >> (name.n & 63) & 1))
			continue;
		for (const struct normaliser *each = slot_of(n, name)->first; each && (!best || each < best);
		     each = each->next)
			if (each->form == form && each->last == last && has_all(p, each->require)) {
				best = each;
				break;
			}
	}
	return best || !last ? best : n->fallback[form];
}
