/* pressure - how full a queue is, as a level: it rises at once, and falls a step at a time when it has been calm. */
#ifndef BASE_PRESSURE_H
#define BASE_PRESSURE_H

#include "tocsin/time.h"

enum { TOC_PRESSURE_WHOLE = 1000 }; /* a full queue */

struct toc_pressure_config {
	unsigned levels;      /* 0: the level is always 0 */
	unsigned begin, full; /* fill from which the first and the last level hold; the others lie between, evenly */
	toc_time calm;	      /* so long the fill must be below half of what a level begins at, to leave it */
};

struct toc_pressure {
	unsigned level;
	toc_time since; /* of the calm; TOC_NEVER: it is none */
};

/* Begins at level 0. */
void toc_pressure_init(struct toc_pressure *p);

/* fill: of TOC_PRESSURE_WHOLE. at: must not stand still, may jump. The level from here on. */
unsigned toc_pressure_step(struct toc_pressure *p, const struct toc_pressure_config *config, unsigned fill,
			   toc_time at);

#endif
