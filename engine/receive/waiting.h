/* waiting - datagrams that were read and cannot be handed over yet: a queue for each sender. Private to receive/. */
#ifndef RECEIVE_WAITING_H
#define RECEIVE_WAITING_H

#include "receive/source.h"

enum { WAITING_BYTES = 16 << 20, WAITING_LINES = 65536, WAITING_LENGTHS = 64 };

/* Senders who take turns, and their queues. */
struct waiting_class {
	struct waiting_sender *turn; /* a ring of those who wait, and whose turn it is */
	/* rings of those with so many lines; the last one is of all with more, the longest of them first, or nearly */
	struct waiting_sender *by_length[WAITING_LENGTHS];
	uint32_t highest; /* no ring above this one has anybody */
	uint32_t lines, senders;
	size_t bytes;
};

/*
 * Of one socket. Senders take turns, a datagram each; when there is no room left the longest queue loses its oldest, so
 * that a sender who floods fills up nobody's place but his own. Whose queue is the longest is known at once, whatever
 * strangers make of their numbers and addresses. Strangers, who may be one under many addresses, have turns of their
 * own, as many as the known senders together; while they hold half of the room or more it is they who lose. All zero at
 * first.
 */
struct waiting {
	struct waiting_class of[2]; /* strangers, known ones */
	uint32_t lines, senders;
	size_t bytes;
	bool next; /* whose turn it is */
};

/* peer: NULL where there is none. The text is copied. */
void waiting_put(struct receiving_env *env, struct waiting *w, const struct source *s, const struct toc_addr *peer,
		 struct toc_span text, bool truncated);

/* Hands over up to so many lines while the taker has room; all: whether it has or not. */
void waiting_serve(struct receiving_env *env, struct waiting *w, const struct source *s, unsigned most, bool all);

void waiting_free(struct waiting *w);

#endif
