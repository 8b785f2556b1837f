/* claims - whose name is whose: a sender that names itself as another one does is an event. */
#ifndef APP_CLAIMS_H
#define APP_CLAIMS_H

#include "base/emit.h"
#include "base/hash.h"
#include "base/intern.h"
#include "tocsin/field.h"

struct toc_claims;

/* Of all receiving threads. Owned by the caller; NULL: no memory. */
struct toc_claims *toc_claims_new(const struct toc_hash_key *key, struct toc_intern *names);
void toc_claims_free(struct toc_claims *c);

/* A line that names a host, from a peer; relay: the peer passes on what others say. */
struct toc_claim {
	struct toc_span host;
	struct toc_addr peer;
	toc_time at;
	bool relay;
};

/*
 * Who used a name first has it, until a day after he was heard last. Another peer that uses it is an event
 * `syslog_claim` (through emit), at most once an hour and name; two relays with one name are none, they pass on the
 * same host. In any thread.
 */
void toc_claims_see(struct toc_claims *c, const struct toc_claim *claim, struct toc_emit *emit);

/* Declarations for the dictionary. */
extern const struct toc_field_decl toc_claim_fields[];
extern const unsigned toc_claim_nfields;

#endif
