/*
 * fuzz_delivery - a hostile Redis or Sentinel: what it answers, a connection each up to a byte 0xff (first byte odd:
 * Sentinels are asked). A byte 1 stands for the journal's identity, which no input can know.
 */
#define _GNU_SOURCE /* nftw */
#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "deliver/redis.h"

enum { STEPS = 24, RECORDS = 5, MOST = 60000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static char folder[] = "/tmp/tocsin-fuzz-XXXXXX";
static struct toc_journal *journal;

/* The far end of the connection that stands: it has said all it will. */
struct server {
	struct toc_opener opener; /* first */
	struct toc_span rest;
	int fd;
};

static void say(int fd, struct toc_span text)
{
	char identity[32];
	snprintf(identity, sizeof(identity), "%016" PRIx64, toc_journal_identity(journal));
	for (size_t i = 0; i < text.n; i++) {
		const bool it = text.p[i] == 1;
		if (send(fd, it ? (const void *)identity : &text.p[i], it ? strlen(identity) : 1, MSG_DONTWAIT) < 0)
			return;
	}
}

static int answer(const struct toc_opener *self, enum toc_ask ask, const char *what)
{
	struct server *s = (struct server *)(uintptr_t)self;
	int pair[2];
	(void)what;
	if (ask != TOC_ASK_CONNECT || !s->rest.n || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0) {
		errno = ECONNREFUSED;
		return -1;
	}
	const size_t end = toc_span_find(s->rest, 0xff);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = pair[1];
	say(s->fd, toc_span_first(s->rest, end));
	if (end < s->rest.n)
		shutdown(s->fd, SHUT_WR);
	s->rest = toc_span_from(s->rest, end + 1);
	return pair[0];
}

static int forget(const char *path, const struct stat *s, int kind, struct FTW *at)
{
	(void)s, (void)kind, (void)at;
	return remove(path);
}

static void tidy(void)
{
	toc_journal_close(journal);
	nftw(folder, forget, 4, FTW_DEPTH | FTW_PHYS);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char *const routes[] = { "ts", NULL };
	char err[256], id[40];
	(void)argc, (void)argv;
	if (!mkdtemp(folder))
		abort();
	atexit(tidy);
	journal = toc_journal_open(&(struct toc_journal_config){ .folder = folder }, err, sizeof(err));
	for (unsigned i = 0; journal && i < RECORDS; i++) {
		snprintf(id, sizeof(id), "%032x", i);
		toc_journal_append(journal, &(struct toc_alert){ .id = id,
								 .revision = 1,
								 .rule = "r",
								 .severity = 1 + i,
								 .routes = routes,
								 .json = toc_span_str("{}") });
	}
	if (!journal)
		abort();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const urls[] = { "redis://10.1.1.1", "sentinel://10.1.1.1:26379/m" };
	static const struct toc_redis_node nodes[] = { { "10.1.1.2", 6379 } };
	char err[256];
	if (n < 1 || n > MOST)
		return 0;
	struct server s = { { answer }, toc_span_of(data + 1, n - 1), -1 };
	const struct toc_redis_config config = {
		.url = urls[data[0] & 1], .sensor = "s", .opener = &s.opener, .nodes = nodes, .nnodes = 1
	};
	toc_time now = TOC_HOUR;
	toc_journal_set_cursor(journal, 0);
	struct toc_redis *r = toc_redis_new(&config, journal, err, sizeof(err));
	for (unsigned i = 0; r && i < STEPS; i++) {
		now += toc_redis_step(r, 0, now) < 0 ? 10 * TOC_SEC : 50 * TOC_MS;
		if (toc_journal_cursor(journal) > toc_journal_end(journal))
			abort();
	}
	toc_redis_free(r);
	if (s.fd >= 0)
		close(s.fd);
	return 0;
}
