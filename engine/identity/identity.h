/* identity - who is behind an address at a moment: bindings with validity in time, and rosters. */
#ifndef IDENTITY_IDENTITY_H
#define IDENTITY_IDENTITY_H

#include "base/diag.h"
#include "base/emit.h"
#include "base/hash.h"
#include "base/intern.h"
#include "base/yaml.h"
#include "identity/site.h"

struct toc_identity;

/* Fields in which the two ends' addresses stand, in the order of trying: wire, then products' own names; NULL behind.
 */
enum { TOC_IDENTITY_ENDS = 2, TOC_IDENTITY_ADDRESSES = 10 };
extern const char *const toc_identity_addresses[TOC_IDENTITY_ENDS][TOC_IDENTITY_ADDRESSES];

/*
 * site: the `site:` map of tocsin.yml (networks, zones, sites, rosters …) or NULL; diag gets its mistakes.
 * files: as toc_site_new. Owned by the caller. NULL only when diag has errors.
 */
struct toc_identity *toc_identity_new(const struct toc_yaml *site, const struct toc_site_files *files,
				      struct toc_intern *names, const struct toc_hash_key *key, struct toc_diag *diag);
void toc_identity_free(struct toc_identity *id);

/* A site that was read anew, in place of the one before; borrowed until the next. What was learnt stays. */
void toc_identity_take_site(struct toc_identity *id, const struct toc_site *site);
const struct toc_site *toc_identity_site(const struct toc_identity *id);

/* Is anything learnt from events of this kind? */
bool toc_identity_reads(const struct toc_identity *id, toc_field kind);

/*
 * Learns from the event, then writes what is known of its two ends at ev->ts beside it: fields src_user src_mac
 * src_host src_zone src_site src_role src_local … and dst_*; actor_* of the account that a cloud's audit names. Returns
 * the side record (borrowed until the next call) or NULL when nothing is known. ev is not changed. late: so late its
 * source may tell of it.
 */
const struct toc_event *toc_identity_see(struct toc_identity *id, const struct toc_event *ev, toc_time late);

/* Does the event carry identity's fields itself (one that was printed and is read back)? */
bool toc_identity_has(const struct toc_identity *id, const struct toc_event *ev);

/* What was learnt, over a restart: as toc_bindings_save and _restore. moved: the clock was set by so much meanwhile. */
uint8_t *toc_identity_save(const struct toc_identity *id, size_t *n);
bool toc_identity_restore(struct toc_identity *id, struct toc_span bytes, toc_time moved);
/* Is it of the form that toc_identity_save gives today? */
bool toc_identity_readable(struct toc_span bytes);
uint32_t toc_identity_count(const struct toc_identity *id); /* addresses of which something is known */

/*
 * Writes as text who the one in question was at that moment - an address; or the addresses that a MAC, host or user
 * had - with the chain of statements and who made them. false: nobody is known by that name.
 */
bool toc_identity_who(const struct toc_identity *id, const char *question, toc_time at, FILE *out);

/* Declarations of the fields it adds, for the dictionary. */
extern const struct toc_field_decl toc_identity_fields[];
extern const unsigned toc_identity_nfields;

#endif
