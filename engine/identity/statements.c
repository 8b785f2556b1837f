/* statements - a store that grows, with a list of its free places. */
#include "identity/statements.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST = 1024 };

void statements_free(struct statements *s)
{
	free(s->all);
	*s = (struct statements){ 0 };
}

/* A place, or 0: no memory. Place 0 is nobody's. */
static uint32_t take(struct statements *s)
{
	uint32_t place = s->free;
	if (place) {
		s->free = s->all[place].older;
		return place;
	}
	if (s->n + 1 >= s->room) {
		uint32_t room = s->room ? 2 * s->room : FIRST;
		struct statement *all = room > s->room ? realloc(s->all, room * sizeof(*all)) : NULL;
		if (!all)
			return 0;
		s->all = all;
		s->room = room;
	}
	return ++s->n;
}

static void give_back(struct statements *s, uint32_t place)
{
	while (place) {
		uint32_t older = s->all[place].older;
		s->all[place].older = s->free;
		s->free = place;
		place = older;
	}
}

void statements_read(const struct statements *s, const struct toc_known *k, enum toc_binding_kind kind,
		     struct toc_bound was[TOC_BOUND_HISTORY])
{
	unsigned n = 0;
	for (uint32_t place = k->newest[kind]; place && n < TOC_BOUND_HISTORY; place = s->all[place].older)
		was[n++] = s->all[place].bound;
	memset(&was[n], 0, (TOC_BOUND_HISTORY - n) * sizeof(*was));
}

/* What the cell itself tells of the newest one. */
static void summarise(struct toc_known *k, enum toc_binding_kind kind, const struct toc_bound *newest, bool elders)
{
	k->from[kind] = newest->from;
	k->until[kind] = newest->until;
	k->said[kind] = newest->said;
	k->confidence[kind] = newest->confidence;
	k->marks = (uint8_t)((k->marks & ~(ELDERS << kind)) | (elders ? ELDERS << kind : 0));
	if (kind != TOC_BIND_MAC)
		return;
	k->marks &= (uint8_t)~IS_DEVICE;
	if (toc_mac_parse(toc_span_str(newest->text), &k->device))
		k->marks |= IS_DEVICE;
}

bool statements_write(struct statements *s, struct toc_known *k, enum toc_binding_kind kind,
		      const struct toc_bound was[TOC_BOUND_HISTORY])
{
	uint32_t places[TOC_BOUND_HISTORY + 1] = { 0 };
	unsigned n = 0;
	give_back(s, k->newest[kind]);
	k->newest[kind] = 0;
	while (n < TOC_BOUND_HISTORY && was[n].text[0]) {
		places[n] = take(s);
		if (!places[n++])
			n = TOC_BOUND_HISTORY + 1;
	}
	const bool whole = n <= TOC_BOUND_HISTORY;
	for (unsigned i = TOC_BOUND_HISTORY; i-- > 0;) {
		if (!places[i])
			continue;
		s->all[places[i]].bound = was[i];
		s->all[places[i]].older = whole ? places[i + 1] : s->free;
		if (!whole)
			s->free = places[i];
	}
	if (whole)
		k->newest[kind] = places[0];
	summarise(k, kind, &was[0], whole && places[1]);
	return whole;
}

void statements_drop(struct statements *s, const struct toc_known *k)
{
	for (unsigned kind = 0; kind < TOC_NBINDS; kind++)
		give_back(s, k->newest[kind]);
}
