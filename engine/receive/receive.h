/* receive - log lines from sockets and files: UDP, TCP, TLS, RELP, unix, followed files; framing; who lost what. */
#ifndef RECEIVE_RECEIVE_H
#define RECEIVE_RECEIVE_H

#include "base/diag.h"
#include "base/opener.h"
#include "tocsin/addr.h"
#include "tocsin/time.h"

enum toc_listen_kind {
	TOC_LISTEN_UDP,
	TOC_LISTEN_TCP,
	TOC_LISTEN_UNIX,
	TOC_LISTEN_FILE,
	TOC_LISTEN_TLS,
	TOC_LISTEN_RELP,
	TOC_LISTEN_UNIX_STREAM,
	TOC_LISTEN_KINDS
};

/* Certificates of a listener, PEM files (RFC 5425, section 4.2). */
struct toc_listen_tls {
	const char *cert, *key;	  /* NULL: no TLS */
	const char *ca;		  /* who signs the clients' certificates; NULL: clients need none */
	const char *const *peers; /* names and fingerprints of clients, NULL-terminated; NULL: all that ca signed */
	struct toc_place at[3];	  /* of cert, key, ca in the configuration */
};

struct toc_listen_net {
	struct toc_addr net;
	unsigned prefix; /* 0 … 128; IPv4 counts from 96 */
};

/* One listener of the configuration. */
struct toc_listener {
	enum toc_listen_kind kind;
	const char *address; /* IP, or the path for unix and file; a file's may be a pattern as of glob(7) */
	uint16_t port;
	size_t max_line;	  /* 0 = 65,536; longer lines are cut and marked */
	unsigned max_connections; /* 0 = 1,024 */
	toc_time idle;		  /* streams: closed after; 0 = 10 min */
	unsigned max_per_sender;  /* connections of one address; 0 = max_connections */
	struct toc_listen_tls tls;
	const struct toc_listen_net *allow; /* who may send; NULL = everybody */
	unsigned nallow;
};

/* Does it take datagrams? Those have a thread of their own. */
static inline bool toc_listener_is_datagrams(const struct toc_listener *l)
{
	return l->kind == TOC_LISTEN_UDP || l->kind == TOC_LISTEN_UNIX;
}

/* Files of a pattern that one listener follows; those beyond are left out, and told. */
enum { TOC_FOLLOWED_MOST = 1024 };

/* May the path be one that a listener for files follows; may it be a folder on the way there? For who opens for it. */
bool toc_listener_follows(const struct toc_listener *l, const char *path);
bool toc_listener_searches(const struct toc_listener *l, const char *folder);

/* "tls 0.0.0.0:6514"; returns out. */
const char *toc_listener_name(const struct toc_listener *l, char *out, size_t n);

/* Are certificate, key and CA whole, and do they belong together? Mistakes go to diag, with their places. */
bool toc_listen_tls_check(const struct toc_listen_tls *t, const struct toc_opener *opener, struct toc_diag *diag);

/* May it stand in `peers`? NULL, or what is wrong. has_ca: names mean nothing without somebody who vouches for them. */
const char *toc_listen_peer_wrong(const char *peer, bool has_ca);

/* A line as it came off a socket: the callback may not keep it. `source_hint` = index of the listener. */
struct toc_received {
	struct toc_span text;
	toc_time at;
	struct toc_addr peer;
	bool has_peer, truncated;
	bool is_known; /* its sender is one of those who have their place */
	uint32_t source_hint;
};

/*
 * Takes a line; may wait for room: then nothing more is read, so a stream's sender waits with it (back-pressure) and
 * the kernel drops and counts datagrams. Datagrams and streams therefore belong into receivers, and threads, of their
 * own.
 */
struct toc_line_taker {
	void (*line)(struct toc_line_taker *self, const struct toc_received *r);
	bool (*room)(struct toc_line_taker *self); /* would it take a line without waiting? NULL = always */
};

struct toc_receiver;

/*
 * Opens all listeners (they exist before any thread runs). hint: `source_hint` of the first; what listeners point to is
 * borrowed.
 * opener opens files, again when they are rotated, and removes sockets' names at the end; it lives as long.
 * NULL: err tells which and what to do. Owned by the caller.
 */
struct toc_receiver *toc_receiver_new(const struct toc_listener *listeners, unsigned n, uint32_t hint,
				      struct toc_line_taker *taker, const struct toc_opener *opener, char *err,
				      size_t err_size);

/*
 * Waits up to timeout_ms and hands over what came, a bounded share of each source in turn. Returns the number of lines,
 * -1 on an unrecoverable error (in errno).
 */
int toc_receiver_poll(struct toc_receiver *r, int timeout_ms);

/* Stops accepting; hands over what the sockets still hold. For SIGTERM. */
void toc_receiver_drain(struct toc_receiver *r);
void toc_receiver_free(struct toc_receiver *r);

/* Why something did not arrive, or not whole (loss.def). */
enum toc_loss {
#define LOSS(name, text) TOC_LOSS_##name,
#include "receive/loss.def"
#undef LOSS
	TOC_LOSSES
};
const char *toc_loss_name(enum toc_loss loss); /* "FLOOD" */
const char *toc_loss_text(enum toc_loss loss);

