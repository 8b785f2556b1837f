/* socket - addresses to bound sockets, with errors that say what to do. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "receive/source.h"

static socklen_t address(const struct toc_listener *l, struct sockaddr_storage *out)
{
	struct toc_addr a;
	memset(out, 0, sizeof(*out));
	if (!toc_addr_parse(toc_span_str(l->address), &a))
		return 0;
	if (toc_addr_is_v4(&a)) {
		struct sockaddr_in *in = (struct sockaddr_in *)out;
		in->sin_family = AF_INET;
		in->sin_port = htons(l->port);
		memcpy(&in->sin_addr, a.b + 12, 4);
		return sizeof(*in);
	}
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(l->port);
	memcpy(&in6->sin6_addr, a.b, 16);
	return sizeof(*in6);
}

bool socket_peer(const struct sockaddr_storage *from, struct toc_addr *out)
{
	if (from->ss_family == AF_INET)
		*out = toc_addr_v4((const uint8_t *)&((const struct sockaddr_in *)from)->sin_addr);
	else if (from->ss_family == AF_INET6)
		*out = toc_addr_v6((const uint8_t *)&((const struct sockaddr_in6 *)from)->sin6_addr);
	else
		return false;
	return true;
}

static const char *remedy(const struct toc_listener *l)
{
	switch (errno) {
	case EACCES:
	case EPERM:
		return l->port < 1024 ? "; ports below 1024 need CAP_NET_BIND_SERVICE (or use a port above)" : "";
	case EADDRINUSE:
		return "; another program listens there (ss -lnup, ss -lntp)";
	case EADDRNOTAVAIL:
		return "; this host does not have that address (ip address)";
	default:
		return "";
	}
}

int bound_socket(const struct toc_listener *l, int type, char *err, size_t n)
{
	struct sockaddr_storage at;
	socklen_t length = address(l, &at);
	int on = 1, fd = length ? socket(at.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : -1;
	bool ok = fd >= 0 && (type != SOCK_STREAM || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
	if (ok && at.ss_family == AF_INET6)
		ok = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == 0;
	if (ok && bind(fd, (struct sockaddr *)&at, length) == 0)
		return fd;
	snprintf(err, n, "syslog %s %s port %u: %s%s", type == SOCK_STREAM ? "tcp" : "udp", l->address, l->port,
		 strerror(errno), remedy(l));
	if (fd >= 0)
		close(fd);
	return -1;
}

int bound_unix(const struct toc_listener *l, int type, char *err, size_t n)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct stat st;
	size_t length = strlen(l->address);
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && length < sizeof(at.sun_path);
	if (ok)
		memcpy(at.sun_path, l->address, length + 1);
	else
		errno = ENAMETOOLONG;
	/* a socket that an earlier run left behind; anything else is somebody's */
	if (ok && stat(l->address, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(l->address);
	if (ok && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && chmod(l->address, 0666) == 0)
		return fd;
	snprintf(err, n, "syslog %s %s: %s%s", type == SOCK_STREAM ? "unix_stream" : "unix", l->address,
		 strerror(errno),
		 errno == EADDRINUSE ? "; a file that is no socket stands there"
				     : "; the folder must exist and be writable");
	if (fd >= 0)
		close(fd);
	return -1;
}
