/* stream - connections that carry lines: TCP (RFC 6587), TLS (RFC 5425), RELP, unix streams; how they begin and end. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "receive/connection.h"

enum { BACKLOG = 4096 /* net.core.somaxconn has the last word */, ACCEPTS = 64 };

/* After an accept that failed for want of descriptors or memory. */
static const toc_time pause_time = TOC_SEC;

struct acceptor {
	struct source source;
	SSL_CTX *tls; /* NULL: none */
	toc_time paused;
	const struct toc_opener *unlinks; /* NULL: nothing to remove at the end */
};

static bool has_too_many(const struct receiving_env *env, const struct source *s, const struct toc_addr *peer)
{
	unsigned same = 0;
	if (!s->listener->max_per_sender || !peer)
		return false;
	for (const struct source *other = env->sources; other; other = other->next)
		same += connection_is_from(other, s, peer);
	return same >= s->listener->max_per_sender;
}

/* Why this peer may not connect; TOC_LOSSES = it may. */
static enum toc_loss refusal(struct receiving_env *env, const struct source *s, const struct toc_addr *peer)
{
	const struct toc_sender *who = senders_find(&env->senders, peer, s->listener, s->hint, env->now);
	if (!who->allowed)
		return TOC_LOSS_ADDRESS;
	if (has_too_many(env, s, peer))
		return TOC_LOSS_CONNECTIONS;
	if (s->connections < s->listener->max_connections || (peer && connection_make_room(env, s, who)))
		return TOC_LOSSES;
	return TOC_LOSS_CONNECTIONS;
}

static void take(struct receiving_env *env, struct source *s, int fd, const struct sockaddr_storage *from)
{
	struct toc_addr peer;
	const struct toc_addr *known = socket_peer(from, &peer) ? &peer : NULL;
	enum toc_loss why = refusal(env, s, known);
	if (why == TOC_LOSSES && connection_new(env, s, fd, known, ((struct acceptor *)s)->tls)) {
		env->count.connections++;
		return;
	}
	if (why != TOC_LOSSES)
		senders_tell(&env->senders, senders_find(&env->senders, known, s->listener, s->hint, env->now),
			     s->listener, why, NULL, env->now);
	env->count.refused++;
	close(fd);
}

static bool accept_some(struct receiving_env *env, struct source *s)
{
	for (unsigned i = 0; i < ACCEPTS; i++) {
		struct sockaddr_storage from = { 0 };
		socklen_t length = sizeof(from);
		int fd = accept4(s->fd, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			take(env, s, fd, &from);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			((struct acceptor *)s)->paused = env->now;
			source_wait(env, s, false, false);
		}
		return false;
	}
	return true;
}

static void resume(struct receiving_env *env, struct source *s)
{
	struct acceptor *a = (struct acceptor *)s;
	if (!s->reads && s->fd >= 0 && (env->now - a->paused > pause_time || env->now < a->paused))
		source_wait(env, s, true, false);
}

/* Connections that wait in the queue have been accepted as far as their senders know; no more shall come. */
static void drain(struct receiving_env *env, struct source *s, bool last)
{
	if (last || s->fd < 0)
		return;
	while (accept_some(env, s))
		;
	close(s->fd);
	s->fd = -1;
}

static void free_source(struct source *s)
{
	struct acceptor *a = (struct acceptor *)s;
	if (a->unlinks)
		toc_open(a->unlinks, TOC_ASK_REMOVE, s->listener->address);
	if (s->fd >= 0)
		close(s->fd);
	SSL_CTX_free(a->tls);
	free(a);
}

struct ssl_ctx_st *stream_certificates(struct source *s, struct ssl_ctx_st *next)
{
	struct acceptor *a = (struct acceptor *)s;
	SSL_CTX *old = a->tls;
	a->tls = next;
	return old;
}

static SSL_CTX *certificates(const struct toc_listener *l, const struct toc_opener *opener, char *err, size_t n)
{
	struct toc_diag *diag = toc_diag_new();
	struct toc_message m;
	SSL_CTX *context = tls_context_new(&l->tls, opener, diag);
	if (!context && toc_diag_get(diag, 0, &m))
		snprintf(err, n, "syslog: %s", m.text);
	toc_diag_free(diag);
	return context;
}

struct source *stream_open(struct receiving_env *env, const struct toc_listener *l, uint32_t hint, char *err, size_t n)
{
	bool path = l->kind == TOC_LISTEN_UNIX_STREAM;
	char name[160];
	SSL_CTX *tls = l->tls.cert ? certificates(l, env->opener, err, n) : NULL;
	int fd = l->tls.cert && !tls ? -1
		 : path		     ? bound_unix(l, SOCK_STREAM, err, n)
				     : bound_socket(l, SOCK_STREAM, err, n);
	if (fd < 0) {
		SSL_CTX_free(tls);
		return NULL;
	}
	struct acceptor *a = calloc(1, sizeof(*a));
	if (!a)
		abort();
	a->tls = tls;
	a->unlinks = path ? env->opener : NULL;
	a->source = (struct source){ .fd = fd,
				     .hint = hint,
				     .listener = l,
				     .ready = accept_some,
				     .tick = resume,
				     .drain = drain,
				     .free = free_source };
	if (listen(fd, BACKLOG) == 0 && source_add(env, &a->source))
		return &a->source;
	snprintf(err, n, "syslog %s: %s", toc_listener_name(l, name, sizeof(name)), strerror(errno));
	free_source(&a->source);
	return NULL;
}
