/* exempt - what an exemption made of an alert would have kept from being told, before anybody asks for it. */
#ifndef CLI_EXEMPT_H
#define CLI_EXEMPT_H

#include <stdio.h>

#include "cli/detail.h"

/* Of what the board knows: the alerts of the same rule and key. */
struct cli_effect {
	const struct cli_alert *of;
	struct cli_alert **at; /* as the board lists them */
	unsigned n, judged_true;
	uint64_t events;
	int64_t first, last; /* ms */
};

void cli_effect_read(struct cli_board *b, const struct cli_alert *of, struct cli_effect *out);
void cli_effect_free(struct cli_effect *e);

/* In words, each alert a line; and as one object with a newline. days: until when, from now_ms on. */
void cli_effect_lines(const struct cli_effect *e, unsigned days, int64_t now_ms, struct cli_lines *out);
void cli_effect_json(const struct cli_effect *e, unsigned days, int64_t now_ms, FILE *out);

/* ms: when what was asked for ends. */
int64_t cli_exempt_until(const struct cli_event *e);

/* May this person ask for one? Where the console knows no people the sensor decides. err tells. */
bool cli_exempt_may(const struct toc_people *people, const char *uid, char *err, size_t room);

#endif
