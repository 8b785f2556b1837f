/* datagram - syslog over UDP (RFC 5426) and unix datagram sockets: one datagram is one line. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "receive/source.h"

enum { KERNEL_BUFFER = 8 << 20, BATCH = 32, DATAGRAM = 65536, CONTROL = 64 };

struct datagrams {
	struct source source;
	uint32_t dropped; /* the kernel's running count, as last told */
	const struct toc_opener *unlinks; /* NULL: nothing to remove at the end */
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	struct sockaddr_storage peers[BATCH];
	uint8_t control[BATCH][CONTROL];
	uint8_t *room; /* BATCH datagrams */
};

/* The kernel tells with each datagram how many it has dropped before (SO_RXQ_OVFL). */
static void note_drops(struct receiving_env *env, struct datagrams *d, struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		uint32_t total;
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL)
			continue;
		memcpy(&total, CMSG_DATA(c), sizeof(total));
		env->count.udp_dropped += total - d->dropped; /* wraps as the kernel's does */
		d->dropped = total;
	}
}

static bool peer_of(const struct sockaddr_storage *from, struct toc_addr *out)
{
	if (from->ss_family == AF_INET)
		*out = toc_addr_v4((const uint8_t *)&((const struct sockaddr_in *)from)->sin_addr);
	else if (from->ss_family == AF_INET6)
		*out = toc_addr_v6((const uint8_t *)&((const struct sockaddr_in6 *)from)->sin6_addr);
	else
		return false;
	return true;
}

static void prepare(struct datagrams *d)
{
	for (unsigned i = 0; i < BATCH; i++) {
		d->parts[i] = (struct iovec){ d->room + (size_t)i * DATAGRAM, DATAGRAM };
		d->messages[i].msg_hdr = (struct msghdr){ .msg_name = &d->peers[i],
							  .msg_namelen = sizeof(d->peers[i]),
							  .msg_iov = &d->parts[i],
							  .msg_iovlen = 1,
							  .msg_control = d->control[i],
							  .msg_controllen = CONTROL };
	}
}

static bool ready(struct receiving_env *env, struct source *s)
{
	struct datagrams *d = (struct datagrams *)s;
	prepare(d);
	int n = recvmmsg(s->fd, d->messages, BATCH, MSG_DONTWAIT, NULL);
	size_t max = s->listener->max_line;
	for (int i = 0; i < n; i++) {
		struct toc_addr peer;
		struct msghdr *m = &d->messages[i].msg_hdr;
		size_t length = d->messages[i].msg_len;
		note_drops(env, d, m);
		bool cut = (m->msg_flags & MSG_TRUNC) || length > max;
		source_line(env, s, toc_span_of(d->parts[i].iov_base, length < max ? length : max), cut,
			    peer_of(&d->peers[i], &peer) ? &peer : NULL);
	}
	return n == BATCH;
}

static void drain(struct receiving_env *env, struct source *s)
{
	while (ready(env, s))
		;
}

static void free_source(struct source *s)
{
	const struct toc_opener *unlinks = ((struct datagrams *)s)->unlinks;
	if (unlinks)
		toc_open(unlinks, TOC_ASK_REMOVE, s->listener->address);
	close(s->fd);
	free(((struct datagrams *)s)->room);
	free(s);
}

static struct source *make(struct receiving_env *env, const struct toc_listener *l, uint32_t hint, int fd, char *err,
			   size_t n)
{
	struct datagrams *d = calloc(1, sizeof(*d));
	int size = KERNEL_BUFFER, on = 1;
	if (!d)
		abort();
	d->room = malloc((size_t)BATCH * DATAGRAM);
	if (!d->room)
		abort();
	/* both are wishes: without the capability the kernel gives its usual maximum */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
	d->source = (struct source){
		.fd = fd, .hint = hint, .listener = l, .ready = ready, .drain = drain, .free = free_source
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
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct stat st;
	size_t length = strlen(l->address);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && length < sizeof(at.sun_path);
	if (ok)
		memcpy(at.sun_path, l->address, length + 1);
	else
		errno = ENAMETOOLONG;
	/* a socket that an earlier run left behind; anything else is somebody's */
	if (ok && stat(l->address, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(l->address);
	if (ok && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && chmod(l->address, 0666) == 0) {
		struct source *s = make(env, l, hint, fd, err, n);
		if (s)
			((struct datagrams *)s)->unlinks = env->opener;
		return s;
	}
	snprintf(err, n, "syslog unix %s: %s%s", l->address, strerror(errno),
		 errno == EADDRINUSE ? "; a file that is no socket stands there"
				     : "; the folder must exist and be writable");
	if (fd >= 0)
		close(fd);
	return NULL;
}
