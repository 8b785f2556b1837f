/* journal - segments in a folder, a cursor file, one writer and one reader. */
#define _GNU_SOURCE
#include "deliver/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc.h"
#include "base/log.h"
#include "deliver/heads.h"
#include "deliver/record.h"
#include "deliver/segment.h"

enum { SEGMENTS = 4096, SEGMENT_MOST = 64 << 20, GUESTS = 8 };

struct toc_journal {
	struct toc_journal_config config;
	size_t segment_most; /* a small part of the cap: only whole segments make room */
	int folder, lock, cursor_fd, event;
	pthread_mutex_t guard; /* of segments and nsegments: the writer adds and removes, the reader reads */
	struct toc_segment segments[SEGMENTS];
	unsigned nsegments;
	_Atomic uint64_t cursor, end; /* end: behind the last record, for who must not make the writer wait */
	uint64_t identity;
	struct toc_journal_counters count;
	uint8_t *buffer; /* the reader's */
	struct toc_heads *heads;
};

static int by_base(const void *a, const void *b)
{
	const struct toc_segment *x = a, *y = b;
	return x->base < y->base ? -1 : x->base > y->base;
}

static bool say(char *err, size_t n, const char *folder, const char *what)
{
	snprintf(err, n, "journal %s: %s", folder, what);
	return false;
}

