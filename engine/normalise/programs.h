/* programs - from a line's program to the patterns that know it. Private to normalise/. */
#ifndef NORMALISE_PROGRAMS_H
#define NORMALISE_PROGRAMS_H

#include "normalise/normaliser.h"

/* Makes the empty tables. */
void programs_prepare(struct toc_normalisers *n);

/* Normaliser number `by` names a program: "sshd", "postfix*", "*" (any), "" (none). false: there are too many. */
bool programs_add(struct toc_normalisers *n, const char *program, unsigned by, bool mail);

/* Once all are named: gives each program its graph; `build` fills one from the program's normalisers. */
void programs_settle(struct toc_normalisers *n,
		     void (*build)(void *user, struct pattern_graph *graph, const struct program *p), void *user);

/* What a line's program is, or NULL: nobody names it. */
const struct program *programs_find(const struct toc_normalisers *n, struct toc_span app);

#endif
