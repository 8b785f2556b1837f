/* worker - one packet thread: frames from its source through decode and flow into its feed. */
#ifndef APP_WORKER_H
#define APP_WORKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "app/feed.h"
#include "app/fence.h"
#include "app/shedding.h"
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
	/* How full the queue is that it reads from, in thousandths; NULL: it waits for us, nothing need be let go. */
	unsigned (*fill)(struct toc_source *self);
	/* Where fill is: how many frames have come to that queue and wait. */
	uint64_t (*waiting)(struct toc_source *self);
};

/* What a worker has counted, for others to read. */
struct toc_worker_tally {
	uint64_t came, lost;	    /* frames that the kernel saw, and had no room for: live only */
	uint64_t events, too_large; /* that it emitted; that had no room in a ring */
	struct toc_decode_counters decode;
	struct toc_flow_counters flow;
};

struct toc_worker {
	struct toc_source *source; /* borrowed */
	struct toc_feed feed;
	struct toc_decode *decode; /* owned from here on by the worker */
	struct toc_flows *flows;
	struct packets *packets;		  /* for the clerk's; NULL: none are kept. Borrowed */
	struct toc_wire_syslog syslog;		  /* where the configuration has it */
	struct toc_fences *fences;		  /* NULL: it has none. Borrowed */
	unsigned number;			  /* among the workers */
	unsigned place, sharers;		  /* replay: this one among those that share the captures; live: 0, 1 */
	bool apart;				  /* flows in different tunnels and VLANs are different */
	_Atomic bool *stop;			  /* live: end at the next chance */
	struct toc_wanted *const _Atomic *wanted; /* another one, when rules were read again */
	const struct toc_wanted *runs;		  /* the one that the flows have */
	_Atomic uint64_t turns;			  /* of the loop: it moves, if only to find nothing */
	struct toc_shedding shedding;
	pthread_mutex_t published_lock; /* of the tally below */
	struct toc_worker_tally counting,
		published;   /* as they are, the thread's; as they were at its last idle moment */
	enum toc_read ended; /* END or BROKEN, after the thread has ended */
	pthread_t thread;
};

/* The thread's function; arg = struct toc_worker *. */
void *toc_worker_run(void *arg);
/* Any thread: what it published last, at most some hundred frames or an idle moment ago. */
void toc_worker_tally_read(const struct toc_worker *w, struct toc_worker_tally *out);
void toc_worker_init(struct toc_worker *w);
void toc_worker_free(struct toc_worker *w);

#endif
