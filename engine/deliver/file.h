/* file - alerts as NDJSON to a descriptor, or nowhere. */
#ifndef DELIVER_FILE_H
#define DELIVER_FILE_H

#include "tocsin/alert.h"

struct toc_alert_file {
	int fd;
	uint64_t lines;
};

/* self = struct toc_alert_file *: each revision one line, {"state":…}, written at once. */
extern const struct toc_outlet toc_outlet_file;

/* self = uint64_t *: counts and forgets (`--events`, benches). */
extern const struct toc_outlet toc_outlet_null;

#endif
