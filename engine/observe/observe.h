/* observe - state across flows: scans, floods, rogue servers, ARP conflicts, link load; events in, events out. */
#ifndef OBSERVE_OBSERVE_H
#define OBSERVE_OBSERVE_H

#include "base/diag.h"
#include "base/emit.h"
#include "base/hash.h"
#include "base/intern.h"
#include "base/yaml.h"

struct toc_observe;

/*
 * conf: the `observe:` map of tocsin.yml or NULL; protected: `protect:` (addresses, DHCP servers, gateways)
 * or NULL. link_mbps: of all interfaces together, where `observe.link.mbps` says nothing; 0 = unknown. emit gets the
 * new events (they go back in at identity). Owned by the caller.
 */
struct toc_observe *toc_observe_new(const struct toc_yaml *conf, const struct toc_yaml *protect, uint64_t link_mbps,
				    struct toc_intern *names, const struct toc_hash_key *key, struct toc_emit *emit,
				    struct toc_diag *diag);
void toc_observe_free(struct toc_observe *o);

/* Does any observer see events of this kind? */
bool toc_observe_reads(const struct toc_observe *o, toc_field kind);

/* Sees one event with its identity; may emit (with at, ordinal of the causing event and a fresh index; or a deadline).
 */
void toc_observe_see(struct toc_observe *o, const struct toc_view *view);

/* The numbers that rules compare `count_distinct` of `scan` with; so many are kept. */
enum { TOC_OBSERVE_BOUNDS = 16 };
void toc_observe_bounds(struct toc_observe *o, const double *at, unsigned n);

/* Runs what is due up to `at`, in order. */
void toc_observe_advance(struct toc_observe *o, toc_time at);

/* End of input: what waits for more (DHCP transactions) is emitted as it stands. */
void toc_observe_finish(struct toc_observe *o, toc_time at);

/* Names every observer's declarations, for the dictionary. */
void toc_observe_declare(void (*declare)(void *user, const char *source, const struct toc_field_decl *fields,
					 unsigned n),
			 void *user);

#endif
