/* receiving - the live log thread: sockets and followed files through the normaliser into its feed. */
#ifndef APP_RECEIVING_H
#define APP_RECEIVING_H

#include <pthread.h>
#include <stdatomic.h>

#include "app/claims.h"
#include "app/config.h"
#include "app/feed.h"
#include "app/fence.h"
#include "app/flooders.h"
#include "app/sources.h"
#include "app/steady.h"
#include "normalise/lines.h"
#include "receive/receive.h"

enum { TOC_CLAIMED = 1024 };

struct toc_receiving {
	struct toc_line_taker taker; /* first: receive is given this */
	struct toc_feed feed;
	struct toc_receiver *receiver;	    /* owned */
	struct toc_lines *direct, *relayed; /* owned: of listeners without and with relay */
	struct toc_sources *sources;	    /* owned; looked at while the receiver is held */
	struct toc_claims *claims;	    /* borrowed; NULL: nobody asks */
	struct toc_flooders *flooders;	    /* owned */
	uint64_t right[TOC_CLAIMED];	    /* names that were looked at this minute: hashes of peer, name and minute */
	const bool *relay;		    /* by listener */
	struct toc_steady *steady;	    /* borrowed */
	_Atomic bool *stop;
	struct toc_fences *fences; /* NULL: it has none. Borrowed */
	unsigned number;	   /* among the receivers' threads */
	uint64_t count;
	_Atomic uint64_t turns; /* of the loop: it moves, if only to find nothing */
	pthread_t thread;
};

/* The thread's function; arg = struct toc_receiving *. */
void *toc_receiving_run(void *arg);
/* The taker's functions, set by the owner. */
void toc_receiving_take(struct toc_line_taker *self, const struct toc_received *r);
bool toc_receiving_room(struct toc_line_taker *self);
void toc_receiving_free(struct toc_receiving *r);

#endif
