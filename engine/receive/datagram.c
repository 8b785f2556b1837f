/* datagram - syslog over UDP (RFC 5426) and unix datagram sockets: one datagram is one line. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "receive/sieve.h"
#include "receive/waiting.h"

enum {
	KERNEL_BUFFER = 32 << 20,
	BATCH = 32,
	DATAGRAM = 65536,
	LAST_BATCHES = 4096,
	BEHIND = 50 /* per cent */,
	TURN_EVERY = 8,
	TURN = 32,
	TICK = 512
};

static const toc_time looks_every = 10 * TOC_MS;

struct datagrams {
	struct source source;
	uint32_t dropped; /* the kernel's running count, as last told */
	unsigned full;	  /* per cent of its buffer, then */
	toc_time looked;
	struct sieve sieve;
	struct waiting waiting;
	bool behind;			  /* what comes waits for its turn */
	unsigned batches;		  /* read while behind, since somebody had a turn */
	const struct toc_opener *unlinks; /* NULL: nothing to remove at the end */
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	struct sockaddr_storage peers[BATCH];
	uint8_t *room; /* BATCH datagrams */
};

/* What the kernel dropped was in the sieve where the buffer had room before and behind; else it may have been
 * anybody's. */
static void note_drops(struct receiving_env *env, struct datagrams *d, uint32_t total, unsigned full)
{
	const uint32_t more = total - d->dropped; /* wraps as the kernel's does */
	const bool had_room = full < BEHIND && d->full < BEHIND;
	d->dropped = total;
	d->full = full;
	if (!more)
		return;
	env->count.udp_dropped += more;
	if (had_room && sieve_lost(env, &d->sieve, &d->source, more))
		return;
	struct toc_sender *all = senders_find(&env->senders, NULL, d->source.listener, d->source.hint, env->now);
	senders_lost(&env->senders, all, TOC_LOSS_KERNEL, more - 1);
	senders_tell(&env->senders, all, d->source.listener, TOC_LOSS_KERNEL, NULL, env->now);
}

/* How full the socket's buffer is, in per cent, and what was dropped: the count that SO_RXQ_OVFL tells, but as it is
 * now. */
static void look(struct receiving_env *env, struct datagrams *d)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t n = sizeof(info);
	d->looked = env->now;
	if (getsockopt(d->source.fd, SOL_SOCKET, SO_MEMINFO, info, &n) != 0 || !info[SK_MEMINFO_RCVBUF])
		return;
	const unsigned full = (unsigned)((uint64_t)info[SK_MEMINFO_RMEM_ALLOC] * 100 / info[SK_MEMINFO_RCVBUF]);
	note_drops(env, d, info[SK_MEMINFO_DROPS], full);
	if (d->source.listener->kind == TOC_LISTEN_UDP)
		sieve_look(env, &d->sieve, &d->source, full);
}

static void prepare(struct datagrams *d)
{
	for (unsigned i = 0; i < BATCH; i++) {
		d->parts[i] = (struct iovec){ d->room + (size_t)i * DATAGRAM, DATAGRAM };
		d->messages[i].msg_hdr = (struct msghdr){ .msg_name = &d->peers[i],
							  .msg_namelen = sizeof(d->peers[i]),
							  .msg_iov = &d->parts[i],
							  .msg_iovlen = 1 };
	}
}

static void take(struct receiving_env *env, struct datagrams *d, unsigned i)
{
	struct toc_addr peer;
	struct source *s = &d->source;
	struct msghdr *m = &d->messages[i].msg_hdr;
	size_t length = d->messages[i].msg_len, max = s->listener->max_line;
	bool known = socket_peer(&d->peers[i], &peer);
	struct toc_sender *who = senders_find(&env->senders, known ? &peer : NULL, s->listener, s->hint, env->now);
	sieve_note(&d->sieve, who);
	if (!who->allowed) {
		senders_tell(&env->senders, who, s->listener, TOC_LOSS_ADDRESS, NULL, env->now);
		return;
	}
	bool cut = (m->msg_flags & MSG_TRUNC) || length > max;
	struct toc_span text = toc_span_of(d->parts[i].iov_base, length < max ? length : max);
	if (d->behind)
		waiting_put(env, &d->waiting, s, known ? &peer : NULL, text, cut);
	else
		source_line(env, s, text, cut, known ? &peer : NULL, who);
}

