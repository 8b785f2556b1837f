/* precision - how often each rule was right, by what people judged of its alerts. */
#ifndef CLI_PRECISION_H
#define CLI_PRECISION_H

#include <stdio.h>

#include "cli/detail.h"

enum { CLI_VERDICTS = 4 }; /* as cli_verdicts has them */

struct cli_precision {
	const char *rule, *title; /* of the board */
	unsigned alerts, judged[CLI_VERDICTS];
};

/* Owned by the caller. One entry a rule; wrong: what was judged false or benign. The most wrong ones first. */
struct cli_precision *cli_precision_of(struct cli_alert *const *alerts, unsigned n, unsigned *rules);

/* Of what was judged true, false or benign the share, in percent, that was true; -1: nothing was. */
int cli_precision_percent(const struct cli_precision *p);

/* A row, safe for a terminal; and one object with a newline. */
extern const char cli_precision_head[];
void cli_precision_row(const struct cli_precision *p, char out[CLI_LINE]);
void cli_precision_json(const struct cli_precision *p, FILE *out);

#endif
