/* keep - what `tocsin keep` does beside the sensor, one chore a file: it reads Redis, which the engine never does. */
#ifndef APP_KEEP_H
#define APP_KEEP_H

#include "app/config.h"
#include "cli/board.h"

struct keep {
	struct toc_config *config;
	const char *config_path;   /* NULL: the usual one */
	const char *const *routes; /* of all people; NULL-terminated */
	struct toc_asker *redis;
	struct cli_board *board; /* deeds of all of them */
};

/* keep_retain.c: once an hour, what is too old goes, and that it went is written down. */
struct keep_retain;
struct keep_retain *keep_retain_new(const struct keep *k);
void keep_retain_free(struct keep_retain *x);
bool keep_retain_step(struct keep_retain *x, char *err, size_t room);

/* keep_exempt.c: exemptions that people ask for at alerts. */
struct keep_exempt;
struct keep_exempt *keep_exempt_new(const struct keep *k);
void keep_exempt_free(struct keep_exempt *x);
void keep_exempt_step(struct keep_exempt *x);

/* keep_hold.c: once an hour, holds are given what is new of their alerts. */
struct keep_hold;
struct keep_hold *keep_hold_new(const struct keep *k);
void keep_hold_free(struct keep_hold *x);
void keep_hold_step(struct keep_hold *x);

#endif
