/* archive - a journal's folder read beside the engine that writes it: no lock, nothing changed. */
#ifndef DELIVER_ARCHIVE_H
#define DELIVER_ARCHIVE_H

#include "deliver/journal.h"

/*
 * Calls take for every whole record of the alert, oldest first (id: 32 hex digits; NULL: of all alerts); what is given
 * is borrowed for the call. false: the folder cannot be read (errno).
 */
bool toc_archive_each(const char *folder, const char *id,
		      void (*take)(void *user, const struct toc_journal_record *record), void *user);

#endif
