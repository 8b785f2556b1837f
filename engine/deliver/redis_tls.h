/* redis_tls - TLS around a connection to Redis: TLS 1.2 or newer, the server's certificate and name always checked. */
#ifndef DELIVER_REDIS_TLS_H
#define DELIVER_REDIS_TLS_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Files (PEM): ca is needed, cert and key come together or not at all. */
struct toc_redis_tls {
	const char *ca, *cert, *key;
};

/* Reads the files, once. NULL: err tells with the setting's name. Owned by the caller (SSL_CTX_free). */
SSL_CTX *toc_redis_tls_new(const struct toc_redis_tls *files, char *err, size_t err_size);

/* TLS over a connected socket to that host (a name or an address). NULL: no memory. SSL_free ends it, not the socket.
 */
SSL *toc_redis_tls_start(SSL_CTX *context, int fd, const char *host);

/*
 * As send(2) and recv(2) do it; -1 with EAGAIN while the socket must be waited for: to be readable if *reads. Any other
 * failure is written into words, and errno is EPROTO.
 */
ssize_t toc_redis_tls_send(SSL *tls, const void *p, size_t n, bool *reads, char *words, size_t room);
ssize_t toc_redis_tls_receive(SSL *tls, void *p, size_t n, char *words, size_t room);

/* Bytes that are deciphered already: poll(2) knows nothing of them. */
bool toc_redis_tls_pending(const SSL *tls);

#endif
