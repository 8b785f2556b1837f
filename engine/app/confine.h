/* confine - what the process that reads strangers' bytes gives up before it reads the first. */
#ifndef APP_CONFINE_H
#define APP_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

/* What holds then, as the kernel tells. */
struct toc_confinement {
	unsigned uid;
	bool capable; /* it has some capability */
	bool no_new_privs, seccomp, dumpable;
	int landlock; /* its version; 0: the kernel has none, or the process opens by itself */
};

/*
 * Becomes `user` (NULL: stays who it is), drops all capabilities, forbids new privileges, and installs a system call
 * filter for this and later threads: programs cannot be started, other processes not touched, the system not changed,
 * and, unless `opens`, no file or socket opened, made, renamed or removed (these fail with EACCES, and by Landlock
 * too), and no core dumped. What is never needed raises SIGSYS (toc_pulse_trap), which ends the process. Call when all
 * inputs are open and before any thread runs. false: errno tells.
 */
bool toc_confine(const char *user, bool opens, struct toc_confinement *out);

/* The name of a system call, written to out; returns out. */
const char *toc_confine_call(int number, char *out, size_t n);

#endif
