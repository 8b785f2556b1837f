/* mask - tokens by HMAC under the school year's key; records without what a copy does not show. */
#include "alert/mask.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/seal.h"
#include "event/value.h"
#include "tocsin/digest.h"

unsigned school_year(toc_time at, unsigned start)
{
	char text[TIME_TEXT];
	unsigned year = 0, month = 0, day = 0;
	text[time_text(at, text)] = '\0';
	if (sscanf(text, "%4u-%2u-%2u", &year, &month, &day) != 3)
		return 1;
	return year - (month * 100 + day < start);
}

void mask_use_year(struct mask *m, unsigned year)
{
	char label[64];
	if (m->school_year == year)
		return;
	m->school_year = year;
	snprintf(label, sizeof(label), "pseudonyms %u", year);
	toc_key_derive(m->site_key, label, m->token_key);
	snprintf(label, sizeof(label), "identities %u", year);
	toc_key_derive(m->site_key, label, m->seal_key);
}

void mask_token(const struct mask *m, char class, struct toc_span value, char out[TOKEN_TEXT])
{
	uint8_t lower[257], mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	value = toc_span_first(value, sizeof(lower) - 1);
	lower[0] = (uint8_t) class;
	for (size_t i = 0; i < value.n; i++)
		lower[i + 1] = toc_lower(value.p[i]); /* account names do not differ by case */
	if (!HMAC(EVP_sha256(), m->token_key, 32, lower, value.n + 1, mac, &n))
		abort();
	memcpy(out, class == 'd' ? "dev_" : "tok_", 4);
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

bool mask_shows(const struct mask *m, enum toc_privacy class)
{
	switch (class) {
	case TOC_OPEN:
		return true;
	case TOC_DEVICE:
		return m->shows.devices;
	case TOC_PERSON:
		return m->shows.persons;
	case TOC_CONTENT:
		return m->shows.contents;
	}
	return false;
}

/* An address says which network it is; what stands behind it is for the sensor to know. */
static bool is_address(struct toc_span value)
{
	struct toc_addr a;
	return toc_addr_parse(value, &a);
}

void mask_value(struct mask *m, enum toc_privacy class, struct toc_span value, struct text *out)
{
	char token[TOKEN_TEXT];
	if (mask_shows(m, class) || (class == TOC_DEVICE && is_address(value))) {
		mask_hide(m, value, out);
	} else if (class != TOC_CONTENT && value.n) {
		mask_token(m, class == TOC_DEVICE ? 'd' : 'p', value, token);
		text_puts(out, token);
	}
}

/* --- records --------------------------------------------------------------------------------------------------------
 */

/* Replaces what a slot says; false: no room. */
static bool put_slot(struct mask *m, struct toc_slot *slot, struct toc_span value)
{
	uint32_t at = toc_draft_store(&m->draft, value.p, value.n, 1);
	slot->type = TOC_STRING;
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
	if (m->overflow && !m->shows.persons)
		return false;
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

/* A device's slot becomes its token; addresses stay, whatever else it is goes. */
static bool mask_device(struct mask *m, struct toc_slot *slot)
{
	char text[TOC_KEY_TEXT], token[TOKEN_TEXT];
	struct toc_value v = { .type = TOC_MAC };
	size_t n;
	if (slot->type == TOC_IP)
		return true;
	if (slot->list || (slot->type != TOC_STRING && slot->type != TOC_MAC))
		return false;
	if (slot->type == TOC_MAC) {
		memcpy(v.as.mac.b, &slot->bits, sizeof(v.as.mac.b));
		n = toc_value_text(&v, text, sizeof(text));
		mask_token(m, 'd', toc_span_of(text, n), token);
		return put_slot(m, slot, toc_span_of(token, TOKEN_TEXT - 1));
	}
	if (is_address(string_of(m, slot)))
		return true;
	mask_token(m, 'd', string_of(m, slot), token);
	return put_slot(m, slot, toc_span_of(token, TOKEN_TEXT - 1));
}

/* A person's slot becomes its token; a list of persons is left out, as contents are. */
static bool mask_slot(struct mask *m, struct toc_slot *slot)
{
	char token[TOKEN_TEXT];
	enum toc_privacy class = m->privacy(m->user, m->draft.head.kind, slot->id);
	if (mask_shows(m, class))
		return hide_slot(m, slot);
	if (class == TOC_DEVICE)
		return mask_device(m, slot);
	if (class == TOC_CONTENT || slot->list || slot->type != TOC_STRING)
		return false;
	mask_token(m, 'p', string_of(m, slot), token);
	return put_slot(m, slot, toc_span_of(token, TOKEN_TEXT - 1));
}

static bool needs_mask(const struct mask *m, const struct toc_event *ev)
{
	const struct toc_slot *slots = toc_event_slots(ev);
	if (m->shows.persons && m->shows.devices && m->shows.contents)
		return false;
	if (m->known.n)
		return true;
	for (unsigned i = 0; i < ev->nslots; i++)
		if (!mask_shows(m, m->privacy(m->user, ev->kind, slots[i].id)))
			return true;
	return false;
}

const struct toc_event *mask_event(struct mask *m, const struct toc_event *ev, void **out, size_t *room)
{
	struct toc_draft *d = &m->draft;
	if (!needs_mask(m, ev))
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
