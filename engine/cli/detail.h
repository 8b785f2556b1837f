/* detail - one alert in words, as lines for a screen or a pipe. */
#ifndef CLI_DETAIL_H
#define CLI_DETAIL_H

#include "cli/board.h"

enum { CLI_WIDTH = 80, CLI_LINE = CLI_WIDTH * 4 + 1 };

struct cli_lines {
	char (*at)[CLI_LINE];
	unsigned n, room;
};

/* Safe for a terminal, at most CLI_WIDTH columns each. */
void cli_detail(const struct cli_alert *a, int64_t now_ms, struct cli_lines *out);
void cli_lines_free(struct cli_lines *lines);

/* An empty line more, to be filled; a label and a text, wrapped. */
char *cli_lines_add(struct cli_lines *out);
void cli_putf(struct cli_lines *out, const char *label, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* "12s", "5m", "3h", "2d". */
void cli_age(int64_t ms, char out[16]);

/* "new", "ack", "done", in brackets where somebody's deed had no effect; "ack*" where it has grown since. */
const char *cli_state_word(const struct cli_alert *a);

#endif
