/* control - the socket and the thread behind it. */
#define _GNU_SOURCE
#include "app/control.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/control_text.h"
#include "app/funnel.h"
#include "app/listening.h"
#include "app/metrics.h"
#include "base/log.h"

enum { WAIT_MS = 5000, REQUEST = 512 };

struct toc_control {
	const struct toc_config *config;
	struct toc_pipeline *pipeline;
	struct toc_courier *courier; /* NULL: no Redis */
	const struct toc_opener *opener;
	struct toc_pulse *pulse; /* NULL: nobody is told */
	const struct toc_confinement *confinement;
	int metrics;
	int listening, wake; /* wake: an eventfd; the thread looks up */
	uid_t owner;
	pthread_t thread;
	bool running;
	_Atomic bool stop, hangup;
	/* what the thread wants of the engine's; the engine answers in its tick */
	pthread_mutex_t lock;
	pthread_cond_t answered;
	struct toc_generation *next, *old;
	bool status_wanted, done, switched;
	struct control_status status;
	const char *question; /* of `who`; NULL: none */
	toc_time question_at; /* 0 = the engine's now */
	FILE *told;	      /* its answer goes there, in memory */
	bool known;
};

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
	pthread_cond_init(&c->answered, NULL);
	*taken = false;
	if (!toc_control_path(config, at.sun_path)) {
		toc_warn("%s: the name is too long for a control socket; `tocsin reload` cannot reach this run",
			 config->state);
		return c;
	}
	if (somebody_answers(&at)) {
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

/* Hands something to the engine's thread and waits for its tick; false: it did not come to it. */
static bool wait_for_engine(struct toc_control *c)
{
	struct timespec until;
	int late = 0;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_MS / 1000;
	while (!c->done && !late)
		late = pthread_cond_timedwait(&c->answered, &c->lock, &until);
	return c->done;
}

/* The generation becomes the engine's; the old one is freed here, where nobody waits. */
static bool hand_over(struct toc_control *c, struct toc_generation *g)
{
	pthread_mutex_lock(&c->lock);
	c->next = g;
	c->done = c->switched = false;
	bool ok = wait_for_engine(c) && c->switched;
	struct toc_generation *free_one = ok ? c->old : c->next ? c->next : c->old;
	c->next = c->old = NULL;
	pthread_mutex_unlock(&c->lock);
	toc_generation_free(free_one);
	return ok;
}

/* Certificates of listeners, for connections from now on. false: mistakes are in diag, and the old ones stay. */
static bool reload_certificates(const struct toc_control *c, struct toc_diag *diag)
{
	bool ok = true;
	for (unsigned i = 0; i < c->pipeline->nreceivings; i++)
		ok = toc_receiver_reload(c->pipeline->receivings[i].receiver, c->opener, diag) && ok;
	return ok;
}

/* Loads and switches. The words go to out, whatever happened; returns whether the new rules run. */
static bool load_and_switch(struct toc_control *c, FILE *out)
{
	struct toc_pipeline *p = c->pipeline;
	struct toc_diag *diag = toc_diag_new();
	unsigned documents = 0;
	bool certificates = reload_certificates(c, diag);
	struct toc_generation *g = certificates ? toc_pipeline_load_again(p, c->opener, &documents, diag) : NULL;
	unsigned errors = toc_diag_errors(diag);
	toc_diag_print(diag, out);
	toc_diag_free(diag);
	if (!g) {
		fprintf(out, "refused: %u errors; the %s stay\n", errors,
			certificates ? "rules that run" : "certificates in use, and the rules,");
		return false;
	}
	bool ok = hand_over(c, g);
	if (ok)
		fprintf(out, "ok: %u rules\n", documents);
	else
		fprintf(out,
			"refused: the engine did not take them (out of memory, or ending); the rules that run stay\n");
	return ok;
}

static void reload(struct toc_control *c, FILE *out)
{
	toc_pulse_say(c->pulse, TOC_PULSE_RELOADING);
	toc_pulse_say(c->pulse, load_and_switch(c, out) ? TOC_PULSE_RELOADED : TOC_PULSE_REFUSED);
}

static void on_reload(struct toc_control *c, FILE *out, const char *rest)
{
	(void)rest;
	reload(c, out);
}

/* What the engine's thread and delivery tell; false: the engine does not answer, which was said. */
static bool read_status(struct toc_control *c, struct control_status *out, FILE *words)
{
	pthread_mutex_lock(&c->lock);
	c->status_wanted = true;
	c->done = false;
	bool ok = wait_for_engine(c);
	*out = c->status;
	c->status.exempted = NULL; /* the caller's now */
	c->status_wanted = false;
	pthread_mutex_unlock(&c->lock);
	if (ok && c->courier)
		toc_courier_status(c->courier, &out->courier);
	out->delivers = c->courier != NULL;
	out->confinement = c->confinement;
	if (!ok)
		fprintf(words, "refused: the engine does not answer\n");
	return ok;
}

static void on_status(struct toc_control *c, FILE *out, const char *rest)
{
	struct control_status status;
	(void)rest;
	if (read_status(c, &status, out))
		control_status_write(&status, c->pipeline, out);
}

static void on_funnel(struct toc_control *c, FILE *out, const char *rest)
{
	struct control_status status;
	struct toc_funnel funnel;
	(void)rest;
	if (!read_status(c, &status, out))
		return;
	toc_funnel_read(&funnel, &status, c->pipeline);
	toc_funnel_print(&funnel, out);
	free(status.exempted);
	if (status.delivers)
		fprintf(out, "redis: %" PRIu64 " records confirmed, %s\n", status.courier.redis.confirmed,
			status.courier.trouble[0] ? status.courier.trouble : "connected");
}

static void on_sources(struct toc_control *c, FILE *out, const char *rest)
{
	const struct toc_pipeline *p = c->pipeline;
	const bool json = strcmp(rest, "json") == 0;
	for (unsigned i = 0; i < p->nreceivings; i++)
		toc_sources_write(p->receivings[i].sources, p->receivings[i].receiver, c->config, json, out);
	if (ftell(out) == 0 && !json)
		fprintf(out, "nobody has sent a line yet\n");
}

/* "SECONDS NAME": 0 seconds = now. The engine's thread knows who it is. */
static void on_who(struct toc_control *c, FILE *out, const char *rest)
{
	char *name;
	long long seconds = strtoll(rest, &name, 10);
	if (name == rest || *name != ' ' || !name[1]) {
		fprintf(out, "refused: who takes a time and a name\n");
		return;
	}
	pthread_mutex_lock(&c->lock);
	c->question = name + 1;
	c->question_at = (toc_time)seconds * TOC_SEC;
	c->told = out;
	c->done = false;
	bool ok = wait_for_engine(c), known = c->known;
	c->question = NULL;
	pthread_mutex_unlock(&c->lock);
	if (!ok || !known)
		fprintf(out, ok ? "refused: nobody is known by that name\n" : "refused: the engine does not answer\n");
}

static const struct {
	const char *word; /* what follows a space is the request's own */
	void (*act)(struct toc_control *c, FILE *out, const char *rest);
} requests[] = { { "reload", on_reload },
		 { "status", on_status },
		 { "funnel", on_funnel },
		 { "sources", on_sources },
		 { "who", on_who } };

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
	while (n + 1 < room && poll(&p, 1, WAIT_MS) > 0) {
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
	size_t n = 0, word = strcspn(request, " ");
	FILE *out = open_memstream(&text, &n);
	bool known = false;
	if (!out)
		return;
	for (size_t i = 0; !known && i < sizeof(requests) / sizeof(requests[0]); i++) {
		known = strlen(requests[i].word) == word && strncmp(request, requests[i].word, word) == 0;
		if (known)
			requests[i].act(c, out, request + word + (request[word] == ' '));
	}
	if (!known)
		fprintf(out, "refused: there is no such request\n");
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
	const struct timeval patience = { WAIT_MS / 1000, 0 };
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
	bool ok = read_status(c, &status, out);
	fclose(out);
	free(words);
	toc_metrics_answer(fd, path, ok ? &status : NULL, c->pipeline);
	free(status.exempted);
}

static void on_hangup(struct toc_control *c)
{
	fputs("tocsin: SIGHUP: reading the rules again\n", stderr);
	reload(c, stderr);
}

static void *run(void *arg)
{
	struct toc_control *c = arg;
	struct pollfd p[3] = { { .fd = c->wake, .events = POLLIN },
			       { .fd = c->listening, .events = POLLIN },
			       { .fd = c->metrics, .events = POLLIN } };
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
	c->running = c->wake >= 0 && pthread_create(&c->thread, NULL, run, c) == 0;
	return c->running;
}

void toc_control_reload(struct toc_control *c)
{
	atomic_store(&c->hangup, true);
	wake(c);
}

/* --- the engine's thread ------------------------------------------------------------------------------------------ */

void toc_control_tick(struct toc_control *c)
{
	if (pthread_mutex_trylock(&c->lock) != 0)
		return; /* in the next tick */
	bool answers = !c->done && (c->next || c->status_wanted || c->question);
	if (answers && c->next) {
		c->old = toc_engine_switch(c->pipeline->engine, c->next);
		c->switched = c->old != c->next;
		if (c->switched)
			c->pipeline->generation = c->next;
		else
			c->old = NULL;
		if (c->switched)
			c->next = NULL;
	}
	if (answers && c->status_wanted)
		control_status_read(&c->status, c->pipeline);
	if (answers && c->question)
		c->known =
			toc_identity_who(c->pipeline->identity, c->question,
					 c->question_at ? c->question_at : toc_engine_at(c->pipeline->engine), c->told);
	if (answers) {
		c->done = true;
		pthread_cond_signal(&c->answered);
	}
	pthread_mutex_unlock(&c->lock);
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
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->answered);
	free(c);
}
