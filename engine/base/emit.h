/* emit - where a stage hands its events: the worker's sealing end, or a test's list. */
#ifndef BASE_EMIT_H
#define BASE_EMIT_H

#include "tocsin/draft.h"

/*
 * The stage sets kind, ts, uid and fields; for events of a timer it also sets head.at (the deadline) and head.ordinal
 * (of the flow's first packet). `event` adds at and ordinal where they are 0, numbers the events of one input from
 * head.index on, seals and forgets: the draft may be reused on return. A frame is one input to several stages where it
 * carries packets: what is told of a packet has its depth, in the bits from TOC_INDEX_BITS up. Embedded in the
 * receiver's own struct.
 */
enum { TOC_INDEX_BITS = 24 };

struct toc_emit {
	void (*event)(struct toc_emit *self, struct toc_draft *d);
};

#endif
