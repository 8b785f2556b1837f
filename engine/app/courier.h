/* courier - the delivery thread: the journal as the engine's outlet, and Redis as its reader. */
#ifndef APP_COURIER_H
#define APP_COURIER_H

#include "app/config.h"
#include "tocsin/alert.h"

struct toc_courier;

/*
 * Opens the journal in the state folder (temporary: a new folder that is removed at the end). NULL after a message.
 * Owned by the caller.
 */
struct toc_courier *toc_courier_new(const struct toc_config *config, bool temporary);

/* Starts the thread; not before the process has forked for good. false after a message. */
bool toc_courier_start(struct toc_courier *c);

/* The outlet that the engine writes to; *self is what it is called with. */
const struct toc_outlet *toc_courier_outlet(struct toc_courier *c, void **self);

/*
 * The engine is done: delivers what the journal still holds, for at most `patience` ns, and ends the thread. false:
 * Redis was away and alerts stay in the journal (said on stderr, with their number and where they are).
 */
bool toc_courier_finish(struct toc_courier *c, toc_time patience);
void toc_courier_free(struct toc_courier *c);

#endif
