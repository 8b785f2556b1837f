/* zone_rule - how a zone goes on behind the end of its table: the TZ string of POSIX (RFC 8536, section 3.3). */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

#include "tocsin/span.h"
#include "tocsin/time.h"

/* A day of the year, and the local second of that day when the clock is changed. */
struct zone_day {
	enum { ZONE_JULIAN, ZONE_ZERO, ZONE_WEEKDAY } form; /* Jn without 29 February, n with it, Mm.w.d */
	int day, month, week;
	int64_t second;
};

/* Offsets in s east of UTC. */
struct zone_rule {
	int64_t standard, summer;
	bool changes; /* there is a summer time */
	struct zone_day begin, end;
};

/* "EST5EDT,M3.2.0,M11.1.0", "<+0330>-3:30"; false: it is none. */
bool zone_rule_read(struct toc_span text, struct zone_rule *out);

/* When summer time begins and ends in a year, seconds of UTC since 1970. Which of the two comes first depends on the
 * hemisphere. */
int64_t zone_rule_begin(const struct zone_rule *r, int year);
int64_t zone_rule_end(const struct zone_rule *r, int year);

#endif
