/* body - the files service: type by content, SHA-256 and one `files` event a body. */
#ifndef FLOW_BODY_H
#define FLOW_BODY_H

#include "base/intern.h"
#include "tocsin/decoder.h"

/*
 * What a body belongs to. `flow`, `source` and `name` are borrowed for the call (source is static storage). uid, dir
 * and ordinal make the fuid, so one direction of a flow must not open two bodies with the same ordinal: count them, or
 * let toc_bodies count (it numbers the bodies of equal uid, dir and ordinal only by their order of opening within this
 * table, which is the order of the stream).
 */
struct toc_body_info {
	uint64_t uid;
	const struct toc_flow_info *flow;
	enum toc_dir dir;
	const char *source;   /* the protocol's name as Zeek writes it: "HTTP" */
	struct toc_span name; /* file name, or empty */
	uint64_t expected;    /* bytes the sender announced, or UINT64_MAX */
	toc_time ts;
	uint64_t ordinal; /* of the body within the flow and direction, or of the packet that opened it */
};

struct toc_bodies;
struct toc_body;

/* At most max_bodies are open at once (each about 5 KiB until its type is known). Owned by the caller. */
struct toc_bodies *toc_bodies_new(struct toc_intern *names, size_t max_bodies);
void toc_bodies_free(struct toc_bodies *t);

/* Is anybody interested in hashes, and in the headers of programs? Both, until it is said otherwise. */
void toc_bodies_want(struct toc_bodies *t, bool hashes, bool pe);

/* NULL when max_bodies are open: counted, and the body is then simply not described. */
struct toc_body *toc_body_new(struct toc_bodies *t, const struct toc_body_info *info);

/* Before the first byte: the body comes coded, and is decoded before it is looked at. */
void toc_body_set_coding(struct toc_bodies *t, struct toc_body *b, enum toc_coding coding);

/* The next bytes of the body, and n bytes of it that the sensor never got. Both take NULL and then do nothing. */
void toc_body_feed(struct toc_body *b, struct toc_span bytes, toc_time ts);
void toc_body_lost(struct toc_body *b, uint64_t n);

/* n bytes that came and are not looked at, nor are any behind them: no hash. */
void toc_body_shed(struct toc_body *b, uint64_t n, toc_time ts);
/* Bytes that came so far, decoded or not; whether enough did to tell the type. */
uint64_t toc_body_seen(const struct toc_body *b);
bool toc_body_typed(const struct toc_body *b);

/*
 * Instead of both, bytes at their place (bytes.p NULL: lost). What is behind a hole waits for it, within the bounds of
 * pieces.h; where these are passed, and at the end, the hole is lost. Returns the place up to which all is in.
 */
uint64_t toc_body_place(struct toc_body *b, uint64_t at, struct toc_span bytes, toc_time ts);

/* Right before its end: true when it is a Windows program and somebody asks: *pe_event as for toc_body_end. b may be
 * NULL. */
bool toc_body_program(struct toc_bodies *t, struct toc_body *b, struct toc_draft *pe_event);

/*
 * Ends the body and frees it. True: *files_event holds the event (kind, ts, uid, fields; the caller adds at and
 * ordinal). False: not a byte was seen, no event. *out (may be NULL) is filled either way; its fuid is "" without
 * event.
 */
bool toc_body_end(struct toc_bodies *t, struct toc_body *b, toc_time ts, struct toc_draft *files_event,
		  struct toc_body_summary *out);

/* Bodies that were not described because too many were open. */
uint64_t toc_bodies_refused(const struct toc_bodies *t);

/* Coded bodies whose rest was not decoded: broken, a bomb, or too many decoders in use. */
uint64_t toc_bodies_undecoded(const struct toc_bodies *t);

/* The kind `files`. */
extern const struct toc_field_decl toc_body_fields[];
extern const unsigned toc_body_nfields;

#endif
