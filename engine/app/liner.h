/* liner - one thread for one file of log lines or printed events: read, normalise, feed. */
#ifndef APP_LINER_H
#define APP_LINER_H

#include <pthread.h>
#include <stdatomic.h>

#include "app/feed.h"
#include "event/record.h"
#include "normalise/lines.h"

struct toc_liner {
	struct toc_feed feed;
	struct toc_lines *lines;	/* of log lines; or */
	struct toc_records *records;	/* of events that were printed; both owned */
	struct journal_export *journal; /* of a journal's export, between the bytes and the lines; owned */
	int fd;				/* owned */
	const char *path;
	uint16_t input; /* place among the inputs: the upper 16 bits of the ordinals */
	uint64_t count;
	int error; /* errno of a failed read; 0 = read to the end */
	pthread_t thread;
};

enum { TOC_LONGEST_LINE = 1 << 20 }; /* a longer line is cut and marked; the rest up to its end is skipped */

/* The thread's function; arg = struct toc_liner *. */
void *toc_liner_run(void *arg);
void toc_liner_free(struct toc_liner *l);

#endif
