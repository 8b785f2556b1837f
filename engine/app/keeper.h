/*
 * keeper - the process that opens things for the engine and never reads a byte of traffic. The engine asks over a
 * socket pair; what the configuration does not name is refused; a descriptor comes back by SCM_RIGHTS (unix(7)).
 */
#ifndef APP_KEEPER_H
#define APP_KEEPER_H

#include <signal.h>
#include <sys/types.h>

#include "app/config.h"
#include "app/pulse.h"
#include "base/opener.h"

struct toc_keeper;

/* Threads of the engine that ask at the same time have a channel each, so that a slow answer delays one of them. */
enum toc_keeper_channel {
	TOC_KEEPER_INPUTS,
	TOC_KEEPER_DELIVERY,
	TOC_KEEPER_RULES,
	TOC_KEEPER_EVIDENCE,
	TOC_KEEPER_CHANNELS
};

/* Before the fork. journal: its folder. NULL after a message. Owned by the caller; config is borrowed. */
struct toc_keeper *toc_keeper_new(const struct toc_config *config, const char *journal);
void toc_keeper_free(struct toc_keeper *k);

/*
 * Until toc_keeper_engine() it opens by itself. What the channel of rules read until then it may read again, with all
 * that lies in the configured folders of rules. Lives as long as the keeper.
 */
const struct toc_opener *toc_keeper_opener(struct toc_keeper *k, enum toc_keeper_channel channel);

/* In the engine's process, after the fork: from now on the other process opens. */
void toc_keeper_engine(struct toc_keeper *k);

/*
 * In the keeper's process, after the fork: answers until the engine is gone; SIGTERM and SIGINT (blocked by the caller,
 * in *signals) are passed on to it, and SIGHUP. What the engine says in pulse (NULL: nothing) goes to supervisor, a
 * socket or -1. Returns the engine's wait status.
 */
int toc_keeper_serve(struct toc_keeper *k, pid_t engine, const sigset_t *signals, struct toc_pulse *pulse,
		     int supervisor);

#endif
