/* receive - log lines from sockets and files: UDP, TCP, unix, followed files; framing. */
#ifndef RECEIVE_RECEIVE_H
#define RECEIVE_RECEIVE_H

#include "base/opener.h"
#include "tocsin/addr.h"
#include "tocsin/time.h"

enum toc_listen_kind { TOC_LISTEN_UDP, TOC_LISTEN_TCP, TOC_LISTEN_UNIX, TOC_LISTEN_FILE };

/* One listener of the configuration. */
struct toc_listener {
	enum toc_listen_kind kind;
	const char *address; /* IP, or the path for unix and file */
	uint16_t port;
	size_t max_line;	  /* 0 = 65,536; longer lines are cut and marked */
	unsigned max_connections; /* 0 = 1,024 */
	toc_time idle;		  /* TCP: closed after; 0 = 10 min */
};

/* A line as it came off a socket: the callback may not keep it. `source_hint` = index of the listener. */
struct toc_received {
	struct toc_span text;
	toc_time at;
	struct toc_addr peer;
	bool has_peer, truncated;
	uint32_t source_hint;
};

/*
 * Takes a line; may wait for room: then nothing more is read, so a stream's sender waits with it (back-pressure) and
 * the kernel drops and counts datagrams. Datagrams and streams therefore belong into receivers, and threads, of their
 * own.
 */
struct toc_line_taker {
	void (*line)(struct toc_line_taker *self, const struct toc_received *r);
};

struct toc_receiver;

/*
 * Opens all listeners (they exist before any thread runs). hint: `source_hint` of the first; listeners are borrowed.
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

struct toc_receiver_counters {
	uint64_t lines, bytes, truncated, connections, refused, udp_dropped, framing_errors;
};
const struct toc_receiver_counters *toc_receiver_count(const struct toc_receiver *r);

/* The port that a listener really got (tests listen on port 0). */
uint16_t toc_receiver_port(const struct toc_receiver *r, unsigned listener);

/*
 * Framing of one TCP connection (RFC 6587): octet-counted or LF (also NUL), told by its first byte and then kept. Pure:
 * fed with bytes as they come, however cut. Returns false when the peer breaks the framing beyond recovery.
 */
struct toc_framing;
struct toc_framing *toc_framing_new(size_t max_line);
void toc_framing_free(struct toc_framing *f);
bool toc_framing_feed(struct toc_framing *f, struct toc_span bytes, bool end,
		      void (*line)(void *user, struct toc_span text, bool truncated), void *user);

#endif
