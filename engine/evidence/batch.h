/* batch - cuts that go through the store together: one look at each packet, however many ask. */
#ifndef EVIDENCE_BATCH_H
#define EVIDENCE_BATCH_H

#include "evidence/cut.h"

struct batch;

/* Of the list; the cuts stay the caller's. */
struct batch *batch_new(struct cut *first);
void batch_free(struct batch *b);

/* Gives the packet to the cuts that want its flow. For store_next: user is the batch. */
void batch_offer(void *batch, const struct packet_record *r);

/* No cut wants any packet. */
bool batch_is_idle(const struct batch *b);

#endif
