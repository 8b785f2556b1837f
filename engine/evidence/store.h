/* store - packets on disk: blocks of records in a spool, and the way back to those of some flows. */
#ifndef EVIDENCE_STORE_H
#define EVIDENCE_STORE_H

#include "evidence/packets.h"
#include "evidence/spool.h"

struct store;

/* The spool becomes the store's. */
struct store *store_new(struct spool *spool);
void store_free(struct store *s);

void store_add(struct store *s, const struct packet_record *r);

/* What waits for its block to be full goes to the disk. */
void store_flush(struct store *s);

/* Bytes that wait. */
size_t store_waiting(const struct store *s);

struct spool *store_spool(struct store *s);

/* Calls for every packet of the next block, and moves *pos behind that; false: there is none. 0 = the oldest there is.
 */
bool store_next(struct store *s, uint64_t *pos, void (*found)(void *user, const struct packet_record *r), void *user);

/* Does a record stand at `at` of the n bytes, whole and as it should be? For what comes from a disk. */
bool packet_record_sound(const uint8_t *at, size_t n);

#endif
