/* plain - lists and alerts as text or JSON, for scripts and pipes. */
#ifndef CLI_PLAIN_H
#define CLI_PLAIN_H

#include <stdio.h>

#include "alert/text.h"
#include "cli/detail.h"

/* "sev state age events who what", COLUMNS wide at most, safe for a terminal. */
void cli_row(const struct cli_alert *a, unsigned times, int64_t now_ms, unsigned columns, char out[CLI_LINE]);
extern const char cli_row_head[];

/* What a person did, as one object. */
void cli_event_json(struct text *t, const struct cli_event *e);

/* One object and a newline: {"alert": the document, "standing": …, "history": […]}. */
void cli_json(const struct cli_alert *a, FILE *out);

#endif
