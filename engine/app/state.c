/* state - a header with number, size and digest, then the correlator's own bytes. */
#include "app/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "tocsin/digest.h"

enum { FILES = 2, STATE_MOST = 1 << 30 };

struct header {
	char magic[8];
	uint64_t number, n;
	uint8_t digest[32]; /* SHA-256 of what follows */
};

static const char magic[8] = { 'T', 'O', 'C', 'S', 'T', 'A', 'T', '1' };

struct toc_state {
	int fd[FILES];
	uint64_t number; /* of the newest file */
	bool told;
};

struct toc_state *toc_state_open(const struct toc_config *config)
{
	struct toc_state *s = calloc(1, sizeof(*s));
	if (!s)
		abort(); /* at start-up there is nothing to save */
	mkdir(config->state, 0750);
	for (int i = 0; i < FILES; i++) {
		char path[4096];
		s->fd[i] = snprintf(path, sizeof(path), "%s/correlate.%d", config->state, i) < (int)sizeof(path)
				   ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600)
				   : -1;
		if (s->fd[i] < 0 && !s->told)
			toc_warn("%s: cannot be used: %s; windows will not live through a restart", path,
				 strerror(errno));
		s->told = s->told || s->fd[i] < 0;
	}
	if (!s->told)
		return s;
	toc_state_free(s);
	return NULL;
}

void toc_state_free(struct toc_state *s)
{
	for (int i = 0; s && i < FILES; i++)
		if (s->fd[i] >= 0)
			close(s->fd[i]);
	free(s);
}

static bool read_all(int fd, void *out, size_t n, off_t at)
{
	for (size_t done = 0; done < n;) {
		ssize_t got = pread(fd, (uint8_t *)out + done, n - done, at + (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

static bool write_all(int fd, const void *from, size_t n, off_t at)
{
	for (size_t done = 0; done < n;) {
		ssize_t put = pwrite(fd, (const uint8_t *)from + done, n - done, at + (off_t)done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		done += (size_t)put;
	}
	return true;
}

/* The file's bytes if it is whole (caller frees), else NULL. */
static uint8_t *read_whole(int fd, struct header *h)
{
	uint8_t digest[32], *bytes = NULL;
	if (!read_all(fd, h, sizeof(*h), 0) || memcmp(h->magic, magic, sizeof(magic)) != 0 || h->n > STATE_MOST)
		return NULL;
	bytes = malloc(h->n + 1);
	if (bytes && read_all(fd, bytes, h->n, sizeof(*h))) {
		toc_sha256(toc_span_of(bytes, h->n), digest);
		if (memcmp(digest, h->digest, sizeof(digest)) == 0)
			return bytes;
	}
	free(bytes);
	return NULL;
}

void toc_state_restore(struct toc_state *s, struct toc_pipeline *p)
{
	uint8_t *best = NULL;
	struct header h, newest = { .number = 0 };
	struct toc_corr_restored got;
	char err[256];
	for (int i = 0; i < FILES; i++) {
		uint8_t *bytes = read_whole(s->fd[i], &h);
		bool newer = bytes && h.number > newest.number;
		free(newer ? best : bytes);
		best = newer ? bytes : best;
		newest = newer ? h : newest;
	}
	s->number = newest.number;
	if (!best) {
		if (lseek(s->fd[0], 0, SEEK_END) > 0 || lseek(s->fd[1], 0, SEEK_END) > 0)
			toc_warn("the files with the last run's windows are damaged or foreign; it begins without them");
		return;
	}
	if (toc_correlate_restore(p->generation->correlator, p->names, toc_span_of(best, newest.n), &got, err,
				  sizeof(err))) {
		toc_info("windows of %u rules taken over from the last run (%u); %u rules have changed", got.rules,
			 got.cells, got.changed);
		toc_correlate_retell(p->generation->correlator);
	} else {
		toc_warn("the last run's windows are not taken over: %s", err);
	}
	free(best);
}

void toc_state_save(struct toc_state *s, const struct toc_pipeline *p)
{
	struct header h = { .number = s->number + 1 };
	size_t n = 0;
	uint8_t *bytes = toc_correlate_snapshot(p->generation->correlator, p->names, &n);
	int fd = s->fd[h.number % FILES];
	h.n = n;
	memcpy(h.magic, magic, sizeof(magic));
	bool ok = bytes != NULL;
	if (ok) {
		toc_sha256(toc_span_of(bytes, n), h.digest);
		/* the header goes last: until then the file says that it is not whole */
		ok = ftruncate(fd, 0) == 0 && write_all(fd, bytes, n, sizeof(h)) && write_all(fd, &h, sizeof(h), 0) &&
		     fdatasync(fd) == 0;
	}
	free(bytes);
	s->number += ok;
	if (!ok && !s->told)
		toc_warn("the state of correlations cannot be kept: %s", bytes ? strerror(errno) : "out of memory");
	s->told = s->told || !ok;
}
