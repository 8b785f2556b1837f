/* watch - events become bits: which file it was is known by its number's low bits, and a look too many does no harm. */
#define _GNU_SOURCE
#include "receive/watch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/log.h"

enum { BITS = sizeof(((struct watching *)0)->touched) * 8 };

static void take_event(struct watching *w, const struct inotify_event *e)
{
	if (e->mask & IN_Q_OVERFLOW) { /* what was not told may be anything */
		memset(w->touched, 0xff, sizeof(w->touched));
		w->names = true;
		return;
	}
	if (e->mask & IN_MODIFY)
		w->touched[(unsigned)e->wd % BITS / 64] |= 1ULL << (unsigned)e->wd % 64;
	else
		w->names = true;
}

static bool read_events(struct receiving_env *env, struct source *s)
{
	union {
		struct inotify_event first;
		char room[1 << 14];
	} got;
	ssize_t n = read(s->fd, &got, sizeof(got));
	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *e = (const struct inotify_event *)(got.room + at);
		take_event(&env->watching, e);
		at += (ssize_t)sizeof(*e) + e->len;
	}
	return n > 0;
}

static void tell_once(struct watching *w, const char *what, const char *why)
{
	if (!w->told)
		toc_info("%s cannot be watched by inotify (%s): such files are looked at 20 times a second", what, why);
	w->told = true;
}

void watch_begin(struct receiving_env *env)
{
	struct watching *w = &env->watching;
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = &w->source };
	if (w->begun)
		return;
	w->begun = true;
	w->source = (struct source){ .fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), .ready = read_events };
	if (w->source.fd >= 0 && epoll_ctl(env->epoll, EPOLL_CTL_ADD, w->source.fd, &ev) == 0)
		return;
	tell_once(w, "syslog files", strerror(errno));
	watch_end(env);
	w->begun = true;
}

void watch_end(struct receiving_env *env)
{
	struct watching *w = &env->watching;
	if (w->begun && w->source.fd >= 0)
		close(w->source.fd);
	w->source.fd = -1;
	w->begun = false;
}

static int ask(struct receiving_env *env, const char *path)
{
	char what[TOC_ASK_MOST];
	const int fd = env->watching.source.fd;
	if (fd < 0 || snprintf(what, sizeof(what), "%d %s", fd, path) >= (int)sizeof(what)) {
		errno = fd < 0 ? ENOSYS : ENAMETOOLONG;
		return -1;
	}
	return toc_open(env->opener, TOC_ASK_WATCH, what);
}

int watch_file(struct receiving_env *env, const char *path)
{
	int number = ask(env, path);
	if (number < 0 && errno != ENOENT)
		tell_once(&env->watching, path, strerror(errno));
	return number;
}

/* Where it is not there yet, the nearest one above it. */
bool watch_folder(struct receiving_env *env, const char *path)
{
	char folder[TOC_ASK_MOST];
	if (snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder))
		return false;
	for (;;) {
		if (ask(env, folder) >= 0)
			return true;
		char *slash = strrchr(folder, '/');
		if ((errno != ENOENT && errno != ENOTDIR) || !slash || strcmp(folder, "/") == 0)
			break;
		slash[slash == folder] = '\0';
	}
	tell_once(&env->watching, folder, strerror(errno));
	return false;
}

void watch_remove(struct receiving_env *env, int number)
{
	if (number >= 0 && env->watching.source.fd >= 0)
		inotify_rm_watch(env->watching.source.fd, number);
}

bool watch_touched(const struct receiving_env *env, int number)
{
	return env->watching.touched[(unsigned)number % BITS / 64] >> (unsigned)number % 64 & 1;
}

bool watch_names(const struct receiving_env *env)
{
	return env->watching.names;
}

void watch_turn_ends(struct receiving_env *env)
{
	if (!env->watching.begun)
		return;
	memset(env->watching.touched, 0, sizeof(env->watching.touched));
	env->watching.names = false;
}
