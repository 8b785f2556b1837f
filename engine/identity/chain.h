/* chain - from an address to its device, and from both to who was there. */
#ifndef IDENTITY_CHAIN_H
#define IDENTITY_CHAIN_H

#include "identity/bindings.h"

/* What held of an address at a moment; NULL: not known. */
struct toc_chain {
	const struct toc_bound *mac, *host, *user, *place;
	bool crowd; /* many people at once: none of them is named */
};

/*
 * Of each of n addresses (TOC_LOOKS at most): the device that has it; the user who was told of the device or of the
 * address while that device had it, whichever began later. Pointers hold until the next learn.
 */
void toc_chains_at(const struct toc_bindings *b, const struct toc_addr *a, unsigned n, toc_time at,
		   struct toc_chain *out);

#endif
