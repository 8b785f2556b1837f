/* skew - how far the clocks of those who send events are off, so that what they tell can be put on one clock. */
#ifndef IDENTITY_SKEW_H
#define IDENTITY_SKEW_H

#include "base/hash.h"
#include "tocsin/event.h"

struct skew;

/* Of so many sources at most. Owned by the caller; NULL: no memory. */
struct skew *skew_new(uint32_t most, const struct toc_hash_key *key);
void skew_free(struct skew *s);

/*
 * When the event happened by our clock: its own time less what its source's clock is off. A line that was received at
 * once shows that; late ones do not, so the least late of the last ten to twenty minutes counts. Of a source whose
 * lines may all be `late` (the configuration says so: a cloud that is asked every few minutes) only what is beyond that
 * is its clock's. Learns from the event.
 */
toc_time skew_right(struct skew *s, const struct toc_event *ev, toc_time late);

#endif
