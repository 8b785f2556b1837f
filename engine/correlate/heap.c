/* heap - cells by the time at which they must be looked at. */
#include "correlate/state.h"

static toc_time time_of(const struct heap *h, const struct cell *c)
{
	return h->waits ? c->wait : c->wake;
}

static void set(struct heap *h, uint32_t at, struct cell *c)
{
	h->at[at] = c;
	if (h->waits)
		c->wait_at = at;
	else
		c->wake_at = at;
}

static uint32_t place(const struct heap *h, const struct cell *c)
{
	return h->waits ? c->wait_at : c->wake_at;
}

static void up(struct heap *h, uint32_t at)
{
	struct cell *c = h->at[at];
	for (; at && time_of(h, h->at[(at - 1) / 2]) > time_of(h, c); at = (at - 1) / 2)
		set(h, at, h->at[(at - 1) / 2]);
	set(h, at, c);
}

static void down(struct heap *h, uint32_t at)
{
	struct cell *c = h->at[at];
	for (;;) {
		uint32_t child = 2 * at + 1;
		if (child + 1 < h->n && time_of(h, h->at[child + 1]) < time_of(h, h->at[child]))
			child++;
		if (child >= h->n || time_of(h, h->at[child]) >= time_of(h, c))
			break;
		set(h, at, h->at[child]);
		at = child;
	}
	set(h, at, c);
}

bool heap_put(struct heap *h, struct cell *cell)
{
	uint32_t at = place(h, cell);
	if (at == NOWHERE) {
		if (h->n == h->room) {
			const uint32_t room = h->room ? 2 * h->room : 16;
			struct cell **more = realloc(h->at, room * sizeof(*more));
			if (!more)
				return false;
			h->at = more;
			h->room = room;
		}
		at = h->n++;
		set(h, at, cell);
	}
	up(h, at);
	down(h, place(h, cell));
	return true;
}

void heap_remove(struct heap *h, struct cell *cell)
{
	const uint32_t at = place(h, cell);
	if (at == NOWHERE)
		return;
	struct cell *last = h->at[--h->n];
	if (h->waits)
		cell->wait_at = NOWHERE;
	else
		cell->wake_at = NOWHERE;
	if (last == cell)
		return;
	set(h, at, last);
	up(h, at);
	down(h, place(h, last));
}
