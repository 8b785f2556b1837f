/* gather - which bytes of a message are there when its pieces come in any order (DTLS fragments, QUIC CRYPTO frames).
 */
#ifndef DECODERS_GATHER_H
#define DECODERS_GATHER_H

#include <stdbool.h>
#include <stdint.h>

enum { GATHER_RUNS = 12 };

/* Runs [from, to), ascending, apart from each other. Zeroed: nothing is there. */
struct gather {
	uint32_t n;
	struct {
		uint32_t from, to;
	} run[GATHER_RUNS];
};

/* [from, to) is there now. false: in too many pieces, it is not noted. */
bool gather_add(struct gather *g, uint32_t from, uint32_t to);

/* Bytes that are there without a hole from 0 on. */
uint32_t gather_whole(const struct gather *g);

#endif
