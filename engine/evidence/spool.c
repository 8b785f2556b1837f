/* spool - segments in a folder, appended at one end and removed at the other. */
#define _GNU_SOURCE
#include "evidence/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEGMENTS = 64, SHARE = 16 /* of the cap that one segment takes: only whole ones make room */ };

struct kept {
	struct toc_segment segment;
	toc_time last; /* nothing in it is newer */
};

struct spool {
	struct spool_config config;
	char folder[TOC_ASK_MOST];
	uint64_t segment_most;
	struct kept at[SEGMENTS];
	unsigned n;
	uint64_t end; /* behind the last record that was ever there: positions only grow */
	struct spool_counters count;
	uint8_t *buffer;
};

static int by_base(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;
	return x->segment.base < y->segment.base ? -1 : x->segment.base > y->segment.base;
}

static bool path_of(const struct spool *s, const char *name, char path[TOC_ASK_MOST])
{
	errno = ENAMETOOLONG;
	return snprintf(path, TOC_ASK_MOST, "%s/%s", s->config.folder, name) < TOC_ASK_MOST;
}

static int ask_segment(const struct spool *s, enum toc_ask ask, const struct toc_segment *segment)
{
	char name[64], path[TOC_ASK_MOST];
	toc_segment_name(segment->base, segment->day, name);
	return path_of(s, name, path) ? toc_open(s->config.opener, ask, path) : -1;
}

static uint64_t bytes_of(const struct spool *s)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < s->n; i++)
		sum += s->at[i].segment.size;
	return sum;
}

/* The oldest goes. false: it cannot be removed. */
static bool drop_oldest(struct spool *s)
{
	if (ask_segment(s, TOC_ASK_REMOVE, &s->at[0].segment) != 0 && errno != ENOENT)
		return false;
	close(s->at[0].segment.fd);
	memmove(&s->at[0], &s->at[1], (s->n - 1) * sizeof(s->at[0]));
	s->n--;
	return true;
}

/* A segment of an earlier run: what it holds is as old as the file's last change. */
static void adopt(struct spool *s, uint64_t base, int64_t day)
{
	struct stat st;
	struct toc_segment segment = { .base = base, .day = day };
	if (s->n == SEGMENTS)
		return;
	segment.fd = ask_segment(s, TOC_ASK_SEGMENT, &segment);
	if (segment.fd < 0)
		return;
	if (fstat(segment.fd, &st) == 0 && S_ISREG(st.st_mode)) {
		segment.size = (uint64_t)st.st_size;
		s->at[s->n++] = (struct kept){ segment, (toc_time)st.st_mtim.tv_sec * TOC_SEC + st.st_mtim.tv_nsec };
	} else {
		close(segment.fd);
	}
}

static bool find_segments(struct spool *s)
{
	DIR *dir = opendir(s->config.folder);
	struct dirent *entry;
	uint64_t base;
	int64_t day;
	if (!dir)
		return false;
	while ((entry = readdir(dir)))
		if (toc_segment_parse(entry->d_name, &base, &day))
			adopt(s, base, day);
	closedir(dir);
	qsort(s->at, s->n, sizeof(s->at[0]), by_base);
	return true;
}

/* kill -9 may have left half a record: what comes next must not stand behind it. */
static void mend_tail(struct spool *s)
{
	struct toc_segment *last = s->n ? &s->at[s->n - 1].segment : NULL;
	uint64_t end = last ? toc_segment_end(last, s->buffer) - last->base : 0;
	if (last && end < last->size && ftruncate(last->fd, (off_t)end) == 0) {
		last->size = end;
		s->count.damaged++;
	}
}

struct spool *spool_open(const struct spool_config *config, char *err, size_t err_size)
{
	struct spool *s = calloc(1, sizeof(*s));
	if (!s || !(s->buffer = malloc(TOC_RECORD_MOST)))
		abort(); /* at start-up there is nothing to save */
	s->config = *config;
	snprintf(s->folder, sizeof(s->folder), "%s", config->folder);
	s->config.folder = s->folder;
	s->segment_most = config->bytes / SHARE;
	if (!find_segments(s)) {
		snprintf(err, err_size, "%s: %s", config->folder, strerror(errno));
		spool_close(s);
		return NULL;
	}
	mend_tail(s);
	if (s->n)
		s->end = s->at[s->n - 1].segment.base + s->at[s->n - 1].segment.size;
	while (s->n && bytes_of(s) > config->bytes && drop_oldest(s)) /* the cap was larger before */
		s->count.overwritten++;
	return s;
}

