/* redis - the journal's reader that delivers: XADD in order, in pipelined transactions, again after every trouble. */
#ifndef DELIVER_REDIS_H
#define DELIVER_REDIS_H

#include "deliver/journal.h"
#include "deliver/redis_link.h"

struct toc_redis_config {
	const char *url;		    /* unix:///path, redis[s]://…, sentinel[s]://…: redis_link.h */
	const char *user, *password;	    /* NULL: those of the URL, if any */
	struct toc_redis_tls tls;	    /* files for rediss:// */
	const char *sensor;		    /* {tocsin}:pos:<sensor>, {tocsin}:health:<sensor> */
	const struct toc_redis_node *nodes; /* that a Sentinel or MOVED may send it to */
	unsigned nnodes;
	/* The sensor's state as one line of JSON, each health_every; NULL = not told. In the caller of step. */
	size_t (*health)(void *user, char *out, size_t room);
	void *health_user;
	toc_time health_every;
	const struct toc_opener *opener; /* connects; NULL = this process. Lives as long as the delivery */
};

struct toc_redis;

/* Parses the URL and reads the files of TLS; does not connect. NULL: err tells. Borrows the journal. Owned by the
 * caller. */
struct toc_redis *toc_redis_new(const struct toc_redis_config *config, struct toc_journal *journal, char *err,
				size_t err_size);

/*
 * One step of delivery: connects if need be (with back-off), sends what the journal has up to 100 records a
 * MULTI … SET {tocsin}:pos … EXEC, reads replies, moves the cursor. Blocks at most timeout_ms, in poll(2) only. `now` =
 * monotonic ns by the caller. Returns the number of records confirmed in this step, -1 while Redis is away.
 */
int toc_redis_step(struct toc_redis *r, int timeout_ms, toc_time now);

/* Everything in the journal is confirmed. */
bool toc_redis_idle(const struct toc_redis *r);

/* The last trouble in words, NULL when connected; and the endpoint that it concerns (empty: none was tried yet). */
const char *toc_redis_trouble(const struct toc_redis *r);
const char *toc_redis_place(const struct toc_redis *r);
void toc_redis_free(struct toc_redis *r);

struct toc_redis_counters {
	uint64_t sent, confirmed, resent, connects, errors;
	uint64_t unreplicated; /* urgent batches that no replica had within 100 ms */
};
const struct toc_redis_counters *toc_redis_count(const struct toc_redis *r);

#endif
