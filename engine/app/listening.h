/* listening - sockets on which this program is asked: control, metrics, unmask. */
#ifndef APP_LISTENING_H
#define APP_LISTENING_H

#include <sys/socket.h>
#include <sys/types.h>

/* Who may connect to a unix socket, as umask(2) says it. */
enum { TOC_LISTEN_GROUP = 0117, TOC_LISTEN_ALL = 0111 };

/* A stream socket that does not block. At a unix socket's path nothing stays of who had it before. -1: errno says why.
 */
int toc_listening(const struct sockaddr *at, socklen_t n, mode_t mask);

#endif
