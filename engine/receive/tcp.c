/* tcp - syslog over TCP (RFC 6587): connections with a framing each. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "receive/source.h"

enum { BACKLOG = 128, ACCEPTS = 64 };

struct connection {
	struct source source;
	struct source *owner; /* the listener's */
	struct toc_framing *framing;
	struct toc_addr peer;
	toc_time last; /* something came */
};

struct giving {
	struct receiving_env *env;
	struct connection *c;
};

static void give(void *user, struct toc_span text, bool truncated)
{
	struct giving *g = user;
	source_line(g->env, &g->c->source, text, truncated, &g->c->peer);
}

static void end(struct receiving_env *env, struct connection *c)
{
	struct giving g = { env, c };
	if (!c->source.dead)
		toc_framing_feed(c->framing, toc_span_str(""), true, give, &g);
	c->source.dead = true;
}

static bool read_once(struct receiving_env *env, struct source *s)
{
	struct connection *c = (struct connection *)s;
	struct giving g = { env, c };
	ssize_t n = recv(s->fd, env->buffer, RECEIVE_BUFFER, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		end(env, c);
		return false;
	}
	c->last = env->now;
	if (toc_framing_feed(c->framing, toc_span_of(env->buffer, (size_t)n), false, give, &g))
		return true;
	env->count.framing_errors++;
	s->dead = true; /* what follows cannot be told apart */
	return false;
}

static bool ready(struct receiving_env *env, struct source *s)
{
	return read_once(env, s);
}

static void idle(struct receiving_env *env, struct source *s)
{
	struct connection *c = (struct connection *)s;
	toc_time limit = s->listener->idle ? s->listener->idle : 10 * TOC_MIN;
	if (env->now - c->last > limit)
		end(env, c);
}

static void drain(struct receiving_env *env, struct source *s)
{
	while (!s->dead && read_once(env, s))
		;
	end(env, (struct connection *)s);
}

static void free_connection(struct source *s)
{
	struct connection *c = (struct connection *)s;
	c->owner->connections--;
	toc_framing_free(c->framing);
	close(s->fd);
	free(c);
}

static void take(struct receiving_env *env, struct source *owner, int fd, const struct sockaddr_storage *from)
{
	struct connection *c = calloc(1, sizeof(*c));
	struct toc_framing *framing = toc_framing_new(owner->listener->max_line);
	if (!c || !framing)
		abort();
	c->source = (struct source){ .fd = fd,
				     .hint = owner->hint,
				     .listener = owner->listener,
				     .ready = ready,
				     .tick = idle,
				     .drain = drain,
				     .free = free_connection };
	c->owner = owner;
	c->framing = framing;
	c->last = env->now;
	c->peer = from->ss_family == AF_INET
			  ? toc_addr_v4((const uint8_t *)&((const struct sockaddr_in *)from)->sin_addr)
			  : toc_addr_v6((const uint8_t *)&((const struct sockaddr_in6 *)from)->sin6_addr);
	owner->connections++;
	env->count.connections++;
	if (!source_add(env, &c->source))
		free_connection(&c->source);
}

static bool accept_some(struct receiving_env *env, struct source *s)
{
	for (unsigned i = 0; i < ACCEPTS; i++) {
		struct sockaddr_storage from;
		socklen_t length = sizeof(from);
		int fd = accept4(s->fd, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return false;
		if (s->connections < s->listener->max_connections) {
			take(env, s, fd, &from);
			continue;
		}
		env->count.refused++;
		close(fd);
	}
	return true;
}

/* Connections that wait in the queue have been accepted as far as their senders know. */
static void drain_listener(struct receiving_env *env, struct source *s)
{
	while (accept_some(env, s))
		;
}

static void free_listener(struct source *s)
{
	close(s->fd);
	free(s);
}

struct source *tcp_open(struct receiving_env *env, const struct toc_listener *l, uint32_t hint, char *err, size_t n)
{
	int fd = bound_socket(l, SOCK_STREAM, err, n);
	struct source *s = fd < 0 ? NULL : calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	*s = (struct source){ .fd = fd,
			      .hint = hint,
			      .listener = l,
			      .ready = accept_some,
			      .drain = drain_listener,
			      .free = free_listener };
	if (listen(fd, BACKLOG) == 0 && source_add(env, s))
		return s;
	snprintf(err, n, "syslog tcp %s port %u: %s", l->address, l->port, strerror(errno));
	free_listener(s);
	return NULL;
}
