/* journal_export - systemd's Journal Export Format (systemd.io/JOURNAL_EXPORT_FORMATS) as lines of its JSON form. */
#ifndef RECEIVE_JOURNAL_EXPORT_H
#define RECEIVE_JOURNAL_EXPORT_H

#include "tocsin/span.h"

struct journal_export;

/* Lines are cut at max_line, and say so. Owned by the caller; NULL: no memory. */
struct journal_export *journal_export_new(size_t max_line);
void journal_export_free(struct journal_export *x);

/* Does a line begin an export? journalctl writes these fields in front of all others. */
bool journal_export_begins(struct toc_span line);

/*
 * Bytes as they come, however cut; a line for each record, with those of its fields that normalise/journal.c reads.
 * end: nothing follows, the last record is whole. false: broken beyond recovery.
 */
bool journal_export_feed(struct journal_export *x, struct toc_span bytes, bool end,
			 void (*line)(void *user, struct toc_span text, bool truncated), void *user);

#endif
