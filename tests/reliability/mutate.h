/* mutate - hostile input from good input: what the two writers share. The same seed gives the same bytes. */
#ifndef RELIABILITY_MUTATE_H
#define RELIABILITY_MUTATE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tocsin/span.h"

struct dice {
	uint64_t state;
};
uint32_t dice_roll(struct dice *d, uint32_t sides); /* 0 … sides - 1 */
static inline int dice_one_in(struct dice *d, uint32_t n)
{
	return dice_roll(d, n) == 0;
}

/* Bytes that grow no further than their room: what does not fit is left out. */
struct bytes {
	uint8_t *p;
	size_t n, room;
};
void bytes_put(struct bytes *b, const void *p, size_t n);
void bytes_text(struct bytes *b, const char *text);
void bytes_times(struct bytes *b, const char *text, unsigned times);
void bytes_flip(struct bytes *b, struct dice *d, size_t within); /* a few bytes of the first `within` */
void bytes_cut(struct bytes *b, struct dice *d);		 /* its end, or a piece of its middle */
void bytes_repeat(struct bytes *b, struct dice *d);		 /* a piece of it comes twice */

struct toc_span read_file(const char *path);

/* What was written, for the one who counts what was read. */
struct written {
	uint64_t count, mutated, empty, cut;
};

int write_packets(struct dice *d, uint64_t count, unsigned percent, char **paths, struct written *w);
int write_lines(struct dice *d, uint64_t count, unsigned percent, char **paths, struct written *w);

/* "at N" on standard error from time to time: how far the reader has come, but for what lies in the pipe. */
void tell_progress(uint64_t count);

#endif
