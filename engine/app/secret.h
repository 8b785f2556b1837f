/* secret - a password from a file of its own. */
#ifndef APP_SECRET_H
#define APP_SECRET_H

#include <stddef.h>

/* The first line of a file that not everybody can read. NULL: out has it; else what is wrong with the file. */
const char *toc_secret_read(const char *path, char *out, size_t room);

#endif
