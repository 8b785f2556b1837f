/* state - snapshots of the correlator in two files: the newer one that is whole is the last run's. */
#include "app/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

enum { FILES = 2, STATE_MOST = 1 << 30 };

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

/* All that the file has (caller frees); n = 0: nothing. */
static uint8_t *read_file(int fd, size_t *n)
{
	const off_t size = lseek(fd, 0, SEEK_END);
	uint8_t *bytes = size > 0 && size <= STATE_MOST ? malloc((size_t)size) : NULL;
	*n = 0;
	if (bytes && read_all(fd, bytes, (size_t)size, 0))
		*n = (size_t)size;
	return bytes;
}

/* The newer of the files that are whole. *what: why there is none though there is a file; else NULL. */
static uint8_t *read_newest(struct toc_state *s, size_t *n, const char **what)
{
	uint8_t *best = NULL;
	*what = NULL;
	*n = 0;
	for (int i = 0; i < FILES; i++) {
		size_t size;
		uint64_t number;
		uint8_t *bytes = read_file(s->fd[i], &size);
		const char *why;
		const bool whole = size && toc_correlate_snapshot_number(toc_span_of(bytes, size), &number, &why);
		*what = size && !whole ? why : *what;
		if (!whole || (best && number <= s->number)) {
			free(bytes);
			continue;
		}
		free(best);
		best = bytes;
		*n = size;
		s->number = number;
	}
	return best;
}

void toc_state_restore(struct toc_state *s, struct toc_pipeline *p)
{
	struct toc_corr_restored got;
	char err[256];
	const char *what;
	size_t n;
	uint8_t *best = read_newest(s, &n, &what);
	if (!best) {
		if (what)
			toc_warn("the last run's windows are not taken over: %s; it begins without them", what);
		return;
	}
	if (toc_correlate_restore(p->generation->correlator, p->names, toc_span_of(best, n), &got, err, sizeof(err))) {
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
	const uint64_t number = s->number + 1;
	size_t n = 0;
	uint8_t *bytes = toc_correlate_snapshot(p->generation->correlator, p->names, number, &n);
	int fd = s->fd[number % FILES];
	/* whole or not, its digest says: the other file stays until this one is on the disk */
	const bool ok = bytes && ftruncate(fd, 0) == 0 && write_all(fd, bytes, n, 0) && fdatasync(fd) == 0;
	free(bytes);
	s->number += ok;
	if (!ok && !s->told)
		toc_warn("the state of correlations cannot be kept: %s", bytes ? strerror(errno) : "out of memory");
	s->told = s->told || !ok;
}
