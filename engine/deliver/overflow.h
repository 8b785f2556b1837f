/* overflow - the journal as an outlet that has 64 MiB of memory behind it: for a full disk, until it has room again. */
#ifndef DELIVER_OVERFLOW_H
#define DELIVER_OVERFLOW_H

#include "deliver/journal.h"

struct toc_overflow;

/*
 * lost: told of each alert that could be kept nowhere (why = errno of the journal), in the caller of take. most: bytes;
 * 0 = 64 MiB. Owned by the caller; the journal is borrowed.
 */
struct toc_overflow *toc_overflow_new(struct toc_journal *journal, size_t most,
				      void (*lost)(void *user, const struct toc_alert *alert, int why), void *user);
void toc_overflow_free(struct toc_overflow *o);

/* Tries to bring what waits in memory to the journal; from the thread of take, now and then. True: nothing waits. */
bool toc_overflow_flush(struct toc_overflow *o);

struct toc_overflow_counters {
	uint64_t lost, waited; /* alerts */
	_Atomic uint64_t waiting, bytes;
	_Atomic int why; /* errno of the journal when it refused what came last into memory */
};
const struct toc_overflow_counters *toc_overflow_count(const struct toc_overflow *o);

/* self = struct toc_overflow *. */
extern const struct toc_outlet toc_outlet_overflow;

#endif
