/* first_config - the configuration that `tocsin init` writes from what it heard. */
#ifndef APP_FIRST_CONFIG_H
#define APP_FIRST_CONFIG_H

#include <stdio.h>

#include "app/mirror.h"

struct toc_first_config {
	const char *interface; /* NULL: none is known, of a capture */
	const char *heard_on;  /* in words: the interface, or the captures' names */
	const char *folder;    /* that it will lie in: which of its folders are there */
	const char *sensor, *time_zone;
	const struct toc_heard *heard;
	const struct toc_verdict *verdicts; /* TOC_VERDICTS */
};

/*
 * Commented, and in observe mode. Gateways, servers, printers and networks that were seen stand behind `#`, each with
 * what speaks for it: somebody approves them. Nothing that a stranger has named is in it.
 */
void toc_first_config_write(const struct toc_first_config *c, FILE *out);

/* The same finds for the terminal; a line each. */
void toc_first_config_finds(const struct toc_heard *h, const char *before, FILE *out);

#endif
