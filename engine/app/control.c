/* control - the socket and the thread behind it. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/control_state.h"
#include "app/listening.h"
#include "app/metrics.h"
#include "base/log.h"

enum { REQUEST = 512, ENDING_MS = 1000, LOOK_MS = 50 };

bool toc_control_path(const struct toc_config *config, char out[TOC_CONTROL_PATH])
{
	return snprintf(out, TOC_CONTROL_PATH, "%s/control.sock", config->state) < TOC_CONTROL_PATH;
}

/* A name that nobody answers on is left over from a crash. */
static bool somebody_answers(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool answers = fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0;
	if (fd >= 0)
		close(fd);
	return answers;
}

/* One that was killed a moment ago answers until the kernel has taken its memory and its sockets away. */
static bool somebody_stays(const struct sockaddr_un *at)
{
	for (unsigned waited = 0; somebody_answers(at); waited += LOOK_MS) {
		if (waited >= ENDING_MS)
			return true;
		poll(NULL, 0, LOOK_MS);
	}
	return false;
}

struct toc_control *toc_control_new(const struct toc_config *config, bool *taken)
{
	struct toc_control *c = calloc(1, sizeof(*c));
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	if (!c)
		abort(); /* at start-up there is nothing to save */
	c->config = config;
	c->owner = geteuid();
	c->listening = -1;
	c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC); /* that a set clock does not make it wait for an hour */
	pthread_cond_init(&c->answered, &attributes);
	pthread_condattr_destroy(&attributes);
	*taken = false;
	if (!toc_control_path(config, at.sun_path)) {
		toc_warn("%s: the name is too long for a control socket; `tocsin reload` cannot reach this run",
			 config->state);
		return c;
	}
	if (somebody_stays(&at)) {
		toc_error("%s: another tocsin runs with this state folder; stop it, or set another state:",
			  at.sun_path);
		*taken = true;
		toc_control_free(c);
		return NULL;
	}
	mkdir(config->state, 0750);
	c->listening = toc_listening((const struct sockaddr *)&at, sizeof(at), TOC_LISTEN_GROUP);
	if (c->listening < 0)
		toc_warn("%s: no control socket: %s; `tocsin reload` and `tocsin status` cannot reach this run",
			 at.sun_path, strerror(errno));
	return c;
}

void toc_control_remove(const struct toc_config *config)
{
	char path[TOC_CONTROL_PATH];
	if (toc_control_path(config, path))
		unlink(path);
	if (config->metrics && !config->metrics_port)
		unlink(config->metrics);
}

/* --- the thread --------------------------------------------------------------------------------------------------- */

/* Root, or who started it. */
static bool is_allowed(const struct toc_control *c, int fd)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && (peer.uid == 0 || peer.uid == c->owner);
}

/* One line within the time; false: none came. */
static bool read_request(int fd, char *out, size_t room)
{
	size_t n = 0;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	while (n + 1 < room && poll(&p, 1, CONTROL_WAIT_MS) > 0) {
		ssize_t got = read(fd, out + n, room - 1 - n);
		if (got <= 0)
			return false;
		n += (size_t)got;
		out[n] = '\0';
		char *end = strchr(out, '\n');
		if (end) {
			*end = '\0';
			return true;
		}
	}
	return false;
}

/* Answers into memory: a reader who is slow keeps nobody waiting who is held still meanwhile. */
static void answer(struct toc_control *c, const char *request, int fd)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	if (!out)
		return;
	control_answer(c, request, out);
	if (fclose(out) != 0)
		n = 0;
	for (size_t at = 0; at < n;) {
		ssize_t sent = send(fd, text + at, n - at, MSG_NOSIGNAL);
		if (sent <= 0)
			break;
		at += (size_t)sent;
	}
	free(text);
}

static void serve(struct toc_control *c)
{
	static const char refused[] = "refused: only root and the user who started tocsin may ask\n";
	char request[REQUEST];
	int fd = accept4(c->listening, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return;
	const struct timeval patience = { CONTROL_WAIT_MS / 1000, 0 };
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (!is_allowed(c, fd))
		(void)!send(fd, refused, sizeof(refused) - 1, MSG_NOSIGNAL);
	else if (read_request(fd, request, sizeof(request)))
		answer(c, request, fd);
	close(fd);
}

static void serve_metrics(struct toc_control *c)
{
	char path[TOC_METRICS_PATH], *words = NULL;
	size_t n = 0;
	struct control_status status;
	int fd = toc_metrics_accept(c->metrics, path);
	FILE *out = fd >= 0 ? open_memstream(&words, &n) : NULL;
	if (!out) {
		if (fd >= 0)
			close(fd);
		return;
	}
	bool ok = control_read_status(c, &status, out);
	fclose(out);
	free(words);
	toc_metrics_answer(fd, path, ok ? &status : NULL, c->pipeline);
	control_status_free(&status);
}

static void on_hangup(struct toc_control *c)
{
	fputs("tocsin: SIGHUP: reading the rules again\n", stderr);
	control_reload(c, stderr);
}

static void *run(void *arg)
{
	struct toc_control *c = arg;
	struct pollfd p[3] = { { .fd = c->wake, .events = POLLIN },
			       { .fd = c->listening, .events = POLLIN },
			       { .fd = c->metrics, .events = POLLIN } };
	toc_fence_enter(c->pipeline->options.fences, TOC_ROLE_control, 0);
	while (!atomic_load(&c->stop)) {
		uint64_t times;
		if (poll(p, 3, -1) <= 0)
			continue;
		if (p[0].revents && read(c->wake, &times, sizeof(times)) < 0 && errno != EAGAIN)
			break;
		if (atomic_exchange(&c->hangup, false))
			on_hangup(c);
		if (p[1].revents)
			serve(c);
		if (p[2].revents)
			serve_metrics(c);
	}
	return NULL;
}

static void wake(struct toc_control *c)
{
	const uint64_t one = 1;
	if (write(c->wake, &one, sizeof(one)) < 0 && errno != EAGAIN)
		toc_warn("the control thread cannot be woken: %s", strerror(errno));
}

bool toc_control_start(struct toc_control *c, const struct toc_control_parts *parts)
{
	c->pulse = parts->pulse;
	c->courier = parts->courier;
	c->pipeline = parts->pipeline;
	c->opener = parts->opener;
	c->confinement = parts->confinement;
	c->metrics = parts->metrics;
	c->windows = parts->maintenance;
	c->canary = parts->canary;
	c->running = c->wake >= 0 && pthread_create(&c->thread, NULL, run, c) == 0;
	return c->running;
}

void toc_control_reload(struct toc_control *c)
{
	atomic_store(&c->hangup, true);
	wake(c);
}

void toc_control_free(struct toc_control *c)
{
	if (!c)
		return;
	if (c->running) {
		atomic_store(&c->stop, true);
		wake(c);
		pthread_join(c->thread, NULL);
	}
	if (c->listening >= 0)
		close(c->listening);
	if (c->wake >= 0)
		close(c->wake);
	control_status_free(&c->status);
	toc_maintenance_free(c->windows);
	toc_config_free(c->admission);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->answered);
	free(c);
}
