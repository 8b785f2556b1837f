/* receiver - all listeners of one thread behind one epoll. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "receive/connection.h"
#include "receive/source.h"
#include "receive/tls.h"
#include "receive/watch.h"

enum {
	EVENTS = 1024 /* all that is ready, or nearly: a turn is a turn for everybody */,
	LISTENERS_MOST = 64,
	LAST_WAIT_MS = 20,
	BACKLOG_MS = 1
};

/* How long the peers have, at the end, to see that nothing more is wanted and to close. */
static const toc_time last_grace = 400 * TOC_MS;

struct toc_receiver {
	struct receiving_env env;
	struct toc_listener *listeners; /* its own: who may send changes */
	unsigned nlisteners;
	uint32_t hint;
	uint64_t floods_told;
	struct epoll_event events[EVENTS];
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
	s->reads = true;
	if (s->fd >= 0 && epoll_ctl(env->epoll, EPOLL_CTL_ADD, s->fd, &ev) != 0)
		return false;
	s->next = env->sources;
	if (env->sources)
		env->sources->prev = s;
	env->sources = s;
	return true;
}

void source_wait(struct receiving_env *env, struct source *s, bool reads, bool writes)
{
	struct epoll_event ev = { .events = (reads ? EPOLLIN | EPOLLRDHUP : 0u) | (writes ? EPOLLOUT : 0u),
				  .data.ptr = s };
	if (reads == s->reads && writes == s->writes)
		return;
	s->reads = reads;
	s->writes = writes;
	if (epoll_ctl(env->epoll, EPOLL_CTL_MOD, s->fd, &ev) != 0)
		s->dead = true;
}

void source_line(struct receiving_env *env, const struct source *s, struct toc_span text, bool truncated,
		 const struct toc_addr *peer, struct toc_sender *who)
{
	struct toc_received r = {
		.text = text, .at = env->now, .truncated = truncated, .is_known = who->known, .source_hint = s->hint
	};
	if (peer) {
		r.peer = *peer;
		r.has_peer = true;
	}
	who->lines++;
	who->bytes += text.n;
	if (truncated)
		senders_lost(&env->senders, who, TOC_LOSS_CUT, 1);
	env->count.lines++;
	env->count.bytes += text.n;
	env->count.truncated += truncated;
	env->lines++;
	senders_heard(&env->senders, who, env->now);
	env->taker->line(env->taker, &r);
}

static struct source *open_one(struct receiving_env *env, const struct toc_listener *l, uint32_t hint, char *err,
			       size_t n)
{
	static struct source *(*const opens[])(struct receiving_env *, const struct toc_listener *, uint32_t, char *,
					       size_t) = {
		[TOC_LISTEN_UDP] = udp_open,	 [TOC_LISTEN_TCP] = stream_open,	 [TOC_LISTEN_TLS] = stream_open,
		[TOC_LISTEN_RELP] = stream_open, [TOC_LISTEN_UNIX_STREAM] = stream_open, [TOC_LISTEN_UNIX] = unix_open,
		[TOC_LISTEN_FILE] = files_open
	};
	return opens[l->kind](env, l, hint, err, n);
}

