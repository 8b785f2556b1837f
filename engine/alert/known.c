/* known - the names of an alert's persons, found again wherever else they stand. */
#include "alert/mask.h"

enum { KNOWN_MOST = 4096, SHORT = 4, SHORTEST = 2 };

void mask_forget(struct mask *m)
{
	text_clear(&m->known);
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

/* Length of the longest known name that stands at value[i]; 0: none. */
static size_t name_at(const struct mask *m, struct toc_span value, size_t i)
{
	size_t longest = 0;
	for (const char *k = m->known.p, *end = k + m->known.n; k < end; k += strlen(k) + 1) {
		size_t n = strlen(k);
		if (n <= longest || n > value.n - i || !same(value.p + i, k, n))
			continue;
		bool apart = (i == 0 || !word_byte(value.p[i - 1])) && (i + n == value.n || !word_byte(value.p[i + n]));
		if (n >= SHORT || apart)
			longest = n;
	}
	return longest;
}

static bool is_known(const struct mask *m, struct toc_span name)
{
	for (const char *k = m->known.p, *end = k + m->known.n; k && k < end; k += strlen(k) + 1)
		if (strlen(k) == name.n && same(name.p, k, name.n))
			return true;
	return false;
}

static void note(struct mask *m, struct toc_span name)
{
	if (name.n < SHORTEST || m->known.n + name.n + 1 > KNOWN_MOST || memchr(name.p, 0, name.n) || is_known(m, name))
		return;
	char *out = text_room(&m->known, name.n + 1);
	for (size_t i = 0; i < name.n; i++)
		out[i] = (char)toc_lower(name.p[i]);
	out[name.n] = '\0';
	m->known.n += name.n + 1;
}

/* Also what people are called without their domain: DOMAIN\\name, name@domain. */
static void note_person(struct mask *m, struct toc_span name)
{
	size_t slash = toc_span_find(name, '\\'), at = toc_span_find(name, '@');
	note(m, name);
	if (slash < name.n)
		note(m, toc_span_from(name, slash + 1));
	if (at < name.n)
		note(m, toc_span_first(name, at));
}

void mask_note(struct mask *m, const struct toc_event *ev)
{
	const struct toc_slot *slots = ev ? toc_event_slots(ev) : NULL;
	for (unsigned i = 0; ev && !m->names && i < ev->nslots; i++) {
		if (slots[i].type != TOC_STRING || m->privacy(m->user, ev->kind, slots[i].id) != TOC_PERSON)
			continue;
		struct toc_value v = toc_event_value(ev, &slots[i]);
		for (uint32_t k = 0; v.list && k < v.count; k++)
			note_person(m, toc_event_item(ev, &v, k).as.s);
		if (!v.list)
			note_person(m, v.as.s);
	}
}

void mask_hide(struct mask *m, struct toc_span value, struct text *out)
{
	char token[TOKEN_TEXT];
	size_t from = 0, n;
	for (size_t i = 0; m->known.n && i < value.n; i += n ? n : 1) {
		n = name_at(m, value, i);
		if (!n)
			continue;
		mask_token(m, toc_span_of(value.p + i, n), token);
		text_put(out, toc_span_of(value.p + from, i - from));
		text_puts(out, token);
		from = i + n;
	}
	text_put(out, toc_span_from(value, from));
}
