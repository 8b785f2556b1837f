/* evidence - copies of the events that fed a cell: the first few and the latest. */
#include <string.h>

#include "correlate/state.h"

/* Text that a worker formatted ahead is left out: evidence is printed anew, masked. A line stays. */
static uint32_t size_of(const struct toc_event *ev)
{
	if (!ev)
		return 0;
	return ev->text && !(ev->flags & TOC_EVENT_LINE) ? ev->text : ev->size;
}

static void put(struct budget *b, struct toc_event **into, uint32_t *room, const struct toc_event *ev)
{
	const uint32_t size = size_of(ev);
	if (size > *room) {
		void *more = budget_resize(b, *into, *room, size);
		if (!more) {
			budget_free(b, *into, *room);
			*into = NULL;
			*room = 0;
			return;
		}
		*into = more;
		*room = size;
	}
	if (size == 0 || !*into) {
		budget_free(b, *into, *room);
		*into = NULL;
		*room = 0;
		return;
	}
	memcpy(*into, ev, size);
	(*into)->size = size;
	if (!((*into)->flags & TOC_EVENT_LINE))
		(*into)->text = (*into)->text_n = 0;
}

static void release(struct budget *b, struct evidence *e)
{
	budget_free(b, e->ev, e->ev_room);
	budget_free(b, e->who, e->who_room);
}

/* The place for the next pair; at the end the oldest of the later ones makes room, and its blocks serve again. */
static struct evidence *place(struct cell *cell)
{
	struct evidence *all = cell->evidence;
	if (cell->nevidence == TOC_EVIDENCE) {
		struct evidence again = all[CELL_EARLY];
		memmove(&all[CELL_EARLY], &all[CELL_EARLY + 1], (TOC_EVIDENCE - CELL_EARLY - 1) * sizeof(*all));
		all[TOC_EVIDENCE - 1] = again;
		cell->nevidence--;
	} else if (cell->nevidence == cell->evidence_room) {
		const unsigned room = cell->evidence_room ? 2u * cell->evidence_room : 1;
		all = budget_resize(&cell->of->budget, all, cell->evidence_room * sizeof(*all), room * sizeof(*all));
		if (!all)
			return NULL;
		memset(all + cell->evidence_room, 0, (room - cell->evidence_room) * sizeof(*all));
		cell->evidence = all;
		cell->evidence_room = (uint8_t)room;
	}
	return &all[cell->nevidence];
}

void evidence_keep(struct toc_correlator *c, struct cell *cell, const struct toc_view *view)
{
	struct budget *b = &cell->of->budget;
	if (!cells_make_way(c, cell->of, size_of(view->ev) + size_of(view->who) + 64, cell))
		return;
	struct evidence *e = place(cell);
	if (!e)
		return;
	put(b, &e->ev, &e->ev_room, view->ev);
	put(b, &e->who, &e->who_room, view->who);
	if (e->ev)
		cell->nevidence++;
}

void evidence_forget(struct cell *cell, toc_time until)
{
	unsigned n = 0;
	for (unsigned i = 0; i < cell->evidence_room; i++) {
		struct evidence e = cell->evidence[i];
		if (i >= cell->nevidence || e.ev->ts <= until)
			release(&cell->of->budget, &e);
		else
			cell->evidence[n++] = e;
	}
	if (n < cell->evidence_room)
		memset(&cell->evidence[n], 0, (cell->evidence_room - n) * sizeof(*cell->evidence));
	cell->nevidence = (uint8_t)n;
}

void evidence_free(struct cell *cell)
{
	for (unsigned i = 0; i < cell->evidence_room; i++) /* also blocks that wait to serve again */
		release(&cell->of->budget, &cell->evidence[i]);
	budget_free(&cell->of->budget, cell->evidence, cell->evidence_room * sizeof(*cell->evidence));
	budget_free(&cell->of->budget, cell->opener, size_of(cell->opener));
	cell->evidence = NULL;
	cell->opener = NULL;
	cell->nevidence = cell->evidence_room = 0;
}

void evidence_opener(struct cell *cell, const struct toc_event *cause)
{
	struct budget *b = &cell->of->budget;
	uint32_t room = 0;
	budget_free(b, cell->opener, size_of(cell->opener));
	cell->opener = NULL;
	if (cause)
		put(b, &cell->opener, &room, cause);
}
