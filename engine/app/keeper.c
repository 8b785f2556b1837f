/* keeper - one loop: requests, signals, the engine's end. */
#define _GNU_SOURCE
#include "app/keeper.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/clerk.h"
#include "app/confine.h"
#include "app/supervisor.h"
#include "base/log.h"
#include "deliver/redis_link.h"
#include "deliver/segment.h"

enum { ASIDE_MOST = 4 };

struct request {
	uint32_t ask;
	char what[TOC_ASK_MOST]; /* sent up to its NUL */
};

struct channel {
	struct toc_opener opener; /* first: the engine is given this */
	pthread_mutex_t one;	  /* request and answer belong together */
	char **read;		  /* of the channel of rules: what was read before the fork */
	unsigned nread;
	bool notes;
	int engine, keeper; /* the pair's ends; -1 = closed */
	bool served;
};

struct toc_keeper {
	const struct toc_config *config;
	const char *journal;
	char evidence[TOC_CLERK_FOLDERS][TOC_ASK_MOST]; /* "": none is kept */
	char (*redis)[TOC_ASK_MOST];			/* the places to connect to */
	unsigned nredis;
	unsigned aside; /* children that resolve a name at present */
	struct channel channels[TOC_KEEPER_CHANNELS];
};

/* --- the engine's side ------------------------------------------------------------------------------------------ */

/* What a keeper says: an errno, or 0 and a number, with a descriptor where there is one. */
struct answer {
	int error, number;
};

static int take_answer(int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	int got = -1;
	struct answer said = { EPIPE, 0 };
	struct iovec part = { &said, sizeof(said) };
	struct msghdr m = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	ssize_t n;
	do
		n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	const struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(&got, CMSG_DATA(c), sizeof(got));
	if (n == (ssize_t)sizeof(said) && !said.error)
		return got >= 0 ? got : said.number;
	errno = n == (ssize_t)sizeof(said) ? said.error : EPIPE;
	return -1;
}

/* A reload reads again what the start has read, and no more than that and what lies beside it. */
static void note(struct channel *c, enum toc_ask ask, const char *what)
{
	char **more = c->notes && (ask == TOC_ASK_READ || ask == TOC_ASK_FOLDER)
			      ? realloc(c->read, (c->nread + 1) * sizeof(*more))
			      : NULL;
	if (!more)
		return;
	c->read = more;
	c->read[c->nread] = strdup(what);
	c->nread += c->read[c->nread] != NULL;
}

