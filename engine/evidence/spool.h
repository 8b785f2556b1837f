/* spool - a folder of segments (deliver/segment.h) with a cap: what is new takes the place of what is oldest. */
#ifndef EVIDENCE_SPOOL_H
#define EVIDENCE_SPOOL_H

#include "base/opener.h"
#include "deliver/segment.h"
#include "tocsin/time.h"

struct spool_config {
	const char *folder; /* exists */
	uint64_t bytes;	    /* cap of all segments together */
	toc_time age;	    /* segments whose last record is older go; 0 = none does */
	const struct toc_opener *opener;
};

struct spool_counters {
	uint64_t records, bytes, refused; /* refused: the disk did not take them */
	uint64_t expired, overwritten;	  /* segments that went for their age; for room */
	uint64_t damaged;
};

/* One thread's. NULL: err tells. What an earlier run left is kept, but for what the cap does not allow. */
struct spool *spool_open(const struct spool_config *config, char *err, size_t err_size);
void spool_close(struct spool *s);

/* One record (BSON), of things up to `at`. false: it was refused, and counted. */
bool spool_append(struct spool *s, const uint8_t *bson, uint32_t n, toc_time at);

/* What is too old at `now` goes. */
void spool_expire(struct spool *s, toc_time now);

const struct spool_counters *spool_count(const struct spool *s);

/*
 * The record at or after *pos, which moves behind it; 0: no more for now. Borrowed until the next call. A position
 * stays good while records come and go; 0 = the oldest there is.
 */
uint32_t spool_next(struct spool *s, uint64_t *pos, const uint8_t **bson);

/*
 * For a process that does not write it: every record, the newest segment first, until `see` says false. false: the
 * folder cannot be read, errno tells.
 */
bool spool_read_folder(const char *folder, bool (*see)(void *user, const uint8_t *bson, uint32_t n), void *user);

#endif
