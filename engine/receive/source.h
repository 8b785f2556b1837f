/* source - one descriptor in the receiver's poll set; private to receive/. */
#ifndef RECEIVE_SOURCE_H
#define RECEIVE_SOURCE_H

#include <pthread.h>
#include <stdatomic.h>

#include "receive/senders.h"

struct source;
struct receiving_env;

enum { RECEIVE_BUFFER = 1 << 18, RECEIVE_TURN = 64 /* reads of one source in a turn */ };

struct source {
	int fd; /* -1: nothing to poll (followed files) */
	uint32_t hint;
	const struct toc_listener *listener;
	unsigned connections; /* TCP listener: open ones */
	struct source *prev, *next;
	bool dead; /* freed at the end of the turn */
	bool is_connection;
	bool reads, writes; /* what is waited for */
	unsigned turns;	    /* reads in a turn; 0 = RECEIVE_TURN */
	/* Reads a bounded share; true: there may be more at once. */
	bool (*ready)(struct receiving_env *env, struct source *s);
	void (*tick)(struct receiving_env *env, struct source *s); /* every turn; may be NULL */
	/* SIGTERM, twice: first nothing more is asked for, then what came until now is handed over. May be NULL. */
	void (*drain)(struct receiving_env *env, struct source *s, bool last);
	void (*free)(struct source *s);
};

/* inotify's queue (watch.h). */
struct watching {
	struct source source; /* not in the list */
	bool begun, told;
	bool names;	      /* there may be other names since the last turn */
	uint64_t touched[64]; /* a bit for each number, modulo their count: that file may have changed */
};

/* What every source works with. */
struct receiving_env {
	struct toc_line_taker *taker;
	const struct toc_opener *opener;
	struct toc_receiver_counters count;
	toc_time now; /* read once a batch */
	int epoll;
	struct source *sources; /* all, doubly linked */
	uint64_t lines;		/* handed over in this turn */
	uint32_t turn;
	uint8_t *buffer; /* shared by all sources of the thread */
	struct senders senders;
	struct watching watching;
	bool backlog;	      /* somebody has lines that wait for the taker, or a file has more: look again soon */
	pthread_mutex_t lock; /* held while it works, not while it waits */
	_Atomic unsigned
		wanted; /* others who wait for the lock: a mutex alone would let a busy receiver have it for ever */
};

/* Followed files: where they go on, and where they are; other listeners have none. */
void files_resume(struct receiving_env *env, struct source *s, const struct toc_followed *places, unsigned n);
void files_places(const struct source *s, void (*visit)(void *user, const struct toc_followed *f), void *user);

/* Adds to the poll set and the list; false: errno tells. */
bool source_add(struct receiving_env *env, struct source *s);
/* Changes what is waited for. */
void source_wait(struct receiving_env *env, struct source *s, bool reads, bool writes);
/* who: whose line it is, found by senders_find; peer: NULL where there is no address. */
void source_line(struct receiving_env *env, const struct source *s, struct toc_span text, bool truncated,
		 const struct toc_addr *peer, struct toc_sender *who);

/* The kinds; each opens its listener's source. NULL: err tells. */
struct source *udp_open(struct receiving_env *env, const struct toc_listener *l, uint32_t hint, char *err, size_t n);
struct source *unix_open(struct receiving_env *env, const struct toc_listener *l, uint32_t hint, char *err, size_t n);
struct source *stream_open(struct receiving_env *env, const struct toc_listener *l, uint32_t hint, char *err, size_t n);
struct source *files_open(struct receiving_env *env, const struct toc_listener *l, uint32_t hint, char *err, size_t n);

/* A bound socket of the listener's address or path; -1: err tells with the remedy. */
int bound_socket(const struct toc_listener *l, int type, char *err, size_t n);
/* Who sent; false: neither IPv4 nor IPv6 (a unix socket). */
struct sockaddr_storage;
bool socket_peer(const struct sockaddr_storage *from, struct toc_addr *out);
int bound_unix(const struct toc_listener *l, int type, char *err, size_t n);

/* A stream listener's certificates: in use by connections that come from now on. The old context is given back. */
struct ssl_ctx_st *stream_certificates(struct source *s, struct ssl_ctx_st *next);

#endif