static int ask_keeper(const struct toc_opener *self, enum toc_ask ask, const char *what)
{
	struct channel *c = (struct channel *)(uintptr_t)self; /* only the lock changes */
	struct request r = { .ask = ask };
	size_t n = strlen(what) + 1;
	if (!c->served) {
		note(c, ask, what);
		return toc_open(&toc_opener_self, ask, what);
	}
	if (n > sizeof(r.what)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(r.what, what, n);
	pthread_mutex_lock(&c->one);
	bool sent = send(c->engine, &r, offsetof(struct request, what) + n, MSG_NOSIGNAL) >= 0;
	int got = sent ? take_answer(c->engine) : -1, why = errno;
	pthread_mutex_unlock(&c->one);
	errno = why;
	return got;
}

/* --- the keeper's side ------------------------------------------------------------------------------------------ */

static bool is_listener(const struct toc_keeper *k, enum toc_listen_kind kind, const char *path)
{
	for (unsigned i = 0; i < k->config->nlisteners; i++)
		if (k->config->listeners[i].kind == kind && strcmp(k->config->listeners[i].address, path) == 0)
			return true;
	return false;
}

/* A segment's name, directly in the folder. */
static bool is_segment_of(const char *folder, const char *path)
{
	size_t n = strlen(folder);
	uint64_t base;
	int64_t day;
	return n && strncmp(path, folder, n) == 0 && path[n] == '/' && !strchr(path + n + 1, '/') &&
	       toc_segment_parse(path + n + 1, &base, &day);
}

static bool is_segment(const struct toc_keeper *k, const char *path)
{
	bool is = k->journal && is_segment_of(k->journal, path);
	for (unsigned i = 0; i < TOC_CLERK_FOLDERS; i++)
		is = is || is_segment_of(k->evidence[i], path);
	return is;
}

/* In one of the folders, at any depth, without a way up and out. */
static bool is_below(const char *const *folders, const char *what)
{
	for (; folders && *folders; folders++) {
		size_t n = strlen(*folders);
		if (strncmp(what, *folders, n) == 0 && (what[n] == '/' || what[n] == '\0'))
			return !strstr(what, "/../");
	}
	return false;
}

static bool is_rules(const struct toc_keeper *k, const char *what)
{
	const struct channel *c = &k->channels[TOC_KEEPER_RULES];
	for (unsigned i = 0; i < c->nread; i++)
		if (strcmp(c->read[i], what) == 0)
			return true;
	return is_below(k->config->rules, what) || is_below(k->config->pipelines, what) ||
	       is_below(k->config->taxonomy, what) || is_below(k->config->lists, what) ||
	       is_below(k->config->vars, what);
}

/* The certificates of a listener, which a reload reads again. */
static bool is_certificate(const struct toc_keeper *k, const char *path)
{
	for (unsigned i = 0; i < k->config->nlisteners; i++) {
		const struct toc_listen_tls *t = &k->config->listeners[i].tls;
		if ((t->cert && strcmp(t->cert, path) == 0) || (t->key && strcmp(t->key, path) == 0) ||
		    (t->ca && strcmp(t->ca, path) == 0))
			return true;
	}
	return false;
}

/* tocsin.yml and conf.d beside it, which a reload reads again. */
static bool is_configuration(const struct toc_keeper *k, const char *what, bool folder)
{
	const char *path = k->config->path, *slash = path ? strrchr(path, '/') : NULL;
	char beside[TOC_ASK_MOST];
	if (!path || (!folder && strcmp(path, what) == 0))
		return path != NULL;
	const int n = snprintf(beside, sizeof(beside), "%.*sconf.d", slash ? (int)(slash + 1 - path) : 0, path);
	const size_t length = strlen(what);
	if (n >= (int)sizeof(beside) || strncmp(what, beside, (size_t)n) != 0)
		return false;
	return folder ? what[n] == '\0'
		      : what[n] == '/' && !strchr(what + n + 1, '/') && strcmp(what + length - 4, ".yml") == 0;
}

static bool is_followed(const struct toc_keeper *k, const char *path)
{
	for (unsigned i = 0; i < k->config->nlisteners; i++)
		if (toc_listener_follows(&k->config->listeners[i], path))
			return true;
	return false;
}

/* A folder on the way to a followed file. */
static bool is_searched(const struct toc_keeper *k, const char *path)
{
	for (unsigned i = 0; i < k->config->nlisteners; i++)
		if (toc_listener_searches(&k->config->listeners[i], path))
			return true;
	return false;
}

/* What a followed file is called once it was rotated: the last run may have left off there. */
static bool is_rotated(const struct toc_keeper *k, const char *path)
{
	char name[TOC_ASK_MOST];
	const size_t n = strlen(path);
	if (n < 3 || n >= sizeof(name) || strcmp(path + n - 2, ".1") != 0)
		return false;
	memcpy(name, path, n - 2);
	name[n - 2] = '\0';
	return is_followed(k, name);
}

static bool may_read(const struct toc_keeper *k, const char *what)
{
	return is_followed(k, what) || is_rotated(k, what) || is_rules(k, what) || is_certificate(k, what) ||
	       is_configuration(k, what, false);
}

static bool may_list(const struct toc_keeper *k, const char *what)
{
	return is_rules(k, what) || is_searched(k, what) || is_configuration(k, what, true);
}

/* Behind the queue's number. What is no queue is refused by the kernel. */
static bool may_watch(const struct toc_keeper *k, const char *what)
{
	const char *path = strchr(what, ' ');
	return path && (is_followed(k, path + 1) || is_rotated(k, path + 1) || is_searched(k, path + 1));
}

static bool may_remove(const struct toc_keeper *k, const char *what)
{
	return is_segment(k, what) || is_listener(k, TOC_LISTEN_UNIX, what) ||
	       is_listener(k, TOC_LISTEN_UNIX_STREAM, what);
}

static bool may_connect(const struct toc_keeper *k, const char *what)
{
	if (k->config->syslog && strncmp(what, "log:", 4) == 0 && strcmp(what + 4, k->config->syslog) == 0)
		return true;
	for (unsigned i = 0; i < k->nredis; i++)
		if (strcmp(k->redis[i], what) == 0)
			return true;
	return false;
}

/* What the engine may ask for: no more than the configuration names. */
static bool (*const may[TOC_ASKS])(const struct toc_keeper *k, const char *what) = {
	[TOC_ASK_READ] = may_read,     [TOC_ASK_FOLDER] = may_list,	[TOC_ASK_SEGMENT] = is_segment,
	[TOC_ASK_REMOVE] = may_remove, [TOC_ASK_CONNECT] = may_connect, [TOC_ASK_WATCH] = may_watch
};

static void answer(int fd, struct answer said, int descriptor)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct iovec part = { &said, sizeof(said) };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	if (!said.error && descriptor > 0) {
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
		control.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
						 .cmsg_level = SOL_SOCKET,
						 .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.head), &descriptor, sizeof(descriptor));
	}
	if (sendmsg(fd, &m, MSG_NOSIGNAL) < 0 && errno != EPIPE)
		toc_warn("the keeper cannot answer the engine: %s", strerror(errno));
}

