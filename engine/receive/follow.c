/* follow - a log file as it grows: from its present end on, across rotation and truncation. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "receive/source.h"

struct followed {
	struct source source;
	int file; /* -1: not there at present */
	ino_t inode;
	dev_t device;
	off_t at;
	toc_time looked; /* when the name was looked at last */
	struct toc_framing *lines;
};

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
	f->at = at_end ? st->st_size : 0;
}

static bool read_once(struct receiving_env *env, struct followed *f)
{
	struct giving g = { env, f };
	ssize_t n = f->file >= 0 ? pread(f->file, env->buffer, RECEIVE_BUFFER, f->at) : -1;
	if (n <= 0)
		return false;
	f->at += n;
	toc_framing_feed(f->lines, toc_span_of(env->buffer, (size_t)n), false, give, &g);
	return true;
}

static void end_of_file(struct receiving_env *env, struct followed *f)
{
	struct giving g = { env, f };
	while (read_once(env, f))
		;
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
		end_of_file(env, f);
	adopt(f, fd, &st, false);
}

static void look(struct receiving_env *env, struct source *s)
{
	struct followed *f = (struct followed *)s;
	struct stat st;
	for (unsigned turn = 0; turn < RECEIVE_TURN && read_once(env, f); turn++)
		;
	if (f->file >= 0 && fstat(f->file, &st) == 0 && st.st_size < f->at)
		f->at = 0; /* it was cut to nothing, or written anew */
	if (env->now >= f->looked && env->now - f->looked < name_every)
		return;
	f->looked = env->now;
	look_at_name(env, f);
}

static void drain(struct receiving_env *env, struct source *s, bool last)
{
	if (s->dead || !last)
		return;
	((struct followed *)s)->looked = 0;
	look(env, s);
	end_of_file(env, (struct followed *)s);
	s->dead = true; /* opened again, it would be read again */
}

static void free_source(struct source *s)
{
	struct followed *f = (struct followed *)s;
	if (f->file >= 0)
		close(f->file);
	toc_framing_free(f->lines);
	free(f);
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
