/* record - one revision of an alert as BSON. */
#ifndef DELIVER_RECORD_H
#define DELIVER_RECORD_H

#include "deliver/journal.h"

struct toc_record;

/* Aborts when memory is out. toc_record_bytes: empty where the alert is too large for a record. */
struct toc_record *toc_record_new(const struct toc_alert *alert);
struct toc_span toc_record_bytes(const struct toc_record *r);
void toc_record_free(struct toc_record *r);

/* Fills all of *out but pos and next; strings are borrowed from bytes. false: it is none of ours. */
bool toc_record_read(const uint8_t *bytes, uint32_t n, struct toc_journal_record *out);

#endif
