/* receiver - all listeners of one thread behind one epoll. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "receive/source.h"

enum { EVENTS = 64 };

struct toc_receiver {
	struct receiving_env env;
	const struct toc_listener *listeners;
	unsigned nlisteners;
	uint32_t hint;
};

static toc_time clock_now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (toc_time)ts.tv_sec * TOC_SEC + ts.tv_nsec;
}

bool source_add(struct receiving_env *env, struct source *s)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLRDHUP, .data.ptr = s };
	if (s->fd >= 0 && epoll_ctl(env->epoll, EPOLL_CTL_ADD, s->fd, &ev) != 0)
		return false;
	s->next = env->sources;
	if (env->sources)
		env->sources->prev = s;
	env->sources = s;
	return true;
}

void source_line(struct receiving_env *env, const struct source *s, struct toc_span text, bool truncated,
		 const struct toc_addr *peer)
{
	struct toc_received r = { .text = text, .at = env->now, .truncated = truncated, .source_hint = s->hint };
	if (peer) {
		r.peer = *peer;
		r.has_peer = true;
	}
	env->count.lines++;
	env->count.bytes += text.n;
	env->count.truncated += truncated;
	env->lines++;
	env->taker->line(env->taker, &r);
}

static struct source *open_one(struct receiving_env *env, const struct toc_listener *l, uint32_t hint, char *err,
			       size_t n)
{
	static struct source *(*const opens[])(struct receiving_env *, const struct toc_listener *, uint32_t, char *,
					       size_t) = { [TOC_LISTEN_UDP] = udp_open,
							   [TOC_LISTEN_TCP] = tcp_open,
							   [TOC_LISTEN_UNIX] = unix_open,
							   [TOC_LISTEN_FILE] = file_open };
	return opens[l->kind](env, l, hint, err, n);
}

struct toc_receiver *toc_receiver_new(const struct toc_listener *listeners, unsigned n, uint32_t hint,
				      struct toc_line_taker *taker, const struct toc_opener *opener, char *err,
				      size_t err_size)
{
	struct toc_receiver *r = calloc(1, sizeof(*r));
	if (!r)
		abort();
	r->env.taker = taker;
	r->env.opener = opener;
	r->env.epoll = epoll_create1(EPOLL_CLOEXEC);
	r->env.buffer = malloc(RECEIVE_BUFFER);
	r->listeners = listeners;
	r->nlisteners = n;
	r->hint = hint;
	r->env.now = clock_now();
	if (r->env.epoll < 0 || !r->env.buffer)
		abort();
	for (unsigned i = 0; i < n; i++) {
		if (open_one(&r->env, &listeners[i], hint + i, err, err_size))
			continue;
		toc_receiver_free(r);
		return NULL;
	}
	return r;
}

static void remove_source(struct receiving_env *env, struct source *s)
{
	if (s->prev)
		s->prev->next = s->next;
	else
		env->sources = s->next;
	if (s->next)
		s->next->prev = s->prev;
	s->free(s);
}

/* Connections go before the listener that counts them. */
static void bury(struct receiving_env *env)
{
	for (struct source *s = env->sources, *next; s; s = next) {
		next = s->next;
		if (s->dead)
			remove_source(env, s);
	}
}

int toc_receiver_poll(struct toc_receiver *r, int timeout_ms)
{
	struct epoll_event events[EVENTS];
	struct receiving_env *env = &r->env;
	env->lines = 0;
	int n = epoll_wait(env->epoll, events, EVENTS, timeout_ms);
	if (n < 0 && errno != EINTR)
		return -1;
	env->now = clock_now();
	for (int i = 0; i < n; i++) {
		struct source *s = events[i].data.ptr;
		for (unsigned turn = 0; turn < RECEIVE_TURN && !s->dead && s->ready(env, s); turn++)
			env->now = clock_now();
	}
	for (struct source *s = env->sources; s; s = s->next)
		if (s->tick)
			s->tick(env, s);
	bury(env);
	return (int)(env->lines < INT32_MAX ? env->lines : INT32_MAX);
}

void toc_receiver_drain(struct toc_receiver *r)
{
	struct receiving_env *env = &r->env;
	env->now = clock_now();
	/* listeners first: what they accept joins the front of the list, so the list is gone through twice */
	for (int round = 0; round < 2; round++)
		for (struct source *s = env->sources; s; s = s->next)
			if (s->drain)
				s->drain(env, s);
	bury(env);
}

void toc_receiver_free(struct toc_receiver *r)
{
	if (!r)
		return;
	while (r->env.sources)
		remove_source(&r->env, r->env.sources);
	close(r->env.epoll);
	free(r->env.buffer);
	free(r);
}

const struct toc_receiver_counters *toc_receiver_count(const struct toc_receiver *r)
{
	return &r->env.count;
}

uint16_t toc_receiver_port(const struct toc_receiver *r, unsigned listener)
{
	struct sockaddr_storage at;
	socklen_t n = sizeof(at);
	for (const struct source *s = r->env.sources; s; s = s->next) {
		if (s->hint != r->hint + listener || s->fd < 0 || getsockname(s->fd, (struct sockaddr *)&at, &n) != 0)
			continue;
		return ntohs(at.ss_family == AF_INET ? ((struct sockaddr_in *)&at)->sin_port
						     : ((struct sockaddr_in6 *)&at)->sin6_port);
	}
	return 0;
}
