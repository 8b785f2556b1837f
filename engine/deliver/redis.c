/* redis - the delivery's states: away, greeting, idle, a batch under way. */
#include "deliver/redis.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "deliver/redis_link.h"

enum {
	BATCH = 100, /* records a transaction */
	BATCH_BYTES = 1 << 20,
	WAIT_FIRST_MS = 100, /* back-off: doubled up to the most */
	WAIT_MOST_MS = 5000,
	REPLY_MS = 10000 /* a server that is silent for longer with a batch under way is gone */
};

enum stage { AWAY, GREETING, IDLE, UNDER_WAY };

struct toc_redis {
	struct toc_redis_address address;
	char endpoint[TOC_ASK_MOST], pos_key[160];
	const struct toc_opener *opener;
	struct toc_journal *journal;
	struct toc_redis_link link;
	enum stage stage;
	toc_journal_pos next; /* first record that is not confirmed */
	toc_journal_pos batch_end;
	toc_journal_pos furthest; /* sent at least once up to here */
	unsigned batch;		  /* records under way */
	unsigned replies, wanted; /* of the greeting or the transaction */
	bool good;		  /* the transaction's replies so far */
	int wait_ms;
	toc_time retry_at, asked_at;
	bool warned;
	char trouble[256];
	struct toc_redis_counters count;
};

struct toc_redis *toc_redis_new(const struct toc_redis_config *config, struct toc_journal *journal, char *err,
				size_t err_size)
{
	struct toc_redis *r = calloc(1, sizeof(*r));
	if (!r || !toc_redis_address_parse(config->url, &r->address, err, err_size)) {
		free(r);
		return NULL;
	}
	toc_redis_endpoint(&r->address, r->endpoint);
	r->opener = config->opener ? config->opener : &toc_opener_self;
	snprintf(r->pos_key, sizeof(r->pos_key), "{tocsin}:pos:%s", config->sensor);
	r->journal = journal;
	r->next = toc_journal_cursor(journal);
	r->wait_ms = WAIT_FIRST_MS;
	snprintf(r->trouble, sizeof(r->trouble), "not connected yet");
	toc_redis_link_init(&r->link);
	return r;
}

void toc_redis_free(struct toc_redis *r)
{
	if (!r)
		return;
	toc_redis_link_free(&r->link);
	free(r);
}

/* Back to AWAY; one warning an outage. */
static int fail(struct toc_redis *r, const char *why, toc_time now)
{
	snprintf(r->trouble, sizeof(r->trouble), "%s", why);
	if (!r->warned)
		toc_warn("Redis is away (%s); alerts are kept in the journal and sent when it is back", r->trouble);
	r->warned = true;
	r->count.errors++;
	toc_redis_link_close(&r->link);
	r->stage = AWAY;
	r->retry_at = now + r->wait_ms * TOC_MS;
	r->wait_ms = r->wait_ms * 2 < WAIT_MOST_MS ? r->wait_ms * 2 : WAIT_MOST_MS;
	return -1;
}

static bool command(struct toc_redis *r, const char *a, const char *b, const char *c)
{
	const char *argv[3] = { a, b, c };
	r->wanted++;
	return toc_redis_link_put(&r->link, c ? 3 : b ? 2 : 1, argv, NULL);
}

/* Connects and asks, in one go, for a login, the database and how far this server has been told. */
static int greet(struct toc_redis *r, toc_time now)
{
	char db[16];
	bool ok = true;
	if (now < r->retry_at)
		return -1;
	if (!toc_redis_link_open(&r->link, r->opener, r->endpoint))
		return fail(r, strerror(errno), now);
	r->replies = r->wanted = 0;
	snprintf(db, sizeof(db), "%u", r->address.db);
	if (r->address.password[0])
		ok = r->address.user[0] ? command(r, "AUTH", r->address.user, r->address.password)
					: command(r, "AUTH", r->address.password, NULL);
	if (ok && r->address.db)
		ok = command(r, "SELECT", db, NULL);
	if (!ok || !command(r, "GET", r->pos_key, NULL))
		return fail(r, "out of memory", now);
	r->stage = GREETING;
	r->asked_at = now;
	return -1;
}

/*
 * The server's own position decides where to go on: it was set in the transaction that added the records. A server that
 * knows none (new, or emptied) is told from the journal's cursor on.
 */
static void take_position(struct toc_redis *r, const redisReply *reply)
{
	char *end = NULL;
	unsigned long long pos = reply->type == REDIS_REPLY_STRING ? strtoull(reply->str, &end, 10) : 0;
	bool known = end && end != reply->str && !*end && pos <= toc_journal_end(r->journal);
	r->next = known ? pos : toc_journal_cursor(r->journal);
	toc_journal_set_cursor(r->journal, r->next);
	r->stage = IDLE;
	r->count.connects++;
	r->wait_ms = WAIT_FIRST_MS;
	r->trouble[0] = '\0';
	if (r->warned)
		toc_info("Redis is back; alerts are being sent");
	r->warned = false;
}

