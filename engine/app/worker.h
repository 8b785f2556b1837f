/* worker - one packet thread: frames from its source through decode and flow into its feed. */
#ifndef APP_WORKER_H
#define APP_WORKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "app/feed.h"
#include "app/wanted.h"
#include "app/wire_syslog.h"
#include "capture/capture.h"
#include "decode/decode.h"
#include "evidence/packets.h"
#include "flow/flow.h"

/* Where a worker's frames come from: a stored capture, a live interface, or the reader's ring. */
struct toc_source {
	/*
	 * The next frame (borrowed until the next call). IDLE: out->at is set and nothing before it will come (live:
	 * the clock; replay: the reader's word). END and BROKEN are final.
	 */
	enum toc_read (*next)(struct toc_source *self, struct toc_frame *out);
};

struct toc_worker {
	struct toc_source *source; /* borrowed */
	struct toc_feed feed;
	struct toc_decode *decode; /* owned from here on by the worker */
	struct toc_flows *flows;
	struct packets *packets;		  /* for the clerk's; NULL: none are kept. Borrowed */
	struct toc_wire_syslog syslog;		  /* where the configuration has it */
	_Atomic bool *stop;			  /* live: end at the next chance */
	struct toc_wanted *const _Atomic *wanted; /* another one, when rules were read again */
	const struct toc_wanted *runs;		  /* the one that the flows have */
	_Atomic uint64_t turns;			  /* of the loop: it moves, if only to find nothing */
	enum toc_read ended;			  /* END or BROKEN, after the thread has ended */
	pthread_t thread;
};

/* The thread's function; arg = struct toc_worker *. */
void *toc_worker_run(void *arg);
void toc_worker_free(struct toc_worker *w);

#endif
