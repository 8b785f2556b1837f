/* pcapng - writing packets of several link types in one capture (draft-ietf-opsawg-pcapng, sections 4.1 to 4.3). */
#ifndef EVIDENCE_PCAPNG_H
#define EVIDENCE_PCAPNG_H

#include "alert/text.h"
#include "evidence/packets.h"

enum { PCAPNG_LINKS = 8 };

struct pcapng {
	struct text *out;
	unsigned nlinks;
	uint16_t links[PCAPNG_LINKS];
};

/* The section's header. */
void pcapng_begin(struct pcapng *p, struct text *out);
/* The first n bytes of the packet, with a description of its link where there is none yet. false: too many links. */
bool pcapng_put(struct pcapng *p, const struct packet_record *r, const uint8_t *bytes, uint32_t n);

#endif
