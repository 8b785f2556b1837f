/* repeats - for how many messages a text stands, and the text without the words that say so. */
#ifndef NORMALISE_REPEATS_H
#define NORMALISE_REPEATS_H

#include "tocsin/span.h"

enum { REPEATS_ROOM = 2048 };

/*
 * "message repeated 3 times: [ … ]" (rsyslog, Cisco) is the inner text, with the mnemonic that stood before it;
 * "%LOG-3-Q_IND: … [...It occurred 3 times.!]" and "… Previous message occurred 3 times." (AireOS) what stands before.
 * *count: 1 where nothing is said. The text may lie in room.
 */
struct toc_span repeats_take(struct toc_span text, uint8_t room[REPEATS_ROOM], uint64_t *count);

#endif
