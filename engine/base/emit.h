/* emit - where a stage hands its events: the worker's sealing end, or a test's list. */
#ifndef BASE_EMIT_H
#define BASE_EMIT_H

#include "tocsin/draft.h"

/*
 * The stage sets kind, ts, uid and fields; for events of a timer it also sets head.at (the deadline) and head.ordinal
 * (of the flow's first packet). `event` adds at, ordinal and index where they are 0, seals and forgets: the draft may
 * be reused on return. Embedded in the receiver's own struct.
 */
struct toc_emit {
	void (*event)(struct toc_emit *self, struct toc_draft *d);
};

#endif
