/*
 * funnel - from the wire to Redis, a stage each: what came in, what went on, and every loss by its name. Where a stage
 * has losses, in = out + their sum; what harms and takes nothing away stands apart. Numbers of other threads are as
 * they published them last (worker.h), so what is on its way between two stages is in neither.
 */
#ifndef APP_FUNNEL_H
#define APP_FUNNEL_H

#include <stdio.h>

#include "app/control_text.h"

enum { TOC_FUNNEL_STAGES = 12, TOC_FUNNEL_COUNTS = 32 };

struct toc_funnel_count {
	const char *name;
	uint64_t n;
};

struct toc_funnel_stage {
	const char *name, *unit;
	uint64_t in, out;
	struct toc_funnel_count lost[TOC_FUNNEL_COUNTS]; /* only what is not 0 */
	struct toc_funnel_count harm[TOC_FUNNEL_COUNTS]; /* the same: events that are poorer, connections refused */
	unsigned nlost, nharm;
};

struct toc_funnel {
	struct toc_funnel_stage at[TOC_FUNNEL_STAGES];
	unsigned n;
};

/* s: what the engine's thread told. Any thread but the engine's. */
void toc_funnel_read(struct toc_funnel *f, const struct control_status *s, const struct toc_pipeline *p);

/* The losses of a stage together. */
uint64_t toc_funnel_lost(const struct toc_funnel_stage *s);

/* A JSON list; a line a stage for people. */
void toc_funnel_write(const struct toc_funnel *f, FILE *out);
void toc_funnel_print(const struct toc_funnel *f, FILE *out);

#endif
