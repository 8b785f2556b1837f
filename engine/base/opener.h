/* opener - who opens things for a stage: the process itself, or a keeper for a process that may open nothing. */
#ifndef BASE_OPENER_H
#define BASE_OPENER_H

enum toc_ask {
	TOC_ASK_READ,	 /* a file, for reading without waiting */
	TOC_ASK_FOLDER,	 /* the names in it but hidden ones, ascending, each with a NUL, folders with a `/` before it */
	TOC_ASK_SEGMENT, /* a file for reading and writing, made (mode 0600) if missing; ELOOP, EPERM: a link of either sort, no regular file, or of another user than this and the folder's */
	TOC_ASK_REMOVE,	 /* its name goes away */
	TOC_ASK_CONNECT, /* a stream socket to "unix:PATH" or "tcp:HOST:PORT", connecting and not waiting for it;
			  * "log:PATH": a datagram socket */
	TOC_ASK_WATCH,	 /* "FD PATH": the queue of inotify(7) that FD is, in both processes, tells of changes of that
			  * file, or of names that come into that folder; its number in the queue, > 0. EOPNOTSUPP: others
			  * than this machine may write there (NFS, SMB, FUSE), and nobody would tell */
	TOC_ASKS
};

enum { TOC_ASK_MOST = 1024 }; /* bytes of `what` with its NUL */

struct toc_opener {
	/* A descriptor (the caller's, close-on-exec), 0 for REMOVE, a number for WATCH; -1: errno tells. Any thread may
	 * ask. */
	int (*ask)(const struct toc_opener *self, enum toc_ask ask, const char *what);
};

/* The process opens by itself: replay, tests, a run without a keeper. */
extern const struct toc_opener toc_opener_self;

static inline int toc_open(const struct toc_opener *opener, enum toc_ask ask, const char *what)
{
	return opener->ask(opener, ask, what);
}

#endif
