/* deed - one thing that a person does to an alert. */
#ifndef CLI_DEED_H
#define CLI_DEED_H

#include "cli/board.h"

struct cli_deed_made {
	const struct cli_alert *alert;
	enum cli_deed deed;
	const char *verdict, *to,
		*note; /* NULL or empty: not said. to: a person (assign; NULL = oneself) or a route (escalate) */
	unsigned days; /* of an exemption; its note says why */
};

/* An exemption is for so many days at most: who still wants it then looks at it again. */
enum { CLI_EXEMPT_DAYS = 90, CLI_EXEMPT_WHY = 8 };

/*
 * Written into the person's own stream with the newest deed that they saw (`on`). false: err tells, nothing was
 * written. What it came to shows with the board's next read: somebody may have been quicker.
 */
bool cli_deed_write(struct toc_asker *redis, const char *uid, const struct cli_deed_made *deed, char *err, size_t room);

#endif
