/*
 * canary - HLT-08: a line that somebody sends again and again (cron, logger -t tocsin-canary) goes the whole way, from
 * its listener over normaliser, rule, alert and journal to Redis and its confirmation. How long that took, and that it
 * does not come, is told. No stream gets it: it is one record of the journal, confirmed with the position behind it.
 */
#ifndef APP_CANARY_H
#define APP_CANARY_H

#include "app/courier.h"
#include "app/pipeline.h"

extern const struct toc_field_decl toc_canary_fields[];
extern const unsigned toc_canary_nfields;

struct toc_canary;

/* Watches where the configuration says so; its alerts are taken out either way. NULL: no memory. Owned by the caller.
 */
struct toc_canary *toc_canary_new(const struct toc_config *config);
/* Before the first tick. */
void toc_canary_names(struct toc_canary *c, struct toc_intern *names);
void toc_canary_free(struct toc_canary *c);

/* Stands before `next`, whose self is *self; courier: confirms, NULL = alerts go to stdout and that is the end. */
const struct toc_outlet *toc_canary_outlet(struct toc_canary *c, struct toc_courier *courier,
					   const struct toc_outlet *next, void **self);

/* In the engine's tick: looks what was confirmed; once a minute an event while one is overdue. */
void toc_canary_tick(struct toc_canary *c, const struct toc_pipeline *p);

struct toc_canary_status {
	bool on, overdue;
	bool arrived;	   /* one was confirmed since the start; else age is the time since that */
	toc_time every;	   /* that the configuration promises */
	toc_time age, way; /* since the line of the last one that was confirmed; that one's way */
	const char
		*missing_at; /* where it is missing: "line": no line made the rule alert; "delivery": not confirmed */
	uint64_t seen, confirmed;
};
/* In the engine's thread. */
void toc_canary_status(const struct toc_canary *c, struct toc_canary_status *out);

#endif
