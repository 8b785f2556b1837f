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

/*
 * The listener has as many as it may: closes one of the sender that has most, if that is two more than the newcomer
 * has, or one of a stranger for somebody who is known; of those one that is in the midst of a handshake, or silent for
 * longest. false: none. The newcomer's cell must be looked for again.
 */
bool connection_make_room(struct receiving_env *env, const struct source *owner, const struct toc_sender *newcomer);

/* Its peer's address and certificate are held against the lists as they are now; who is named no more is closed. */
void connection_admit(struct source *s);

#endif
