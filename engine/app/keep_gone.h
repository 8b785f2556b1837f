/*
 * keep_gone - what the engine removed of its folders, for the audit log, which it cannot write itself. Seen from
 * outside: segments that were there the last time and are there no more.
 */
#ifndef APP_KEEP_GONE_H
#define APP_KEEP_GONE_H

#include "app/config.h"

/* A folder of segments. */
struct gone_folder {
	const char *name; /* "evidence" */
	char path[TOC_ASK_MOST];
	toc_time age;	 /* older ones go for it; the others make room */
	const char *key; /* "evidence.kept_days" */
};

enum { GONE_FOLDERS = 3 };
/* Those of the configuration; returns their number. */
unsigned gone_folders(const struct toc_config *config, struct gone_folder out[GONE_FOLDERS]);

struct gone_count {
	unsigned segments;
	uint64_t bytes;
	int64_t first, last; /* days since 1970 that they began on */
};

/*
 * Compares the folder with what `list` (a file of this process) says of it, and writes the list anew. aged, room: what
 * went for its age and for room. false: errno tells.
 */
bool gone_read(const struct gone_folder *folder, const char *list, toc_time now, struct gone_count *aged,
	       struct gone_count *room);

#endif
