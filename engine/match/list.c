/* list - membership by hash: one probe a value, a label or a prefix length. */
#include "match/list.h"

#include <stdlib.h>

#include "base/hash.h"
#include "event/value.h"

enum { ENTRY_TEXT = 512 };

struct toc_list {
	enum toc_list_type type;
	struct toc_arena *arena;
	struct toc_span *slots; /* open addressing; p NULL = free */
	size_t mask, n;
	unsigned nlengths; /* CIDR: prefix lengths that occur */
	uint8_t lengths[129];
};

struct toc_list *toc_list_new(struct toc_arena *arena, enum toc_list_type type, size_t n)
{
	struct toc_list *list = toc_arena_alloc(arena, sizeof(*list));
	size_t room = 8;
	while (room < 2 * n)
		room *= 2;
	list->type = type;
	list->arena = arena;
	list->slots = toc_arena_alloc(arena, room * sizeof(*list->slots));
	list->mask = room - 1;
	return list;
}

static struct toc_span *slot_of(const struct toc_list *list, struct toc_span key)
{
	size_t i = (size_t)toc_hash_fixed(key.p, key.n) & list->mask;
	while (list->slots[i].p && !toc_span_eq(list->slots[i], key))
		i = (i + 1) & list->mask;
	return &list->slots[i];
}

static void insert(struct toc_list *list, struct toc_span key)
{
	struct toc_span *slot = slot_of(list, key);
	if (slot->p || list->n > list->mask / 2)
		return;
	*slot = toc_span_of(toc_arena_str(list->arena, key), key.n);
	list->n++;
}

static struct toc_span fold(struct toc_span text, uint8_t out[ENTRY_TEXT])
{
	for (size_t i = 0; i < text.n; i++)
		out[i] = toc_lower(text.p[i]);
	return toc_span_of(out, text.n);
}

bool toc_network_parse(struct toc_span text, bool strict, struct toc_addr *net, unsigned *bits)
{
	size_t slash = toc_span_find(text, '/');
	if (!toc_addr_parse(toc_span_first(text, slash), net))
		return false;
	unsigned most = toc_addr_is_v4(net) ? 32 : 128, n = most;
	if (slash < text.n) {
		struct toc_span digits = toc_span_from(text, slash + 1);
		n = 0;
		if (digits.n == 0 || digits.n > 3)
			return false;
		for (size_t i = 0; i < digits.n; i++) {
			if (digits.p[i] < '0' || digits.p[i] > '9')
				return false;
			n = n * 10 + (unsigned)(digits.p[i] - '0');
		}
		if (n > most)
			return false;
	}
	*bits = n + 128 - most;
	struct toc_addr masked = *net;
	for (unsigned i = *bits; i < 128; i++)
		masked.b[i / 8] &= (uint8_t) ~(0x80u >> i % 8);
	bool clean = toc_addr_eq(&masked, net);
	*net = masked;
	return clean || !strict;
}

bool toc_network_has(const struct toc_addr *net, unsigned bits, const struct toc_addr *a)
{
	unsigned whole = bits / 8, rest = bits % 8;
	if (memcmp(net->b, a->b, whole) != 0)
		return false;
	return rest == 0 || (uint8_t)((net->b[whole] ^ a->b[whole]) >> (8 - rest)) == 0;
}

static void network_key(const struct toc_addr *a, unsigned bits, uint8_t key[17])
{
	const unsigned whole = bits / 8;
	memset(key, 0, 16);
	memcpy(key, a->b, whole);
	if (bits % 8)
		key[whole] = a->b[whole] & (uint8_t)(0xff00u >> bits % 8);
	key[16] = (uint8_t)bits;
}

static void note_length(struct toc_list *list, unsigned bits)
{
	if (!memchr(list->lengths, (int)bits, list->nlengths))
		list->lengths[list->nlengths++] = (uint8_t)bits;
}

bool toc_list_add(struct toc_list *list, struct toc_span entry)
{
	uint8_t text[ENTRY_TEXT], key[17];
	struct toc_addr net;
	struct toc_mac mac;
	unsigned bits;
	if (entry.n == 0 || entry.n > sizeof(text))
		return false;
	switch (list->type) {
	case TOC_LIST_CIDR:
		if (!toc_network_parse(entry, false, &net, &bits))
			return false;
		network_key(&net, bits, key);
		note_length(list, bits);
		insert(list, toc_span_of(key, sizeof(key)));
		return true;
	case TOC_LIST_MAC:
		if (!toc_mac_parse(entry, &mac))
			return false;
		insert(list, toc_span_of(mac.b, 6));
		return true;
	case TOC_LIST_DOMAIN:
		if (entry.p[0] == '.' || entry.p[0] == '*')
			return false;
		insert(list, fold(entry, text));
		return true;
	case TOC_LIST_STRING:
		insert(list, fold(entry, text));
		return true;
	}
	return false;
}

size_t toc_list_count(const struct toc_list *list)
{
	return list->n;
}

static bool has_network(const struct toc_list *list, const struct toc_addr *a)
{
	uint8_t key[17];
	for (unsigned i = 0; i < list->nlengths; i++) {
		network_key(a, list->lengths[i], key);
		if (slot_of(list, toc_span_of(key, sizeof(key)))->p)
			return true;
	}
	return false;
}

/* Of a name longer than any entry, only the labels at its end can be one. */
static bool has_domain(const struct toc_list *list, struct toc_span text)
{
	uint8_t folded[ENTRY_TEXT];
	if (text.n && text.p[text.n - 1] == '.')
		text.n--;
	if (text.n > ENTRY_TEXT) {
		text = toc_span_from(text, text.n - ENTRY_TEXT - 1);
		text = toc_span_from(text, toc_span_find(text, '.') + 1);
	}
	struct toc_span name = fold(text, folded);
	while (name.n) {
		if (slot_of(list, name)->p)
			return true;
		name = toc_span_from(name, toc_span_find(name, '.') + 1);
	}
	return false;
}

bool toc_list_has(const struct toc_list *list, const struct toc_value *value)
{
	uint8_t raw[ENTRY_TEXT], folded[ENTRY_TEXT];
	struct toc_addr a;
	struct toc_mac mac;
	if (list->n == 0) /* most lists wait for the site's own entries */
		return false;
	if (list->type == TOC_LIST_CIDR && value->type == TOC_IP)
		return has_network(list, &value->as.ip);
	struct toc_span text = value->type == TOC_STRING
				       ? value->as.s
				       : toc_span_of(raw, toc_value_text(value, (char *)raw, sizeof(raw)));
	switch (list->type) {
	case TOC_LIST_CIDR:
		return toc_addr_parse(text, &a) && has_network(list, &a);
	case TOC_LIST_MAC:
		return toc_mac_parse(text, &mac) && slot_of(list, toc_span_of(mac.b, 6))->p;
	case TOC_LIST_DOMAIN:
		return has_domain(list, text);
	case TOC_LIST_STRING:
		return text.n <= ENTRY_TEXT && slot_of(list, fold(text, folded))->p != NULL;
	}
	return false;
}

enum toc_list_type toc_list_type_of(const struct toc_list *list)
{
	return list->type;
}

struct toc_span toc_list_next(const struct toc_list *list, size_t *at)
{
	while (*at <= list->mask) {
		struct toc_span entry = list->slots[(*at)++];
		if (entry.p && entry.n)
			return entry;
	}
	return toc_span_str("");
}
