/* stamp - points in time as log lines write them. */
#ifndef NORMALISE_STAMP_H
#define NORMALISE_STAMP_H

#include "base/zone.h"
#include "tocsin/span.h"

/* How what a stamp leaves out is filled in. */
struct stamp_rules {
	const struct toc_zone *zone; /* of stamps without one; NULL = offset */
	toc_time offset;	     /* ns east of UTC */
	toc_time now;		     /* the year is such that the stamp is not more than a day after this */
};

/*
 * Reads a stamp at the beginning of *in and moves it past: "Mar  2 08:00:00", the same with year ("Mar 02 2026
 * 08:00:11", "Mar  2 08:00:04.264", "Mar 2 2026 …", "2026 Mar 2 …", "Mar 2 08:00:00 2026"), RFC 3339 (also with a space
 * for T, without zone); the name of a zone behind it; "Mon Mar  2 08:00:00 2026"; multilog's "@4000000069a5…". false:
 * none there.
 */
bool stamp_read(struct toc_span *in, const struct stamp_rules *rules, toc_time *out);

/* "02/Mar/2026:08:00:41 +0100", "02-Mar-2026 08:00:41": where a text holds it, not as a header's own. */
bool stamp_day_first(struct toc_span text, const struct stamp_rules *rules, toc_time *out);

/*
 * "3/2/2026 8:00:41 AM", "02/03/2026 08:00:41", "2.3.2026 08:00:41": a date as Windows writes it in its locale, where a
 * text holds it. Where month and day can be either, the reading that is not after `now` counts, of two such the later.
 */
bool stamp_locale(struct toc_span text, const struct stamp_rules *rules, toc_time *out);

/* Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size; "1772438415.635" too. */
bool stamp_epoch(struct toc_span text, toc_time *out);

#endif
