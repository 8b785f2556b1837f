/* site - what the operator told of the place: networks, zones, rosters of devices and people. */
#ifndef IDENTITY_SITE_H
#define IDENTITY_SITE_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/opener.h"
#include "base/sizes.h"
#include "base/yaml.h"
#include "tocsin/addr.h"
#include "tocsin/time.h"

/* A network with what it means; the longest prefix wins. */
struct toc_zone {
	struct toc_addr net;
	unsigned prefix; /* 0 … 128; IPv4 counts from 96 */
	bool local;
	const char *zone, *site, *role; /* NULL = not said */
};

/* A row of a roster, found by its key (lower-case text of a MAC, a host or a user). */
struct toc_roster_row {
	const char *key, *user, *host, *role, *owner, *ownership, *kind, *grade_band;
};

struct toc_site;

/* Who opens the rosters, and what they are held against. */
struct toc_site_files {
	const struct toc_opener *opener;
	struct toc_sizing sizes;
	toc_time now; /* for words about what is too old; 0 = nobody knows */
};

/*
 * node: the `site:` map or NULL (then the private networks are local, and nothing else is known). files: NULL = the
 * process opens by itself and nobody remembers. Mistakes go to diag. Lives in the arena.
 */
struct toc_site *toc_site_new(struct toc_arena *arena, const struct toc_yaml *node, const struct toc_site_files *files,
			      struct toc_diag *diag);

/* A roster that the site names, for who watches ages; false past the last. */
struct toc_roster_info {
	const char *name;	   /* "roster people" */
	toc_time read_at, max_age; /* when its file was changed last, and how old that may be; 0 = none */
	uint64_t rows;
};
bool toc_site_roster(const struct toc_site *s, unsigned i, struct toc_roster_info *out);

/* The zone of an address; never NULL (an empty one when no network has it). */
const struct toc_zone *toc_site_zone(const struct toc_site *s, const struct toc_addr *a);

/* A row by MAC text, host or user name (any case); NULL if there is none. */
const struct toc_roster_row *toc_site_device(const struct toc_site *s, struct toc_span key);
const struct toc_roster_row *toc_site_person(const struct toc_site *s, struct toc_span user);

#endif
