/* senders - what each sender gave and lost, and one word about it now and then; private to receive/. */
#ifndef RECEIVE_SENDERS_H
#define RECEIVE_SENDERS_H

#include "base/regulars.h"
#include "receive/receive.h"

/* Who is known has a place of his own (base/regulars.h); the others may be made up, and share theirs. */
enum { SENDERS_KNOWN = 16384, SENDERS_STRANGE = 65536 };

struct senders {
	struct toc_regulars *table;
	struct toc_receiver_counters *count;
	struct toc_sender *last; /* the one that was found last; NULL after another was made */
	struct {
		toc_time said;	/* when a word about this reason was said last */
		uint64_t since; /* and how often it happened since then */
	} words[TOC_LOSSES];
};

bool senders_init(struct senders *s, struct toc_receiver_counters *count);
void senders_end(struct senders *s);

/* The cell of (address, listener); NULL stands for no address. Valid until the next call. Known from the beginning is
 * whoever has no address, or is named as a host in `allow`. */
struct toc_sender *senders_find(struct senders *s, const struct toc_addr *addr, const struct toc_listener *l,
				uint32_t hint, toc_time now);

/* Who may send there, by the listener's list as it is now. */
void senders_admit(struct senders *s, const struct toc_listener *l, uint32_t hint);

/* A line of his was handed over: who goes on so becomes known. */
void senders_heard(struct senders *s, struct toc_sender *who, toc_time now);

/* Without making one. */
struct toc_sender *senders_peek(const struct senders *s, const struct toc_addr *addr, uint32_t hint);

void senders_lost(struct senders *s, struct toc_sender *who, enum toc_loss loss, uint64_t n);

/* Counts one, and says so: at most once a minute and reason. detail may be NULL. */
void senders_tell(struct senders *s, struct toc_sender *who, const struct toc_listener *l, enum toc_loss loss,
		  const char *detail, toc_time now);

#endif