static bool open_folder(struct toc_journal *j, char *err, size_t n)
{
	const char *path = j->config.folder;
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return say(err, n, path, strerror(errno));
	j->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (j->folder < 0)
		return say(err, n, path, strerror(errno));
	j->lock = openat(j->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (j->lock < 0)
		return say(err, n, path, strerror(errno));
	if (flock(j->lock, LOCK_EX | LOCK_NB) != 0)
		return say(err, n, path, "another tocsin works on it; stop that one, or set another state folder");
	return true;
}

static bool segment_path(const struct toc_journal *j, const char *name, char path[TOC_ASK_MOST])
{
	int n = snprintf(path, TOC_ASK_MOST, "%s/%s", j->config.folder, name);
	errno = ENAMETOOLONG;
	return n < TOC_ASK_MOST;
}

static bool add_segment(struct toc_journal *j, const char *name, uint64_t base, int64_t day)
{
	struct stat st;
	char path[TOC_ASK_MOST];
	int fd = segment_path(j, name, path) ? toc_open(j->config.opener, TOC_ASK_SEGMENT, path) : -1;
	if (fd < 0 || fstat(fd, &st) != 0) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	j->segments[j->nsegments++] = (struct toc_segment){ base, (uint64_t)st.st_size, day, fd };
	return true;
}

static bool find_segments(struct toc_journal *j, char *err, size_t n)
{
	DIR *dir = fdopendir(dup(j->folder));
	struct dirent *entry;
	if (!dir)
		return say(err, n, j->config.folder, strerror(errno));
	while ((entry = readdir(dir))) {
		uint64_t base;
		int64_t day;
		if (toc_segment_parse(entry->d_name, &base, &day) && j->nsegments < SEGMENTS &&
		    !add_segment(j, entry->d_name, base, day)) {
			toc_warn("journal %s: %s is left out, and what it may hold is not delivered (%s); a segment is a file of the sensor's user with one name",
				 j->config.folder, entry->d_name, strerror(errno));
			j->count.bad_records++;
		}
	}
	closedir(dir);
	qsort(j->segments, j->nsegments, sizeof(j->segments[0]), by_base);
	return true;
}

static uint64_t end_of(const struct toc_journal *j)
{
	return j->nsegments ? j->segments[j->nsegments - 1].base + j->segments[j->nsegments - 1].size : 0;
}

/* kill -9 may have left half a record behind the last whole one: cut it off, so that the next starts clean. What the
 * last segment holds came after the heads were written. */
static void read_last(struct toc_journal *j)
{
	if (!j->nsegments)
		return;
	struct toc_segment *last = &j->segments[j->nsegments - 1];
	uint64_t pos = last->base, end = last->base, start, bad = 0;
	for (uint32_t n; (n = toc_segment_read(last, &pos, &start, j->buffer, &bad)) > 0; end = pos)
		toc_heads_note(j->heads, toc_span_of(j->buffer, n));
	end -= last->base;
	if (end < last->size && ftruncate(last->fd, (off_t)end) == 0) {
		last->size = end;
		j->count.bad_records++;
	}
}

struct cursor_file {
	uint64_t pos;
	uint32_t crc, identity_crc;
	uint64_t identity;
};

static bool load_cursor(struct toc_journal *j)
{
	struct cursor_file c = { .pos = 0 };
	ssize_t n = pread(j->cursor_fd, &c, sizeof(c), 0);
	bool whole =
		n >= (ssize_t)offsetof(struct cursor_file, identity_crc) && c.crc == toc_crc32c(&c.pos, sizeof(c.pos));
	atomic_store(&j->cursor, whole ? c.pos : 0); /* a cursor that cannot be read means: deliver again */
	j->identity = c.identity;
	if (n == sizeof(c) && c.identity && c.identity_crc == toc_crc32c(&c.identity, sizeof(c.identity)))
		return true;
	return getentropy(&j->identity, sizeof(j->identity)) == 0 && toc_journal_set_cursor(j, atomic_load(&j->cursor));
}

struct toc_journal *toc_journal_open(const struct toc_journal_config *config, char *err, size_t err_size)
{
	struct toc_journal *j = calloc(1, sizeof(*j));
	if (!j) {
		say(err, err_size, config->folder, "out of memory");
		return NULL;
	}
	j->config = *config;
	j->config.bytes = config->bytes ? config->bytes : (size_t)1 << 30;
	j->segment_most = j->config.bytes / 16 < SEGMENT_MOST ? j->config.bytes / 16 : SEGMENT_MOST;
	j->config.days = config->days ? config->days : 30;
	j->config.opener = config->opener ? config->opener : &toc_opener_self;
	j->folder = j->lock = j->cursor_fd = j->event = -1;
	pthread_mutex_init(&j->guard, NULL);
	j->buffer = malloc(TOC_RECORD_MOST);
	j->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!j->buffer || j->event < 0)
		say(err, err_size, config->folder, "out of memory or descriptors");
	else if (open_folder(j, err, err_size) && find_segments(j, err, err_size)) {
		j->heads = toc_heads_open(j->folder);
		read_last(j);
		atomic_store(&j->end, end_of(j));
		j->cursor_fd = openat(j->folder, "cursor", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (j->cursor_fd >= 0 && load_cursor(j))
			return j;
		say(err, err_size, config->folder, strerror(errno));
	}
	toc_journal_close(j);
	return NULL;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void toc_journal_close(struct toc_journal *j)
{
	if (!j)
		return;
	for (unsigned i = 0; i < j->nsegments; i++)
		close(j->segments[i].fd);
	close_if_open(j->cursor_fd);
	close_if_open(j->event);
	close_if_open(j->lock);
	close_if_open(j->folder);
	pthread_mutex_destroy(&j->guard);
	toc_heads_free(j->heads);
	free(j->buffer);
	free(j);
}

static uint64_t bytes_of(const struct toc_journal *j)
{
	return j->nsegments ? end_of(j) - j->segments[0].base : 0;
}

/* Delivered segments that are too old, or in the way of new records, go; the last one stays. */
static void expire(struct toc_journal *j, int64_t today, size_t need, size_t limit)
{
	uint64_t cursor = atomic_load(&j->cursor);
	while (j->nsegments > 1 && j->segments[1].base <= cursor) {
		char name[64], path[TOC_ASK_MOST];
		bool old = j->segments[0].day + (int64_t)j->config.days < today;
		if (!old && bytes_of(j) + need <= limit && j->nsegments < SEGMENTS)
			return;
		toc_segment_name(j->segments[0].base, j->segments[0].day, name);
		if (!segment_path(j, name, path) || toc_open(j->config.opener, TOC_ASK_REMOVE, path) < 0)
			return;
		close(j->segments[0].fd);
		memmove(&j->segments[0], &j->segments[1], --j->nsegments * sizeof(j->segments[0]));
	}
}

unsigned toc_journal_share(unsigned severity, enum toc_alert_state state)
{
	static const unsigned by_severity[] = { 80, 80, 88, 94 };
	if (severity < sizeof(by_severity) / sizeof(by_severity[0]))
		return by_severity[severity];
	return state == TOC_ALERT_UPDATE ? 97 : 100;
}

/* What stands at the name of a segment and is none: a link, a folder, a file of somebody else. */
static bool is_guest(int error)
{
	return error == EPERM || error == EACCES || error == ELOOP || error == EISDIR;
}

/*
 * A new last segment. Where a guest has its name the next position is as good: there may be gaps. Not before the cursor,
 * which a segment that was left out may have had: it would count as delivered. NULL: errno.
 */
static struct toc_segment *next_segment(struct toc_journal *j, int64_t day)
{
	const uint64_t end = end_of(j), cursor = atomic_load(&j->cursor), base = end < cursor ? cursor : end;
	char name[64];
	for (unsigned i = 0; i < GUESTS; i++) {
		toc_segment_name(base + i, day, name);
		if (add_segment(j, name, base + i, day))
			return &j->segments[j->nsegments - 1];
		if (!is_guest(errno))
			break;
	}
	return NULL;
}

/* The segment that takes the next record of that day; NULL: errno. */
static struct toc_segment *segment_for(struct toc_journal *j, const struct toc_alert *alert, size_t need)
{
	const int64_t day = alert->at / TOC_DAY;
	const size_t limit = j->config.bytes / 100 * toc_journal_share(alert->severity, alert->state);
	struct toc_segment *last = j->nsegments ? &j->segments[j->nsegments - 1] : NULL;
	if (!last || last->day < day || last->size + need > j->segment_most || bytes_of(j) + need > limit)
		expire(j, day, need, limit);
	if (bytes_of(j) + need > limit) {
		errno = EDQUOT;
		return NULL;
	}
	last = j->nsegments ? &j->segments[j->nsegments - 1] : NULL;
	if (last && last->day >= day && last->size + need <= j->segment_most && end_of(j) >= atomic_load(&j->cursor))
		return last;
	if (j->nsegments == SEGMENTS) {
		errno = EDQUOT;
		return NULL;
	}
	toc_heads_write(j->heads); /* what comes next is read again at a start; what was before is not */
	return next_segment(j, day);
}

/* Locks; true: the reader had it. It looks for a segment then, and waits for nobody. */
static bool wait_for_reader(struct toc_journal *j)
{
	if (pthread_mutex_trylock(&j->guard) == 0)
		return false;
	pthread_mutex_lock(&j->guard);
	return true;
}

bool toc_journal_append_record(struct toc_journal *j, const struct toc_alert *alert, struct toc_span record)
{
	uint64_t one = 1;
	bool ok = false;
	errno = EMSGSIZE;
	if (record.n) {
		j->count.waits += wait_for_reader(j);
		struct toc_segment *s = segment_for(j, alert, TOC_RECORD_HEAD + record.n);
		ok = s && toc_segment_append(s, record.p, (uint32_t)record.n);
		atomic_store(&j->end, end_of(j));
		j->count.bytes = bytes_of(j);
		j->count.segments = j->nsegments;
		pthread_mutex_unlock(&j->guard);
	}
	if (ok) {
		j->count.appended++;
		toc_heads_note(j->heads, record);
	} else {
		j->count.refused++;
	}
	return ok && (write(j->event, &one, sizeof(one)) >= 0 || errno == EAGAIN);
}

bool toc_journal_append(struct toc_journal *j, const struct toc_alert *alert)
{
	struct toc_record *record = toc_record_new(alert);
	bool ok = toc_journal_append_record(j, alert, toc_record_bytes(record));
	int why = errno;
	toc_record_free(record);
	errno = why;
	return ok;
}

static bool segment_behind(struct toc_journal *j, toc_journal_pos pos, struct toc_segment *out)
{
	bool found = false;
	if (pos >= atomic_load(&j->end))
		return false;
	pthread_mutex_lock(&j->guard);
	for (unsigned i = 0; i < j->nsegments && !found; i++) {
		*out = j->segments[i];
		found = out->base + out->size > pos;
	}
	pthread_mutex_unlock(&j->guard);
	return found;
}

/* The disk is read without the lock: only what is before the cursor is removed, and the writer must not wait for it. */
bool toc_journal_read(struct toc_journal *j, toc_journal_pos *pos, struct toc_journal_record *out)
{
	uint32_t n = 0;
	struct toc_segment s;
	while (!n && segment_behind(j, *pos, &s)) {
		memset(out, 0, sizeof(*out));
		n = toc_segment_read(&s, pos, &out->pos, j->buffer, &j->count.bad_records);
		if (n && !toc_record_read(j->buffer, n, out)) {
			j->count.bad_records++;
			n = 0;
		}
	}
	out->next = *pos;
	return n != 0;
}

toc_journal_pos toc_journal_cursor(const struct toc_journal *j)
{
	return atomic_load(&j->cursor);
}

bool toc_journal_set_cursor(struct toc_journal *j, toc_journal_pos pos)
{
	const struct cursor_file c = { .pos = pos,
				       .crc = toc_crc32c(&pos, sizeof(pos)),
				       .identity = j->identity,
				       .identity_crc = toc_crc32c(&j->identity, sizeof(j->identity)) };
	atomic_store(&j->cursor, pos);
	return pwrite(j->cursor_fd, &c, sizeof(c), 0) == sizeof(c);
}

uint64_t toc_journal_identity(const struct toc_journal *j)
{
	return j->identity;
}

toc_journal_pos toc_journal_end(struct toc_journal *j)
{
	return atomic_load(&j->end);
}

void toc_journal_heads(const struct toc_journal *j, toc_journal_head each, void *user)
{
	toc_heads_each(j->heads, each, user);
}

int toc_journal_event_fd(const struct toc_journal *j)
{
	return j->event;
}

const struct toc_journal_counters *toc_journal_count(const struct toc_journal *j)
{
	return &j->count;
}

/* What the journal cannot keep is told on the second path, the sensor's own log: who, not what. */
static bool take(void *self, const struct toc_alert *alert)
{
	if (toc_journal_append(self, alert))
		return true;
	toc_error("the journal did not take alert %s revision %u (rule %s, severity %u): %s", alert->id,
		  alert->revision, alert->rule, alert->severity,
		  errno == EDQUOT ? "it is full; is Redis away? See deliver.journal_mb" : strerror(errno));
	return false;
}

const struct toc_outlet toc_outlet_journal = { "journal", take };
