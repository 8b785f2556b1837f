/* follow - a log file as it grows: from its present end on, or where the last run stood, across rotation and
 * truncation. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "receive/source.h"

struct followed {
	struct source source;
	int file; /* -1: not there at present */
	ino_t inode;
	dev_t device;
	off_t at, whole; /* read up to there; and up to the end of the last whole line */
	uint64_t head;	 /* hash of the first bytes, at most HEAD */
	unsigned nhead;	 /* of how many */
	bool remembers;	 /* the next run goes on */
	toc_time looked; /* when the name was looked at last */
	struct toc_framing *lines;
};

enum { HEAD = 64 };

static const toc_time name_every = 100 * TOC_MS;

struct giving {
	struct receiving_env *env;
	struct followed *f;
};

static void give(void *user, struct toc_span text, bool truncated)
{
	struct giving *g = user;
	const struct source *s = &g->f->source;
	source_line(g->env, s, text, truncated, NULL,
		    senders_find(&g->env->senders, NULL, s->listener, s->hint, g->env->now));
}

/* A file that begins with a digit must not be taken for counted octets: a line end in front decides it. */
static struct toc_framing *new_lines(const struct followed *f)
{
	struct toc_framing *lines = toc_framing_new(f->source.listener->max_line);
	if (!lines)
		abort();
	toc_framing_feed(lines, toc_span_str("\n"), false, NULL, NULL);
	return lines;
}

