/* screen_state - what the terminal's files share: screen.c draws and runs, screen_keys.c does what is pressed. */
#ifndef CLI_SCREEN_STATE_H
#define CLI_SCREEN_STATE_H

#include "cli/deed.h"
#include "cli/detail.h"
#include "cli/filter.h"
#include "cli/screen.h"

enum { ROWS = 5000, TYPED = 256, MESSAGE = 400 };

struct row {
	struct cli_alert *a; /* the one on top of those that it stands for */
	unsigned times;
};

struct screen {
	struct cli_screen_config config;
	struct cli_filter filter;
	char filter_text[CLI_FILTER_TEXT], message[MESSAGE], current[33]; /* current: where the cursor stays */
	struct row rows[ROWS];
	unsigned nrows, shown, fresh; /* alerts that the filter lets through, and new ones of them */
	unsigned cursor, top;	      /* in the list; top also in an alert */
	bool apart;		      /* every alert a row of its own */
	bool open, help, over;
	bool preview; /* lines say what an exemption would have kept back */
	struct cli_lines lines;
};

/* screen.c */
void screen_gather(struct screen *s);
void screen_draw(struct screen *s);
/* Asks on the last line; false: given up (Esc). */
bool screen_ask(struct screen *s, const char *question, char *out, size_t room);
unsigned screen_height(void); /* of the middle part */

/* screen_keys.c */
void screen_key(struct screen *s, int key);
extern const char *const screen_help[];

#endif
