/*
 * supervisor - who watches over the process: systemd's notification socket (sd_notify(3)). Written here in a screenful
 * because libsystemd would bring four libraries and their constructors into the process that keeps its rights.
 */
#ifndef APP_SUPERVISOR_H
#define APP_SUPERVISOR_H

#include "app/pulse.h"

/* A socket to $NOTIFY_SOCKET, or -1: nobody asks to be told. The variables are taken out of the environment. */
int toc_supervisor_open(void);

/* Tells it; fd -1: nobody. */
void toc_supervisor_tell(int fd, enum toc_pulse_word word);

#endif
