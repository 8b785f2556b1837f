/* cache - compiled Vectorscan databases from load to load: one file that is believed whole or not at all. */
#ifndef MATCH_CACHE_H
#define MATCH_CACHE_H

#include <hs/hs.h>

#include "base/arena.h"

struct toc_database_cache;

enum toc_cache_state {
	TOC_CACHE_NONE,	 /* no file, or none that is fit */
	TOC_CACHE_FOUND, /* this load's file was there and whole */
	TOC_CACHE_WRITTEN
};

/*
 * The file in the folder is named by a hash of inputs, of Vectorscan's version and of this processor's features. What
 * is truncated, changed, another's or writable by others is ignored. Owned by the caller.
 */
struct toc_database_cache *toc_cache_open(const char *folder, const uint8_t inputs[32]);

/* A database by the hash of its expressions; the caller frees it. false: it is not there. */
bool toc_cache_take(struct toc_database_cache *c, const uint8_t key[32], hs_database_t **out);

/* Remembers one that was not there. */
void toc_cache_keep(struct toc_database_cache *c, const uint8_t key[32], const hs_database_t *db);

/* Writes the file, by rename, when something was missing; few others stay beside it. NULL is fine. */
enum toc_cache_state toc_cache_close(struct toc_database_cache *c);

#endif
