/* cut - the evidence of one revision of an alert: asked for when it is told, filled from the store, kept as a record.
 */
#ifndef EVIDENCE_CUT_H
#define EVIDENCE_CUT_H

#include "alert/text.h"
#include "evidence/packets.h"
#include "tocsin/alert.h"

enum { CUT_TRACES = 16, CUT_PACKETS = 2000, CUT_BYTES = 1 << 20 };

struct cut_line {
	toc_time ts;
	size_t at, n; /* within the cut's lines */
	bool cut;
	char sha256[65];
};

struct cut {
	struct cut *next;
	char id[33];
	char rule[129];
	unsigned revision;
	toc_time at, from, to; /* from, to: of its flows */
	struct toc_evidence_rule evidence;
	unsigned nuids, nlines;
	uint64_t uids[CUT_TRACES];
	struct cut_line line[CUT_TRACES];
	struct text lines;
	struct text packets;	     /* packet_records, as they were found */
	unsigned npackets, left_out; /* left_out: beyond what a cut holds */
};

/* NULL: there is nothing to keep, and nobody will miss it (an update or an end without flows and lines). */
struct cut *cut_new(const struct toc_alert *alert);
void cut_free(struct cut *c);

/* Memory that it takes, for who bounds it. */
size_t cut_bytes(const struct cut *c);

/* Takes the packet if it is of one of the cut's flows. */
void cut_offer(struct cut *c, const struct packet_record *r);

/*
 * Appends the record to be kept, BSON: id, rev, rule, at, sensor, lines [{ts, text, sha256, cut}], packets (their
 * number), pcapng, sha256 (of it), from, to, missing (why there are no packets).
 */
void cut_write(struct cut *c, const char *sensor, const char *missing, struct text *out);

/* A record read back. Strings and bytes are borrowed from it. */
struct cut_record {
	const char *id, *rule, *sensor, *missing; /* missing: "" = nothing is */
	unsigned revision, npackets, left_out;
	toc_time at, from, to;
	unsigned nlines;
	struct {
		toc_time ts;
		struct toc_span text;
		const char *sha256;
		bool cut, whole; /* whole: the text has that digest */
	} line[CUT_TRACES];
	struct toc_span pcapng;
	const char *sha256;
	bool whole; /* the packets have that digest */
};
/* false: it is no such record. */
bool cut_read(const uint8_t *bson, uint32_t n, struct cut_record *out);

#endif