static bool put_record(struct toc_redis *r, const struct toc_journal_record *rec, const char *route)
{
	static const char *const acts[] = { "create", "update", "close" };
	char stream[320], rev[16], sev[16];
	snprintf(stream, sizeof(stream), "{tocsin}:alerts:%s", route);
	snprintf(rev, sizeof(rev), "%u", rec->revision);
	snprintf(sev, sizeof(sev), "%u", rec->severity);
	const char *argv[] = { "XADD",
			       stream,
			       "*",
			       "v",
			       "1",
			       "id",
			       rec->id,
			       "rev",
			       rev,
			       "act",
			       acts[rec->state],
			       "sev",
			       sev,
			       "rule",
			       rec->rule,
			       "ev",
			       (const char *)rec->json.p };
	enum { N = sizeof(argv) / sizeof(argv[0]) };
	size_t lengths[N];
	for (int i = 0; i < N - 1; i++)
		lengths[i] = strlen(argv[i]);
	lengths[N - 1] = rec->json.n;
	r->wanted++;
	return toc_redis_link_put(&r->link, N, argv, lengths);
}

/* Puts the next records into one transaction; 0 when there are none. */
static int send_batch(struct toc_redis *r, toc_time now)
{
	struct toc_journal_record rec;
	toc_journal_pos pos = r->next;
	char text[32];
	bool ok = true;
	r->batch = 0;
	r->replies = r->wanted = 0;
	while (ok && r->batch < BATCH && r->link.out_n < BATCH_BYTES && toc_journal_read(r->journal, &pos, &rec)) {
		if (r->batch++ == 0)
			ok = command(r, "MULTI", NULL, NULL);
		for (const char *route = rec.routes; ok && *route; route += strlen(route) + 1)
			ok = put_record(r, &rec, route);
		r->count.resent += rec.next <= r->furthest;
		r->batch_end = rec.next;
	}
	if (!r->batch)
		return 0;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)r->batch_end);
	if (!ok || !command(r, "SET", r->pos_key, text) || !command(r, "EXEC", NULL, NULL))
		return fail(r, "out of memory", now);
	if (r->batch_end > r->furthest)
		r->furthest = r->batch_end;
	r->count.sent += r->batch;
	r->stage = UNDER_WAY;
	r->asked_at = now;
	r->good = true;
	return 0;
}

/* One reply; -1 = failed, else records confirmed by it. */
static int take_reply(struct toc_redis *r, const redisReply *reply, toc_time now)
{
	bool last = ++r->replies == r->wanted;
	if (reply->type == REDIS_REPLY_ERROR)
		return fail(r, reply->str, now);
	if (r->stage == GREETING) {
		if (last)
			take_position(r, reply);
		return 0;
	}
	if (!last)
		return 0;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != r->wanted - 2)
		return fail(r, "the transaction was not carried out", now);
	for (size_t i = 0; i < reply->elements; i++)
		if (reply->element[i]->type == REDIS_REPLY_ERROR)
			return fail(r, reply->element[i]->str, now);
	r->next = r->batch_end;
	r->stage = IDLE;
	r->count.confirmed += r->batch;
	toc_journal_set_cursor(r->journal, r->next);
	return (int)r->batch;
}

static int take_replies(struct toc_redis *r, toc_time now)
{
	int confirmed = 0;
	while (r->stage == GREETING || r->stage == UNDER_WAY) {
		bool broken;
		redisReply *reply = toc_redis_link_reply(&r->link, &broken);
		if (broken)
			return fail(r, "the server does not speak the Redis protocol", now);
		if (!reply)
			return confirmed;
		int n = take_reply(r, reply, now);
		freeReplyObject(reply);
		if (n < 0)
			return -1;
		confirmed += n;
	}
	return confirmed;
}

/* Sleeps until something is appended, the server speaks (it went away), or the time is over. */
static int rest(struct toc_redis *r, int timeout_ms, toc_time now)
{
	const char *why = NULL;
	uint64_t n;
	struct pollfd p[2] = { { .fd = toc_journal_event_fd(r->journal), .events = POLLIN },
			       { .fd = r->link.fd, .events = POLLIN } };
	if (poll(p, 2, timeout_ms) <= 0)
		return 0;
	if ((p[0].revents & POLLIN) && read(p[0].fd, &n, sizeof(n)) < 0 && errno != EAGAIN)
		return fail(r, strerror(errno), now);
	return p[1].revents && !toc_redis_link_step(&r->link, 0, &why) ? fail(r, why, now) : 0;
}

int toc_redis_step(struct toc_redis *r, int timeout_ms, toc_time now)
{
	const char *why = NULL;
	if (r->stage == AWAY) {
		int wait = r->retry_at > now ? (int)((r->retry_at - now) / TOC_MS) + 1 : 0;
		if (wait > 0) {
			poll(NULL, 0, wait < timeout_ms ? wait : timeout_ms);
			return -1;
		}
		return greet(r, now);
	}
	if (r->stage == IDLE) {
		int status = send_batch(r, now);
		if (status < 0 || r->stage == IDLE)
			return status < 0 ? status : rest(r, timeout_ms, now);
	}
	if (!toc_redis_link_step(&r->link, timeout_ms, &why))
		return fail(r, why, now);
	int confirmed = take_replies(r, now);
	if (confirmed == 0 && (r->stage == GREETING || r->stage == UNDER_WAY) && now - r->asked_at > REPLY_MS * TOC_MS)
		return fail(r, "no reply within 10 s", now);
	return confirmed;
}

bool toc_redis_idle(const struct toc_redis *r)
{
	return r->stage == IDLE && r->next >= toc_journal_end(r->journal);
}

const char *toc_redis_trouble(const struct toc_redis *r)
{
	return r->trouble[0] ? r->trouble : NULL;
}

const struct toc_redis_counters *toc_redis_count(const struct toc_redis *r)
{
	return &r->count;
}
