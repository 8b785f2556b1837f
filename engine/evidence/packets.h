/* packets - one worker's packets, cut to their headers, into a queue that a clerk empties; it never waits. */
#ifndef EVIDENCE_PACKETS_H
#define EVIDENCE_PACKETS_H

#include <stdatomic.h>

#include "base/ring.h"
#include "flow/flow.h"

/* As it lies in queues and in the store: this, then n bytes, padded to 8. */
struct packet_record {
	uint32_t size; /* of the record; first: a ring asks so */
	uint32_t wire_len;
	toc_time ts;
	uint64_t uid, ordinal;
	uint16_t iface, linktype;
	uint16_t headers, n; /* bytes up to the transport's payload; all of them */
};
_Static_assert(sizeof(struct packet_record) == 40, "the head has no holes");

/* A service of whose flows some rule wants payload. */
struct payload_wish {
	const char *service; /* NULL: the end */
	uint16_t bytes;	     /* of each direction */
};

/* Of a flow the first packets are kept, then those that end it: what it was and how it went. */
enum { PACKETS_OF_FLOW = 64, PACKET_HEADERS_MOST = 512 };

struct packets {
	struct toc_packet_tap tap;	   /* first: flow is given this */
	struct toc_ring *ring;		   /* borrowed */
	const struct toc_frame *frame;	   /* that the packet lies in; set before flow gets it */
	const struct payload_wish *wishes; /* NULL: none */
	_Atomic uint64_t taken, lost;	   /* lost: the clerk was behind */
	_Atomic uint64_t shapeless;	   /* put together from fragments, or headers too long: not kept */
};

void packets_init(struct packets *p, struct toc_ring *ring);

/* Services whose payload is never kept, whatever a rule says (policy.md 2.7). */
bool packets_is_mail(const char *service, size_t n);

#endif