static void carry_out(int fd, const struct request *r)
{
	int got = toc_open(&toc_opener_self, (enum toc_ask)r->ask, r->what);
	const bool number = r->ask == TOC_ASK_WATCH;
	answer(fd, (struct answer){ got < 0 ? errno : 0, number ? got : 0 }, number ? -1 : got);
	if (got > 0 && !number)
		close(got);
}

/* Names are resolved by a child, since that can take long and the other channel must not wait. */
static void carry_out_aside(struct toc_keeper *k, int fd, const struct request *r)
{
	pid_t child = fork();
	if (child == 0) {
		carry_out(fd, r);
		_exit(0);
	}
	if (child < 0)
		answer(fd, (struct answer){ errno, 0 }, -1);
	else
		k->aside++;
}

/* One request; false: the engine has closed the channel. */
static bool serve(struct toc_keeper *k, int fd)
{
	struct request r;
	const size_t head = offsetof(struct request, what);
	ssize_t n = recv(fd, &r, sizeof(r), MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	bool sound = (size_t)n > head && r.ask < TOC_ASKS && memchr(r.what, '\0', (size_t)n - head);
	if (!sound || !may[r.ask](k, r.what)) {
		toc_warn("the engine asked for something that the configuration does not name; refused");
		answer(fd, (struct answer){ EPERM, 0 }, -1);
	} else if (r.ask == TOC_ASK_CONNECT) {
		carry_out_aside(k, fd, &r);
	} else {
		carry_out(fd, &r);
	}
	return true;
}

/* True when the engine is gone; children that resolved a name are buried on the way. */
static bool engine_ended(struct toc_keeper *k, pid_t engine, int *status)
{
	pid_t who;
	int how;
	while ((who = waitpid(-1, &how, WNOHANG)) > 0) {
		if (who == engine) {
			*status = how;
			return true;
		}
		k->aside--;
	}
	return false;
}

static void pass_signals(int fd, pid_t engine)
{
	struct signalfd_siginfo got;
	while (read(fd, &got, sizeof(got)) == (ssize_t)sizeof(got))
		if (got.ssi_signo != SIGCHLD && kill(engine, got.ssi_signo == SIGHUP ? SIGHUP : SIGTERM) != 0)
			toc_error("%s cannot be passed on to the engine, another user's process: %s (mend: let the keeper have CAP_KILL, or start it as that user)",
				  strsignal((int)got.ssi_signo), strerror(errno));
}

static void pass_words(struct toc_pulse *pulse, int supervisor)
{
	struct toc_pulse_message m;
	char name[64];
	while (toc_pulse_next(pulse, &m)) {
		if (m.word == TOC_PULSE_FORBIDDEN)
			toc_error("the engine asked the system for %s (call %d), which it never needs: it is ended",
				  toc_confine_call(m.value, name, sizeof(name)), m.value);
		toc_supervisor_tell(supervisor, (enum toc_pulse_word)m.word);
	}
}

int toc_keeper_serve(struct toc_keeper *k, pid_t engine, const sigset_t *signals, struct toc_pulse *pulse,
		     int supervisor)
{
	enum { SIGNALS = TOC_KEEPER_CHANNELS, PULSE, POLLED };
	struct pollfd p[POLLED];
	sigset_t all = *signals;
	int status = 0;
	sigaddset(&all, SIGCHLD);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (unsigned i = 0; i < TOC_KEEPER_CHANNELS; i++) {
		close(k->channels[i].engine);
		k->channels[i].engine = -1;
		p[i] = (struct pollfd){ .fd = k->channels[i].keeper, .events = POLLIN };
	}
	int events = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	p[SIGNALS] = (struct pollfd){ .fd = events, .events = POLLIN };
	p[PULSE] = (struct pollfd){ .fd = toc_pulse_fd(pulse), .events = POLLIN };
	while (!engine_ended(k, engine, &status)) {
		for (unsigned i = 0; i < TOC_KEEPER_CHANNELS; i++)
			p[i].events = k->aside < ASIDE_MOST ? POLLIN : 0; /* else one of them ends first */
		if (poll(p, POLLED, 1000) <= 0)
			continue;
		pass_words(pulse, supervisor);
		for (unsigned i = 0; i < TOC_KEEPER_CHANNELS; i++)
			if ((p[i].revents & POLLIN && !serve(k, p[i].fd)) || p[i].revents == POLLHUP)
				p[i].fd = -1; /* its end was closed: nothing more to poll */
		pass_signals(events, engine);
	}
	pass_words(pulse, supervisor);
	if (events >= 0)
		close(events);
	return status;
}

/* --- both ------------------------------------------------------------------------------------------------------- */

void toc_keeper_engine(struct toc_keeper *k)
{
	for (unsigned i = 0; i < TOC_KEEPER_CHANNELS; i++) {
		close(k->channels[i].keeper);
		k->channels[i].keeper = -1;
		k->channels[i].served = true;
	}
}

const struct toc_opener *toc_keeper_opener(struct toc_keeper *k, enum toc_keeper_channel channel)
{
	return &k->channels[channel].opener;
}

static bool open_channel(struct channel *c)
{
	int pair[2] = { -1, -1 };
	c->opener.ask = ask_keeper;
	pthread_mutex_init(&c->one, NULL);
	bool ok = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0;
	c->engine = pair[0];
	c->keeper = pair[1];
	return ok;
}

/* The server of deliver.redis, or its Sentinels; and the nodes that these may name. */
static void note_servers(struct toc_keeper *k)
{
	struct toc_redis_address to;
	char err[512];
	const struct toc_config *c = k->config;
	k->redis = calloc(1 + TOC_REDIS_NODES + c->nnodes, sizeof(*k->redis));
	if (!k->redis || !c->redis_url || !toc_redis_address_parse(c->redis_url, &to, err, sizeof(err)))
		return;
	for (unsigned i = 0; i < to.nsentinels; i++)
		toc_redis_node_endpoint(&to.sentinels[i], k->redis[k->nredis++]);
	if (!to.nsentinels)
		toc_redis_endpoint(&to, k->redis[k->nredis++]);
	for (unsigned i = 0; i < c->nnodes; i++)
		toc_redis_node_endpoint(&c->nodes[i], k->redis[k->nredis++]);
}

struct toc_keeper *toc_keeper_new(const struct toc_config *config, const char *journal)
{
	struct toc_keeper *k = calloc(1, sizeof(*k));
	if (!k)
		abort();
	k->config = config;
	k->journal = journal;
	for (enum toc_clerk_folder i = 0; i < TOC_CLERK_FOLDERS; i++)
		if (!config->evidence || !toc_clerk_folder(config, i, k->evidence[i], sizeof(k->evidence[i])))
			k->evidence[i][0] = '\0';
	note_servers(k);
	bool ok = true;
	k->channels[TOC_KEEPER_RULES].notes = true;
	for (unsigned i = 0; i < TOC_KEEPER_CHANNELS; i++)
		ok = open_channel(&k->channels[i]) && ok;
	if (ok)
		return k;
	toc_error("cannot make a socket pair: %s", strerror(errno));
	toc_keeper_free(k);
	return NULL;
}

void toc_keeper_free(struct toc_keeper *k)
{
	if (!k)
		return;
	for (unsigned i = 0; i < TOC_KEEPER_CHANNELS; i++) {
		if (k->channels[i].engine >= 0)
			close(k->channels[i].engine);
		if (k->channels[i].keeper >= 0)
			close(k->channels[i].keeper);
		for (unsigned n = 0; n < k->channels[i].nread; n++)
			free(k->channels[i].read[n]);
		free(k->channels[i].read);
		pthread_mutex_destroy(&k->channels[i].one);
	}
	free(k->redis);
	free(k);
}
