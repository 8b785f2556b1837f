/* presence - protocols that are only named: signatures as data, and how a flow is held against them. */
#ifndef DECODERS_PRESENCE_H
#define DECODERS_PRESENCE_H

#include "tocsin/decoder.h"

/*
 * One side's first bytes. `bytes` stand at `offset`; where `mask` is given only its bits count. A datagram has between
 * least and most bytes (most 0: no bound); a stream has at least `least`. `check` looks at what a pattern cannot say,
 * at the first PRESENCE_LOOK bytes: MAYBE where more of a stream would tell, and never another answer for more bytes.
 */
struct presence_side {
	const char *bytes;
	const char *mask;
	enum toc_probe (*check)(struct toc_span first);
	uint8_t n, offset;
	uint16_t least, most;
};

/*
 * A protocol by the published description of it. `say` begins the flow (who connects) or, with `server_first`, its
 * server. Where `answer` has bytes or a check, the other side must say it before the flow is named; where it has none,
 * the first side's bytes leave no doubt.
 */
struct presence {
	const char *service;
	struct presence_side say, answer;
	bool server_first;
	bool either;	  /* whoever speaks first */
	bool after_noise; /* server_first, and before it a client's datagram like `answer`, which may be anything */
};

enum { PRESENCE_LOOK = 256, PRESENCE_MAX = 254 };

/* For initialisers: the bytes of a literal and how many they are. */
#define PRESENCE_BYTES(text) .bytes = (text), .n = sizeof(text) - 1

/* A table ends with service NULL. */
extern const struct presence presence_tcp_signatures[];
extern const struct presence presence_udp_signatures[];

/* YES: the bytes are what the side says. MAYBE: they may become it (streams only). */
enum toc_probe presence_side_matches(const struct presence_side *side, struct toc_span first, bool datagram);

#endif
