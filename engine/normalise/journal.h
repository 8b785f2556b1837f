/* journal - a record of systemd's journal as JSON, put back into the line that it was made of. */
#ifndef NORMALISE_JOURNAL_H
#define NORMALISE_JOURNAL_H

#include "normalise/header.h"

/*
 * If h's message is such a record ("journalctl -o json"), h becomes what a syslog line of it would have said: its own
 * time, host, program, process and message. room: for strings with escapes, as long as h is read. false: it is none, h
 * is as it was.
 */
bool journal_open(struct header *h, uint8_t *room, size_t size);

#endif
