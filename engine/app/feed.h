/* feed - a thread's way into the engine: seals drafts into its ring, in order, with their text if wanted. */
#ifndef APP_FEED_H
#define APP_FEED_H

#include "base/emit.h"
#include "base/intern.h"
#include "base/ring.h"

/* Which kinds are printed (`--events`): formatting is done by the threads, so they must know. */
struct toc_print {
	bool on;
	const bool *kinds; /* by interned id of the kind, 65,536 entries; NULL = all */
};

/* Of a thread's count of its loop's turns: there will be no more. */
static const uint64_t TOC_TURNS_ENDED = UINT64_MAX;

struct toc_feed {
	struct toc_emit emit; /* first: stages are given this */
	struct toc_ring *ring;
	const struct toc_intern *names;
	struct toc_print print;
	toc_time at;	  /* of the input being worked on */
	uint64_t ordinal; /* of that input */
	struct {
		toc_time at;
		uint64_t ordinal;
		uint32_t index;
	} last; /* what the last record got */
	uint64_t events, too_large;
};

void toc_feed_init(struct toc_feed *f, struct toc_ring *ring, const struct toc_intern *names, struct toc_print print);

/* Of the frames before the present one `came` should have come, and `lost` of these did not: in order, for the engine.
 */
void toc_feed_tally(struct toc_feed *f, uint64_t came, uint64_t lost);

/* Promises that no event before (at, ordinal) will follow. flags: enum toc_event_flag beside TICK. Waits for room. */
void toc_feed_tick(struct toc_feed *f, toc_time at, uint64_t ordinal, unsigned flags);

#endif
