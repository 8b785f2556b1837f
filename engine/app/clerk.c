/* clerk - queues in, a store of packets and a spool of cuts out; one loop. */
#include "app/clerk.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "app/now.h"
#include "base/log.h"
#include "evidence/batch.h"
#include "evidence/store.h"

enum {
	WORKERS = TOC_INTERFACES * TOC_WORKERS,
	QUEUE = 2 << 20, /* bytes of a worker's packets that wait */
	AT_ONCE = 4096,	 /* packets of a worker before the others' turn */
	CUTS = 4096,	 /* alerts that wait */
	CUTS_BYTES = 32 << 20,
	SEARCH_SHARE = 20 /* of the time at most the twentieth part goes into searching */
};

static const toc_time flush_every = TOC_SEC, expire_every = TOC_MIN, nap = 20 * TOC_MS;
/* A cut waits for the packets that came with its cause, and for others that can be looked for together with it. */
static const toc_time cut_after = 2 * TOC_SEC;

struct toc_clerk {
	struct toc_fences *fences; /* borrowed; NULL = none */
	const struct toc_config *config;
	struct store *store; /* NULL: no packets are kept */
	struct spool *kept;
	unsigned nworkers;
	struct toc_ring *rings[WORKERS];
	struct packets *packets[WORKERS];
	const struct toc_outlet *next;
	void *next_self;
	pthread_t thread;
	bool running;
	_Atomic bool ending;
	toc_time flushed, expired, search_from; /* the thread's; the last: no search before it */
	struct spool_counters told;		/* as of the last word about what was removed */
	pthread_mutex_t lock;
	/* under the lock: cuts that wait, in order */
	struct cut *first, **end;
	toc_time due; /* of the first */
	unsigned waiting;
	size_t bytes;
	uint64_t asked, lost, kept_cuts, unkept;
	struct spool_counters count[TOC_CLERK_FOLDERS];
};

/* --- making ------------------------------------------------------------------------------------------------------- */

bool toc_clerk_folder(const struct toc_config *config, enum toc_clerk_folder which, char *out, size_t room)
{
	static const char *const names[TOC_CLERK_FOLDERS] = { "packets", "kept" };
	return snprintf(out, room, "%s/evidence/%s", config->state, names[which]) < (int)room;
}

static bool make_folder(const char *path, mode_t mode)
{
	return mkdir(path, mode) == 0 || errno == EEXIST;
}

static struct spool *open_spool(const struct toc_config *config, enum toc_clerk_folder which,
				const struct toc_opener *opener, char *folder, size_t room)
{
	char err[1200], above[1024];
	const uint64_t bytes = which == TOC_CLERK_PACKETS ? config->packet_bytes : config->evidence_bytes;
	const toc_time age = which == TOC_CLERK_PACKETS ? config->packet_age : config->evidence_age;
	const struct spool_config spool = { .folder = folder, .bytes = bytes, .age = age, .opener = opener };
	bool ok = toc_clerk_folder(config, which, folder, room) &&
		  snprintf(above, sizeof(above), "%s/evidence", config->state) < (int)sizeof(above);
	if (!ok || !make_folder(config->state, 0750) || !make_folder(above, 0700) || !make_folder(folder, 0700)) {
		toc_warn("%s: no evidence is kept: %s", folder, strerror(ok ? errno : ENAMETOOLONG));
		return NULL;
	}
	struct spool *s = spool_open(&spool, err, sizeof(err));
	if (!s)
		toc_warn("no evidence is kept: %s", err);
	return s;
}

struct toc_clerk *toc_clerk_new(const struct toc_config *config, const struct toc_opener *opener)
{
	char folder[TOC_ASK_MOST];
	struct toc_clerk *c = calloc(1, sizeof(*c));
	if (!c)
		abort(); /* at start-up there is nothing to save */
	c->config = config;
	c->end = &c->first;
	pthread_mutex_init(&c->lock, NULL);
	c->kept = open_spool(config, TOC_CLERK_KEPT, opener, folder, sizeof(folder));
	struct spool *packets = c->kept && config->packet_bytes
					? open_spool(config, TOC_CLERK_PACKETS, opener, folder, sizeof(folder))
					: NULL;
	if (packets)
		c->store = store_new(packets);
	if (c->kept)
		return c;
	toc_clerk_free(c);
	return NULL;
}

static struct cut *take_cuts(struct toc_clerk *c)
{
	struct cut *all = c->first;
	c->first = NULL;
	c->end = &c->first;
	c->waiting = 0;
	c->bytes = 0;
	return all;
}

