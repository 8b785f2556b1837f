/* snapshot - what writer, reader and reload share. */
#ifndef CORRELATE_SNAPSHOT_H
#define CORRELATE_SNAPSHOT_H

#include "correlate/baseline.h"
#include "correlate/state.h"

enum { SNAPSHOT_VERSION = 2, SNAPSHOT_HEADER = 16 };

static const char snapshot_magic[9] = "TOCCORR\n";

/* novel.c, inhibit.c: what their tables hold. */
struct novel_seen {
	uint8_t key[16]; /* hash of scope and value */
	toc_time first, last;
};

struct inhibition {
	uint8_t key[16]; /* hash of the inhibitor and of the values that both have */
	toc_time until;	 /* ts; TOC_NEVER: it is open */
};

static inline uint32_t base_numbers(const struct toc_corr_rule *r)
{
	return (uint32_t)(base_bytes(r) / sizeof(double));
}

#endif
