/* checksum - one's complement sum of the Internet protocols (RFC 1071). */
#ifndef DECODE_CHECKSUM_H
#define DECODE_CHECKSUM_H

#include "tocsin/packet.h"

/*
 * Adds bytes to a running sum of 16-bit words in the machine's own order: the sum does not depend on byte order, so
 * only numbers that are not on the wire need htons. Bytes of odd length can only come last.
 */
uint64_t checksum_add(uint64_t sum, struct toc_span bytes);

/* The running sum folded to 16 bits: 0xffff when the bytes contained their own right checksum. */
uint16_t checksum_fold(uint64_t sum);

/* Whether a transport header and payload have the right checksum under the pseudo header (RFC 768, RFC 8200 8.1). */
bool checksum_transport(const struct toc_packet *p, struct toc_span bytes);

#endif
