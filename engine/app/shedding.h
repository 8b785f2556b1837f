/* shedding - what a packet thread lets go when its queue fills, and the word about it. */
#ifndef APP_SHEDDING_H
#define APP_SHEDDING_H

#include <stdatomic.h>

#include "base/pressure.h"
#include "decode/decode.h"
#include "flow/flow.h"

/* `overload` of tocsin.yml: the order, and from where on. */
struct toc_shed_config {
	enum toc_shed order[TOC_SHEDS];
	struct toc_pressure_config pressure; /* a level for each of the order */
	size_t large, first;		     /* bytes; 0 = the stage's defaults */
};

struct toc_shedding {
	const struct toc_shed_config *config; /* borrowed */
	const char *name;		      /* of the queue, for words */
	struct toc_pressure pressure;
	_Atomic unsigned what; /* bits of enum toc_shed: for other threads to read */
	toc_time told;	       /* when the last word was said */
};

void toc_shedding_init(struct toc_shedding *s, const struct toc_shed_config *config, const char *name);

/* Now and then: how full the queue is, in thousandths, at the time of what comes from it. */
void toc_shedding_step(struct toc_shedding *s, unsigned fill, toc_time at, struct toc_decode *d, struct toc_flows *f);

/* The level's names, comma-separated, "" for none; returns out, which has TOC_SHED_TEXT bytes. */
enum { TOC_SHED_TEXT = 64 };
const char *toc_shedding_text(unsigned what, char *out);

#endif
