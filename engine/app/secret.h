/* secret - a password from a file of its own. */
#ifndef APP_SECRET_H
#define APP_SECRET_H

#include <stddef.h>

#include "base/arena.h"

/* The first line of a file that not everybody can read. NULL: out has it; else what is wrong with the file. */
const char *toc_secret_read(const char *path, char *out, size_t room);

/*
 * Where a configured secret is read: under its file's name in $CREDENTIALS_DIRECTORY where systemd has put one there
 * (LoadCredential=site.key:/etc/tocsin/site.key), else at its path. In the arena, or path itself.
 */
const char *toc_secret_path(struct toc_arena *arena, const char *path);

#endif
