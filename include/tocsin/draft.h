/* draft - an event under construction: filled field by field, then sealed into a flat record. */
#ifndef TOCSIN_DRAFT_H
#define TOCSIN_DRAFT_H

#include "tocsin/event.h"

#define TOC_DRAFT_SLOTS	 160   /* fields and, counted apart, list elements that one event may hold */
#define TOC_DRAFT_HEAP	 32768 /* bytes of strings and list elements */
#define TOC_DRAFT_STRING 8192  /* a longer string is cut here; the event's `lost` counts it */

/*
 * Lives in its maker's memory (large: keep one per sink). `map` turns the maker's own field enum into interned
 * ids. Adding what does not fit is counted in head.lost and otherwise ignored, so a maker need not test.
 * Adding a field twice keeps both; readers see the first.
 */
struct toc_draft {
	struct toc_event head;
	const toc_field *map; /* borrowed */
	struct toc_span line; /* the log line that it is made of, where alerts may show it; borrowed. n = 0: none */
	uint32_t heap_n;
	struct toc_slot slots[TOC_DRAFT_SLOTS];
	_Alignas(8) uint8_t heap[TOC_DRAFT_HEAP];
};

/* Starts over with a kind. `field` arguments below are indices into map. */
static inline void toc_draft_begin(struct toc_draft *d, const toc_field *map, unsigned kind)
{
	memset(&d->head, 0, sizeof(d->head));
	d->map = map;
	d->head.kind = map[kind];
	d->line.n = 0;
	d->heap_n = 0;
}

static inline struct toc_slot *toc_draft_slot(struct toc_draft *d, unsigned field, enum toc_type type)
{
	if (d->head.nslots == TOC_DRAFT_SLOTS) {
		d->head.lost++;
		return NULL;
	}
	struct toc_slot *s = &d->slots[d->head.nslots++];
	*s = (struct toc_slot){ .id = d->map[field], .type = (uint8_t)type };
	return s;
}

static inline void toc_put_bits(struct toc_draft *d, unsigned field, enum toc_type type, uint64_t bits)
{
	struct toc_slot *s = toc_draft_slot(d, field, type);
	if (s)
		s->bits = bits;
}

static inline void toc_put_bool(struct toc_draft *d, unsigned field, bool v)
{
	toc_put_bits(d, field, TOC_BOOL, v);
}

static inline void toc_put_uint(struct toc_draft *d, unsigned field, uint64_t v)
{
	toc_put_bits(d, field, TOC_UINT, v);
}

static inline void toc_put_int(struct toc_draft *d, unsigned field, int64_t v)
{
	toc_put_bits(d, field, TOC_INT, (uint64_t)v);
}

static inline void toc_put_time(struct toc_draft *d, unsigned field, toc_time v)
{
	toc_put_bits(d, field, TOC_TIME, (uint64_t)v);
}

static inline void toc_put_duration(struct toc_draft *d, unsigned field, toc_time v)
{
	toc_put_bits(d, field, TOC_DURATION, (uint64_t)v);
}

static inline void toc_put_double(struct toc_draft *d, unsigned field, double v)
{
	uint64_t bits;
	memcpy(&bits, &v, 8);
	toc_put_bits(d, field, TOC_DOUBLE, bits);
}

/* Copies n bytes to the heap and returns their offset, or UINT32_MAX (and counts) when they do not fit. */
uint32_t toc_draft_store(struct toc_draft *d, const void *p, size_t n, size_t align);

void toc_put_str(struct toc_draft *d, unsigned field, struct toc_span v);
void toc_put_ip(struct toc_draft *d, unsigned field, const struct toc_addr *v);
void toc_put_mac(struct toc_draft *d, unsigned field, const struct toc_mac *v);

static inline void toc_put_cstr(struct toc_draft *d, unsigned field, const char *v)
{
	toc_put_str(d, field, toc_span_str(v));
}

/*
 * Appends one element to the list field (made by the first call; elements of one list must be added without
 * other list fields in between, other fields are fine). Values as above. An empty list is made by _list_open.
 */
void toc_list_open(struct toc_draft *d, unsigned field, enum toc_type type);
void toc_list_uint(struct toc_draft *d, unsigned field, uint64_t v);
void toc_list_str(struct toc_draft *d, unsigned field, struct toc_span v);
void toc_list_duration(struct toc_draft *d, unsigned field, toc_time v);
void toc_list_ip(struct toc_draft *d, unsigned field, const struct toc_addr *v);
void toc_list_bool(struct toc_draft *d, unsigned field, bool v);

/* Reads back what was put: NULL when the field is unset so far. */
struct toc_slot *toc_draft_find(struct toc_draft *d, unsigned field);

/* Bytes that the sealed record takes (a multiple of 8), without text. */
size_t toc_draft_size(const struct toc_draft *d);

/* Writes the record to out (8-aligned, toc_draft_size bytes); returns it. The draft may be reused. */
struct toc_event *toc_draft_seal(const struct toc_draft *d, void *out);

/* Fills the draft from a sealed record, so that fields can be added; map as in toc_draft_begin. */
void toc_draft_reopen(struct toc_draft *d, const toc_field *map, const struct toc_event *ev);

#endif
