/* connection - one accepted stream: plain or TLS, framed lines or RELP; private to receive/. */
#ifndef RECEIVE_CONNECTION_H
#define RECEIVE_CONNECTION_H

#include "receive/source.h"
#include "receive/tls.h"

/* Takes the descriptor over, unless false comes back: no memory. peer: NULL for unix; context: NULL without TLS. */
bool connection_new(struct receiving_env *env, struct source *owner, int fd, const struct toc_addr *peer,
		    SSL_CTX *context);

/* Is it a connection that this listener accepted from this peer? */
bool connection_is_from(const struct source *s, const struct source *owner, const struct toc_addr *peer);

#endif
