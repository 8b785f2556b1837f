/* bindings - what an address or a device had, from when to when, and who says so. */
#ifndef IDENTITY_BINDINGS_H
#define IDENTITY_BINDINGS_H

#include "base/hash.h"
#include "tocsin/addr.h"
#include "tocsin/time.h"

/*
 * An address has a MAC, a host and a user. A device (its MAC, as a key: toc_binding_device) has an address, a place
 * (access point or switch port) and a user.
 */
enum toc_binding_kind {
	TOC_BIND_MAC,
	TOC_BIND_HOST,
	TOC_BIND_USER,
	TOC_NBINDS,
	TOC_BIND_ADDRESS = TOC_BIND_MAC,
	TOC_BIND_PLACE = TOC_BIND_HOST
};
enum { TOC_BOUND_TEXT = 64, TOC_BOUND_HISTORY = 3 };

/* One statement about an address or a device. */
struct toc_bound {
	toc_time from, until;	   /* valid in [from, until) */
	toc_time said;		   /* when it was last told to be so */
	uint8_t confidence;	   /* per cent */
	char source[11];	   /* "dhcp", "windows" … */
	char text[TOC_BOUND_TEXT]; /* MAC text, host or user name; cut to fit */
};

struct toc_bindings;

/* The key of a device: a multicast address of no group, which nobody can have. */
struct toc_addr toc_binding_device(const struct toc_mac *mac);
bool toc_binding_is_device(const struct toc_addr *key, struct toc_mac *mac);

/* most: addresses and devices remembered; the least recently used go first. Owned by the caller. */
struct toc_bindings *toc_bindings_new(uint32_t most, const struct toc_hash_key *key);
void toc_bindings_free(struct toc_bindings *b);

/*
 * From `from` on the address has this MAC, host or user; what it had before ends then. A statement of less confidence
 * does not end a valid one of more; one that says the same again lengthens it, as sure as the one who said it. What is
 * told late does not undo what was told of a later time. Statements may come out of order by up to the few that are
 * remembered per address. A text ends at its first NUL; an empty one says nothing.
 */
void toc_bindings_learn(struct toc_bindings *b, const struct toc_addr *a, enum toc_binding_kind kind,
			struct toc_span text, toc_time from, toc_time until, unsigned confidence, const char *source);

/* The statement ends (a lease released, a log-off), if it has that text (empty: any), until it was told again later. */
void toc_bindings_end(struct toc_bindings *b, const struct toc_addr *a, enum toc_binding_kind kind,
		      struct toc_span text, toc_time at);

/* Everything about an address or a device; NULL: nothing is known. Valid until the next learn. */
struct toc_known;
const struct toc_known *toc_bindings_of(const struct toc_bindings *b, const struct toc_addr *a);

/*
 * The same of up to TOC_LOOKS addresses at once, each with what is known of the device that its newest statement names:
 * memory is asked for all of it before any of it is waited for.
 */
enum { TOC_LOOKS = 2 };
struct toc_look {
	const struct toc_known *known, *device; /* device: NULL where none is named, too */
};
void toc_bindings_look(const struct toc_bindings *b, const struct toc_addr *a, unsigned n,
		       struct toc_look out[TOC_LOOKS]);

struct toc_addr toc_known_key(const struct toc_known *known);

/* Three users within minutes, at that moment: a proxy, a NAT, a server of desktops. */
bool toc_known_crowd(const struct toc_known *known, toc_time at);

/* The statements of the kind, newest first; how many they are. */
unsigned toc_known_history(const struct toc_bindings *b, const struct toc_known *known, enum toc_binding_kind kind,
			   const struct toc_bound *out[TOC_BOUND_HISTORY]);

/* What held at a moment: its times, told without a look at the statement itself; no bound: nothing did. */
struct toc_held {
	const struct toc_bound *bound;
	toc_time from, said;
	uint8_t confidence;
	bool alone;  /* no other statement of this kind is remembered */
	bool newest; /* none of this kind began later */
};
struct toc_held toc_known_at(const struct toc_bindings *b, const struct toc_known *known, enum toc_binding_kind kind,
			     toc_time at);

/* What held at that moment, or NULL; valid until the next learn. */
const struct toc_bound *toc_bindings_at(const struct toc_bindings *b, const struct toc_addr *a,
					enum toc_binding_kind kind, toc_time at);

/* Every address and device, the least recently used first. */
void toc_bindings_each(const struct toc_bindings *b, void (*visit)(void *user, const struct toc_known *known),
		       void *user);

/* What is remembered, as bytes (malloc'd, the caller's; NULL: no memory); and back, with all times later by `moved`.
 * false: they are no such bytes. */
uint8_t *toc_bindings_save(const struct toc_bindings *b, size_t *n);
bool toc_bindings_restore(struct toc_bindings *b, struct toc_span bytes, toc_time moved);
/* Is it of the form that is saved today? */
bool toc_bindings_readable(struct toc_span bytes);

uint32_t toc_bindings_count(const struct toc_bindings *b);
uint64_t toc_bindings_evicted(const struct toc_bindings *b);

#endif
