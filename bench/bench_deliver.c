/* bench_deliver - journal to Redis: records a second from a filled journal, the way of each at 1,000 a second, appends
 * while nobody takes them; and what the machine itself costs. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "deliver/redis.h"

enum { DOCUMENT = 3700, RATE = 1000 }; /* an alert that opens, in the median of the sample day */

struct bench {
	struct toc_journal *journal;
	struct toc_redis *redis;
	unsigned n;
	toc_time *appended; /* when each record's write had returned */
	_Atomic unsigned written;
	char document[DOCUMENT + 1];
};

static toc_time clock_of(clockid_t id)
{
	struct timespec ts;
	clock_gettime(id, &ts);
	return (toc_time)ts.tv_sec * TOC_SEC + ts.tv_nsec;
}

static int by_time(const void *a, const void *b)
{
	const toc_time *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static void put(struct bench *b, unsigned i)
{
	static const char *const routes[] = { "ts", "da", NULL };
	char id[33];
	snprintf(id, sizeof(id), "%032x", i);
	const struct toc_alert alert = { .state = TOC_ALERT_OPEN,
					 .id = id,
					 .revision = 1,
					 .rule = "bench",
					 .severity = 3,
					 .routes = routes,
					 .json = toc_span_of(b->document, DOCUMENT) };
	if (!toc_journal_append(b->journal, &alert)) {
		perror("journal");
		exit(1);
	}
}

static void fill(struct bench *b)
{
	for (unsigned i = 0; i < b->n; i++)
		put(b, i);
}

static void drain(struct bench *b)
{
	const double seconds = 60;
	toc_time begin, cpu, took;
	uint64_t n = 0;
	begin = clock_of(CLOCK_MONOTONIC);
	cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID);
	do {
		int got = toc_redis_step(b->redis, 100, clock_of(CLOCK_MONOTONIC));
		n += got > 0 ? (uint64_t)got : 0;
		took = clock_of(CLOCK_MONOTONIC) - begin;
	} while (!toc_redis_idle(b->redis) && (double)took < seconds * 1e9);
	cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("drain: %llu records of %d bytes to 2 routes in %.2f s: %.0f alerts/s, %.1f us CPU each\n",
	       (unsigned long long)n, DOCUMENT, (double)took / 1e9, (double)n * 1e9 / (double)took,
	       n ? (double)cpu / 1e3 / (double)n : 0);
}

static void *write_steadily(void *arg)
{
	struct bench *b = arg;
	toc_time next = clock_of(CLOCK_MONOTONIC);
	for (unsigned i = 0; i < b->n; i++) {
		toc_time now = clock_of(CLOCK_MONOTONIC);
		if (now < next)
			usleep((unsigned)((next - now) / TOC_US));
		next += TOC_SEC / RATE;
		b->appended[i] = clock_of(CLOCK_MONOTONIC); /* the decision: before the write */
		put(b, i);
		atomic_store(&b->written, i + 1);
	}
	return NULL;
}

static void steady(struct bench *b)
{
	pthread_t thread;
	unsigned done = 0;
	while (!toc_redis_idle(b->redis))
		toc_redis_step(b->redis, 100, clock_of(CLOCK_MONOTONIC));
	if (pthread_create(&thread, NULL, write_steadily, b) != 0)
		exit(1);
	while (done < b->n) {
		int got = toc_redis_step(b->redis, 100, clock_of(CLOCK_MONOTONIC));
		toc_time now = clock_of(CLOCK_MONOTONIC);
		for (int i = 0; i < got; i++, done++)
			b->appended[done] = now - b->appended[done];
	}
	pthread_join(thread, NULL);
	qsort(b->appended, b->n, sizeof(*b->appended), by_time);
	printf("steady: %u at %d/s, decision to EXEC's reply: p50 %.1f ms, p99 %.1f ms, max %.1f ms\n", b->n, RATE,
	       (double)b->appended[b->n / 2] / 1e6, (double)b->appended[b->n / 100 * 99] / 1e6,
	       (double)b->appended[b->n - 1] / 1e6);
}

