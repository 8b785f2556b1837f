/* clock - the sources of log lines and how far their clocks can be believed (design.md section 1, "Clocks of sources").
 */
#ifndef NORMALISE_CLOCK_H
#define NORMALISE_CLOCK_H

#include "base/hash.h"
#include "tocsin/addr.h"
#include "tocsin/time.h"

struct clocks;

/* most: sources at most, the least recently heard goes first. tolerance: ns. Owned by the caller; NULL: no memory. */
struct clocks *clocks_new(unsigned most, toc_time tolerance, const struct toc_hash_key *key);
void clocks_free(struct clocks *c);

/* Who speaks: peer (all zero: none), host (empty where hosts are not believed), hint. Its clock is chosen for _believe;
 * returns its number, never 0. */
uint32_t clocks_source(struct clocks *c, const struct toc_addr *peer, struct toc_span host, uint32_t hint);

/*
 * Is a time that this source wrote, received at `receipt`, believable: not ahead of receipt by more than what the
 * source is usually ahead, and the tolerance? Only this source's clock learns from it.
 */
bool clocks_believe(struct clocks *c, toc_time written, toc_time receipt);

#endif
