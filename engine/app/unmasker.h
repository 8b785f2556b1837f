/*
 * unmasker - the process that knows who tokens are: it alone has the site's key and the journal, and knows who asks by
 * the socket (SO_PEERCRED). Everything it does is in the audit log before it is done.
 */
#ifndef APP_UNMASKER_H
#define APP_UNMASKER_H

#include <signal.h>

#include "app/config.h"

/* The socket below the state folder; false: the name is too long. */
enum { TOC_UNMASK_PATH = 108 };
bool toc_unmask_path(const struct toc_config *config, char out[TOC_UNMASK_PATH]);

/* Serves until one of the signals (blocked by the caller) comes. An exit status, after a message where it is not 0. */
int toc_unmasker_serve(const struct toc_config *config, const sigset_t *signals);

#endif