/* A descriptor a connection: as many as may be had. */
static void raise_descriptors(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit); /* a wish: without it connections are refused, and counted */
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
	r->listeners = n ? malloc(n * sizeof(*listeners)) : NULL;
	r->nlisteners = n;
	r->hint = hint;
	r->env.now = clock_now();
	pthread_mutex_init(&r->env.lock, NULL);
	raise_descriptors();
	if (r->env.epoll < 0 || !r->env.buffer || (n && !r->listeners) || !senders_init(&r->env.senders, &r->env.count))
		abort();
	for (unsigned i = 0; i < n; i++) {
		r->listeners[i] = listeners[i];
		if (open_one(&r->env, &r->listeners[i], hint + i, err, err_size))
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

/* To whoever wants to look; they wake within a nap, and nobody is waited for for long. */
static void give_way(struct receiving_env *env)
{
	const struct timespec nap = { 0, 50000 };
	for (unsigned i = 0; i < 100 && atomic_load(&env->wanted); i++)
		nanosleep(&nap, NULL);
}

static int turn(struct toc_receiver *r, int timeout_ms)
{
	struct epoll_event *events = r->events;
	struct receiving_env *env = &r->env;
	int n = epoll_wait(env->epoll, events, EVENTS,
			   env->backlog && timeout_ms > BACKLOG_MS ? BACKLOG_MS : timeout_ms);
	if (n < 0 && errno != EINTR)
		return -1;
	give_way(env);
	pthread_mutex_lock(&env->lock);
	env->now = clock_now();
	env->backlog = false;
	env->turn++;
	for (int i = 0; i < n; i++) {
		/* of several connections of one sender another one is the first each time */
		struct source *s = events[((unsigned)i + env->turn) % (unsigned)n].data.ptr;
		unsigned turns = s->turns ? s->turns : RECEIVE_TURN;
		for (unsigned done = 0; done < turns && !s->dead && s->ready(env, s); done++)
			env->now = clock_now();
	}
	for (struct source *s = env->sources; s; s = s->next)
		if (s->tick)
			s->tick(env, s);
	watch_turn_ends(env);
	bury(env);
	pthread_mutex_unlock(&env->lock);
	return n < 0 ? 0 : n; /* a wait that was interrupted (SIGSTOP and SIGCONT do that) is no failure */
}

int toc_receiver_poll(struct toc_receiver *r, int timeout_ms)
{
	r->env.lines = 0;
	if (turn(r, timeout_ms) < 0)
		return -1;
	return (int)(r->env.lines < INT32_MAX ? r->env.lines : INT32_MAX);
}

static bool has_connections(const struct toc_receiver *r)
{
	for (const struct source *s = r->env.sources; s; s = s->next)
		if (s->connections)
			return true;
	return false;
}

static void drain_all(struct receiving_env *env, bool last)
{
	pthread_mutex_lock(&env->lock);
	env->now = clock_now();
	/* listeners first: what they accept joins the front of the list, so the list is gone through twice */
	for (int round = 0; round < 2; round++)
		for (struct source *s = env->sources; s; s = s->next)
			if (s->drain && !s->dead)
				s->drain(env, s, last);
	bury(env);
	pthread_mutex_unlock(&env->lock);
}

void toc_receiver_drain(struct toc_receiver *r)
{
	drain_all(&r->env, false);
	for (toc_time until = clock_now() + last_grace; has_connections(r) && clock_now() < until;)
		if (turn(r, LAST_WAIT_MS) < 0)
			break;
	drain_all(&r->env, true);
}

void toc_receiver_free(struct toc_receiver *r)
{
	if (!r)
		return;
	while (r->env.sources)
		remove_source(&r->env, r->env.sources);
	watch_end(&r->env);
	close(r->env.epoll);
	senders_end(&r->env.senders);
	pthread_mutex_destroy(&r->env.lock);
	free(r->env.buffer);
	free(r->listeners);
	free(r);
}

const struct toc_receiver_counters *toc_receiver_count(const struct toc_receiver *r)
{
	return &r->env.count;
}

uint16_t toc_receiver_port(const struct toc_receiver *r, unsigned listener)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} at = { .v6 = { 0 } };
	socklen_t n = sizeof(at);
	for (const struct source *s = r->env.sources; s; s = s->next) {
		if (s->hint != r->hint + listener || s->fd < 0 || getsockname(s->fd, &at.any, &n) != 0)
			continue;
		return ntohs(at.any.sa_family == AF_INET ? at.v4.sin_port : at.v6.sin6_port);
	}
	return 0;
}

void toc_receiver_lock(struct toc_receiver *r)
{
	atomic_fetch_add(&r->env.wanted, 1);
	pthread_mutex_lock(&r->env.lock);
	atomic_fetch_sub(&r->env.wanted, 1);
}

void toc_receiver_unlock(struct toc_receiver *r)
{
	pthread_mutex_unlock(&r->env.lock);
}

const struct toc_sender *toc_receiver_sender(const struct toc_receiver *r, const struct toc_addr *addr,
					     uint32_t listener)
{
	return senders_peek(&r->env.senders, addr, listener);
}

struct visiting {
	void (*visit)(void *user, const struct toc_sender *s);
	void *user;
};

