/* reader - stored captures, merged by time, as the source of one worker or shared out to several. */
#ifndef APP_READER_H
#define APP_READER_H

#include "app/worker.h"

struct toc_reader;

/*
 * Opens captures ("-" = standard input); streams: of those that are open already the descriptor, taken over, else -1.
 * NULL: err tells which and what to do. Owned by the caller. Ordinals: the
 * file's place in the upper 16 bits, the frame's in the lower 48.
 */
struct toc_reader *toc_reader_new(const char *const *paths, const int *streams, const uint16_t *inputs, unsigned n,
				  char *err, size_t err_size);
void toc_reader_free(struct toc_reader *r);

/*
 * The sources of `workers` threads. Frames come straight from the files, without a copy, which each worker opens for
 * itself; where an input can be read only once (a pipe, what is being unpacked), or not be opened so often,
 * toc_reader_hands_out says so: then call toc_reader_share in a thread of its own. ring_bytes: of each worker's input
 * ring; single: so too, one record at a time (tests).
 */
bool toc_reader_split(struct toc_reader *r, unsigned workers, size_t ring_bytes, bool single);
bool toc_reader_hands_out(const struct toc_reader *r);
struct toc_source *toc_reader_source(struct toc_reader *r, unsigned worker);

/* Reads to the end and gives every worker its frames, in batches that end with the time for all. arg = the reader. */
void *toc_reader_share(void *arg);

/* After the end: a capture was cut off or broke; the words, or NULL when all were whole. */
const char *toc_reader_trouble(const struct toc_reader *r);

#endif
