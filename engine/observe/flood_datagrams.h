/* flood_datagrams - packets of UDP and ICMP at one host, by steps of 10 s: the part of flood that asks for no answer.
 */
#ifndef OBSERVE_FLOOD_DATAGRAMS_H
#define OBSERVE_FLOOD_DATAGRAMS_H

#include "observe/datagrams.h"

struct datagram_key {
	struct toc_addr dst;
	uint8_t icmp, live, zero[6];
};

struct datagram_target {
	struct datagram_key key;
	int64_t bucket;
	uint64_t packets, answers; /* in that bucket */
	uint64_t peak, sum;	   /* of a run of buckets over the limit */
	uint16_t port;
	bool ports, over; /* more than one port; this bucket was told */
	struct datagrams_most source;
};

struct flood_datagrams;

/* Limits: packets a second. NULL: no memory. */
struct flood_datagrams *flood_datagrams_new(struct toc_intern *names, const struct toc_hash_key *key, int64_t udp_per_s,
					    int64_t icmp_per_s);
void flood_datagrams_free(struct flood_datagrams *f);

/* The target that this event took over the limit, once a bucket; else NULL. Valid until the next call. */
const struct datagram_target *flood_datagrams_see(struct flood_datagrams *f, const struct toc_event *ev);

#endif