static void visit_one(void *user, void *cell)
{
	const struct visiting *v = user;
	v->visit(v->user, cell);
}

void toc_receiver_senders(struct toc_receiver *r, void (*visit)(void *user, const struct toc_sender *s), void *user)
{
	struct visiting v = { visit, user };
	toc_receiver_lock(r);
	toc_regulars_each(r->env.senders.table, visit_one, &v);
	toc_receiver_unlock(r);
}

struct looking {
	void (*visit)(void *user, const struct toc_sender *s, uint64_t lost);
	void *user;
};

static void look_at(void *user, void *cell)
{
	const struct looking *l = user;
	struct toc_sender *s = cell;
	const uint64_t lost = s->lost[TOC_LOSS_FLOOD] + s->lost[TOC_LOSS_SIEVE], more = lost - s->told;
	s->told = lost;
	if (more)
		l->visit(l->user, s, more);
}

void toc_receiver_flooders(struct toc_receiver *r, void (*visit)(void *user, const struct toc_sender *s, uint64_t lost),
			   void *user)
{
	struct looking l = { visit, user };
	const struct toc_receiver_counters *now = &r->env.count;
	toc_receiver_lock(r);
	const uint64_t lost = now->lost[TOC_LOSS_FLOOD] + now->lost[TOC_LOSS_SIEVE];
	if (lost != r->floods_told)
		toc_regulars_each(r->env.senders.table, look_at, &l);
	r->floods_told = lost;
	toc_receiver_unlock(r);
}

void toc_receiver_resume(struct toc_receiver *r, const struct toc_followed *places, unsigned n)
{
	for (struct source *s = r->env.sources; s; s = s->next)
		if (s->listener->kind == TOC_LISTEN_FILE)
			files_resume(&r->env, s, places, n);
}

void toc_receiver_followed(struct toc_receiver *r, void (*visit)(void *user, const struct toc_followed *f), void *user)
{
	toc_receiver_lock(r);
	for (const struct source *s = r->env.sources; s; s = s->next)
		if (s->listener->kind == TOC_LISTEN_FILE)
			files_places(s, visit, user);
	toc_receiver_unlock(r);
}

/* The listener's own source, not one of its connections. */
static struct source *listener_source(const struct toc_receiver *r, unsigned i)
{
	for (struct source *s = r->env.sources; s; s = s->next)
		if (s->hint == r->hint + i && !s->is_connection)
			return s;
	return NULL;
}

/* What was decided by the lists before is decided anew. */
static void admit(struct toc_receiver *r, const struct toc_listener *next)
{
	for (unsigned i = 0; i < r->nlisteners; i++) {
		struct toc_listener *l = &r->listeners[i];
		l->allow = next[r->hint + i].allow;
		l->nallow = next[r->hint + i].nallow;
		l->tls.peers = next[r->hint + i].tls.peers;
		senders_admit(&r->env.senders, l, r->hint + i);
	}
	r->env.now = clock_now();
	for (struct source *s = r->env.sources; s; s = s->next)
		if (s->is_connection && !s->dead)
			connection_admit(s);
}

bool toc_receiver_reload(struct toc_receiver *r, const struct toc_listener *next, const struct toc_opener *opener,
			 struct toc_diag *diag)
{
	SSL_CTX *contexts[LISTENERS_MOST] = { NULL };
	bool ok = true;
	for (unsigned i = 0; i < r->nlisteners && i < LISTENERS_MOST; i++) {
		struct toc_listen_tls tls = r->listeners[i].tls;
		tls.peers = next[r->hint + i].tls.peers;
		if (tls.cert)
			ok = (contexts[i] = tls_context_new(&tls, opener, diag)) && ok;
	}
	toc_receiver_lock(r);
	for (unsigned i = 0; ok && i < r->nlisteners && i < LISTENERS_MOST; i++) {
		struct source *s = contexts[i] ? listener_source(r, i) : NULL;
		if (s)
			contexts[i] = stream_certificates(s, contexts[i]);
	}
	if (ok)
		admit(r, next);
	toc_receiver_unlock(r);
	for (unsigned i = 0; i < LISTENERS_MOST; i++)
		SSL_CTX_free(contexts[i]);
	return ok;
}