/* Behind is who cannot hand over, or cannot read as fast as it comes; or has lines waiting, since they come first. */
static bool is_behind(const struct receiving_env *env, const struct datagrams *d, bool full_batch)
{
	const struct toc_line_taker *t = env->taker;
	return d->waiting.lines || (t->room && !t->room(env->taker)) || (full_batch && d->full > BEHIND);
}

static bool ready(struct receiving_env *env, struct source *s)
{
	struct datagrams *d = (struct datagrams *)s;
	prepare(d);
	int n = recvmmsg(s->fd, d->messages, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		take(env, d, (unsigned)i);
	if (n == BATCH)
		look(env, d);
	d->behind = s->listener->kind == TOC_LISTEN_UDP && is_behind(env, d, n == BATCH);
	/* reading goes first: what stays in the kernel is dropped without looking at who sent it */
	if (d->behind && ++d->batches % TURN_EVERY == 0)
		waiting_serve(env, &d->waiting, s, TURN, false);
	return n == BATCH;
}

static void tick(struct receiving_env *env, struct source *s)
{
	struct datagrams *d = (struct datagrams *)s;
	if (env->now - d->looked >= looks_every || env->now < d->looked)
		look(env, d);
	waiting_serve(env, &d->waiting, s, TICK, false);
	env->backlog = env->backlog || d->waiting.lines;
	d->behind = d->behind && d->waiting.lines;
}

/* As much as the buffer can have held: who goes on sending does not hold up the end. */
static void drain(struct receiving_env *env, struct source *s, bool last)
{
	for (unsigned i = 0; last && i < LAST_BATCHES && ready(env, s); i++)
		;
	if (last)
		look(env, (struct datagrams *)s);
	if (last)
		waiting_serve(env, &((struct datagrams *)s)->waiting, s, 0, true);
}

static void free_source(struct source *s)
{
	const struct toc_opener *unlinks = ((struct datagrams *)s)->unlinks;
	if (unlinks)
		toc_open(unlinks, TOC_ASK_REMOVE, s->listener->address);
	close(s->fd);
	waiting_free(&((struct datagrams *)s)->waiting);
	free(((struct datagrams *)s)->room);
	free(s);
}

static struct source *make(struct receiving_env *env, const struct toc_listener *l, uint32_t hint, int fd, char *err,
			   size_t n)
{
	struct datagrams *d = calloc(1, sizeof(*d));
	int size = KERNEL_BUFFER;
	if (!d)
		abort();
	d->room = malloc((size_t)BATCH * DATAGRAM);
	if (!d->room)
		abort();
	/* a wish: without the capability the kernel gives its usual maximum */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	d->source = (struct source){
		.fd = fd, .hint = hint, .listener = l, .ready = ready, .tick = tick, .drain = drain, .free = free_source
	};
	if (source_add(env, &d->source))
		return &d->source;
	snprintf(err, n, "syslog %s: %s", l->address, strerror(errno));
	free_source(&d->source);
	return NULL;
}

struct source *udp_open(struct receiving_env *env, const struct toc_listener *l, uint32_t hint, char *err, size_t n)
{
	int fd = bound_socket(l, SOCK_DGRAM, err, n);
	return fd < 0 ? NULL : make(env, l, hint, fd, err, n);
}

struct source *unix_open(struct receiving_env *env, const struct toc_listener *l, uint32_t hint, char *err, size_t n)
{
	int fd = bound_unix(l, SOCK_DGRAM, err, n);
	struct source *s = fd < 0 ? NULL : make(env, l, hint, fd, err, n);
	if (s)
		((struct datagrams *)s)->unlinks = env->opener;
	return s;
}
