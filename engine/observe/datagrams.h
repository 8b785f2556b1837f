/* datagrams - how much of UDP and ICMP went each way, from conn and transfer events, each packet counted once. */
#ifndef OBSERVE_DATAGRAMS_H
#define OBSERVE_DATAGRAMS_H

#include "observe/observer.h"

struct datagrams_fields {
	toc_field conn, ip[2], port[2], packets[2], bytes[2], ip_bytes[2], proto, duration;
};

/* [0] is the originator, [1] the responder. */
struct datagrams {
	struct toc_addr ip[2];
	uint16_t port[2];	       /* ICMP: see conn */
	uint64_t packets[2], bytes[2]; /* payload */
	int64_t bucket;		       /* of DATAGRAMS_STEP s */
	bool icmp;
	bool live; /* of a flow that goes on: told within 10 s; the others are told when they have timed out */
};

enum { DATAGRAMS_STEP = 10 };

void datagrams_init(struct datagrams_fields *f, struct toc_intern *names);

/* Whose is most: majority vote (Boyer and Moore), each packet or byte a voice. Starts zeroed. */
struct datagrams_most {
	struct toc_addr ip;
	uint64_t votes;
};
void datagrams_vote(struct datagrams_most *m, const struct toc_addr *ip, uint64_t voices);

/* False: another protocol, or a conn whose packets transfers have told. */
bool datagrams_read(const struct datagrams_fields *f, const struct toc_event *ev, struct datagrams *out);

#endif
