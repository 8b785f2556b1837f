/* rest - what a line says under names that no field takes: the list structured_data of name=value. */
#ifndef NORMALISE_REST_H
#define NORMALISE_REST_H

#include "normalise/fill.h"

/* So many of a line, and no longer than that; what is over is counted as lost. */
enum { REST_MOST = 32, REST_TEXT = 512 };

/* May a name that nobody has listed be written? Not where it calls its value a secret (userPassword, api_token) or a
 * part of a mail (SYS-03, SYS-04). */
bool rest_allowed(struct toc_span name);

/* *n: how many of this line there were. */
void rest_put(const struct filling *f, unsigned *n, struct toc_span name, struct toc_span value);

#endif