void spool_close(struct spool *s)
{
	for (unsigned i = 0; s && i < s->n; i++)
		close(s->at[i].segment.fd);
	if (s)
		free(s->buffer);
	free(s);
}

void spool_expire(struct spool *s, toc_time now)
{
	while (s->config.age && s->n && s->at[0].last < now - s->config.age && drop_oldest(s))
		s->count.expired++;
}

/* The segment that the next record goes into; NULL: none can be made. */
static struct kept *place(struct spool *s, uint64_t need, toc_time at)
{
	struct kept *last = s->n ? &s->at[s->n - 1] : NULL;
	if (last && last->segment.size + need <= s->segment_most)
		return last;
	struct toc_segment next = { .base = last ? last->segment.base + last->segment.size : 0, .day = at / TOC_DAY };
	if (last && !last->segment.size)
		return last; /* a record that is larger than a segment should be */
	if (s->n == SEGMENTS)
		return NULL;
	next.fd = ask_segment(s, TOC_ASK_SEGMENT, &next);
	if (next.fd < 0)
		return NULL;
	s->at[s->n] = (struct kept){ next, at };
	return &s->at[s->n++];
}

bool spool_append(struct spool *s, const uint8_t *bson, uint32_t n, toc_time at)
{
	const uint64_t need = (uint64_t)n + TOC_RECORD_HEAD;
	bool fits = n <= TOC_RECORD_MOST && need <= s->config.bytes;
	while (fits && s->n && (bytes_of(s) + need > s->config.bytes || s->n == SEGMENTS)) {
		fits = drop_oldest(s);
		s->count.overwritten += fits;
	}
	struct kept *into = fits ? place(s, need, at) : NULL;
	if (!into || !toc_segment_append(&into->segment, bson, n)) {
		s->count.refused++;
		return false;
	}
	into->last = at > into->last ? at : into->last;
	s->end = into->segment.base + into->segment.size;
	s->count.records++;
	s->count.bytes += need;
	return true;
}

const struct spool_counters *spool_count(const struct spool *s)
{
	return &s->count;
}

/* false: `see` wants no more. */
static bool read_segment(const struct toc_segment *segment, uint8_t *buffer, uint64_t *bad,
			 bool (*see)(void *user, const uint8_t *bson, uint32_t n), void *user)
{
	uint64_t pos = segment->base, start;
	uint32_t n;
	while ((n = toc_segment_read(segment, &pos, &start, buffer, bad)) > 0)
		if (!see(user, buffer, n))
			return false;
	return true;
}

uint32_t spool_next(struct spool *s, uint64_t *pos, const uint8_t **bson)
{
	for (unsigned i = 0; i < s->n; i++) {
		const struct toc_segment *segment = &s->at[i].segment;
		uint64_t start;
		if (*pos >= segment->base + segment->size)
			continue;
		const uint32_t n = toc_segment_read(segment, pos, &start, s->buffer, &s->count.damaged);
		*bson = s->buffer;
		if (n)
			return n;
	}
	return 0;
}

static int by_name_down(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*b)->d_name, (*a)->d_name);
}

static int is_segment(const struct dirent *entry)
{
	uint64_t base;
	int64_t day;
	return toc_segment_parse(entry->d_name, &base, &day);
}

bool spool_read_folder(const char *folder, bool (*see)(void *user, const uint8_t *bson, uint32_t n), void *user)
{
	struct dirent **names = NULL;
	uint8_t *buffer = malloc(TOC_RECORD_MOST);
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int n = dir < 0 ? -1 : scandirat(dir, ".", &names, is_segment, by_name_down);
	bool more = buffer != NULL;
	for (int i = 0; i < n; i++) {
		struct toc_segment segment = { .fd = openat(dir, names[i]->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) };
		struct stat st;
		uint64_t bad = 0;
		if (more && segment.fd >= 0 && fstat(segment.fd, &st) == 0) {
			segment.size = (uint64_t)st.st_size;
			more = read_segment(&segment, buffer, &bad, see, user);
		}
		if (segment.fd >= 0)
			close(segment.fd);
		free(names[i]);
	}
	free(names);
	free(buffer);
	const int why = errno;
	if (dir >= 0)
		close(dir);
	errno = why;
	return n >= 0;
}
