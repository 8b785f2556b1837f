/* lines - one log line to one event: header, source clock, normaliser. */
#ifndef NORMALISE_LINES_H
#define NORMALISE_LINES_H

#include "base/diag.h"
#include "base/emit.h"
#include "base/hash.h"
#include "base/intern.h"

/* Compiled normalisers (rules/normalise, files .yml): immutable, shared by all threads. */
struct toc_normalisers;

/* Loads files and folders (of .yml); every mistake goes to diag. NULL only when diag has errors. Owned by the caller.
 */
struct toc_normalisers *toc_normalisers_load(const char *const *paths, unsigned n, struct toc_intern *names,
					     struct toc_diag *diag);
void toc_normalisers_free(struct toc_normalisers *n);

/* Runs the samples that the files carry; failures go to diag; counts are added. */
void toc_normalisers_test(const struct toc_normalisers *n, struct toc_diag *diag, unsigned *passed, unsigned *failed);

/* Declarations of all kinds and fields that normalisers give, for the dictionary. */
const struct toc_field_decl *toc_normalisers_fields(const struct toc_normalisers *n, unsigned *count);

/* How times without year or zone are read. */
struct toc_lines_config {
	toc_time zone_offset; /* of lines without zone: ns east of UTC */
	const char *zone;     /* IANA name ("America/New_York"); NULL = the offset above */
	bool stored;	      /* replay of a file: `at` = running maximum of the believed times */
	toc_time received_at; /* stored: stands for "now" when year and zone are inferred */
	toc_time tolerance; /* a line's time ahead of its receipt by more than this (and the skew) is not believed; 0 =
			       5 min */
	bool relay;	    /* the peer is a relay: claimed hosts are sources of their own */
	unsigned sources;   /* cap of sources; 0 = 65,536 */
	bool keep_lines;    /* events carry their line (draft.h): of known sources, and never of mail programs */
};

/* One thread's reader of lines. Borrows n; emits through emit. Owned by the caller. */
struct toc_lines;
struct toc_lines *toc_lines_new(const struct toc_lines_config *config, const struct toc_normalisers *n,
				const struct toc_hash_key *key, struct toc_emit *emit);
void toc_lines_free(struct toc_lines *l);

/* Where a line came from. */
struct toc_line {
	struct toc_span text; /* without framing; may hold any bytes */
	toc_time at;	      /* receipt; 0 where config.stored */
	uint64_t ordinal;
	struct toc_addr peer; /* unspecified (::) for files and unix sockets */
	bool has_peer;
	bool truncated;
	uint32_t source_hint; /* tells files and listeners apart that have no peer address */
};

/* Takes one line: emits one event (a `syslog` event if no normaliser knows it); empty lines are counted and dropped. */
void toc_lines_take(struct toc_lines *l, const struct toc_line *line);

/* About the line that was taken last, for who keeps books of sources; spans hold until the next one. */
struct toc_line_last {
	bool known, has_time;
	uint32_t incomplete;	 /* its sender's records that were given up: a part did not come */
	toc_time ahead;		 /* its own time less its receipt */
	struct toc_span host;	 /* a claim */
	struct toc_span message; /* without secrets; of lines that are not known */
};
const struct toc_line_last *toc_lines_last(const struct toc_lines *l);

/* The running `at` of stored lines (believed times), for the merge. */
toc_time toc_lines_at(const struct toc_lines *l);

struct toc_line_counters {
	uint64_t lines, empty, parsed, unparsed, no_time, time_not_believed, truncated;
};
const struct toc_line_counters *toc_lines_count(const struct toc_lines *l);
void toc_line_counters_add(struct toc_line_counters *sum, const struct toc_line_counters *more);

/* Kinds that this stage emits by itself (syslog): for the dictionary. */
extern const struct toc_field_decl toc_line_fields[];
extern const unsigned toc_line_nfields;

#endif
