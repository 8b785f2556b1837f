/* redis_state - what the delivery to Redis is made of; shared by redis.c, redis_batch.c and redis_reach.c only. */
#ifndef DELIVER_REDIS_STATE_H
#define DELIVER_REDIS_STATE_H

#include "deliver/redis.h"
#include "deliver/redis_link.h"
#include "deliver/refusal.h"

enum redis_stage { REDIS_AWAY, REDIS_FINDING, REDIS_GREETING, REDIS_IDLE, REDIS_UNDER_WAY, REDIS_TELLING };

/* One transaction: filled while the one before it is under way, sent when that has gone through. */
struct redis_batch {
	toc_journal_pos end; /* behind its last record */
	unsigned n;	     /* records */
	unsigned wanted;     /* replies */
	unsigned before;     /* replies before MULTI's: of ASKING */
	unsigned exec;	     /* which of them, from 1, is EXEC's; WAIT's comes after it */
	bool urgent;
	toc_time until; /* it is sent then at the latest */
};

struct toc_redis {
	struct toc_redis_config config; /* strings of it are the caller's */
	struct toc_redis_address address;
	char endpoint[TOC_ASK_MOST]; /* where the data goes at present */
	char pos_key[160], health_key[160];
	unsigned sentinel; /* to be asked next */
	bool found;	   /* a Sentinel, a MOVED or an ASK said where; good until the next trouble */
	bool asking;	   /* an ASK did: the slot is not that node's yet, and each command says that we know */
	unsigned
		moves; /* followed since something went through: nodes that send each other are not followed for ever */
	const struct toc_opener *opener;
	struct toc_journal *journal;
	struct toc_redis_link link;
	enum redis_stage stage;
	toc_journal_pos next;	  /* first record that is not confirmed */
	toc_journal_pos furthest; /* sent at least once up to here */
	struct redis_batch going, filling;
	struct redis_batch doubtful; /* sent, and nobody knows whether it was carried out; n is 0 where all is known */
	unsigned replies;  /* of the greeting or the transaction, so far */
	unsigned replicas; /* of the server, when it was greeted */
	/*
	 * A transaction was carried out in part (a stream's key is of another type): the server's position is ahead of
	 * what it holds. It is set back on the next connection, and records go one at a time until one goes through.
	 */
	bool partly;
	int wait_ms;
	toc_time retry_at, asked_at, health_at;
	bool health_refused;
	const struct toc_refusal *told; /* what this outage's last warning was about */
	bool warned;
	char trouble[384];
	struct toc_redis_counters count;
};

/* redis_batch.c: queues a command and counts the reply in *wanted; a and b NULL: fewer arguments. false: no memory. */
bool redis_command(struct toc_redis *r, unsigned *wanted, const char *a, const char *b, const char *c);
bool redis_put_position(struct toc_redis *r, unsigned *wanted, toc_journal_pos pos);
/* Puts records into `filling`, up to a batch; false: no memory. */
bool redis_fill(struct toc_redis *r, toc_time now);
/* It is full, or what is in it must not wait. */
bool redis_ripe(const struct toc_redis *r, toc_time now);
/* Ends it and sends it: `filling` becomes `going`. */
bool redis_send(struct toc_redis *r);

/* redis_reach.c: starts connecting to the server, or to a Sentinel that knows it. false: *why. */
bool redis_reach(struct toc_redis *r, const char **why);
/* A Sentinel's answer: where the master is. false: *why. */
bool redis_take_master(struct toc_redis *r, const redisReply *reply, const char **why);
/* Before what is asked of a node that ASK names: nothing, or ASKING. false: no memory. */
bool redis_asking(struct toc_redis *r, unsigned *wanted);
/* The server says MOVED or ASK: the next connection goes there. false: it says nothing of use, or leads where it may
 * not. */
bool redis_follow(struct toc_redis *r, const char *answer);

#endif
