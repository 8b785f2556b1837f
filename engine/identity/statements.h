/* statements - what is kept of an address or a device: what the chain asks in two lines of the cache, the rest beside.
 */
#ifndef IDENTITY_STATEMENTS_H
#define IDENTITY_STATEMENTS_H

#include "identity/bindings.h"

/*
 * A cell of the table. Of each kind the newest statement's times stand here, so that most questions are answered
 * without a look at the statement; its text, source and elders are found by its place in the store.
 */
struct toc_known {
	struct toc_addr key;
	toc_time from[TOC_NBINDS], until[TOC_NBINDS];
	toc_time said[TOC_NBINDS];
	toc_time crowd_from, crowd_until;
	uint32_t newest[TOC_NBINDS]; /* 0: none */
	struct toc_mac device;	     /* what the newest text of TOC_BIND_MAC says */
	uint8_t confidence[TOC_NBINDS];
	uint8_t marks; /* ELDERS shifted by the kind: there are older ones; IS_DEVICE: device is one */
};
enum { ELDERS = 1, IS_DEVICE = 0x80 };
_Static_assert(sizeof(struct toc_known) == 128, "two lines of the cache");

/* One statement in the store, and the place of the one before it. */
struct statement {
	struct toc_bound bound;
	uint32_t older; /* also the next free place; 0: none */
};

/* All statements; places are given anew. Zero at first. */
struct statements {
	struct statement *all;
	uint32_t n, room, free;
};

void statements_free(struct statements *s);

/* The history of the kind, newest first; the empty ones are zeroed. */
void statements_read(const struct statements *s, const struct toc_known *k, enum toc_binding_kind kind,
		     struct toc_bound was[TOC_BOUND_HISTORY]);
/* Keeps it. false: no memory, then all of the kind is forgotten. */
bool statements_write(struct statements *s, struct toc_known *k, enum toc_binding_kind kind,
		      const struct toc_bound was[TOC_BOUND_HISTORY]);
/* Of all kinds, before the cell is used again. */
void statements_drop(struct statements *s, const struct toc_known *k);

#endif
