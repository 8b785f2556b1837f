/* known - the names of an alert's persons and devices, found again wherever else they stand. */
#include "alert/mask.h"

#include "base/seal.h"
#include "event/value.h"

enum { KNOWN_MOST = 16384, SHORT = 4, SHORTEST = 2 };

void mask_forget(struct mask *m)
{
	text_clear(&m->known);
	memset(m->first, 0, sizeof(m->first));
	m->overflow = false;
}

void mask_free(struct mask *m)
{
	text_free(&m->known);
	text_free(&m->spare);
}

static bool word_byte(uint8_t c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (toc_lower(c) >= 'a' && toc_lower(c) <= 'z');
}

static bool same(const uint8_t *text, const char *lower, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (toc_lower(text[i]) != (uint8_t)lower[i])
			return false;
	return true;
}

/* Length of the longest hidden name that stands at value[i], and its class; 0: none. */
static size_t name_at(const struct mask *m, struct toc_span value, size_t i, char *class)
{
	size_t longest = 0, n;
	for (const char *k = m->known.p, *end = k + m->known.n; k < end; k += n + 2) {
		n = strlen(k + 1);
		if (n <= longest || n > value.n - i || (*k == 'p' ? m->shows.persons : m->shows.devices) ||
		    !same(value.p + i, k + 1, n))
			continue;
		bool apart = (i == 0 || !word_byte(value.p[i - 1])) && (i + n == value.n || !word_byte(value.p[i + n]));
		if (n < SHORT && !apart)
			continue;
		longest = n;
		*class = *k;
	}
	return longest;
}

static bool is_known(const struct mask *m, struct toc_span name)
{
	for (const char *k = m->known.p, *end = k + m->known.n; k && k < end; k += strlen(k + 1) + 2)
		if (strlen(k + 1) == name.n && same(name.p, k + 1, name.n))
			return true;
	return false;
}

static void note(struct mask *m, char class, struct toc_span name)
{
	name = toc_span_first(name, toc_span_find(name, '\0'));
	if (name.n < SHORTEST || is_known(m, name))
		return;
	if (m->known.n + name.n + 2 > KNOWN_MOST) {
		m->overflow = true;
		return;
	}
	char *out = text_room(&m->known, name.n + 2);
	*out++ = class;
	for (size_t i = 0; i < name.n; i++)
		out[i] = (char)toc_lower(name.p[i]);
	out[name.n] = '\0';
	m->known.n += name.n + 2;
	m->first[(uint8_t)out[0]] = true;
}

/* Also what people are called without their domain: DOMAIN\\name, name@domain. */
static void note_person(struct mask *m, struct toc_span name)
{
	size_t slash = toc_span_find(name, '\\'), at = toc_span_find(name, '@');
	note(m, 'p', name);
	if (slash < name.n)
		note(m, 'p', toc_span_from(name, slash + 1));
	if (at < name.n)
		note(m, 'p', toc_span_first(name, at));
}

/* Addresses are no names; neither is what a device is called in two letters. */
void mask_note_value(struct mask *m, enum toc_privacy class, struct toc_span value)
{
	struct toc_addr a;
	if (class == TOC_PERSON)
		note_person(m, value);
	else if (class == TOC_DEVICE && value.n >= SHORT && !toc_addr_parse(value, &a))
		note(m, 'd', value);
}

static void note_one(struct mask *m, enum toc_privacy class, const struct toc_value *v)
{
	char text[TOC_KEY_TEXT];
	if (v->type == TOC_STRING)
		mask_note_value(m, class, v->as.s);
	else if (v->type == TOC_MAC)
		mask_note_value(m, class, toc_span_of(text, toc_value_text(v, text, sizeof(text))));
}

void mask_note(struct mask *m, const struct toc_event *ev)
{
	const struct toc_slot *slots = ev ? toc_event_slots(ev) : NULL;
	for (unsigned i = 0; ev && i < ev->nslots; i++) {
		enum toc_privacy class = m->privacy(m->user, ev->kind, slots[i].id);
		if (class != TOC_PERSON && class != TOC_DEVICE)
			continue;
		struct toc_value v = toc_event_value(ev, &slots[i]);
		for (uint32_t k = 0; v.list && k < v.count; k++) {
			struct toc_value item = toc_event_item(ev, &v, k);
			note_one(m, class, &item);
		}
		if (!v.list)
			note_one(m, class, &v);
	}
}

void mask_hide(struct mask *m, struct toc_span value, struct text *out)
{
	char token[TOKEN_TEXT], class = 'p';
	size_t from = 0, n;
	if (m->overflow && !m->shows.persons) {
		text_puts(out, "(hidden)");
		return;
	}
	for (size_t i = 0; m->known.n && i < value.n; i += n ? n : 1) {
		n = m->first[toc_lower(value.p[i])] ? name_at(m, value, i, &class) : 0;
		if (!n)
			continue;
		mask_token(m, class, toc_span_of(value.p + i, n), token);
		text_put(out, toc_span_of(value.p + from, i - from));
		text_puts(out, token);
		from = i + n;
	}
	text_put(out, toc_span_from(value, from));
}

bool mask_any_known(const struct mask *m, bool (*look)(void *user, char class, struct toc_span name), void *user)
{
	for (const char *k = m->known.p, *end = k + m->known.n; k && k < end; k += strlen(k + 1) + 2)
		if (look(user, *k, toc_span_str(k + 1)))
			return true;
	return false;
}

struct naming {
	const struct mask *mask;
	struct text *out;
};

static bool name_one(void *user, char class, struct toc_span name)
{
	struct naming *n = user;
	char token[TOKEN_TEXT];
	mask_token(n->mask, class, name, token);
	json_put(n->out, token, name);
	return false;
}

void mask_seal(struct mask *m, struct toc_span aad, struct text *out)
{
	struct text plain = { 0 };
	struct naming naming = { m, &plain };
	text_puts(&plain, "{");
	mask_any_known(m, name_one, &naming);
	text_puts(&plain, "}");
	if (plain.n > 2) {
		toc_seal(m->seal_key, aad, toc_span_of(plain.p, plain.n),
			 (uint8_t *)text_room(out, plain.n + TOC_SEAL_MORE));
		out->n += plain.n + TOC_SEAL_MORE;
	}
	text_free(&plain);
}
