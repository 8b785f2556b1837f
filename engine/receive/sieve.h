/* sieve - a filter in the kernel for those who flood a UDP socket, so that its buffer stays free for the others.
 * Private to receive/. */
#ifndef RECEIVE_SIEVE_H
#define RECEIVE_SIEVE_H

#include "receive/source.h"

/*
 * Of one socket. A reader that drops by itself has paid for reading already; under ten times what can be read the
 * kernel's buffer fills and loses datagrams of anybody. So who sends most while the buffer fills is let through only
 * once in 2^shift, by chance, before his datagrams take room (classic BPF, socket(7)). The pressure over, the sieve
 * widens by half each second. All zero at first.
 *
 * Where nobody sends a quarter, but those who are not known (senders.h) send half or more together, it may be one of
 * them under ever new addresses: then all strangers pass by the same chance, and who is known always does, by a list of
 * the known ones' addresses in the filter (of IPv6 the last four bytes): those who were heard last, SIEVE_KNOWN at
 * most.
 */
enum { SIEVE_MOST = 8, SIEVE_KNOWN = 2048 };

struct sieve {
	struct {
		struct toc_addr addr;
		unsigned shift;
	} of[SIEVE_MOST];
	unsigned n;
	uint32_t interval;	      /* what was read since the last look: in all, and of who sent most */
	unsigned strangers;	      /* shift of those who are not known; 0: they pass */
	uint64_t read, most, strange; /* of strangers */
	struct toc_addr busiest;
	toc_time changed;
};

/* A datagram of his was read. */
void sieve_note(struct sieve *v, struct toc_sender *who);

/* Looks whether the sieve must be narrower or wider. fullness of the socket's buffer, in per cent. */
void sieve_look(struct receiving_env *env, struct sieve *v, const struct source *s, unsigned fullness);

/* The kernel dropped so many while the buffer had room: they were in the sieve, and are counted to whom they belong.
 * false: to nobody. */
bool sieve_lost(struct receiving_env *env, struct sieve *v, const struct source *s, uint32_t n);

#endif
