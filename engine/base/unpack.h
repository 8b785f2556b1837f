/* unpack - stored files that were packed (gzip, zstd, xz) as a stream of what is in them. The only user of zstd and
 * lzma. */
#ifndef BASE_UNPACK_H
#define BASE_UNPACK_H

#include "tocsin/span.h"

/*
 * Bounds against hostile archives: memory of a decoder, and how many times longer than its input what comes out may be,
 * once it is longer than UNPACK_FREE bytes. What is packed twice is unpacked once.
 */
enum { TOC_UNPACK_MEMORY = 256 << 20, TOC_UNPACK_RATIO = 1000, TOC_UNPACK_FREE = 256 << 20 };

struct toc_unpack;

/* "gzip", "zstd", "xz" by the first bytes, or NULL. */
const char *toc_unpack_format(struct toc_span first);

/* fd (taken over) holds such a file: a thread of its own unpacks it. NULL: errno tells; fd is closed. */
struct toc_unpack *toc_unpack_start(int fd, struct toc_span first);

/* Where it can be read: a stream socket, the caller's. */
int toc_unpack_fd(const struct toc_unpack *u);

/* Ends the thread, whether all was read or not. NULL, or in words why not all came out: lives as long as u. */
const char *toc_unpack_finish(struct toc_unpack *u);
void toc_unpack_free(struct toc_unpack *u);

#endif
