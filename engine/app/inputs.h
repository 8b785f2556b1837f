/* inputs - stored files for replay: what kind each is, opened for its thread. */
#ifndef APP_INPUTS_H
#define APP_INPUTS_H

#include "app/pipeline.h"

struct toc_inputs {
	struct toc_reader *reader; /* NULL: no captures */
	pthread_t sharer;
	bool shared;
};

/*
 * Opens every path ("-" = standard input), tells captures, printed events and log files by their first bytes, adds
 * workers and liners to the pipeline. -1, or an exit status after a message that names the file and the remedy.
 */
int toc_inputs_open(struct toc_inputs *in, struct toc_pipeline *p, const char *const *paths, unsigned n,
		    unsigned workers);

/* Starts the thread that shares frames out, if there is one; before toc_pipeline_run. */
void toc_inputs_start(struct toc_inputs *in);

/* After the run: joins, says on stderr which input was cut off or could not be read; true when all were whole. */
bool toc_inputs_finish(struct toc_inputs *in, const struct toc_pipeline *p);
void toc_inputs_free(struct toc_inputs *in);

#endif
