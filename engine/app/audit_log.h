/*
 * audit_log - who did what with people's data: lines of JSON, each with the hash of the one before it. What was written
 * is mirrored to Redis and syslog, so that a file that was cut off or made anew is found out.
 */
#ifndef APP_AUDIT_LOG_H
#define APP_AUDIT_LOG_H

#include "app/config.h"

enum { TOC_AUDIT_HASH = 65 };

/* What a record says; NULL = not said. */
struct toc_audit_record {
	const char *act; /* "unmask.request" */
	const char *uid, *name, *position;
	const char *alert, *request, *reason;
	const char *parts; /* what was seen: tokens, joined by commas */
	const char *other; /* who approved, or asked */
};

/* Who runs this command, by the machine (or whom sudo names): uid, name, position. Strings live as long as config. */
void toc_audit_caller(const struct toc_config *config, struct toc_audit_record *out);

/* The log's path below the state folder. */
void toc_audit_path(const struct toc_config *config, char *out, size_t room);

/*
 * Appends and syncs; then mirrors, where a mirror that is away is a warning. false: it could not be written (said):
 * what it is about must not be done. at: ns since 1970.
 */
bool toc_audit_write(const struct toc_config *config, const struct toc_audit_record *record, toc_time at);

/* Open for appending, and nobody else's while it is; -1: errno tells. */
int toc_audit_lock(const char *path);

/* What a record says in `parts` when those up to `last`, which has that hash, were removed. */
void toc_audit_removed_text(long last, const char *hash, char *out, size_t room);

/*
 * Removes the records before a time, of which there may be none, from the log's beginning: first a record says up to
 * which and with what hash they were removed, so that a log that begins later is whole only where it says so. false: it
 * could not be done (said).
 */
bool toc_audit_cut(const struct toc_config *config, toc_time before, const char *owner, toc_time at);

/*
 * Reads the whole log. Each record is given to `each` (may be NULL) as its line. Returns the number of the last record,
 * or -1: err tells the line where the chain breaks, or what is wrong with the file. head: hash of the last one.
 */
long toc_audit_read(const char *path, void (*each)(void *user, const char *line), void *user, char head[TOC_AUDIT_HASH],
		    char *err, size_t room);

#endif
