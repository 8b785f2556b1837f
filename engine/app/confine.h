/* confine - what the process that reads strangers' bytes gives up before it reads the first. */
#ifndef APP_CONFINE_H
#define APP_CONFINE_H

#include <stdbool.h>

/*
 * Becomes `user` (NULL: stays who it is), drops all capabilities, forbids new privileges, and installs a system call
 * filter for this and later threads: programs cannot be started, other processes not touched, the system not changed,
 * and, unless `opens`, no file or socket opened, made, renamed or removed (these fail with EACCES). Call when all
 * inputs are open and before any thread runs. false: errno tells.
 */
bool toc_confine(const char *user, bool opens);

#endif
