/* who - the answer to `tocsin who`: the chain behind an address, or the addresses behind a name. */
#ifndef IDENTITY_WHO_H
#define IDENTITY_WHO_H

#include <stdio.h>

#include "identity/bindings.h"
#include "identity/site.h"

struct who {
	const struct toc_site *site;
	const struct toc_bindings *bindings;
	toc_time at;
	FILE *out;
};

/* question: an address, a MAC in any spelling, a host or a user (DOMAIN\\u and u@domain too). */
bool who_write(const struct who *w, const char *question);

#endif
