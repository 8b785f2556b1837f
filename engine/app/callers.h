/*
 * callers - who comes to a unix socket with one line, and gets an answer. Each has a few seconds and few of the places;
 * nobody keeps the others waiting.
 */
#ifndef APP_CALLERS_H
#define APP_CALLERS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct toc_callers_config {
	int listening; /* non-blocking */
	int stop;      /* readable: it is over */
	/* Those who are not known share the places of one. */
	bool (*known)(void *user, uid_t uid);
	/* line: without its end; may be changed. What is written to out is the answer. */
	void (*answer)(void *user, uid_t uid, char *line, FILE *out);
	void *user;
};

/* Until stop. false: errno tells. */
bool toc_callers_serve(const struct toc_callers_config *config);

#endif
