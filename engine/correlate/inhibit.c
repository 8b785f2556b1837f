/* inhibit - while another rule's episode is open for the same key, or its detection was just hit, this one stays shut.
 */
#include <string.h>

#include "correlate/snapshot.h"

enum { MOST = 65536 };

bool inhibit_begin(struct toc_correlator *c, struct running *r)
{
	if (!r->rule->ninhibitors)
		return true;
	r->inhibited = toc_lru_new(16, sizeof(struct inhibition), MOST, &c->key, NULL, NULL);
	return r->inhibited != NULL;
}

static void make_key(const struct toc_correlator *c, unsigned inhibitor, const char *text, size_t n, uint8_t out[16])
{
	const struct toc_hash_key other = { c->values.k1 ^ inhibitor, ~c->values.k0 };
	const struct toc_hash_key first = { c->values.k0 ^ inhibitor, c->values.k1 };
	const uint64_t h[2] = { toc_hash(&first, text, n), toc_hash(&other, text, n) };
	memcpy(out, h, 16);
}

static const char *nth(const char *text, unsigned n)
{
	while (n--)
		text += strlen(text) + 1;
	return text;
}

/* The inhibitor's values of the fields that both group by; false: the event lacks one. */
static bool shared_values(const struct toc_corr_rule *r, const struct toc_corr_ref *by, const struct toc_view *view,
			  const struct cell *child, char *out, size_t *n)
{
	*n = 0;
	for (unsigned k = 0; k < r->nkeys; k++) {
		char text[TOC_KEY_TEXT];
		const struct toc_event *owner;
		if (by->key_of[k] == TOC_CORR_NO_KEY)
			continue;
		const char *value = text;
		if (child) {
			value = nth(child->text, by->key_of[k]);
		} else {
			struct toc_value v = toc_fieldset_get(&by->key[k], view, &owner);
			if (v.type == TOC_NONE || v.list)
				return false;
			text[toc_value_text(&v, text, sizeof(text) - 1)] = '\0';
		}
		const size_t length = strlen(value) + 1;
		memcpy(out + *n, value, length);
		*n += length;
	}
	return true;
}

void inhibit_note(struct toc_correlator *c, const struct reference *by, const struct toc_view *view,
		  const struct cell *child, toc_time until)
{
	struct running *r = &c->running[by->by];
	char text[TOC_CORR_KEYS * TOC_KEY_TEXT];
	uint8_t key[16];
	size_t n;
	bool fresh;
	if (!shared_values(r->rule, &r->rule->inhibitors[by->ref], view, child, text, &n))
		return;
	make_key(c, by->ref, text, n, key);
	struct inhibition *in = toc_lru_add(r->inhibited, key, &fresh);
	if (child || fresh || until > in->until)
		in->until = until;
}

bool inhibit_holds(struct toc_correlator *c, struct cell *cell, toc_time ts)
{
	const struct toc_corr_rule *r = cell->of->rule;
	for (unsigned i = 0; i < r->ninhibitors; i++) {
		char text[TOC_CORR_KEYS * TOC_KEY_TEXT];
		uint8_t key[16];
		size_t n = 0;
		for (unsigned k = 0; k < r->nkeys; k++) {
			if (r->inhibitors[i].key_of[k] == TOC_CORR_NO_KEY)
				continue;
			const char *value = nth(cell->text, k);
			memcpy(text + n, value, strlen(value) + 1);
			n += strlen(value) + 1;
		}
		make_key(c, i, text, n, key);
		const struct inhibition *in = toc_lru_peek(cell->of->inhibited, key);
		if (in && ts <= in->until)
			return true;
	}
	return false;
}
