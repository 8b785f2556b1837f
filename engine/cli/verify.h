/* verify - is a route's stream what its sensors wrote, document by document? (alert/chain.h) */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include <stdio.h>

#include "deliver/ask.h"
#include "tocsin/span.h"

/* What is wrong with one document. */
enum cli_flaw { CLI_ALTERED, CLI_MISSING, CLI_UNCHAINED, CLI_FLAWS };
extern const char *const cli_flaw_names[CLI_FLAWS];

/* Of one sensor's documents in one stream. */
struct cli_verified {
	const char *route;
	char sensor[128];
	char last[65];		 /* hash of the newest document; "" = none was read */
	bool trimmed;		 /* the oldest that is there refers to one that is not */
	int64_t oldest;		 /* ms since 1970, by Redis: when the first that is there came */
	unsigned long documents; /* without repetitions */
	unsigned long flaws[CLI_FLAWS];
};

struct cli_verify;

/* told: called for each flaw with the document's id and revision; stream is the entry's id. */
typedef void (*cli_flaw_told)(void *user, const struct cli_verified *of, enum cli_flaw flaw, const char *stream,
			      const char *id, unsigned revision);
struct cli_verify *cli_verify_new(const char *route, cli_flaw_told told, void *user); /* owned by the caller */
void cli_verify_free(struct cli_verify *v);

/* The next document of the stream. */
void cli_verify_take(struct cli_verify *v, const char *stream, struct toc_span document);

/* All of the stream, page by page. false: err tells. */
bool cli_verify_read(struct cli_verify *v, struct toc_asker *redis, char *err, size_t err_size);

/* By sensor, in the order in which they were met. */
const struct cli_verified *cli_verify_found(const struct cli_verify *v, unsigned *n);

/* A row, safe for a terminal; or one object. Both with a newline. */
void cli_verified_print(const struct cli_verified *of, bool json, FILE *out);

#endif
