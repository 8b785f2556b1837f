/* learn - the table of events that tell who an address is. */
#ifndef IDENTITY_LEARN_H
#define IDENTITY_LEARN_H

#include "base/arena.h"
#include "base/intern.h"
#include "identity/bindings.h"
#include "tocsin/event.h"

struct toc_learner;

/* Compiles learn.def. Lives in the arena. */
struct toc_learner *toc_learner_new(struct toc_arena *arena, struct toc_intern *names);

/* Has any row that kind? */
bool toc_learner_reads(const struct toc_learner *l, toc_field kind);

/* So sure is who saw a lease given: a device that has one at another address is not here any more. */
enum { TOC_LEASE_SURE = 75 };

/* Learns what the event tells, at that moment; nothing if no row has its kind. */
void toc_learner_see(const struct toc_learner *l, struct toc_bindings *b, const struct toc_event *ev, toc_time at);

/*
 * The name part of a user as sources write it (DOMAIN\u, u@domain, u/REALM, host/…, u$), or nothing: machine accounts,
 * anonymous and service names are no people behind an address.
 */
struct toc_span toc_user_name(struct toc_span user);

#endif
