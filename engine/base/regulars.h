/* regulars - a capped table of two classes: who has come often enough over some time has a place that strangers cannot
 * take. */
#ifndef BASE_REGULARS_H
#define BASE_REGULARS_H

#include "base/lru.h"
#include "tocsin/time.h"

/*
 * Of things that strangers can make as many of as they like (addresses of UDP, names in lines): all begin as strangers,
 * who compete for places among themselves only. Who was seen at work in REGULARS_PERIODS different periods is a regular
 * from then on. Regulars do not push each other out either, but where the longest silent one was silent for
 * REGULARS_SILENCE: while there is none such, nobody else becomes one. Owned by the caller.
 */
enum { REGULARS_PERIODS = 4, REGULARS_PERIOD = 10 /* s */, REGULARS_SILENCE = 86400 /* s */ };

struct toc_regulars;

/* As in toc_lru_new: cells of `size` bytes begin with their key. evicted sees whoever loses his place, and of which
 * class he was. */
struct toc_regulars *toc_regulars_new(size_t key_n, size_t size, uint32_t regulars, uint32_t strangers,
				      const struct toc_hash_key *key,
				      void (*evicted)(void *user, void *cell, bool regular), void *user);
void toc_regulars_free(struct toc_regulars *t);

/*
 * The cell, made the most recently used one of its class; if new it is zeroed but for its key, and *fresh is true.
 * sure: a regular from the beginning, whatever was seen (as far as there is a place). Valid until the next add.
 */
void *toc_regulars_add(struct toc_regulars *t, const void *key, bool sure, toc_time now, bool *fresh);

/* He is at work; counts once a period. The cell stays where it is until the next add. */
void toc_regulars_seen(struct toc_regulars *t, void *cell, toc_time now);

/* The cell without touching the order of use; NULL: none. */
void *toc_regulars_peek(const struct toc_regulars *t, const void *key);

bool toc_regulars_is(const struct toc_regulars *t, const void *cell);

/* Regulars, then strangers; of each class the longest silent one first. visit may not add. */
void toc_regulars_each(struct toc_regulars *t, void (*visit)(void *user, void *cell), void *user);
void toc_regulars_each_regular(struct toc_regulars *t, void (*visit)(void *user, void *cell), void *user);

uint32_t toc_regulars_count(const struct toc_regulars *t, bool regular);

#endif
