/* merge - the streams of all threads into one, in the order (at, ordinal, index). */
#ifndef EVENT_MERGE_H
#define EVENT_MERGE_H

#include "base/ring.h"
#include "tocsin/event.h"

struct toc_merge;

/*
 * rings: one per thread, borrowed. `spills`: while the merge waits for others, this ring is emptied into memory, so
 * that threads which share a reader cannot block each other (design.md section 1, hand-over). Owned by the caller.
 */
struct toc_merge *toc_merge_new(struct toc_ring *const *rings, const bool *spills, unsigned n, struct toc_bell *bell);
void toc_merge_free(struct toc_merge *m);

enum toc_merged { TOC_MERGED_EVENT, TOC_MERGED_TICK, TOC_MERGED_IDLE, TOC_MERGED_END };

/*
 * The next event of the merged stream; borrowed until the next call. TICK: *at is a time before which nothing will
 * come any more (no event). IDLE: nothing within timeout_ms. END: all threads have sent their last record.
 */
enum toc_merged toc_merge_next(struct toc_merge *m, int timeout_ms, const struct toc_event **ev, toc_time *at);

/* Bytes that were set aside at the worst moment. */
size_t toc_merge_spilled(const struct toc_merge *m);

#endif
