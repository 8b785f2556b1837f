/* gather - runs of bytes, merged as they come. */
#include "decoders/gather.h"

bool gather_add(struct gather *g, uint32_t from, uint32_t to)
{
	uint32_t first = 0, last;
	if (from >= to)
		return true;
	while (first < g->n && g->run[first].to < from)
		first++;
	for (last = first; last < g->n && g->run[last].from <= to; last++) {
		from = g->run[last].from < from ? g->run[last].from : from;
		to = g->run[last].to > to ? g->run[last].to : to;
	}
	if (last == first) { /* touches none */
		if (g->n == GATHER_RUNS)
			return false;
		for (uint32_t i = g->n++; i > first; i--)
			g->run[i] = g->run[i - 1];
	} else { /* takes the place of all that it touches */
		for (uint32_t i = last; i < g->n; i++)
			g->run[first + 1 + i - last] = g->run[i];
		g->n -= last - first - 1;
	}
	g->run[first].from = from;
	g->run[first].to = to;
	return true;
}

uint32_t gather_whole(const struct gather *g)
{
	return g->n && g->run[0].from == 0 ? g->run[0].to : 0;
}
