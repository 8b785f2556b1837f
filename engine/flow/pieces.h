/* pieces - parts of a file that came before what is in front of them, by their places, within bounds. */
#ifndef FLOW_PIECES_H
#define FLOW_PIECES_H

#include "tocsin/span.h"

struct piece {
	struct piece *next;
	uint64_t at;
	size_t n, room;
	uint8_t bytes[];
};

/* What all files of a table keep. */
struct pieces_budget {
	size_t bytes;
};

/* Of one file: ascending, not overlapping. */
struct pieces {
	struct piece *first;
	size_t bytes;
	unsigned n;
};

enum { PIECES_BYTES = 4 << 20, PIECES_ALL_BYTES = 64 << 20, PIECES_MOST = 64 };

/* What overlaps is passed over: the first that came stays. False: no room for all of it, some may have been kept. */
bool pieces_add(struct pieces *p, struct pieces_budget *all, uint64_t at, struct toc_span bytes);

/* Takes the first one out, freed by pieces_free; NULL: there is none. */
struct piece *pieces_take(struct pieces *p);
void pieces_free(struct pieces_budget *all, struct piece *piece);

#endif
