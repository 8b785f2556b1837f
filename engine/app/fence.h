/*
 * fence - a thread's own filter of system calls, inside that of the process (confine.h): what its work needs is
 * allowed, all else fails with EPERM. Depth, not a boundary: threads share their memory and their descriptors.
 */
#ifndef APP_FENCE_H
#define APP_FENCE_H

#include <stdbool.h>
#include <stdio.h>

enum toc_role {
#define ROLE(name, groups) TOC_ROLE_##name,
#include "app/fence.def"
#undef ROLE
	TOC_ROLES
};

/* The process's threads with their fences, for status. NULL where none are to be put up (replay, tests): enter then
 * does nothing. Owned by the caller. */
struct toc_fences;
struct toc_fences *toc_fences_new(void);
void toc_fences_free(struct toc_fences *f);

/*
 * First thing in a thread: names it ROLE-NUMBER and fences it in, for good. Ends the process with a word where the
 * kernel refuses: a thread without its fence reads nothing.
 */
void toc_fence_enter(struct toc_fences *f, enum toc_role role, unsigned number);

/* A JSON list: name, and how many calls are allowed. Any thread. */
void toc_fences_write(struct toc_fences *f, FILE *out);

#endif
