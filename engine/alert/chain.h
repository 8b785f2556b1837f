/*
 * chain - each document names the one before it, so that one that is altered, left out or put in is seen by who has the
 * others: of each route that gets it, and (as "*") of all that the sensor has made.
 */
#ifndef ALERT_CHAIN_H
#define ALERT_CHAIN_H

#include "alert/text.h"

/* A document ends with ,"hash":"64 hex digits"}}}}: the SHA-256 of all its bytes before that. */
enum { CHAIN_HASH = 64, CHAIN_TAIL = 9 + CHAIN_HASH + 5 };

/* Of each route the hash of its last document. Zeroed at first; owned by who has it. */
struct chain {
	struct chain_head {
		char route[64];
		char hash[CHAIN_HASH + 1];
	} * head;
	unsigned n, room;
};
void chain_free(struct chain *c);
void chain_set(struct chain *c, const char *route, const char *hash);

/* Ends the document that begins at `from` and lacks the rest of its district's fields; routes: NULL-terminated. */
void chain_close(struct chain *c, struct text *t, size_t from, const char *const *routes, bool own);

/* The hash that a document ends with; NULL: it has none. Borrowed, not NUL-terminated. */
const char *chain_hash_of(struct toc_span document);
/* Is it that of the bytes before? */
bool chain_holds(struct toc_span document);

#endif
