/* journal - alerts on disk before anybody hears of them: daily segments of (length, CRC, BSON), a delivery cursor. */
#ifndef DELIVER_JOURNAL_H
#define DELIVER_JOURNAL_H

#include "base/opener.h"
#include "tocsin/alert.h"

struct toc_journal;

struct toc_journal_config {
	const char *folder; /* made if missing, mode 0700; a second process on it is refused (lock) */
	size_t bytes;	    /* cap of all segments; 0 = 1 GiB */
	unsigned days;	    /* delivered segments older than this are removed; 0 = 30 */
	const struct toc_opener
		*opener; /* makes and removes segments; NULL = this process. Lives as long as the journal */
};

/* NULL: err tells what to do. A torn record at the end (kill -9) is cut off; records before it are whole. Owned by the
 * caller. */
struct toc_journal *toc_journal_open(const struct toc_journal_config *config, char *err, size_t err_size);
void toc_journal_close(struct toc_journal *j);

/* A position between records; grows monotonically over segments and restarts. 0 = the beginning. */
typedef uint64_t toc_journal_pos;

/*
 * Appends; the alert exists when this returned true (write(2) is done). false: disk trouble or full (errno). As the cap
 * comes near, little severities are refused first, then updates, so that what matters is still opened and closed. One
 * writer thread.
 */
bool toc_journal_append(struct toc_journal *j, const struct toc_alert *alert);

/* The same with the record that was made of it (record.h) already. */
bool toc_journal_append_record(struct toc_journal *j, const struct toc_alert *alert, struct toc_span record);

/* Per cent of a store that a record of that severity and state may fill: a responder who must miss some should miss the
 * least of them. */
unsigned toc_journal_share(unsigned severity, enum toc_alert_state state);

/* The next record at or after *pos, which is not before the cursor, for the delivering thread (one); moves *pos behind
 * it. false: no more for now. Bad records are skipped and counted. */
enum { TOC_JOURNAL_COPIES = 16 };
struct toc_journal_copy {
	const char *routes; /* joined by commas; may be empty */
	struct toc_span json;
};

/* Strings and bytes are borrowed until the next call. */
struct toc_journal_record {
	toc_journal_pos pos, next;
	enum toc_alert_state state;
	const char *id, *rule;
	uint32_t revision;
	unsigned severity;
	toc_time at;
	unsigned ncopies; /* at least 1: the sensor's own, then those that show more or less */
	struct toc_journal_copy copies[TOC_JOURNAL_COPIES];
	struct toc_span sealed; /* who the tokens are, for that school year's key (alert/mask.h) */
	unsigned school_year;
	struct toc_span bson; /* the record as it stands; of toc_archive_each only */
};
bool toc_journal_read(struct toc_journal *j, toc_journal_pos *pos, struct toc_journal_record *out);

/* The delivered-up-to cursor: survives kill -9; may lag what was delivered (at least once). */
toc_journal_pos toc_journal_cursor(const struct toc_journal *j);
bool toc_journal_set_cursor(struct toc_journal *j, toc_journal_pos pos);

/* A number made with the journal's folder: positions of journals with different ones have nothing to do with each
 * other. */
uint64_t toc_journal_identity(const struct toc_journal *j);

/* Behind the last record. */
toc_journal_pos toc_journal_end(struct toc_journal *j);

/*
 * Of each route (and "*") the hash that its last document ends with (alert/chain.h): of all that was appended, since
 * the folder was made. They are kept in the file `chain`, as they stood before the last segment. The writer's thread.
 */
typedef void (*toc_journal_head)(void *user, const char *route, const char *hash);
void toc_journal_heads(const struct toc_journal *j, toc_journal_head each, void *user);

/* A file descriptor (eventfd) readable when something was appended. */
int toc_journal_event_fd(const struct toc_journal *j);

struct toc_journal_counters {
	uint64_t appended, bytes, refused, bad_records, segments;
	uint64_t waits; /* appends that met the reader */
};
const struct toc_journal_counters *toc_journal_count(const struct toc_journal *j);

/* The outlet over a journal: self = struct toc_journal *. */
extern const struct toc_outlet toc_outlet_journal;

#endif