void toc_clerk_free(struct toc_clerk *c)
{
	if (!c)
		return;
	if (c->running)
		toc_clerk_finish(c);
	for (struct cut *cut = take_cuts(c), *next; cut; cut = next) {
		next = cut->next;
		cut_free(cut);
	}
	for (unsigned i = 0; i < c->nworkers; i++) {
		toc_ring_free(c->rings[i]);
		free(c->packets[i]);
	}
	store_free(c->store);
	spool_close(c->kept);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

struct packets *toc_clerk_worker(struct toc_clerk *c)
{
	if (!c->store || c->nworkers == WORKERS)
		return NULL;
	struct packets *p = malloc(sizeof(*p));
	struct toc_ring *ring = toc_ring_new(QUEUE);
	if (!p || !ring)
		abort(); /* at start-up there is nothing to save */
	packets_init(p, ring);
	c->rings[c->nworkers] = ring;
	c->packets[c->nworkers++] = p;
	return p;
}

/* --- the engine's side -------------------------------------------------------------------------------------------- */

static void ask(struct toc_clerk *c, const struct toc_alert *alert)
{
	struct cut *cut = cut_new(alert);
	if (!cut)
		return;
	pthread_mutex_lock(&c->lock);
	const bool fits = c->waiting < CUTS && c->bytes + cut_bytes(cut) <= CUTS_BYTES;
	c->asked++;
	c->lost += !fits;
	if (fits) {
		c->due = c->first ? c->due : toc_now_monotonic() + cut_after;
		*c->end = cut;
		c->end = &cut->next;
		c->waiting++;
		c->bytes += cut_bytes(cut);
	}
	pthread_mutex_unlock(&c->lock);
	if (!fits)
		cut_free(cut);
}

static bool take(void *self, const struct toc_alert *alert)
{
	struct toc_clerk *c = self;
	ask(c, alert);
	return c->next->take(c->next_self, alert);
}

static const struct toc_outlet outlet = { "evidence", take };

const struct toc_outlet *toc_clerk_outlet(struct toc_clerk *c, const struct toc_outlet *next, void **self)
{
	c->next = next;
	c->next_self = *self;
	*self = c;
	return &outlet;
}

/* --- the thread --------------------------------------------------------------------------------------------------- */

/* false: there was nothing. */
static bool drain(struct toc_clerk *c)
{
	bool some = false;
	for (unsigned i = 0; i < c->nworkers; i++) {
		const struct packet_record *r;
		for (unsigned n = 0; n < AT_ONCE && (r = toc_ring_peek(c->rings[i])); n++) {
			store_add(c->store, r);
			toc_ring_pop(c->rings[i]);
			some = true;
		}
	}
	return some;
}

static const char *why_missing(const struct toc_clerk *c, const struct cut *cut)
{
	if (cut->evidence.none)
		return "the rule wants nothing kept (evidence: none)";
	if (!cut->nuids)
		return "its events are of no single flow: log lines, or what is counted over many flows";
	if (!c->store)
		return "packets are not kept on this sensor (evidence.packets_mb)";
	return "no packet of its flows was left: overwritten, too old, or the disk was behind (tocsin status)";
}

static void keep_cut(struct toc_clerk *c, struct cut *cut)
{
	struct text record = { 0 };
	cut_write(cut, c->config->sensor, why_missing(c, cut), &record);
	const bool kept = spool_append(c->kept, (const uint8_t *)record.p, (uint32_t)record.n, toc_now());
	pthread_mutex_lock(&c->lock);
	c->kept_cuts += kept;
	c->unkept += !kept;
	pthread_mutex_unlock(&c->lock);
	text_free(&record);
}

/* Workers' queues are emptied between blocks: a search may take long. */
static void search(struct toc_clerk *c, struct batch *batch)
{
	uint64_t pos = 0;
	const toc_time began = toc_now_monotonic();
	store_flush(c->store);
	while (store_next(c->store, &pos, batch_offer, batch))
		drain(c);
	const toc_time ended = toc_now_monotonic();
	c->search_from = ended + SEARCH_SHARE * (ended - began);
}

static void serve(struct toc_clerk *c)
{
	pthread_mutex_lock(&c->lock);
	struct cut *all = take_cuts(c);
	pthread_mutex_unlock(&c->lock);
	struct batch *batch = batch_new(all);
	if (c->store && !batch_is_idle(batch))
		search(c, batch);
	batch_free(batch);
	for (struct cut *cut = all, *next; cut; cut = next) {
		next = cut->next;
		keep_cut(c, cut);
		cut_free(cut);
		if (c->store)
			drain(c);
	}
}

static bool is_due(struct toc_clerk *c, toc_time at)
{
	pthread_mutex_lock(&c->lock);
	const bool due = c->first && (at >= c->due || atomic_load(&c->ending));
	pthread_mutex_unlock(&c->lock);
	return due && (at >= c->search_from || atomic_load(&c->ending));
}

/* What alerts kept is a record: that it goes is said (policy.md SYS-12). Of the ring only the count is. */
static void tell_removed(struct toc_clerk *c)
{
	const struct spool_counters *k = spool_count(c->kept), *told = &c->told;
	if (k->expired > told->expired || k->overwritten > told->overwritten)
		toc_info("evidence: of what alerts kept, %llu segments were removed for their age, %llu for want of "
			 "room "
			 "(evidence.kept_days, kept_mb)",
			 (unsigned long long)(k->expired - told->expired),
			 (unsigned long long)(k->overwritten - told->overwritten));
	c->told = *k;
}

static void keep_house(struct toc_clerk *c, toc_time at)
{
	if (c->store && at - c->flushed >= flush_every) {
		store_flush(c->store);
		c->flushed = at;
	}
	if (at - c->expired >= expire_every) {
		spool_expire(c->kept, toc_now());
		if (c->store)
			spool_expire(store_spool(c->store), toc_now());
		tell_removed(c);
		c->expired = at;
	}
	pthread_mutex_lock(&c->lock);
	c->count[TOC_CLERK_KEPT] = *spool_count(c->kept);
	if (c->store)
		c->count[TOC_CLERK_PACKETS] = *spool_count(store_spool(c->store));
	pthread_mutex_unlock(&c->lock);
}

static void *run(void *arg)
{
	struct toc_clerk *c = arg;
	const struct timespec pause = { 0, nap };
	toc_fence_enter(c->fences, TOC_ROLE_evidence, 0);
	for (;;) {
		const bool ending = atomic_load(&c->ending), some = c->store && drain(c);
		const toc_time at = toc_now_monotonic();
		if (is_due(c, at))
			serve(c);
		else if (!some && ending)
			return NULL;
		keep_house(c, at);
		if (!some)
			nanosleep(&pause, NULL);
	}
}

bool toc_clerk_start(struct toc_clerk *c, struct toc_fences *fences)
{
	c->fences = fences;
	c->running = pthread_create(&c->thread, NULL, run, c) == 0;
	if (!c->running)
		toc_error("cannot start a thread; is a limit on processes set (ulimit -u)?");
	return c->running;
}

void toc_clerk_finish(struct toc_clerk *c)
{
	atomic_store(&c->ending, true);
	if (c->running)
		pthread_join(c->thread, NULL);
	c->running = false;
}

size_t toc_clerk_status_json(struct toc_clerk *c, char *out, size_t room)
{
	uint64_t taken = 0, lost = 0, shapeless = 0;
	for (unsigned i = 0; i < c->nworkers; i++) {
		taken += atomic_load_explicit(&c->packets[i]->taken, memory_order_relaxed);
		lost += atomic_load_explicit(&c->packets[i]->lost, memory_order_relaxed);
		shapeless += atomic_load_explicit(&c->packets[i]->shapeless, memory_order_relaxed);
	}
	pthread_mutex_lock(&c->lock);
	const struct spool_counters *p = &c->count[TOC_CLERK_PACKETS], *k = &c->count[TOC_CLERK_KEPT];
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = { { "evidence_packets", taken },
		     { "evidence_packets_lost", lost },
		     { "evidence_packets_unfit", shapeless },
		     { "evidence_packet_bytes", p->bytes },
		     { "evidence_blocks_refused", p->refused },
		     { "evidence_segments_overwritten", p->overwritten + k->overwritten },
		     { "evidence_segments_expired", p->expired + k->expired },
		     { "evidence_asked", c->asked },
		     { "evidence_kept", c->kept_cuts },
		     { "evidence_lost", c->lost + c->unkept } };
	struct text t = { 0 };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		text_printf(&t, ",\"%s\":%llu", rows[i].name, (unsigned long long)rows[i].value);
	pthread_mutex_unlock(&c->lock);
	const size_t n = t.n < room ? t.n : room - 1;
	memcpy(out, t.p, n);
	out[n] = '\0';
	text_free(&t);
	return n;
}
