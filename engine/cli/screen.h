/* screen - the responder's terminal: inbox and alert, by keys alone, on 80x24 without colours. */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include "cli/board.h"

struct cli_screen_config {
	struct cli_board *board;
	struct toc_asker *redis;
	const char *uid;
	const struct toc_people *people; /* NULL = not known */
	const char *routes;		 /* as the top line shows them */
	const char *filter;		 /* to begin with */
	int64_t (*now)(void *user);	 /* ms since 1970 */
	void *user;
};

/* Until the person quits. false: err tells (no terminal, filter that is none). */
bool cli_screen(const struct cli_screen_config *config, char *err, size_t room);

#endif
