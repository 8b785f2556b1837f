/* courier - the thread between journal and Redis. */
#include "app/courier.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alert/alert.h"
#include "app/now.h"
#include "app/second_path.h"
#include "base/log.h"
#include "deliver/overflow.h"
#include "deliver/redis.h"

enum { STEP_MS = 100 };

static const toc_time told_after = 60 * TOC_SEC, told_again = TOC_HOUR, health_every = 60 * TOC_SEC;

struct toc_courier {
	struct toc_fences *fences; /* borrowed; NULL = none */
	char folder[TOC_FOLDER_MOST];
	const char *sensor;
	bool temporary;
	struct toc_journal *journal;
	struct toc_overflow *overflow;
	struct toc_redis *redis;
	struct toc_second_path *second;
	struct toc_courier_status status; /* under the lock */
	pthread_mutex_t lock;
	toc_time away_since, told_at, memory_told; /* the thread's */
	char words[1024];			   /* the thread's */
	pthread_t thread;
	bool running;
	_Atomic int64_t deadline; /* monotonic; TOC_NEVER while the engine runs */
};

/* The setting first: who reads it should know what to change. NULL: connected. */
static const char *trouble_in_words(struct toc_courier *c)
{
	const char *trouble = toc_redis_trouble(c->redis);
	if (!trouble)
		return NULL;
	snprintf(c->words, sizeof(c->words), "deliver.redis %s: %s", toc_redis_place(c->redis), trouble);
	return c->words;
}

/* Redis is what alerts go by: that it is away is told by another way, within a minute. */
static void tell_trouble(struct toc_courier *c, toc_time now)
{
	const char *trouble = trouble_in_words(c);
	if (!trouble) {
		if (c->told_at)
			toc_second_path_say(c->second, "Redis is back after %lld s; the journal is being delivered",
					    (long long)((now - c->away_since) / TOC_SEC));
		c->away_since = c->told_at = 0;
		return;
	}
	c->away_since = c->away_since ? c->away_since : now;
	if (now - c->away_since < told_after || (c->told_at && now - c->told_at < told_again))
		return;
	c->told_at = now;
	toc_second_path_say(c->second, "no alert reaches Redis since %lld s: %s (%llu bytes wait in the journal)",
			    (long long)((now - c->away_since) / TOC_SEC), trouble,
			    (unsigned long long)(toc_journal_end(c->journal) - toc_journal_cursor(c->journal)));
}

static const char *why_not(int why)
{
	return why == EDQUOT ? "it is full; is Redis away? See deliver.journal_mb" : strerror(why);
}

/* What is in memory only dies with the sensor: said at once, and each minute that it goes on. */
static void tell_memory(struct toc_courier *c, toc_time now)
{
	const struct toc_overflow_counters *o = toc_overflow_count(c->overflow);
	const uint64_t n = atomic_load(&o->waiting);
	if (!n && c->memory_told)
		toc_second_path_say(c->second, "the journal can be written again; no alert waits in memory any more");
	if (!n)
		c->memory_told = 0;
	if (!n || (c->memory_told && now - c->memory_told < told_after))
		return;
	c->memory_told = now;
	toc_second_path_say(c->second, "the journal %s cannot be written (%s): %llu alerts are in memory only",
			    c->folder, why_not(atomic_load(&o->why)), (unsigned long long)n);
}

static void publish(struct toc_courier *c, toc_time now)
{
	const char *trouble = trouble_in_words(c);
	uint64_t end = toc_journal_end(c->journal), cursor = toc_journal_cursor(c->journal);
	pthread_mutex_lock(&c->lock);
	snprintf(c->status.trouble, sizeof(c->status.trouble), "%s", trouble ? trouble : "");
	c->status.away = trouble && c->away_since ? now - c->away_since : 0;
	c->status.waiting = end > cursor ? end - cursor : 0;
	c->status.redis = *toc_redis_count(c->redis);
	pthread_mutex_unlock(&c->lock);
}

