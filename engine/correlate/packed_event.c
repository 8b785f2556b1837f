/* packed_event - an event of evidence, written with the names of its fields, and read back checked. */
#include "base/intern.h"
#include "correlate/packed.h"
#include "tocsin/draft.h"

enum { MOST_BYTES = 1 << 17 };

static void pack_id(struct packed *out, const struct toc_intern *names, toc_field id)
{
	pack_text(out, toc_intern_name(names, id), toc_intern_length(names, id));
}

void pack_event(struct packed *out, const struct toc_event *ev, const struct toc_intern *names)
{
	pack_u32(out, ev ? (ev->text ? ev->text : ev->size) : 0);
	if (!ev)
		return;
	pack(out, ev, ev->text ? ev->text : ev->size);
	pack_id(out, names, ev->kind);
	for (unsigned i = 0; i < ev->nslots; i++)
		pack_id(out, names, toc_event_slots(ev)[i].id);
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
	if (ev->size != size || ev->nslots > TOC_DRAFT_SLOTS || ev->heap % 8 ||
	    ev->heap < sizeof(*ev) + ev->nslots * sizeof(struct toc_slot) || ev->heap > size)
		return false;
	for (unsigned i = 0; i < ev->nslots; i++)
		if (!slot_fits(ev, &toc_event_slots(ev)[i], size - ev->heap, 0))
			return false;
	return true;
}

struct toc_event *unpack_event(struct toc_cursor *c, struct toc_intern *names)
{
	const uint32_t size = toc_le32(c);
	if (size == 0)
		return NULL;
	const struct toc_span bytes = toc_take(c, size);
	struct toc_event *ev =
		c->bad || size < sizeof(*ev) || size > MOST_BYTES || size % 8 ? NULL : aligned_alloc(8, size);
	if (!ev) {
		c->bad = true;
		return NULL;
	}
	memcpy(ev, bytes.p, size);
	ev->size = size;
	ev->text = ev->text_n = 0;
	if (!sound(ev, size)) {
		c->bad = true;
		free(ev);
		return NULL;
	}
	struct toc_slot *slots = (struct toc_slot *)(void *)(ev + 1);
	const struct toc_span kind = unpack_text(c);
	ev->kind = kind.n ? toc_intern_add(names, kind) : 0;
	for (unsigned i = 0; i < ev->nslots; i++) {
		const struct toc_span name = unpack_text(c);
		slots[i].id = c->bad ? 0 : toc_intern_add(names, name);
	}
	return ev;
}
