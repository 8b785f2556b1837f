/* mask - tokens by HMAC under the site's key. */
#include "alert/mask.h"
#include "tocsin/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

void mask_token(const struct mask *m, struct toc_span value, char out[TOKEN_TEXT])
{
	uint8_t lower[256], mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	value = toc_span_first(value, sizeof(lower));
	for (size_t i = 0; i < value.n; i++)
		lower[i] = toc_lower(value.p[i]); /* account names do not differ by case */
	if (!HMAC(EVP_sha256(), m->site_key, 32, lower, value.n, mac, &n))
		abort();
	memcpy(out, "tok_", 4);
	toc_hex(mac, 6, out + 4);
	out[TOKEN_TEXT - 1] = '\0';
}

enum toc_privacy mask_class(const struct mask *m, const struct toc_event *ev, const struct toc_fieldset *set)
{
	enum toc_privacy strictest = TOC_OPEN;
	for (unsigned i = 0; i < set->n; i++) {
		enum toc_privacy p = m->privacy(m->user, ev ? ev->kind : 0, set->id[i]);
		strictest = p > strictest ? p : strictest;
	}
	return strictest;
}

/* Replaces what a string slot says; false: no room. */
static bool put_slot(struct mask *m, struct toc_slot *slot, struct toc_span value)
{
	uint32_t at = toc_draft_store(&m->draft, value.p, value.n, 1);
	slot->bits = at;
	slot->len = (uint32_t)value.n;
	return at != UINT32_MAX;
}

static struct toc_span string_of(const struct mask *m, const struct toc_slot *slot)
{
	return toc_span_of(m->draft.heap + slot->bits, slot->len);
}

/* Known names in it are hidden; a list with one of them is left out. */
static bool hide_slot(struct mask *m, struct toc_slot *slot)
{
	const struct toc_slot *items = (const struct toc_slot *)(const void *)(m->draft.heap + slot->bits);
	if (slot->type != TOC_STRING || !m->known.n)
		return true;
	for (uint32_t i = 0; i < (slot->list ? slot->len : 1); i++) {
		struct toc_span value = string_of(m, slot->list ? &items[i] : slot);
		text_clear(&m->spare);
		mask_hide(m, value, &m->spare);
		bool same = m->spare.n == value.n && (!value.n || memcmp(m->spare.p, value.p, value.n) == 0);
		if (!same && (slot->list || !put_slot(m, slot, toc_span_of(m->spare.p, m->spare.n))))
			return false;
	}
	return true;
}

/* A person's slot becomes its token; a list of persons is left out, as contents are. */
static bool mask_slot(struct mask *m, struct toc_slot *slot)
{
	char token[TOKEN_TEXT];
	enum toc_privacy class = m->privacy(m->user, m->draft.head.kind, slot->id);
	if (class < TOC_PERSON)
		return hide_slot(m, slot);
	if (class == TOC_CONTENT || slot->list || slot->type != TOC_STRING)
		return false;
	mask_token(m, string_of(m, slot), token);
	return put_slot(m, slot, toc_span_of(token, TOKEN_TEXT - 1));
}

static bool needs_mask(const struct mask *m, const struct toc_event *ev)
{
	const struct toc_slot *slots = toc_event_slots(ev);
	if (m->known.n)
		return true;
	for (unsigned i = 0; i < ev->nslots; i++)
		if (m->privacy(m->user, ev->kind, slots[i].id) >= TOC_PERSON)
			return true;
	return false;
}

const struct toc_event *mask_event(struct mask *m, const struct toc_event *ev, void **out, size_t *room)
{
	struct toc_draft *d = &m->draft;
	if (m->names || !needs_mask(m, ev))
		return ev;
	toc_draft_reopen(d, NULL, ev);
	uint16_t kept = 0;
	for (uint16_t i = 0; i < d->head.nslots; i++)
		if (mask_slot(m, &d->slots[i]))
			d->slots[kept++] = d->slots[i];
	d->head.nslots = kept;
	/* the names themselves must not stay behind in the heap: toc_json_event reads only what slots point at */
	size_t size = toc_draft_size(d);
	if (size > *room) {
		free(*out);
		*room = 2 * size;
		*out = malloc(*room);
		if (!*out)
			abort();
	}
	return toc_draft_seal(d, *out);
}
