/* draft - storing strings and lists of an event under construction, sealing and reopening it. */
#include "tocsin/draft.h"

#include "base/bytes.h"

uint32_t toc_draft_store(struct toc_draft *d, const void *p, size_t n, size_t align)
{
	size_t at = (d->heap_n + align - 1) & ~(align - 1);
	if (n > TOC_DRAFT_HEAP - (at < TOC_DRAFT_HEAP ? at : TOC_DRAFT_HEAP)) {
		d->head.lost++;
		return UINT32_MAX;
	}
	if (at > d->heap_n)
		memset(d->heap + d->heap_n, 0, at - d->heap_n); /* no stale bytes in the record */
	if (n)
		memcpy(d->heap + at, p, n);
	d->heap_n = (uint32_t)(at + n);
	return (uint32_t)at;
}

/* Fills a slot with a string, cut to what fits; false when not even the slot can stay. */
static bool fill_str(struct toc_draft *d, struct toc_slot *s, struct toc_span v)
{
	if (v.n > TOC_DRAFT_STRING) {
		v.n = TOC_DRAFT_STRING;
		d->head.lost++;
	}
	uint32_t at = toc_draft_store(d, v.p, v.n, 1);
	if (at == UINT32_MAX)
		return false;
	s->len = (uint32_t)v.n;
	s->bits = at;
	return true;
}

static bool fill_ip(struct toc_draft *d, struct toc_slot *s, const struct toc_addr *v)
{
	if (toc_addr_is_v4(v)) {
		s->len = 4;
		memcpy(&s->bits, v->b + 12, 4);
		return true;
	}
	uint32_t at = toc_draft_store(d, v->b, 16, 1);
	s->len = 16;
	s->bits = at;
	return at != UINT32_MAX;
}

/* Most fields of most events are strings that fit: those take the short way. */
void toc_put_str(struct toc_draft *d, unsigned field, struct toc_span v)
{
	if (d->head.nslots < TOC_DRAFT_SLOTS && v.n <= TOC_DRAFT_STRING && v.n <= TOC_DRAFT_HEAP - d->heap_n) {
		d->slots[d->head.nslots++] = (struct toc_slot){
			.id = d->map[field], .type = TOC_STRING, .len = (uint32_t)v.n, .bits = d->heap_n
		};
		if (v.n >= 4 && v.n <= 16)
			toc_bytes_copy_short(d->heap + d->heap_n, v, v.n >= 8 ? 8 : 4);
		else if (v.n)
			memcpy(d->heap + d->heap_n, v.p, v.n);
		d->heap_n += (uint32_t)v.n;
		return;
	}
	struct toc_slot *s = toc_draft_slot(d, field, TOC_STRING);
	if (s && !fill_str(d, s, v))
		d->head.nslots--;
}

void toc_put_ip(struct toc_draft *d, unsigned field, const struct toc_addr *v)
{
	struct toc_slot *s = toc_draft_slot(d, field, TOC_IP);
	if (s && !fill_ip(d, s, v))
		d->head.nslots--;
}

void toc_put_mac(struct toc_draft *d, unsigned field, const struct toc_mac *v)
{
	struct toc_slot *s = toc_draft_slot(d, field, TOC_MAC);
	if (s) {
		s->len = 6;
		memcpy(&s->bits, v->b, 6);
	}
}

struct toc_slot *toc_draft_find(struct toc_draft *d, unsigned field)
{
	for (unsigned i = 0; i < d->head.nslots; i++)
		if (d->slots[i].id == d->map[field])
			return &d->slots[i];
	return NULL;
}

enum { LIST_FIRST = 4 }; /* room of a new list; doubled by moving it */

void toc_list_open(struct toc_draft *d, unsigned field, enum toc_type type)
{
	struct toc_slot *s = toc_draft_slot(d, field, type);
	if (!s)
		return;
	s->list = 1;
	s->bits = 0;
}

/*
 * The list's slot array lies in the heap. Its capacity is the next power of two from LIST_FIRST on, so it is not
 * stored; growing copies the array to the end of the heap (the old place is lost until the draft is sealed).
 */
