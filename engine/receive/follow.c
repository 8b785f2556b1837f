/* follow - a log file as it grows: from its present end on, across rotation and truncation. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
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
	struct toc_framing *lines;
};

struct giving {
	struct receiving_env *env;
	struct followed *f;
};

static void give(void *user, struct toc_span text, bool truncated)
{
	struct giving *g = user;
	source_line(g->env, &g->f->source, text, truncated, NULL);
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

static bool open_file(struct followed *f, bool at_end)
{
	struct stat st;
	f->file = open(f->source.listener->address, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (f->file < 0 || fstat(f->file, &st) != 0 || !S_ISREG(st.st_mode)) {
		if (f->file >= 0)
			close(f->file);
		f->file = -1;
		return false;
	}
	f->inode = st.st_ino;
	f->device = st.st_dev;
	f->at = at_end ? st.st_size : 0;
	return true;
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

/* Another file under the name: the old one is read to its end first. A shorter one: it was cut to nothing, or written
 * anew. */
static void look(struct receiving_env *env, struct source *s)
{
	struct followed *f = (struct followed *)s;
	struct stat st;
	for (unsigned turn = 0; turn < RECEIVE_TURN && read_once(env, f); turn++)
		;
	if (stat(s->listener->address, &st) != 0)
		return; /* between two rotations: the open file may still grow */
	if (f->file >= 0 && (st.st_ino != f->inode || st.st_dev != f->device))
		end_of_file(env, f);
	else if (f->file >= 0 && st.st_size < f->at)
		f->at = 0;
	if (f->file < 0)
		open_file(f, false);
}

static void drain(struct receiving_env *env, struct source *s)
{
	if (s->dead)
		return;
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
	if (!f)
		abort();
	f->source = (struct source){
		.fd = -1, .hint = hint, .listener = l, .tick = look, .drain = drain, .free = free_source
	};
	f->lines = new_lines(f);
	if ((open_file(f, true) || errno == ENOENT) && source_add(env, &f->source))
		return &f->source;
	snprintf(err, n, "syslog file %s: %s; it must be a file that this user can read", l->address, strerror(errno));
	free_source(&f->source);
	return NULL;
}
