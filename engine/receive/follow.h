/* follow - one log file as it grows: where the reading stands, and what its bytes become; private to receive/. */
#ifndef RECEIVE_FOLLOW_H
#define RECEIVE_FOLLOW_H

#include <sys/stat.h>

#include "receive/source.h"

struct followed {
	struct followed *next;
	const char *path; /* where it was seen last; the listener's own, or owned */
	int file;	  /* -1: closed at the end of the run */
	ino_t inode;
	dev_t device;
	off_t at, whole; /* read up to there; and up to the end of the last whole line */
	uint64_t head;	 /* hash of the first bytes, at most FOLLOWED_HEAD */
	unsigned nhead;	 /* of how many */
	int watch;	 /* inotify's number of it; -1: it is looked at in every turn */
	bool more;	 /* its end was not reached in the last turn */
	bool leaves;	 /* another file has its name: its rest is read, then it is closed */
	bool read_out;	 /* leaves: its end was reached once, the other file may be read */
	bool resumed;	 /* where the last run stood */
	toc_time grew;	 /* when it was found, or something came */
	unsigned seen;	 /* in which search by name */
	struct toc_framing *lines;
};

enum { FOLLOWED_HEAD = 64 };

/* The descriptor is its own from now on. */
struct followed *followed_new(const struct source *s, const char *path, int fd, const struct stat *st);
void followed_free(struct followed *f, const struct source *s);

/* What is there, at most `turns` reads; a file that was cut or written anew begins again. */
void followed_read(struct receiving_env *env, const struct source *s, struct followed *f, unsigned turns);

/* All that is there; goes_on: what has no end yet is left to the next run. It is closed. */
void followed_end(struct receiving_env *env, const struct source *s, struct followed *f, bool goes_on);

/* Is the open file that in which a run had read up to p? */
bool followed_is(int fd, const struct stat *st, const struct toc_followed *p);

#endif
