/* refusal - what a Redis server's error means: how soon to ask again, and what a person can do about it. */
#ifndef DELIVER_REFUSAL_H
#define DELIVER_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>

struct toc_refusal {
	const char *prefix; /* first word of the error; "" = any other */
	int wait_ms;	    /* least pause before the next attempt */
	bool passes;	    /* the server gets over it by itself */
	const char *advice; /* names the setting, here or in redis.conf */
};

/* Never NULL. Whatever the refusal is, the alerts stay in the journal and are sent again. */
const struct toc_refusal *toc_refusal_of(const char *answer);

/* The server's words for a log line: printable ASCII only, whatever it sent; out always ends with a NUL. */
void toc_refusal_words(const char *answer, char *out, size_t n);

#endif
