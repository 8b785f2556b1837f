/* courier - the thread between journal and Redis. */
#include "app/courier.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "deliver/redis.h"

enum { STEP_MS = 100 };

struct toc_courier {
	char folder[TOC_FOLDER_MOST];
	bool temporary;
	struct toc_journal *journal;
	struct toc_redis *redis;
	pthread_t thread;
	bool running;
	_Atomic int64_t deadline; /* monotonic; TOC_NEVER while the engine runs */
};

static toc_time monotonic(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (toc_time)ts.tv_sec * TOC_SEC + ts.tv_nsec;
}

static void *run(void *arg)
{
	struct toc_courier *c = arg;
	sigset_t pipe;
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, NULL); /* TLS writes where nobody may read any more */
	for (;;) {
		toc_time deadline = atomic_load(&c->deadline), now = monotonic();
		bool ending = deadline != TOC_NEVER;
		if (ending && (toc_redis_idle(c->redis) || now >= deadline))
			return NULL;
		toc_redis_step(c->redis, ending ? 10 : STEP_MS, now);
	}
}

bool toc_courier_folder(const struct toc_config *config, char out[TOC_FOLDER_MOST])
{
	return snprintf(out, TOC_FOLDER_MOST, "%s/journal", config->state) < TOC_FOLDER_MOST;
}

static bool make_folder(struct toc_courier *c, const struct toc_config *config)
{
	if (c->temporary) {
		snprintf(c->folder, sizeof(c->folder), "/tmp/tocsin-journal-XXXXXX");
		return mkdtemp(c->folder) != NULL;
	}
	if (mkdir(config->state, 0750) != 0 && access(config->state, W_OK) != 0)
		return false;
	return toc_courier_folder(config, c->folder);
}

static bool open_parts(struct toc_courier *c, const struct toc_config *config, const struct toc_opener *opener)
{
	char err[512];
	const struct toc_journal_config journal = { .folder = c->folder,
						    .bytes = config->journal_bytes,
						    .opener = opener };
	const struct toc_redis_config redis = { .url = config->redis_url,
						.user = config->redis_user,
						.password = config->redis_password,
						.tls = { config->tls_ca, config->tls_cert, config->tls_key },
						.sensor = config->sensor,
						.opener = opener };
	c->journal = toc_journal_open(&journal, err, sizeof(err));
	if (c->journal)
		c->redis = toc_redis_new(&redis, c->journal, err, sizeof(err));
	if (!c->redis)
		toc_error("%s", err);
	return c->redis != NULL;
}

struct toc_courier *toc_courier_new(const struct toc_config *config, bool temporary, const struct toc_opener *opener)
{
	struct toc_courier *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->temporary = temporary;
	atomic_store(&c->deadline, TOC_NEVER);
	if (!make_folder(c, config)) {
		toc_error("%s: the state folder cannot be used; make it writable, or set state: in the configuration",
			  config->state);
	} else if (open_parts(c, config, opener)) {
		return c;
	}
	toc_courier_free(c);
	return NULL;
}

bool toc_courier_start(struct toc_courier *c)
{
	c->running = pthread_create(&c->thread, NULL, run, c) == 0;
	if (!c->running)
		toc_error("cannot start a thread; is a limit on processes set (ulimit -u)?");
	return c->running;
}

const struct toc_outlet *toc_courier_outlet(struct toc_courier *c, void **self)
{
	*self = c->journal;
	return &toc_outlet_journal;
}

/* Records between the cursor and the end. */
static unsigned long waiting(struct toc_courier *c)
{
	struct toc_journal_record rec;
	toc_journal_pos pos = toc_journal_cursor(c->journal);
	unsigned long n = 0;
	while (toc_journal_read(c->journal, &pos, &rec))
		n++;
	return n;
}

bool toc_courier_finish(struct toc_courier *c, toc_time patience)
{
	atomic_store(&c->deadline, monotonic() + patience);
	if (c->running)
		pthread_join(c->thread, NULL);
	c->running = false;
	if (toc_redis_idle(c->redis))
		return true;
	const char *why = toc_redis_trouble(c->redis);
	toc_warn("%lu alerts are still in the journal %s (Redis: %s); the next start sends them", waiting(c), c->folder,
		 why ? why : "too slow");
	c->temporary = false; /* it holds what nobody else has */
	return false;
}

static void remove_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(path);
}

void toc_courier_free(struct toc_courier *c)
{
	if (!c)
		return;
	if (c->running)
		toc_courier_finish(c, 0);
	toc_redis_free(c->redis);
	toc_journal_close(c->journal);
	if (c->temporary && c->folder[0])
		remove_folder(c->folder);
	free(c);
}
