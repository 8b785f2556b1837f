/*
 * clerk - the thread that keeps evidence: packets of all workers into a ring on disk, and for each alert the lines and
 * packets that it is about. Nobody waits for it: what it cannot take in time is counted.
 */
#ifndef APP_CLERK_H
#define APP_CLERK_H

#include "app/config.h"
#include "app/fence.h"
#include "evidence/packets.h"
#include "tocsin/alert.h"

struct toc_clerk;

enum toc_clerk_folder { TOC_CLERK_PACKETS, TOC_CLERK_KEPT, TOC_CLERK_FOLDERS };

/* Its folders below the state folder. false: the name is too long. */
bool toc_clerk_folder(const struct toc_config *config, enum toc_clerk_folder which, char *out, size_t room);

/* Makes and opens its folders; opener makes segments, and lives as long. NULL after a warning: no evidence is kept. */
struct toc_clerk *toc_clerk_new(const struct toc_config *config, const struct toc_opener *opener);
void toc_clerk_free(struct toc_clerk *c);

/* For a worker, before the start; NULL where no packets are kept. */
struct packets *toc_clerk_worker(struct toc_clerk *c);

/* The outlet that alerts go through on their way to the next one; *self is what it is called with. */
const struct toc_outlet *toc_clerk_outlet(struct toc_clerk *c, const struct toc_outlet *next, void **self);

/* Not before the process has forked for good. false after a message. */
bool toc_clerk_start(struct toc_clerk *c, struct toc_fences *fences);
/* All workers have ended and all alerts are told: what is asked for is written, then the thread ends. */
void toc_clerk_finish(struct toc_clerk *c);

/* Any thread: the members of a JSON object, each with a comma before it. Returns their length, cut to room. */
size_t toc_clerk_status_json(struct toc_clerk *c, char *out, size_t room);

#endif
