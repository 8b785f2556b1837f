/* zone - a time zone's rules, from the system's compiled tables (RFC 8536). */
#ifndef NORMALISE_ZONE_H
#define NORMALISE_ZONE_H

#include <stdbool.h>

#include "tocsin/time.h"

struct zone;

/* By IANA name. NULL: no such zone, or its file cannot be read. Owned by the caller. */
struct zone *zone_new(const char *name);
void zone_free(struct zone *z);

/* ns east of UTC for a local time; in the hour that a change skips or repeats, the earlier rule. */
toc_time zone_offset(const struct zone *z, toc_time local);

#endif
