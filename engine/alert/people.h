/* people - who responds: people.yml, with the routes they read, what they approve, and whom they are no judge of. */
#ifndef ALERT_PEOPLE_H
#define ALERT_PEOPLE_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/opener.h"
#include "tocsin/span.h"

/* Lists are NULL-terminated, never NULL. Strings live in the arena. */
struct toc_person {
	const char *uid;		    /* of the machine and, as p-UID, of Redis */
	const char *name, *position, *mail; /* NULL = not said */
	const char *const *accounts;	    /* in the network: theirs; the uid where the file says none */
	const char *const *routes;
	const char *const *approves; /* "staff", "mail": of unmasking; "exemptions": of alerts */
	const char *const *recusals; /* accounts of their relatives */
	unsigned from, to;	     /* minutes of the day they can be told at; to = 0: at any time */
};

struct toc_people {
	unsigned n;
	struct toc_person *at;
	const char *outside; /* the route of alerts about the administrators (da) themselves; NULL = none */
};

/* Every mistake goes to diag. Never NULL; empty where the file could not be read. */
const struct toc_people *toc_people_read(struct toc_arena *arena, const struct toc_opener *opener, const char *path,
					 struct toc_diag *diag);

const struct toc_person *toc_people_find(const struct toc_people *p, const char *uid);

/* All routes that somebody reads, each once; NULL-terminated, in the arena. */
const char *const *toc_people_routes(const struct toc_people *p, struct toc_arena *arena);

bool toc_person_reads(const struct toc_person *person, const char *route);
bool toc_person_approves(const struct toc_person *person, const char *what);

/* Under this name the sensor answers those who asked something of it (`tocsin keep`); it is nobody's uid. */
extern const char toc_keeper_uid[];

/* Does somebody who reads the route have, or have relatives who have, this account (DOMAIN\ and @domain aside)? */
bool toc_people_concerned(const struct toc_people *p, const char *route, struct toc_span account);

/* Routes are parts of Redis keys, and keys in an ACL are globs: [a-z0-9.-] only, 1 to 63 of them. */
bool toc_route_sound(const char *route);

#endif