struct toc_receiver_counters {
	uint64_t lines, bytes, truncated, connections, refused, udp_dropped, framing_errors;
	uint64_t lost[TOC_LOSSES];
	/* senders whose places others have now: how many, of these known ones; what they had given and lost */
	uint64_t senders_forgotten, known_forgotten, forgotten_lines, forgotten_lost;
	uint32_t senders_known, senders_strange; /* that have a place now */
};
const struct toc_receiver_counters *toc_receiver_count(const struct toc_receiver *r);

/* What one sender gave and lost; without an address: files, unix sockets, and what the kernel tells of a socket. */
struct toc_sender {
	struct toc_addr addr;
	uint32_t listener; /* with it the key: its source_hint */
	bool allowed;
	bool known; /* named in `allow`, or heard for long enough: strangers do not take its place (base/regulars.h) */
	toc_time first, last;
	uint64_t lines, bytes, lost[TOC_LOSSES];
	struct waiting_sender *waiting; /* its datagrams that could not be handed over yet; NULL = none */
	uint32_t interval, recent;	/* datagrams read in that interval of its socket's sieve */
	uint32_t turn, reads;		/* of its connections, together, in that turn */
	uint32_t connections;
	uint64_t told; /* of FLOOD and SIEVE, by toc_receiver_flooders */
};

/* Every sender that is remembered: known ones, then strangers, of each the longest silent one first. In any thread. */
void toc_receiver_senders(struct toc_receiver *r, void (*visit)(void *user, const struct toc_sender *s), void *user);

/* Of those only who lost lines since the last such call by sending more than their share, and how many. */
void toc_receiver_flooders(struct toc_receiver *r, void (*visit)(void *user, const struct toc_sender *s, uint64_t lost),
			   void *user);

/* One of them, while the receiver is held; NULL: not known (any more). */
const struct toc_sender *toc_receiver_sender(const struct toc_receiver *r, const struct toc_addr *addr,
					     uint32_t listener);

/* Holds the receiver still, for looking at what its taker owns. In any thread. */
void toc_receiver_lock(struct toc_receiver *r);
void toc_receiver_unlock(struct toc_receiver *r);

/*
 * Reads all certificates anew, for connections from now on, and lets in whom `allow` and `peers` of next name (by
 * source_hint; borrowed until the next such call): all of it or nothing. Connections of who is named no more are closed
 * and counted. In any thread.
 */
bool toc_receiver_reload(struct toc_receiver *r, const struct toc_listener *next, const struct toc_opener *opener,
			 struct toc_diag *diag);

/*
 * Where the reading of a followed file stands: behind the last whole line. Which file that is say device, inode and its
 * first bytes, as a name and an inode are given anew.
 */
struct toc_followed {
	const char *path;
	uint64_t device, inode, at, head;
};

/* Before the first poll: reading goes on there; where the file has another name PATH.1 by now, in that one first. A
 * file that is not the same any more begins at its first byte. From now on a last line without its end waits for the
 * next run. */
void toc_receiver_resume(struct toc_receiver *r, const struct toc_followed *places, unsigned n);

/* Of each file that has been read. In any thread. */
void toc_receiver_followed(struct toc_receiver *r, void (*visit)(void *user, const struct toc_followed *f), void *user);

/* The port that a listener really got (tests listen on port 0). */
uint16_t toc_receiver_port(const struct toc_receiver *r, unsigned listener);

/*
 * Framing of one stream (RFC 6587): octet-counted or LF (also NUL), told by its first byte and then kept; or a
 * journal's export, told by its first line, each record of which becomes the line of its JSON form. Pure: fed with
 * bytes as they come, however cut. Returns false when the peer breaks the framing beyond recovery.
 */
struct toc_framing;
struct toc_framing *toc_framing_new(size_t max_line);
void toc_framing_free(struct toc_framing *f);
bool toc_framing_feed(struct toc_framing *f, struct toc_span bytes, bool end,
		      void (*line)(void *user, struct toc_span text, bool truncated), void *user);

/* Does a message lie in it that is not whole yet, of a sender who counts octets? */
bool toc_framing_waits(const struct toc_framing *f);

/*
 * One session of RELP (the Reliable Event Logging Protocol, https://www.rsyslog.com/doc/relp.html), the server's side.
 * Pure: fed with bytes as they come, however cut. An answer follows the line that it acknowledges.
 */
struct toc_relp;
struct toc_relp_calls {
	void (*line)(void *user, struct toc_span text, bool truncated);
	void (*answer)(void *user, struct toc_span bytes); /* to be sent */
};
struct toc_relp *toc_relp_new(size_t max_line);
void toc_relp_free(struct toc_relp *r);
/* false: the peer breaks the protocol; what follows cannot be told apart. */
bool toc_relp_feed(struct toc_relp *r, struct toc_span bytes, const struct toc_relp_calls *calls, void *user);
bool toc_relp_closed(const struct toc_relp *r); /* the peer has said goodbye, and was answered */
bool toc_relp_waits(const struct toc_relp *r);	/* in the midst of a frame */
/* We go: what comes from now on is not taken, and so not acknowledged; its sender keeps it. */
void toc_relp_leave(struct toc_relp *r, const struct toc_relp_calls *calls, void *user);

#endif