static void *run(void *arg)
{
	struct toc_courier *c = arg;
	sigset_t pipe;
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	toc_fence_enter(c->fences, TOC_ROLE_delivery, 0);
	pthread_sigmask(SIG_BLOCK, &pipe, NULL); /* TLS writes where nobody may read any more */
	for (;;) {
		toc_time deadline = atomic_load(&c->deadline), now = toc_now_monotonic();
		bool ending = deadline != TOC_NEVER;
		if (ending && (toc_redis_idle(c->redis) || now >= deadline))
			return NULL;
		toc_redis_step(c->redis, ending ? 10 : STEP_MS, now);
		tell_trouble(c, now);
		tell_memory(c, now);
		publish(c, now);
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

/* The engine's thread: the alert is kept nowhere. What it says is not for syslog: who and what it is about stays here.
 */
static void lost(void *user, const struct toc_alert *alert, int why)
{
	struct toc_courier *c = user;
	toc_second_path_say(c->second,
			    "the journal did not take alert %s revision %u (rule %s, severity %u): %s; it is lost",
			    alert->id, alert->revision, alert->rule, alert->severity, why_not(why));
}

static size_t health(void *user, char *out, size_t room)
{
	struct toc_courier *c = user;
	struct toc_courier_status s;
	toc_courier_status(c, &s);
	size_t n = (size_t)snprintf(out, room, "{\"at\":%lld,\"sensor\":\"%s\",\"version\":\"" TOC_VERSION "\",",
				    (long long)(toc_now() / TOC_SEC), c->sensor);
	n += toc_courier_status_json(&s, out + n, room - n);
	return n + (size_t)snprintf(out + n, room - n, "}");
}

static bool open_parts(struct toc_courier *c, const struct toc_config *config, const struct toc_opener *opener)
{
	char err[512];
	const struct toc_journal_config journal = {
		.folder = c->folder, .bytes = config->journal_bytes, .days = config->retention.alerts, .opener = opener
	};
	const struct toc_redis_config redis = { .url = config->redis_url,
						.user = config->redis_user,
						.password = config->redis_password,
						.tls = { config->tls_ca, config->tls_cert, config->tls_key },
						.sensor = config->sensor,
						.nodes = config->nodes,
						.nnodes = config->nnodes,
						.health = c->temporary ? NULL : health,
						.health_user = c,
						.health_every = health_every,
						.opener = opener };
	c->sensor = config->sensor;
	if (config->syslog && !c->temporary)
		c->second = toc_second_path_new(opener, config->syslog);
	c->journal = toc_journal_open(&journal, err, sizeof(err));
	if (c->journal)
		c->overflow = toc_overflow_new(c->journal, 0, lost, c);
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
	pthread_mutex_init(&c->lock, NULL);
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

bool toc_courier_start(struct toc_courier *c, struct toc_fences *fences)
{
	c->fences = fences;
	c->running = pthread_create(&c->thread, NULL, run, c) == 0;
	if (!c->running)
		toc_error("cannot start a thread; is a limit on processes set (ulimit -u)?");
	return c->running;
}

const struct toc_outlet *toc_courier_outlet(struct toc_courier *c, void **self)
{
	*self = c->overflow;
	return &toc_outlet_overflow;
}

/* The engine's thread owns these numbers, and waits for nobody to tell them: the next tick does. */
void toc_courier_tick(struct toc_courier *c)
{
	toc_overflow_flush(c->overflow);
	const struct toc_overflow_counters *o = toc_overflow_count(c->overflow);
	if (pthread_mutex_trylock(&c->lock) != 0)
		return;
	c->status.journal = *toc_journal_count(c->journal);
	c->status.in_memory = atomic_load(&o->waiting);
	c->status.lost = o->lost;
	pthread_mutex_unlock(&c->lock);
}

static void set_head(void *alerts, const char *route, const char *hash)
{
	toc_alerts_chain(alerts, route, hash);
}

void toc_courier_chain(const struct toc_courier *c, struct toc_alerts *alerts)
{
	if (c)
		toc_journal_heads(c->journal, set_head, alerts);
}

/* What waits in memory comes behind it. */
toc_journal_pos toc_courier_end(struct toc_courier *c)
{
	return toc_journal_end(c->journal) + (atomic_load(&toc_overflow_count(c->overflow)->waiting) != 0);
}

toc_journal_pos toc_courier_confirmed(const struct toc_courier *c)
{
	return toc_journal_cursor(c->journal);
}

void toc_courier_status(struct toc_courier *c, struct toc_courier_status *out)
{
	pthread_mutex_lock(&c->lock);
	*out = c->status;
	pthread_mutex_unlock(&c->lock);
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
	if (!toc_overflow_flush(c->overflow))
		toc_second_path_say(c->second,
				    "%llu alerts were in memory only, for want of room on the disk; they are lost",
				    (unsigned long long)atomic_load(&toc_overflow_count(c->overflow)->waiting));
	atomic_store(&c->deadline, toc_now_monotonic() + patience);
	if (c->running)
		pthread_join(c->thread, NULL);
	c->running = false;
	if (toc_redis_idle(c->redis))
		return true;
	const char *why = trouble_in_words(c);
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
	toc_overflow_free(c->overflow);
	toc_second_path_free(c->second);
	pthread_mutex_destroy(&c->lock);
	toc_journal_close(c->journal);
	if (c->temporary && c->folder[0])
		remove_folder(c->folder);
	free(c);
}
