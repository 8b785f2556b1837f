/*
 * holds - copies that no retention reaches: state/hold/NAME has the journal's records of some alerts, what evidence
 * they kept, and what people did to them, until somebody releases it.
 */
#ifndef APP_HOLDS_H
#define APP_HOLDS_H

#include "app/config.h"

enum { TOC_HOLD_ALERTS = 1024, TOC_HOLDS = 256 };

struct toc_hold {
	const char *name, *owner, *reason, *until; /* until: a date; the copies stay, and `list` says that it is over */
	const char *by, *at;			   /* who placed it, when */
	const char *subject;			   /* NULL = none: else all alerts about them, also those to come */
	const char *const *alerts;		   /* NULL-terminated */
};

/* The hold's folder, or one in it ("journal", "evidence"); false: the name is none (a-z, 0-9, point, hyphen). */
bool toc_hold_path(const struct toc_config *config, const char *name, const char *in, char *out, size_t room);

/* Makes it, without copies yet. false: err tells. */
bool toc_hold_make(const struct toc_config *config, const struct toc_hold *hold, char *err, size_t room);

/* In the arena; NULL: there is none, or its file is not whole (errno). */
const struct toc_hold *toc_hold_read(const struct toc_config *config, struct toc_arena *arena, const char *name);
/* The names of all, NULL-terminated, in the arena; NULL: none. */
const char *const *toc_hold_names(const struct toc_config *config, struct toc_arena *arena);
bool toc_hold_is_over(const struct toc_hold *hold, toc_time now);

struct toc_hold_count {
	unsigned records, cuts; /* that were copied now */
	unsigned nalerts;	/* that it is about */
	char (*alerts)[33];	/* their ids; the caller frees them */
	bool full;		/* there are more alerts or records than it can hold */
};

/* Copies what it has not got yet. false: errno tells, and what was copied stays. */
bool toc_hold_copy(const struct toc_config *config, const struct toc_hold *hold, struct toc_hold_count *out);

/* Removes it with all its copies. false: errno tells. */
bool toc_hold_remove(const struct toc_config *config, const char *name);

#endif
