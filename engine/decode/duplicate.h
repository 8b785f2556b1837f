/* duplicate - packets that two mirrors show: the same but for VLAN tags, tunnels and what a router changes on the way.
 */
#ifndef DECODE_DUPLICATE_H
#define DECODE_DUPLICATE_H

#include "base/hash.h"
#include "tocsin/packet.h"

struct duplicates;

/* NULL without memory. */
struct duplicates *duplicates_new(toc_time within, const struct toc_hash_key *key);
void duplicates_free(struct duplicates *d);

/*
 * Whether the same IP packet (all captured bytes from its header on) was seen less than `within` ago. A sender's own
 * retransmission has another IP identification; where there is none (IPv6), one this early, byte for byte the same,
 * brings nothing that is not there.
 */
bool duplicates_seen(struct duplicates *d, const struct toc_packet *p, struct toc_span packet, uint8_t version);

#endif
