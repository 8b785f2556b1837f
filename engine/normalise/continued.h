/* continued - lines of Cisco's devices that go on with the message before them: "-Traceback: 0x…", "-Process: Name: …".
 */
#ifndef NORMALISE_CONTINUED_H
#define NORMALISE_CONTINUED_H

#include "base/hash.h"
#include "normalise/header.h"

struct continued;

/* Owned by the caller; NULL: no memory. */
struct continued *continued_new(const struct toc_hash_key *key);
void continued_free(struct continued *c);

/* Could it be one, or one that is gone on with, or one with AireOS' other mark? Cheap, for every line. */
bool continued_wanted(const struct header *h);

/*
 * What is to be read in the place of a line's message; every line stays a line. What goes on with a message that its
 * sender sent within the last ten seconds has its mnemonic before it: "%continued FAC-3-NAME: -Traceback: …". A
 * mnemonic with the mark # (AireOS, where it was queued) gets Cisco's %. The text holds until the next call.
 */
struct toc_span continued_take(struct continued *c, uint64_t sender, const struct header *h, toc_time at);

#endif
