/* tls - the server's side of TLS around a stream of log lines (RFC 5425); private to receive/. */
#ifndef RECEIVE_TLS_H
#define RECEIVE_TLS_H

#include <openssl/types.h>
#include <sys/types.h>

#include "receive/receive.h"

/* Reads the files. NULL: mistakes are in diag, with the places of the configuration. Owned by the caller. */
SSL_CTX *tls_context_new(const struct toc_listen_tls *t, const struct toc_opener *opener, struct toc_diag *diag);

/* A session over an accepted, non-blocking socket; NULL: no memory. SSL_free ends it, not the socket. */
SSL *tls_accept(SSL_CTX *context, int fd);

/* What an operation waits for, or that it is over. */
enum tls_need { TLS_NOTHING, TLS_TO_READ, TLS_TO_WRITE, TLS_CLOSED, TLS_BROKEN };

/* words (of `room` bytes) are written with BROKEN. */
enum tls_need tls_handshake(SSL *tls, char *words, size_t room);
/* *got bytes with NOTHING. */
enum tls_need tls_read(SSL *tls, void *out, size_t n, size_t *got);
enum tls_need tls_write(SSL *tls, const void *from, size_t n, size_t *got);

/* Is the client's certificate one that the list names (RFC 5425, section 5.2)? who: what it calls itself. */
bool tls_is_peer(SSL *tls, const char *const *peers, char *who, size_t room);

/* Says goodbye, as far as the socket takes it. */
void tls_goodbye(SSL *tls);

#endif
