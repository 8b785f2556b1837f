/* subject - is a record of the journal about somebody: for who asks in their own matter, and for holds. */
#ifndef APP_SUBJECT_H
#define APP_SUBJECT_H

#include "app/config.h"
#include "deliver/journal.h"

/* who: a name as the network has it (account, host, address, MAC), or a token. In either case. */
bool toc_subject_in(const struct toc_config *config, const struct toc_journal_record *r, const char *who);

#endif