/* The regular file that has the name now; -1: none, errno tells. */
static int open_named(struct receiving_env *env, const struct followed *f, struct stat *st)
{
	int fd = toc_open(env->opener, TOC_ASK_READ, f->source.listener->address);
	if (fd < 0 || (fstat(fd, st) == 0 && S_ISREG(st->st_mode)))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

static void adopt(struct followed *f, int fd, const struct stat *st, bool at_end)
{
	f->file = fd;
	f->inode = st->st_ino;
	f->device = st->st_dev;
	f->at = f->whole = at_end ? st->st_size : 0;
	f->nhead = 0;
}

/* Hash of the first n bytes; 0: there are not so many. */
static uint64_t head_of(int fd, size_t n)
{
	uint8_t bytes[HEAD];
	return pread(fd, bytes, n, 0) == (ssize_t)n ? toc_hash_fixed(bytes, n) : 0;
}

static void note_head(struct followed *f)
{
	if (f->file < 0 || f->nhead == HEAD || f->whole <= f->nhead)
		return;
	f->nhead = f->whole < HEAD ? (unsigned)f->whole : HEAD;
	f->head = head_of(f->file, f->nhead);
}

static bool read_once(struct receiving_env *env, struct followed *f)
{
	struct giving g = { env, f };
	ssize_t n = f->file >= 0 ? pread(f->file, env->buffer, RECEIVE_BUFFER, f->at) : -1;
	if (n <= 0)
		return false;
	const uint8_t *end = memrchr(env->buffer, '\n', (size_t)n);
	f->whole = end ? f->at + (end + 1 - env->buffer) : f->whole;
	f->at += n;
	toc_framing_feed(f->lines, toc_span_of(env->buffer, (size_t)n), false, give, &g);
	return true;
}

/* All that is there. goes_on: what has no end yet is left to the next run. */
static void end_of_file(struct receiving_env *env, struct followed *f, bool goes_on)
{
	struct giving g = { env, f };
	while (read_once(env, f))
		;
	note_head(f);
	if (!goes_on)
		toc_framing_feed(f->lines, toc_span_str(""), true, give, &g);
	if (f->file >= 0)
		close(f->file);
	f->file = -1;
}

/* Another file under the name: the old one is read to its end first. */
static void look_at_name(struct receiving_env *env, struct followed *f)
{
	struct stat st;
	int fd = open_named(env, f, &st);
	if (fd < 0)
		return; /* between two rotations: the open file may still grow */
	if (f->file >= 0 && st.st_ino == f->inode && st.st_dev == f->device) {
		close(fd);
		return;
	}
	if (f->file >= 0)
		end_of_file(env, f, false);
	adopt(f, fd, &st, false);
}

static void look(struct receiving_env *env, struct source *s)
{
	struct followed *f = (struct followed *)s;
	struct stat st;
	for (unsigned turn = 0; turn < RECEIVE_TURN && read_once(env, f); turn++)
		;
	if (f->file >= 0 && fstat(f->file, &st) == 0 && st.st_size < f->at)
		f->at = f->whole = f->nhead = 0; /* it was cut to nothing, or written anew */
	note_head(f);
	if (env->now >= f->looked && env->now - f->looked < name_every)
		return;
	f->looked = env->now;
	look_at_name(env, f);
}

static void drain(struct receiving_env *env, struct source *s, bool last)
{
	if (s->dead || !last)
		return;
	struct followed *f = (struct followed *)s;
	f->looked = 0;
	look(env, s);
	end_of_file(env, f, f->remembers);
	s->drain = NULL; /* opened again, it would be read again */
	s->tick = NULL;
}

static void free_source(struct source *s)
{
	struct followed *f = (struct followed *)s;
	if (f->file >= 0)
		close(f->file);
	toc_framing_free(f->lines);
	free(f);
}

/* Is that file, in which the last run had read so far, the one that is open here? */
static bool is_same(int fd, const struct stat *st, const struct toc_followed *p)
{
	const size_t n = p->at < HEAD ? (size_t)p->at : HEAD;
	return st->st_dev == p->device && st->st_ino == p->inode && (uint64_t)st->st_size >= p->at &&
	       (!n || head_of(fd, n) == p->head);
}

/* The name has another file now: the old one may have the next number. true: it is open, and stands there. */
static bool resume_rotated(struct receiving_env *env, struct followed *f, const struct toc_followed *p)
{
	char path[TOC_ASK_MOST];
	struct stat st;
	if (snprintf(path, sizeof(path), "%s.1", p->path) >= (int)sizeof(path))
		return false;
	int fd = toc_open(env->opener, TOC_ASK_READ, path);
	const bool same = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && is_same(fd, &st, p);
	if (!same && fd >= 0)
		close(fd);
	if (!same)
		return false;
	if (f->file >= 0)
		close(f->file); /* it is opened by its name, once this one is read */
	adopt(f, fd, &st, false);
	f->at = f->whole = (off_t)p->at;
	return true;
}

bool file_resume(struct receiving_env *env, struct source *s, const struct toc_followed *place)
{
	struct followed *f = (struct followed *)s;
	struct stat st;
	if (s->listener->kind != TOC_LISTEN_FILE)
		return false;
	f->remembers = true;
	if (!place)
		return true;
	const bool same = f->file >= 0 && fstat(f->file, &st) == 0 && is_same(f->file, &st, place);
	if (same)
		f->at = f->whole = (off_t)place->at;
	else if (!resume_rotated(env, f, place))
		f->at = f->whole = 0;
	return true;
}

bool file_place(const struct source *s, struct toc_followed *out)
{
	const struct followed *f = (const struct followed *)s;
	if (s->listener->kind != TOC_LISTEN_FILE || !f->inode)
		return false;
	*out = (struct toc_followed){ s->listener->address, f->device, f->inode, (uint64_t)f->whole,
				      f->nhead ? f->head : 0 };
	return true;
}

struct source *file_open(struct receiving_env *env, const struct toc_listener *l, uint32_t hint, char *err, size_t n)
{
	struct followed *f = calloc(1, sizeof(*f));
	struct stat st;
	if (!f)
		abort();
	f->file = -1;
	f->source = (struct source){
		.fd = -1, .hint = hint, .listener = l, .tick = look, .drain = drain, .free = free_source
	};
	f->lines = new_lines(f);
	int fd = open_named(env, f, &st), why = errno;
	if (fd >= 0)
		adopt(f, fd, &st, true);
	f->looked = env->now;
	if ((fd >= 0 || why == ENOENT) && source_add(env, &f->source))
		return &f->source;
	errno = fd < 0 ? why : errno;
	snprintf(err, n, "syslog file %s: %s; it must be a file that this user can read", l->address, strerror(errno));
	free_source(&f->source);
	return NULL;
}
