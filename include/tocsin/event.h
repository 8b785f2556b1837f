/* event - the flat record that every stage after the parsers works on, and how it is read. */
#ifndef TOCSIN_EVENT_H
#define TOCSIN_EVENT_H

#include <assert.h>

#include "tocsin/addr.h"
#include "tocsin/field.h"
#include "tocsin/span.h"
#include "tocsin/time.h"

/*
 * One record = this header, then `nslots` slots, then the heap (strings, IPv6 addresses, list elements).
 *
 *   +0                +64                 +heap             +text            +size
 *   | struct toc_event | struct toc_slot[] | heap bytes ...  | JSON text ...  |
 *
 * Every offset is relative to the record (heap, text) or to the heap (slots), so a copy is a memcpy and an
 * archive is a write. Records are 8-aligned; size is a multiple of 8.
 *
 * Order of the stream: (at, ordinal, index). The number of the thread that made the record takes no part.
 */
struct toc_event {
	uint32_t size;
	toc_field kind;
	uint16_t nslots;
	toc_time at;	  /* when the sensor knew: never goes back within a stream */
	toc_time ts;	  /* when it happened */
	uint64_t ordinal; /* of the input (packet, line) that caused it; a timer's event: of the flow's first */
	uint32_t index;	  /* within that input */
	uint32_t source;  /* clock source: 0 = the wire, else a syslog source */
	uint64_t uid;	  /* of the flow; 0 = none */
	uint32_t heap;
	uint32_t text; /* offset of JSON text formatted ahead by a worker, without the closing brace, or of a line
			  (TOC_EVENT_LINE); 0 = none */
	uint32_t text_n;
	uint16_t flags; /* enum toc_event_flag */
	uint16_t lost;	/* fields or bytes that did not fit the draft (counted, never silent) */
};

_Static_assert(sizeof(struct toc_event) == 64, "the header has no holes");

enum { TOC_LINE_MOST = 2048 }; /* bytes of a line that an event carries */

enum toc_event_flag {
	TOC_EVENT_TICK = 1,	 /* no event: "nothing before (at, ordinal) will come from this thread" */
	TOC_EVENT_BATCH_END = 2, /* a tick that also answers a replay batch */
	TOC_EVENT_END = 4,	 /* the thread's last record */
	TOC_EVENT_TALLY =
		16, /* no event: of the frames that a capture should have had lately (uid), so many (ts) were lost */
	TOC_EVENT_STORED = 8, /* read back from an archive: what observe made of it then is in the archive too */
	TOC_EVENT_LINE = 32   /* `text` is no JSON but the log line that it was made of, with its secrets */
};

struct toc_slot {
	toc_field id;
	uint8_t type; /* enum toc_type; of the elements where list is set */
	uint8_t list;
	uint32_t len;  /* bytes of a string; 4 or 16 for an IP; elements of a list */
	uint64_t bits; /* the value, or the heap offset (strings, IPv6, lists = struct toc_slot[len], 8-aligned) */
};

/* A value read from an event: borrowed from it. For lists, read the elements with toc_event_item. */
struct toc_value {
	enum toc_type type;
	bool list;
	uint32_t count; /* elements, where list is set */
	union {
		bool b;
		int64_t i; /* also time and duration */
		uint64_t u;
		double d;
		struct toc_addr ip;
		struct toc_mac mac;
		struct toc_span s;
		const struct toc_slot *items;
	} as;
};

static inline const struct toc_slot *toc_event_slots(const struct toc_event *ev)
{
	return (const struct toc_slot *)(const void *)(ev + 1);
}

static inline const uint8_t *toc_event_heap(const struct toc_event *ev)
{
	return (const uint8_t *)ev + ev->heap;
}

/* The slot of a field, or NULL when it is unset. */
static inline const struct toc_slot *toc_event_slot(const struct toc_event *ev, toc_field id)
{
	const struct toc_slot *s = toc_event_slots(ev);
	for (unsigned i = 0; i < ev->nslots; i++)
		if (s[i].id == id)
			return &s[i];
	return NULL;
}

/* Decodes one slot of ev (a field's, or a list element's). */
static inline struct toc_value toc_event_value(const struct toc_event *ev, const struct toc_slot *s)
{
	struct toc_value v = { .type = (enum toc_type)s->type, .list = s->list != 0 };
	const uint8_t *heap = toc_event_heap(ev);
	if (v.list) {
		v.count = s->len;
		v.as.items = (const struct toc_slot *)(const void *)(heap + s->bits);
		return v;
	}
	switch (v.type) {
	case TOC_NONE:
	case TOC_KIND:
		break;
	case TOC_BOOL:
		v.as.b = s->bits != 0;
		break;
	case TOC_UINT:
		v.as.u = s->bits;
		break;
	case TOC_INT:
	case TOC_TIME:
	case TOC_DURATION:
		v.as.i = (int64_t)s->bits;
		break;
	case TOC_DOUBLE:
		memcpy(&v.as.d, &s->bits, 8);
		break;
	case TOC_MAC:
		memcpy(v.as.mac.b, &s->bits, 6);
		break;
	case TOC_IP:
		v.as.ip = s->len == 4 ? toc_addr_v4((const uint8_t *)&s->bits) : toc_addr_v6(heap + s->bits);
		break;
	case TOC_STRING:
		v.as.s = toc_span_of(heap + s->bits, s->len);
		break;
	}
	return v;
}

/* Element i of a list value that came from ev. */
static inline struct toc_value toc_event_item(const struct toc_event *ev, const struct toc_value *list, uint32_t i)
{
	assert(list->list && i < list->count);
	return toc_event_value(ev, &list->as.items[i]);
}

/* The value of a field; type TOC_NONE when it is unset. */
static inline struct toc_value toc_event_get(const struct toc_event *ev, toc_field id)
{
	const struct toc_slot *s = toc_event_slot(ev, id);
	return s ? toc_event_value(ev, s) : (struct toc_value){ .type = TOC_NONE };
}

/*
 * An event as match and correlate see it: the record, and beside it a second record with what identity
 * added (src_user, src_host …). The event itself is never rewritten. `who` may be NULL.
 */
struct toc_view {
	const struct toc_event *ev;
	const struct toc_event *who;
};

/* The value of a field in the event or beside it; *owner gets the record it belongs to (for list items). */
static inline struct toc_value toc_view_get(const struct toc_view *view, toc_field id, const struct toc_event **owner)
{
	const struct toc_slot *s = toc_event_slot(view->ev, id);
	*owner = view->ev;
	if (!s && view->who) {
		s = toc_event_slot(view->who, id);
		*owner = view->who;
	}
	return s ? toc_event_value(*owner, s) : (struct toc_value){ .type = TOC_NONE };
}

#endif
