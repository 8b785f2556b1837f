/* pieces - a sorted list; bytes that go on where one ends are put to it. */
#include "flow/pieces.h"

#include <stdlib.h>

enum { LEAST_ROOM = 4096 };

static bool has_room(const struct pieces *p, const struct pieces_budget *all, size_t more)
{
	return p->bytes + more <= PIECES_BYTES && all->bytes + more <= PIECES_ALL_BYTES;
}

static void charge(struct pieces *p, struct pieces_budget *all, size_t more)
{
	p->bytes += more;
	all->bytes += more;
}

/* Room for n bytes more in *piece, which may move; NULL becomes a new one, in nobody's list. */
static bool make_room(struct pieces *p, struct pieces_budget *all, struct piece **piece, size_t n)
{
	struct piece *old = *piece;
	size_t used = old ? old->n : 0, had = old ? old->room : 0, room = had ? had : LEAST_ROOM;
	if (old && n <= had - used)
		return true;
	while (room - used < n)
		room *= 2;
	if ((!old && p->n == PIECES_MOST) || !has_room(p, all, room - had))
		return false;
	struct piece *grown = realloc(old, sizeof(*grown) + room);
	if (!grown)
		return false;
	charge(p, all, room - had);
	if (!old)
		*grown = (struct piece){ .n = 0 };
	grown->room = room;
	*piece = grown;
	return true;
}

/* The bytes go on where *last ends, or are a piece of their own in front of *link. */
static bool put(struct pieces *p, struct pieces_budget *all, struct piece **last, struct piece **link, uint64_t at,
		struct toc_span bytes)
{
	struct piece *new = NULL, **to = last && (*last)->at + (*last)->n == at ? last : &new;
	if (!make_room(p, all, to, bytes.n))
		return false;
	memcpy((*to)->bytes + (*to)->n, bytes.p, bytes.n);
	(*to)->n += bytes.n;
	if (!new)
		return true;
	new->at = at;
	new->next = *link;
	*link = new;
	p->n++;
	return true;
}

bool pieces_add(struct pieces *p, struct pieces_budget *all, uint64_t at, struct toc_span bytes)
{
	while (bytes.n) {
		struct piece **last = NULL, **link = &p->first;
		for (; *link && (*link)->at <= at; link = &(*link)->next)
			last = link;
		uint64_t end = last ? (*last)->at + (*last)->n : 0;
		uint64_t n = end > at ? end - at : *link ? (*link)->at - at : bytes.n;
		struct toc_span some = toc_span_first(bytes, n < bytes.n ? (size_t)n : bytes.n);
		if (end <= at && !put(p, all, last, link, at, some))
			return false;
		at += some.n;
		bytes = toc_span_from(bytes, some.n);
	}
	return true;
}

struct piece *pieces_take(struct pieces *p)
{
	struct piece *piece = p->first;
	if (!piece)
		return NULL;
	p->first = piece->next;
	p->n--;
	p->bytes -= piece->room;
	return piece;
}

void pieces_free(struct pieces_budget *all, struct piece *piece)
{
	all->bytes -= piece->room;
	free(piece);
}
