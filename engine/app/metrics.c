/* metrics - a request line in, one answer out (HTTP/1.0: the connection's end is the body's). */
#define _GNU_SOURCE
#include "app/metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/funnel.h"
#include "app/listening.h"
#include "app/metrics_text.h"
#include "app/now.h"
#include "base/log.h"

enum { WAIT_MS = 1000, REQUEST = 2048 };

static int listen_unix(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	memcpy(at.sun_path, path, strlen(path) + 1); /* its length was looked at when it was read */
	return toc_listening((const struct sockaddr *)&at, sizeof(at), TOC_LISTEN_GROUP);
}

static int listen_tcp(const char *address, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
		return toc_listening((const struct sockaddr *)&v4, sizeof(v4), TOC_LISTEN_GROUP);
	if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1)
		return toc_listening((const struct sockaddr *)&v6, sizeof(v6), TOC_LISTEN_GROUP);
	errno = EINVAL;
	return -1;
}

int toc_metrics_listen(const struct toc_config *c)
{
	if (!c->metrics)
		return -1;
	int fd = c->metrics_port ? listen_tcp(c->metrics, c->metrics_port) : listen_unix(c->metrics);
	if (fd >= 0)
		return fd;
	toc_error("metrics: %s: %s", c->metrics, strerror(errno));
	return -2;
}

/* In ms, up to a time: who sends or reads byte by byte has no more of it. */
static int left_of(toc_time until)
{
	const toc_time left = until - toc_now_monotonic();
	return left > 0 ? (int)(left / TOC_MS) : 0;
}

int toc_metrics_accept(int listening, char path[TOC_METRICS_PATH])
{
	char request[REQUEST], *end = NULL;
	size_t n = 0;
	const toc_time until = toc_now_monotonic() + WAIT_MS * TOC_MS;
	int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	const struct timeval patience = { WAIT_MS / 1000, 0 };
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	while (!end && n + 1 < sizeof(request) && poll(&p, 1, left_of(until)) > 0) {
		ssize_t got = read(fd, request + n, sizeof(request) - 1 - n);
		if (got <= 0)
			break;
		n += (size_t)got;
		request[n] = '\0';
		end = strstr(request, "\r\n\r\n");
	}
	if (end && sscanf(request, "GET %31s HTTP/1.", path) == 1)
		return fd;
	close(fd);
	return -1;
}

/* What keeps the sensor from doing its work, a line each; nothing: it is ready. */
static void put_obstacles(const struct control_status *s, const struct toc_funnel *f, const struct toc_pipeline *p,
			  FILE *out)
{
	bool seen = p->nworkers == 0;
	for (unsigned i = 0; i < f->n; i++)
		seen = seen || (strcmp(f->at[i].name, "decode") == 0 && f->at[i].in);
	if (!seen)
		fputs("no frame has come from any interface yet: is the mirror connected?\n", out);
	if (s->delivers && s->courier.trouble[0])
		fputs("Redis cannot be reached; alerts wait in the journal\n", out);
	if (s->canary.overdue)
		fprintf(out, "the end-to-end canary is missing (%s)\n", s->canary.missing_at);
	if (s->courier.in_memory)
		fputs("the journal cannot be written; alerts wait in memory\n", out);
	if (s->alerts.refused || s->courier.lost)
		fputs("alerts were lost\n", out);
}

static int compose(const char *path, const struct control_status *s, const struct toc_pipeline *p, FILE *out)
{
	struct toc_funnel f;
	if (!s) {
		fputs("the engine does not answer\n", out);
		return 503;
	}
	toc_funnel_read(&f, s, p);
	if (strcmp(path, "/metrics") == 0) {
		metrics_text(s, &f, p, out);
		return 200;
	}
	if (strcmp(path, "/healthz") != 0 && strcmp(path, "/readyz") != 0) {
		fputs("/metrics, /healthz, /readyz\n", out);
		return 404;
	}
	if (path[1] == 'r')
		put_obstacles(s, &f, p, out);
	if (ftell(out) > 0)
		return 503;
	fputs("ok\n", out);
	return 200;
}

static void send_all(int fd, const char *text, size_t n)
{
	const toc_time until = toc_now_monotonic() + WAIT_MS * TOC_MS;
	for (size_t at = 0; at < n && left_of(until);) {
		ssize_t sent = send(fd, text + at, n - at, MSG_NOSIGNAL);
		if (sent <= 0)
			return;
		at += (size_t)sent;
	}
}

void toc_metrics_answer(int fd, const char *path, const struct control_status *status, const struct toc_pipeline *p)
{
	char head[160], *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	int code = out ? compose(path, status, p, out) : 500;
	if (!out || fclose(out) != 0)
		n = 0;
	int length = snprintf(head, sizeof(head),
			      "HTTP/1.0 %d %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
			      "Content-Length: %zu\r\nConnection: close\r\n\r\n",
			      code,
			      code == 200   ? "OK"
			      : code == 404 ? "Not Found"
					    : "Service Unavailable",
			      n);
	send_all(fd, head, (size_t)length);
	send_all(fd, text, n);
	free(text);
	close(fd);
}
