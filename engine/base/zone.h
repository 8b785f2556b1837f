/* zone - a time zone's rules, from the system's compiled tables (RFC 8536). */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdbool.h>

#include "base/opener.h"
#include "tocsin/time.h"

struct toc_zone;

/* By IANA name. NULL: no such zone, or its file cannot be read. Owned by the caller. */
struct toc_zone *toc_zone_new(const struct toc_opener *opener, const char *name);
void toc_zone_free(struct toc_zone *z);

/* ns east of UTC for a local time; in the hour that a change skips or repeats, the earlier rule. */
toc_time toc_zone_offset(const struct toc_zone *z, toc_time local);

/* ns east of UTC at a time of UTC. z NULL: UTC itself. */
toc_time toc_zone_offset_at(const struct toc_zone *z, toc_time utc);

/* Can this time zone be read (UTC, or an IANA name whose rules are installed)? */
bool toc_zone_known(const char *name);

#endif
