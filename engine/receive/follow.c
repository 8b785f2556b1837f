/* follow - reading by position; what an end without a line end is worth; is it still the same file. */
#define _GNU_SOURCE
#include "receive/follow.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"

struct giving {
	struct receiving_env *env;
	const struct source *s;
};

static void give(void *user, struct toc_span text, bool truncated)
{
	struct giving *g = user;
	const struct source *s = g->s;
	source_line(g->env, s, text, truncated, NULL,
		    senders_find(&g->env->senders, NULL, s->listener, s->hint, g->env->now));
}

/* A file that begins with a digit must not be taken for counted octets: a line end in front decides it. */
static struct toc_framing *new_lines(size_t max_line)
{
	struct toc_framing *lines = toc_framing_new(max_line);
	if (!lines)
		abort();
	toc_framing_feed(lines, toc_span_str("\n"), false, NULL, NULL);
	return lines;
}

struct followed *followed_new(const struct source *s, const char *path, int fd, const struct stat *st)
{
	struct followed *f = calloc(1, sizeof(*f));
	const char *own = s->listener->address;
	if (!f || !(f->path = strcmp(path, own) == 0 ? own : strdup(path)))
		abort();
	f->file = fd;
	f->watch = -1;
	f->inode = st->st_ino;
	f->device = st->st_dev;
	f->lines = new_lines(s->listener->max_line);
	return f;
}

void followed_free(struct followed *f, const struct source *s)
{
	if (f->file >= 0)
		close(f->file);
	if (f->path != s->listener->address)
		free((char *)f->path);
	toc_framing_free(f->lines);
	free(f);
}

/* Hash of the first n bytes; 0: there are not so many. */
static uint64_t head_of(int fd, size_t n)
{
	uint8_t bytes[FOLLOWED_HEAD];
	return pread(fd, bytes, n, 0) == (ssize_t)n ? toc_hash_fixed(bytes, n) : 0;
}

static void note_head(struct followed *f)
{
	if (f->nhead == FOLLOWED_HEAD || f->whole <= f->nhead)
		return;
	f->nhead = f->whole < FOLLOWED_HEAD ? (unsigned)f->whole : FOLLOWED_HEAD;
	f->head = head_of(f->file, f->nhead);
}

static bool read_once(struct receiving_env *env, const struct source *s, struct followed *f)
{
	struct giving g = { env, s };
	ssize_t n = f->file >= 0 ? pread(f->file, env->buffer, RECEIVE_BUFFER, f->at) : -1;
	if (n <= 0)
		return false;
	const uint8_t *end = memrchr(env->buffer, '\n', (size_t)n);
	f->whole = end ? f->at + (end + 1 - env->buffer) : f->whole;
	f->at += n;
	f->grew = env->now;
	toc_framing_feed(f->lines, toc_span_of(env->buffer, (size_t)n), false, give, &g);
	return true;
}

/* It was cut to nothing, or written anew: what has come of a last line is all that will come. */
static void begin_again(struct receiving_env *env, const struct source *s, struct followed *f)
{
	struct giving g = { env, s };
	struct stat st;
	if (f->file < 0 || fstat(f->file, &st) != 0 ||
	    (st.st_size >= f->at && (!f->nhead || head_of(f->file, f->nhead) == f->head)))
		return;
	toc_framing_feed(f->lines, toc_span_str(""), true, give, &g);
	f->at = f->whole = 0;
	f->nhead = 0;
}

void followed_read(struct receiving_env *env, const struct source *s, struct followed *f, unsigned turns)
{
	begin_again(env, s, f);
	f->more = true;
	for (unsigned turn = 0; turn < turns && f->more; turn++)
		f->more = read_once(env, s, f);
	note_head(f);
}

void followed_end(struct receiving_env *env, const struct source *s, struct followed *f, bool goes_on)
{
	struct giving g = { env, s };
	begin_again(env, s, f);
	while (read_once(env, s, f))
		;
	if (f->file >= 0)
		note_head(f);
	if (!goes_on)
		toc_framing_feed(f->lines, toc_span_str(""), true, give, &g);
	if (f->file >= 0)
		close(f->file);
	f->file = -1;
}

bool followed_is(int fd, const struct stat *st, const struct toc_followed *p)
{
	const size_t n = p->at < FOLLOWED_HEAD ? (size_t)p->at : FOLLOWED_HEAD;
	return st->st_dev == p->device && st->st_ino == p->inode && (uint64_t)st->st_size >= p->at &&
	       (!n || head_of(fd, n) == p->head);
}
