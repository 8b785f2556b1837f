/* multipart - one message in several lines: the segments of Cisco ISE, and what the kernel's audit says under one
 * serial.
 */
#ifndef NORMALISE_MULTIPART_H
#define NORMALISE_MULTIPART_H

#include "base/hash.h"
#include "normalise/header.h"

struct multipart;

/* Owned by the caller; NULL: no memory. */
struct multipart *multipart_new(const struct toc_hash_key *key);
void multipart_free(struct multipart *p);

/* Could it be one of several? Cheap, for every line. */
bool multipart_wanted(const struct header *h);

/*
 * What is to be read in the place of a line's message; every line stays a line. The segment of ISE that completes its
 * record, in whatever order they come, is the whole record with "joined " before it. A record of the audit gets what
 * its serial's SYSCALL said of who did it (auid, exe …), where it does not say so itself. sender: whose line it is, for
 * a few open records each; *incomplete counts its records of which a segment did not come within ten seconds, or for
 * which there was no room. The text holds until the next call.
 */
struct toc_span multipart_take(struct multipart *p, uint64_t sender, const struct header *h, toc_time at,
			       uint32_t *incomplete);

#endif
