/* live - the configured interfaces as sources of workers. */
#ifndef APP_LIVE_H
#define APP_LIVE_H

#include "app/pipeline.h"

struct toc_live_source {
	struct toc_source source; /* first: the worker is given this */
	struct toc_capture *capture;
	const struct toc_interface *interface;
	struct toc_steady *steady; /* borrowed */
	toc_time at;		   /* last one given */
	int64_t told;		   /* second in which the workers were last told what was lost */
	struct toc_capture_stats last;
};

struct toc_live_sources {
	struct toc_live_source at[TOC_INTERFACES * TOC_WORKERS];
	unsigned n;
};

/* Opens all interfaces and adds their workers. -1, or an exit status after a message. */
int toc_live_open(struct toc_live_sources *l, struct toc_pipeline *p);
/* Says what the kernel dropped, an interface a line; then closes. */
void toc_live_report(struct toc_live_sources *l);
/* After the run: says which interface went away; true when none did. */
bool toc_live_whole(const struct toc_live_sources *l, const struct toc_pipeline *p);
/* While it runs: an interface was taken away. */
bool toc_live_gone(const struct toc_live_sources *l, const struct toc_pipeline *p);
void toc_live_close(struct toc_live_sources *l);

#endif
