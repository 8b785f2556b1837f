/* feed - drafts to records in a ring. */
#include "app/feed.h"

#include "event/json.h"

/* The next index for a record of (at, ordinal): records of one cause are numbered as they come, from `least` on. */
static uint32_t next_index(struct toc_feed *f, toc_time at, uint64_t ordinal, uint32_t least)
{
	bool same = f->last.at == at && f->last.ordinal == ordinal;
	f->last.index = same && f->last.index >= least ? f->last.index + 1 : least;
	f->last.at = at;
	f->last.ordinal = ordinal;
	return f->last.index;
}

/* Enough for the event's text: what costs nothing to know where the ring has it, else what is really needed. */
static size_t text_room(const struct toc_feed *f, const struct toc_draft *d, size_t size)
{
	size_t room = (toc_json_draft_room(d, f->names) + 7) & ~(size_t)7;
	return size + room <= toc_ring_max(f->ring) ? room : (toc_json_draft_bound(d, f->names) + 7) & ~(size_t)7;
}

/* Behind the event, where text is. */
static void put_line(struct toc_event *ev, struct toc_span line)
{
	uint8_t *end = (uint8_t *)ev + ev->size;
	const uint32_t n = (uint32_t)line.n, padded = (n + 7) & ~7u;
	memcpy(end, line.p, n);
	memset(end + n, 0, padded - n);
	ev->text = ev->size;
	ev->text_n = n;
	ev->size += padded;
	ev->flags |= TOC_EVENT_LINE;
}

static void take(struct toc_emit *emit, struct toc_draft *d)
{
	struct toc_feed *f = (struct toc_feed *)emit;
	size_t size = toc_draft_size(d), room = size;
	bool print = f->print.on && (!f->print.kinds || f->print.kinds[d->head.kind]);
	if (!d->head.at) {
		d->head.at = f->at;
		d->head.ordinal = f->ordinal;
	}
	d->head.index = next_index(f, d->head.at, d->head.ordinal, d->head.index);
	if (print)
		room += text_room(f, d, size);
	struct toc_span line = toc_span_first(d->line, f->print.on ? 0 : TOC_LINE_MOST);
	room += (line.n + 7) & ~(size_t)7;
	if (room > toc_ring_max(f->ring)) { /* only where somebody made the rings too small */
		f->too_large++;
		return;
	}
	uint8_t *record = toc_ring_reserve_wait(f->ring, room);
	struct toc_event *ev = toc_draft_seal(d, record);
	if (print) {
		ev->text = ev->size;
		ev->text_n = (uint32_t)toc_json_event(ev, f->names, (char *)record + ev->text);
		ev->size += (ev->text_n + 7) & ~7u;
		toc_ring_shrink(f->ring, ev->size);
	} else if (line.n) {
		put_line(ev, line);
	}
	toc_ring_push(f->ring);
	f->events++;
}

void toc_feed_init(struct toc_feed *f, struct toc_ring *ring, const struct toc_intern *names, struct toc_print print)
{
	*f = (struct toc_feed){ .emit = { take }, .ring = ring, .names = names, .print = print };
	f->last.at = INT64_MIN;
}

void toc_feed_tally(struct toc_feed *f, uint64_t came, uint64_t lost)
{
	struct toc_event *ev = toc_ring_reserve_wait(f->ring, sizeof(*ev));
	*ev = (struct toc_event){ .size = sizeof(*ev),
				  .at = f->at,
				  .ordinal = f->ordinal,
				  .index = next_index(f, f->at, f->ordinal, 0),
				  .flags = TOC_EVENT_TALLY,
				  .uid = came,
				  .ts = (toc_time)lost };
	toc_ring_push(f->ring);
}

void toc_feed_tick(struct toc_feed *f, toc_time at, uint64_t ordinal, unsigned flags)
{
	struct toc_event *ev = toc_ring_reserve_wait(f->ring, sizeof(*ev));
	*ev = (struct toc_event){
		.size = sizeof(*ev), .at = at, .ordinal = ordinal, .flags = (uint16_t)(TOC_EVENT_TICK | flags)
	};
	toc_ring_push(f->ring);
	if (flags)
		toc_ring_flush(f->ring); /* somebody waits for the end of a batch, or of all */
}
