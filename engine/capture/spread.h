/* spread - the hash that gives frames to workers, once in C and once as a kernel program. */
#ifndef CAPTURE_SPREAD_H
#define CAPTURE_SPREAD_H

#include <pcap/pcap.h>
#include <stdint.h>

#include "capture/capture.h"
#include "tocsin/cursor.h"

#define SPREAD_PROGRAM 256 /* instructions at most */

/*
 * Writes the classic BPF program that returns toc_spread of an Ethernet frame. `protocol` is where it loads the
 * EtherType (2 bytes) from, `network` where the network header begins: 12 and 14 in a plain frame; the kernel has its
 * own offsets, which are right whether or not it has taken the outer VLAN tag off. Returns the number of instructions.
 */
unsigned spread_program(struct bpf_insn out[SPREAD_PROGRAM], uint32_t protocol, uint32_t network);

/*
 * Sets *in to the IP header behind VLAN tags, a PPPoE session, MPLS labels and an Ethernet pseudowire; its EtherType,
 * or 0 where there is none or the link is not known.
 */
uint16_t spread_network(const struct toc_frame *frame, struct toc_cursor *in);

#endif
