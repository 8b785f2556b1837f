/* courier - the delivery thread: the journal as the engine's outlet, and Redis as its reader. */
#ifndef APP_COURIER_H
#define APP_COURIER_H

#include "app/config.h"
#include "base/opener.h"
#include "tocsin/alert.h"

struct toc_courier;

/* The journal's folder below the state folder. false: the name is too long. */
enum { TOC_FOLDER_MOST = 960 }; /* room for a segment's name behind it in an ask */
bool toc_courier_folder(const struct toc_config *config, char out[TOC_FOLDER_MOST]);

/*
 * Opens the journal in the state folder (temporary: a new folder that is removed at the end). opener makes its segments
 * and connects; it lives as long. NULL after a message. Owned by the caller.
 */
struct toc_courier *toc_courier_new(const struct toc_config *config, bool temporary, const struct toc_opener *opener);

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