/* How long the engine's thread is kept by an append while delivery finds nobody. */
static void *step_in_vain(void *arg)
{
	struct bench *b = arg;
	while (atomic_load(&b->written) < b->n)
		toc_redis_step(b->redis, 10, clock_of(CLOCK_MONOTONIC));
	return NULL;
}

static void away(struct bench *b)
{
	pthread_t thread;
	toc_time sum = 0;
	if (pthread_create(&thread, NULL, step_in_vain, b) != 0)
		exit(1);
	for (unsigned i = 0; i < b->n; i++) {
		toc_time begin = clock_of(CLOCK_MONOTONIC);
		put(b, i);
		sum += b->appended[i] = clock_of(CLOCK_MONOTONIC) - begin;
	}
	atomic_store(&b->written, b->n);
	pthread_join(thread, NULL);
	qsort(b->appended, b->n, sizeof(*b->appended), by_time);
	printf("away: %u appends, mean %.1f us, p99 %.1f us, max %.2f ms\n", b->n, (double)sum / 1e3 / b->n,
	       (double)b->appended[b->n / 100 * 99] / 1e3, (double)b->appended[b->n - 1] / 1e6);
}

/*
 * What a page costs that the process has not touched yet, and how evenly a fixed piece of work runs. A stream that
 * grows takes fresh pages; where the hypervisor keeps page tables of its own, one costs as much as five XADD without
 * it.
 */
static void machine(void)
{
	enum { PAGE = 4096, PAGES = 25600, TIMES = 50 };
	double load = 0;
	toc_time least = TOC_NEVER, most = 0, cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID);
	char *fresh = mmap(NULL, (size_t)PAGE * PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fresh == MAP_FAILED)
		exit(1);
	for (size_t i = 0; i < PAGES; i++)
		fresh[i * PAGE] = 1;
	cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	for (int i = 0; i < TIMES; i++) {
		toc_time begin = clock_of(CLOCK_MONOTONIC), took;
		for (size_t at = 0; at < PAGES; at++)
			memset(fresh + at % 64 * PAGE, i, 1024);
		took = clock_of(CLOCK_MONOTONIC) - begin;
		least = took < least ? took : least;
		most = took > most ? took : most;
	}
	munmap(fresh, (size_t)PAGE * PAGES);
	if (getloadavg(&load, 1) != 1)
		load = -1;
	printf("machine: load %.1f, a fresh page costs %.2f us CPU, the same work took %.2f to %.2f ms\n", load,
	       (double)cpu / 1e3 / PAGES, (double)least / 1e6, (double)most / 1e6);
}

static const struct mode {
	const char *name;
	void (*run)(struct bench *b);
} modes[] = { { "fill", fill }, { "drain", drain }, { "steady", steady }, { "away", away } };

static const struct mode *mode_of(const char *name)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i].name, name) == 0)
			return &modes[i];
	return NULL;
}

int main(int argc, char **argv)
{
	char err[512];
	static struct bench b;
	if (argc == 2 && strcmp(argv[1], "machine") == 0) {
		machine();
		return 0;
	}
	const struct mode *mode = argc == 5 ? mode_of(argv[1]) : NULL;
	if (!mode || atoi(argv[4]) < 100) {
		fprintf(stderr,
			"usage: bench_deliver machine | fill|drain|steady|away URL FOLDER RECORDS (at least 100)\n");
		return 2;
	}
	b.n = (unsigned)atoi(argv[4]);
	b.appended = calloc(b.n, sizeof(*b.appended));
	memset(b.document, 'x', DOCUMENT);
	const struct toc_journal_config journal = { .folder = argv[3], .bytes = (size_t)4 << 30 };
	const struct toc_redis_config redis = { .url = argv[2], .sensor = "bench" };
	b.journal = toc_journal_open(&journal, err, sizeof(err));
	b.redis = b.journal ? toc_redis_new(&redis, b.journal, err, sizeof(err)) : NULL;
	if (!b.redis) {
		fprintf(stderr, "bench_deliver: %s\n", err);
		return 1;
	}
	mode->run(&b);
	toc_redis_free(b.redis);
	toc_journal_close(b.journal);
	free(b.appended);
	return 0;
}
