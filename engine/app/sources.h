/* sources - what `tocsin sources` tells of each sender of log lines: how much, how well read, how its clock goes. */
#ifndef APP_SOURCES_H
#define APP_SOURCES_H

#include "app/config.h"
#include "normalise/lines.h"
#include "receive/receive.h"

struct toc_sources;

/* Of one receiving thread. Owned by the caller; NULL: no memory. */
struct toc_sources *toc_sources_new(const struct toc_hash_key *key);
void toc_sources_free(struct toc_sources *s);

/* A line that was taken just now. relay: the host that it names is a source of its own. */
void toc_sources_note(struct toc_sources *s, const struct toc_received *r, const struct toc_line_last *line,
		      bool relay);

/* One of them, for those who count. */
struct toc_source_count {
	char listener[160], address[TOC_ADDR_TEXT]; /* address: "" for a path's */
	char host[64];				    /* that a relay's lines name */
	uint64_t lines, known, lost;
};

/* The `room` that sent most into out, which holds n already, most lines first; returns how many there are then. */
unsigned toc_sources_most(struct toc_sources *s, struct toc_receiver *r, const struct toc_config *config,
			  struct toc_source_count *out, unsigned n, unsigned room);

/* All of them, as text or as JSON (an object a line), with what their senders lost. In any thread: the receiver is held
 * still meanwhile. */
void toc_sources_write(struct toc_sources *s, struct toc_receiver *r, const struct toc_config *config, bool json,
		       FILE *out);

#endif
