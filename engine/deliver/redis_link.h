/* redis_link - one connection to a Redis server: bytes out, replies in, never blocking but in poll(2). */
#ifndef DELIVER_REDIS_LINK_H
#define DELIVER_REDIS_LINK_H

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/opener.h"
#include "deliver/redis_tls.h"

enum { TOC_USER_MOST = 127, TOC_PASSWORD_MOST = 255 };

enum { TOC_REDIS_NODES = 16 };

/* A host and its port; "" = none. */
struct toc_redis_node {
	char host[256];
	unsigned port;
};

/* A URL's parts; strings are owned by the struct. */
struct toc_redis_address {
	char master[64]; /* what the Sentinels call it; empty: there are none */
	struct toc_redis_node sentinels[TOC_REDIS_NODES];
	unsigned nsentinels;
	char path[108]; /* unix socket, or empty */
	char host[256], user[TOC_USER_MOST + 1], password[TOC_PASSWORD_MOST + 1];
	unsigned port, db;
	bool tls;
};

/*
 * unix:///path[?db=N], redis://[user[:password]@]host[:port][/db], rediss:// for TLS,
 * sentinel://host[:port][,host[:port]…]/MASTER[/db], sentinels:// for TLS. false: err tells.
 */
bool toc_redis_address_parse(const char *url, struct toc_redis_address *out, char *err, size_t err_size);

/* "host:port", "[2001:db8::1]:port", "host"; false: it is none. */
bool toc_redis_node_parse(const char *text, size_t n, unsigned usual_port, struct toc_redis_node *out);

/* Where to connect, as TOC_ASK_CONNECT takes it. */
void toc_redis_node_endpoint(const struct toc_redis_node *node, char out[TOC_ASK_MOST]);
void toc_redis_endpoint(const struct toc_redis_address *a, char out[TOC_ASK_MOST]);

struct toc_redis_link {
	int fd; /* -1 = closed */
	bool connecting;
	redisReader *reader;
	size_t reply_most; /* bytes of an answer that are not read out yet; a server that says more is not a server */
	uint64_t received; /* bytes, of all its connections */
	char *out;	   /* what is still to be sent */
	size_t out_at, out_n, out_room;
	size_t fence;			 /* bytes of out that may be sent: what is behind it waits for a word */
	SSL_CTX *tls_context;		 /* NULL: no TLS; the link owns it */
	char host[256];			 /* whose certificate it must be */
	SSL *tls;			 /* of the connection that stands */
	bool tls_reads;			 /* it can write only when it has read */
	char words[256];		 /* what TLS says */
	size_t part;			 /* bytes of a reply that is not whole yet which the reader has taken in */
	redisReplyObjectFunctions makes; /* the reader's, but for lists */
};

void toc_redis_link_init(struct toc_redis_link *l);
/* Starts connecting; false: errno. */
bool toc_redis_link_open(struct toc_redis_link *l, const struct toc_opener *opener, const char *endpoint);
void toc_redis_link_close(struct toc_redis_link *l);
void toc_redis_link_free(struct toc_redis_link *l);

/* Queues a command of n arguments. false: no memory. */
bool toc_redis_link_put(struct toc_redis_link *l, int argc, const char **argv, const size_t *lengths);

/* What is queued from now on is held back, until it is let go. held: its bytes. */
void toc_redis_link_hold(struct toc_redis_link *l);
void toc_redis_link_let_go(struct toc_redis_link *l);
size_t toc_redis_link_held(const struct toc_redis_link *l);

/*
 * Sends and receives what can be without waiting longer than timeout_ms. false: the connection is gone or the server
 * talks nonsense; *why has the words (valid until the next step).
 */
bool toc_redis_link_step(struct toc_redis_link *l, int timeout_ms, const char **why);

/* The next whole reply (caller frees it with freeReplyObject), or NULL; *broken: what came is no RESP. A list is taken
 * in as it comes, so `part` must be held against what a reply may have; one of more than 65,536 is no RESP to us. */
redisReply *toc_redis_link_reply(struct toc_redis_link *l, bool *broken);

#endif