static struct toc_slot *list_next(struct toc_draft *d, unsigned field, enum toc_type type)
{
	static const struct toc_slot empty[LIST_FIRST];
	struct toc_slot *list = toc_draft_find(d, field);
	if (!list) {
		toc_list_open(d, field, type);
		list = toc_draft_find(d, field);
		if (!list)
			return NULL;
	}
	uint32_t n = list->len;
	bool full = n == 0 || (n >= LIST_FIRST && (n & (n - 1)) == 0);
	if (full) {
		uint32_t room = n == 0 ? LIST_FIRST : 2 * n;
		uint32_t at = toc_draft_store(d, NULL, 0, 8);
		if (at == UINT32_MAX || room * sizeof(struct toc_slot) > TOC_DRAFT_HEAP - at) {
			d->head.lost++;
			return NULL;
		}
		const struct toc_slot *from = n ? (const struct toc_slot *)(const void *)(d->heap + list->bits) : empty;
		memset(d->heap + at, 0, room * sizeof(struct toc_slot));
		memcpy(d->heap + at, from, n * sizeof(struct toc_slot));
		d->heap_n = at + room * (uint32_t)sizeof(struct toc_slot);
		list->bits = at;
	}
	struct toc_slot *s = (struct toc_slot *)(void *)(d->heap + list->bits) + n;
	*s = (struct toc_slot){ .type = (uint8_t)type };
	list->len = n + 1;
	return s;
}

/* Takes back the element that list_next gave. */
static void list_undo(struct toc_draft *d, unsigned field)
{
	struct toc_slot *list = toc_draft_find(d, field);
	if (list)
		list->len--;
}

void toc_list_uint(struct toc_draft *d, unsigned field, uint64_t v)
{
	struct toc_slot *s = list_next(d, field, TOC_UINT);
	if (s)
		s->bits = v;
}

void toc_list_bool(struct toc_draft *d, unsigned field, bool v)
{
	struct toc_slot *s = list_next(d, field, TOC_BOOL);
	if (s)
		s->bits = v;
}

void toc_list_duration(struct toc_draft *d, unsigned field, toc_time v)
{
	struct toc_slot *s = list_next(d, field, TOC_DURATION);
	if (s)
		s->bits = (uint64_t)v;
}

void toc_list_str(struct toc_draft *d, unsigned field, struct toc_span v)
{
	struct toc_slot *s = list_next(d, field, TOC_STRING);
	if (s && !fill_str(d, s, v))
		list_undo(d, field);
}

void toc_list_ip(struct toc_draft *d, unsigned field, const struct toc_addr *v)
{
	struct toc_slot *s = list_next(d, field, TOC_IP);
	if (s && !fill_ip(d, s, v))
		list_undo(d, field);
}

static size_t slots_size(const struct toc_draft *d)
{
	return d->head.nslots * sizeof(struct toc_slot);
}

size_t toc_draft_size(const struct toc_draft *d)
{
	return (sizeof(struct toc_event) + slots_size(d) + d->heap_n + 7) & ~(size_t)7;
}

struct toc_event *toc_draft_seal(const struct toc_draft *d, void *out)
{
	struct toc_event *ev = out;
	uint8_t *bytes = out;
	size_t heap = sizeof(*ev) + slots_size(d), size = toc_draft_size(d);
	*ev = d->head;
	ev->size = (uint32_t)size;
	ev->heap = (uint32_t)heap;
	memcpy(bytes + sizeof(*ev), d->slots, slots_size(d));
	memcpy(bytes + heap, d->heap, d->heap_n);
	if (size > heap + d->heap_n)
		memset(bytes + heap + d->heap_n, 0, size - heap - d->heap_n);
	return ev;
}

void toc_draft_reopen(struct toc_draft *d, const toc_field *map, const struct toc_event *ev)
{
	size_t end = ev->text ? ev->text : ev->size;
	d->head = *ev;
	d->head.text = d->head.text_n = 0;
	d->map = map;
	memcpy(d->slots, toc_event_slots(ev), ev->nslots * sizeof(struct toc_slot));
	d->heap_n = (uint32_t)(end - ev->heap);
	memcpy(d->heap, toc_event_heap(ev), d->heap_n);
}
