/* courier - the delivery thread: the journal as the engine's outlet, and Redis as its reader. */
#ifndef APP_COURIER_H
#define APP_COURIER_H

#include "app/config.h"
#include "app/fence.h"
#include "base/opener.h"
#include "deliver/redis.h"
#include "tocsin/alert.h"

struct toc_courier;

/* How delivery stands, as `tocsin status` and {tocsin}:health:SENSOR tell it. */
struct toc_courier_status {
	char trouble[1024]; /* the setting, the endpoint, what is wrong or what the server answered; empty: connected */
	toc_time away;	    /* for so long, while there is trouble */
	uint64_t waiting;   /* bytes of the journal that are not confirmed yet */
	uint64_t in_memory, lost; /* alerts that the journal has no room for; that were kept nowhere */
	struct toc_journal_counters journal;
	struct toc_redis_counters redis;
};
/* Any thread. */
void toc_courier_status(struct toc_courier *c, struct toc_courier_status *out);
/* The members of a JSON object, without its braces. Returns their length, cut to room. */
size_t toc_courier_status_json(const struct toc_courier_status *s, char *out, size_t room);

/* The engine's thread: where what it has given ends in the journal; and how much of that Redis has confirmed. */
toc_journal_pos toc_courier_end(struct toc_courier *c);
toc_journal_pos toc_courier_confirmed(const struct toc_courier *c);

/* Before the engine runs: what it tells next refers to what the journal has of the last run. c NULL: nothing. */
struct toc_alerts;
void toc_courier_chain(const struct toc_courier *c, struct toc_alerts *alerts);

/* The engine's thread, now and then: what waits in memory for the disk is tried again. */
void toc_courier_tick(struct toc_courier *c);

/* The journal's folder below the state folder. false: the name is too long. */
enum { TOC_FOLDER_MOST = 960 }; /* room for a segment's name behind it in an ask */
bool toc_courier_folder(const struct toc_config *config, char out[TOC_FOLDER_MOST]);

/*
 * Opens the journal in the state folder (temporary: a new folder that is removed at the end). opener makes its segments
 * and connects; it lives as long. NULL after a message. Owned by the caller.
 */
struct toc_courier *toc_courier_new(const struct toc_config *config, bool temporary, const struct toc_opener *opener);

/* Starts the thread; not before the process has forked for good. false after a message. */
bool toc_courier_start(struct toc_courier *c, struct toc_fences *fences);

/* The outlet that the engine writes to; *self is what it is called with. */
const struct toc_outlet *toc_courier_outlet(struct toc_courier *c, void **self);

/*
 * The engine is done: delivers what the journal still holds, for at most `patience` ns, and ends the thread. false:
 * Redis was away and alerts stay in the journal (said on stderr, with their number and where they are).
 */
bool toc_courier_finish(struct toc_courier *c, toc_time patience);
void toc_courier_free(struct toc_courier *c);

#endif
