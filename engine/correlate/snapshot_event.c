/* snapshot_event - an event of evidence, written with the names of its fields, and read back checked. */
#include <stdlib.h>
#include <string.h>

#include "correlate/snapshot.h"
#include "tocsin/draft.h"

enum { MOST_BYTES = 1 << 17 };

static void append_name(bson_t *out, const char *key, const struct toc_intern *names, toc_field id)
{
	bson_append_utf8(out, key, -1, toc_intern_name(names, id), (int)toc_intern_length(names, id));
}

void event_document(bson_t *out, const struct toc_event *ev, const struct toc_intern *names)
{
	bson_t list;
	append_name(out, "kind", names, ev->kind);
	BSON_APPEND_ARRAY_BEGIN(out, "names", &list);
	for (unsigned i = 0; i < ev->nslots; i++) {
		char room[16];
		const char *key;
		bson_uint32_to_string(i, &key, room, sizeof(room));
		append_name(&list, key, names, toc_event_slots(ev)[i].id);
	}
	bson_append_array_end(out, &list);
	/* without its line, which has secrets; the head's flag is taken off when it is read */
	BSON_APPEND_BINARY(out, "record", BSON_SUBTYPE_BINARY, (const uint8_t *)ev, ev->text ? ev->text : ev->size);
}

/* Does the slot's value lie in the heap of n bytes? */
static bool slot_fits(const struct toc_event *ev, const struct toc_slot *s, uint64_t n, unsigned depth)
{
	if (s->list) {
		if (depth || s->bits % 8 || s->bits > n || s->len > (n - s->bits) / sizeof(*s))
			return false;
		const struct toc_slot *items = (const struct toc_slot *)(const void *)(toc_event_heap(ev) + s->bits);
		for (uint32_t i = 0; i < s->len; i++)
			if (!slot_fits(ev, &items[i], n, depth + 1))
				return false;
		return true;
	}
	switch ((enum toc_type)s->type) {
	case TOC_STRING:
		return s->bits <= n && s->len <= n - s->bits;
	case TOC_IP:
		return s->len == 4 || (s->len == 16 && s->bits <= n && n - s->bits >= 16);
	case TOC_NONE:
	case TOC_KIND:
	case TOC_BOOL:
	case TOC_INT:
	case TOC_UINT:
	case TOC_DOUBLE:
	case TOC_TIME:
	case TOC_DURATION:
	case TOC_MAC:
		return true;
	}
	return false;
}

static bool sound(const struct toc_event *ev, size_t size)
{
	if (!snapshot_time_is_sound(ev->ts) || !snapshot_time_is_sound(ev->at) || ev->size != size ||
	    ev->nslots > TOC_DRAFT_SLOTS || ev->heap % 8 ||
	    ev->heap < sizeof(*ev) + ev->nslots * sizeof(struct toc_slot) || ev->heap > size)
		return false;
	for (unsigned i = 0; i < ev->nslots; i++)
		if (!slot_fits(ev, &toc_event_slots(ev)[i], size - ev->heap, 0))
			return false;
	return true;
}

/* Each slot's field by its name here; false: there are fewer names than slots. */
static bool rename_slots(struct document *d, struct toc_event *ev, struct toc_intern *names)
{
	struct document list = document_below(d, "names");
	struct toc_slot *slots = (struct toc_slot *)(void *)(ev + 1);
	const struct toc_span kind = document_text(d, "kind");
	bson_iter_t it;
	unsigned i = 0;
	ev->kind = kind.n ? toc_intern_add(names, kind) : 0;
	if (d->bad || !document_iter(&list, &it))
		return false;
	while (i < ev->nslots && bson_iter_next(&it) && BSON_ITER_HOLDS_UTF8(&it)) {
		uint32_t n = 0;
		const char *name = bson_iter_utf8(&it, &n);
		slots[i++].id = toc_intern_add(names, toc_span_of(name, n));
	}
	return i == ev->nslots;
}

struct toc_event *event_of_document(struct document *d, struct toc_intern *names)
{
	const struct toc_span bytes = document_bytes(d, "record");
	const size_t size = bytes.n;
	struct toc_event *ev =
		d->bad || size < sizeof(*ev) || size > MOST_BYTES || size % 8 ? NULL : aligned_alloc(8, size);
	if (ev) {
		memcpy(ev, bytes.p, size);
		ev->size = (uint32_t)size;
		ev->text = ev->text_n = 0;
		ev->flags &= (uint16_t)~TOC_EVENT_LINE;
		if (sound(ev, size) && rename_slots(d, ev, names)) {
			ev->ts += d->moved;
			ev->at += d->moved;
			return ev;
		}
	}
	free(ev);
	d->bad = true;
	return NULL;
}
