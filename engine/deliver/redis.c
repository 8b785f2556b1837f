/* redis - the delivery's states: away, greeting, idle, a batch under way. */
#include "deliver/redis.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "deliver/redis_link.h"
#include "deliver/refusal.h"

enum {
	BATCH = 100,	/* records a transaction */
	GATHER_MS = 20, /* for so long a transaction waits to be filled */
	URGENT = 4,	/* a record of this severity ends the waiting */
	BATCH_BYTES = 1 << 20,
	WAIT_FIRST_MS = 100, /* back-off: doubled up to the most */
	WAIT_MOST_MS = 5000,
	REPLY_MS = 10000 /* a server that is silent for longer with a batch under way is gone */
};

enum stage { AWAY, GREETING, IDLE, GATHERING, UNDER_WAY };

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
	/*
	 * A transaction was carried out in part (a stream's key is of another type): the server's position is ahead of
	 * what it holds. It is set back on the next connection, and records go one at a time until one goes through.
	 */
	bool partly;
	int wait_ms;
	toc_time retry_at, asked_at, gather_until;
	const struct toc_refusal *told; /* what this outage's last warning was about */
	bool warned;
	char trouble[384];
	struct toc_redis_counters count;
};

static void login(struct toc_redis *r, const struct toc_redis_config *c)
{
	if (c->user)
		snprintf(r->address.user, sizeof(r->address.user), "%s", c->user);
	if (c->password)
		snprintf(r->address.password, sizeof(r->address.password), "%s", c->password);
}

static bool secure(struct toc_redis *r, const struct toc_redis_config *c, char *err, size_t err_size)
{
	if (!r->address.tls)
		return true;
	if (!c->tls.ca) {
		snprintf(err, err_size,
			 "rediss:// needs deliver.tls.ca, the file of the CA that signed the server's certificate");
		return false;
	}
	r->link.tls_context = toc_redis_tls_new(&c->tls, err, err_size);
	r->link.tls_host = r->address.host;
	return r->link.tls_context != NULL;
}

struct toc_redis *toc_redis_new(const struct toc_redis_config *config, struct toc_journal *journal, char *err,
				size_t err_size)
{
	struct toc_redis *r = calloc(1, sizeof(*r));
	if (!r)
		abort(); /* at start-up there is nothing to save */
	toc_redis_link_init(&r->link);
	if (!toc_redis_address_parse(config->url, &r->address, err, err_size) || !secure(r, config, err, err_size)) {
		toc_redis_free(r);
		return NULL;
	}
	login(r, config);
	toc_redis_endpoint(&r->address, r->endpoint);
	r->opener = config->opener ? config->opener : &toc_opener_self;
	snprintf(r->pos_key, sizeof(r->pos_key), "{tocsin}:pos:%s", config->sensor);
	r->journal = journal;
	r->next = toc_journal_cursor(journal);
	r->wait_ms = WAIT_FIRST_MS;
	snprintf(r->trouble, sizeof(r->trouble), "not connected yet");
	return r;
}

void toc_redis_free(struct toc_redis *r)
{
	if (!r)
		return;
	toc_redis_link_free(&r->link);
	free(r);
}

static int away(struct toc_redis *r, int least_ms, toc_time now)
{
	int wait = r->wait_ms > least_ms ? r->wait_ms : least_ms;
	r->warned = true;
	r->count.errors++;
	toc_redis_link_close(&r->link);
	r->stage = AWAY;
	r->retry_at = now + wait * TOC_MS;
	r->wait_ms = r->wait_ms * 2 < WAIT_MOST_MS ? r->wait_ms * 2 : WAIT_MOST_MS;
	return -1;
}

/* The connection has failed: back to AWAY; one warning an outage. */
static int fail(struct toc_redis *r, const char *why, toc_time now)
{
	snprintf(r->trouble, sizeof(r->trouble), "%s", why);
	if (!r->warned)
		toc_warn(
			"Redis is away (deliver.redis %s: %s); alerts are kept in the journal and sent when it is back",
			r->endpoint, r->trouble);
	return away(r, 0, now);
}

/* The server has said no. One warning for each reason, none again for what passes by itself. */
static int refused(struct toc_redis *r, const char *answer, toc_time now)
{
	char words[160];
	const struct toc_refusal *why = toc_refusal_of(answer);
	toc_refusal_words(answer, words, sizeof(words));
	snprintf(r->trouble, sizeof(r->trouble), "%s; %s", words, why->advice);
	if (!r->warned || (why != r->told && !why->passes))
		toc_warn("Redis refuses (deliver.redis %s: %s); alerts are kept in the journal and sent again",
			 r->endpoint, r->trouble);
	r->told = why;
	return away(r, why->wait_ms, now);
}

static const char nonsense[] = "the server does not answer as Redis does";

static bool command(struct toc_redis *r, const char *a, const char *b, const char *c)
{
	const char *argv[3] = { a, b, c };
	r->wanted++;
	return toc_redis_link_put(&r->link, c ? 3 : b ? 2 : 1, argv, NULL);
}

/* The position is one of this journal: that of another, such as one that was lost, means nothing here. */
static bool put_position(struct toc_redis *r, toc_journal_pos pos)
{
	char text[64];
	snprintf(text, sizeof(text), "%llu %016llx", (unsigned long long)pos,
		 (unsigned long long)toc_journal_identity(r->journal));
	return command(r, "SET", r->pos_key, text);
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
	if (ok && r->partly)
		ok = put_position(r, r->next);
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
	unsigned long long pos = 0, identity = 0;
	bool known = reply->type == REDIS_REPLY_STRING && sscanf(reply->str, "%llu %llx", &pos, &identity) == 2 &&
		     identity == toc_journal_identity(r->journal) && pos <= toc_journal_end(r->journal);
	r->next = known ? pos : toc_journal_cursor(r->journal);
	toc_journal_set_cursor(r->journal, r->next);
	r->stage = IDLE;
	r->count.connects++;
}

/* A batch has gone through: only that ends an outage. */
static void recovered(struct toc_redis *r)
{
	r->wait_ms = WAIT_FIRST_MS;
	r->trouble[0] = '\0';
	r->partly = false;
	r->told = NULL;
	if (r->warned)
		toc_info("Redis is back; alerts are being sent");
	r->warned = false;
}

static bool put_entry(struct toc_redis *r, const struct toc_journal_record *rec, struct toc_span route,
		      struct toc_span json)
{
	static const char *const acts[] = { "create", "update", "close" };
	char stream[320], rev[16], sev[16];
	snprintf(stream, sizeof(stream), "{tocsin}:alerts:%.*s", (int)route.n, (const char *)route.p);
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
			       (const char *)json.p };
	enum { N = sizeof(argv) / sizeof(argv[0]) };
	size_t lengths[N];
	for (int i = 0; i < N - 1; i++)
		lengths[i] = strlen(argv[i]);
	lengths[N - 1] = json.n;
	r->wanted++;
	return toc_redis_link_put(&r->link, N, argv, lengths);
}

/* Each route gets the copy that was made for it. */
static bool put_record(struct toc_redis *r, const struct toc_journal_record *rec)
{
	bool ok = true;
	for (unsigned i = 0; i < rec->ncopies; i++) {
		const struct toc_journal_copy *copy = &rec->copies[i];
		struct toc_span routes = toc_span_str(copy->routes);
		while (ok && routes.n) {
			size_t n = toc_span_find(routes, ',');
			ok = put_entry(r, rec, toc_span_first(routes, n), copy->json);
			routes = toc_span_from(routes, n + 1);
		}
	}
	return ok;
}

/* The transaction is full, or what is in it must not wait. */
static bool ripe(const struct toc_redis *r, bool urgent, toc_time now)
{
	return urgent || r->partly || r->batch == BATCH || r->link.out_n >= BATCH_BYTES || now >= r->gather_until;
}

/* Puts the next records into the transaction and sends it when it is ripe; -1 = failed. */
static int gather(struct toc_redis *r, toc_time now)
{
	struct toc_journal_record rec;
	bool ok = true, urgent = false;
	if (r->stage == IDLE) {
		r->batch_end = r->next;
		r->batch = r->replies = r->wanted = 0;
	}
	while (ok && r->batch < BATCH && r->link.out_n < BATCH_BYTES &&
	       toc_journal_read(r->journal, &r->batch_end, &rec)) {
		if (r->batch++ == 0) {
			ok = command(r, "MULTI", NULL, NULL);
			r->gather_until = now + GATHER_MS * TOC_MS;
			r->stage = GATHERING;
		}
		ok = ok && put_record(r, &rec);
		r->count.resent += rec.next <= r->furthest;
		urgent = urgent || rec.severity >= URGENT;
		if (r->partly)
			break;
	}
	if (ok && (r->stage == IDLE || !ripe(r, urgent, now)))
		return 0;
	if (!ok || !put_position(r, r->batch_end) || !command(r, "EXEC", NULL, NULL))
		return fail(r, "out of memory", now);
	r->furthest = r->batch_end > r->furthest ? r->batch_end : r->furthest;
	r->count.sent += r->batch;
	r->stage = UNDER_WAY;
	r->asked_at = now;
	return 0;
}

static bool says(const redisReply *reply, const char *word)
{
	return reply->type == REDIS_REPLY_STATUS && strcmp(reply->str, word) == 0;
}

static int take_greeting(struct toc_redis *r, const redisReply *reply, bool last, toc_time now)
{
	if (!last)
		return says(reply, "OK") ? 0 : fail(r, nonsense, now);
	if (reply->type != REDIS_REPLY_STRING && reply->type != REDIS_REPLY_NIL)
		return fail(r, nonsense, now);
	take_position(r, reply);
	if (toc_journal_end(r->journal) <= r->next)
		recovered(r); /* nothing to try it with */
	return 0;
}

/* What EXEC has answered: an id for each XADD, OK for the position. */
static int take_outcome(struct toc_redis *r, const redisReply *reply, toc_time now)
{
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != r->wanted - 2)
		return fail(r, "the transaction was not carried out", now);
	for (size_t i = 0; i < reply->elements; i++) {
		const redisReply *one = reply->element[i];
		bool last = i + 1 == reply->elements;
		r->partly = r->partly || one->type == REDIS_REPLY_ERROR;
		if (one->type == REDIS_REPLY_ERROR)
			return refused(r, one->str, now);
		if (last ? !says(one, "OK") : one->type != REDIS_REPLY_STRING)
			return fail(r, nonsense, now);
	}
	recovered(r);
	r->next = r->batch_end;
	r->stage = IDLE;
	r->count.confirmed += r->batch;
	toc_journal_set_cursor(r->journal, r->next);
	return (int)r->batch;
}

/* One reply; -1 = failed, else records confirmed by it. */
static int take_reply(struct toc_redis *r, const redisReply *reply, toc_time now)
{
	bool first = r->replies == 0, last = ++r->replies == r->wanted;
	if (reply->type == REDIS_REPLY_ERROR)
		return refused(r, reply->str, now);
	if (r->stage == GREETING)
		return take_greeting(r, reply, last, now);
	if (last)
		return take_outcome(r, reply, now);
	return says(reply, first ? "OK" : "QUEUED") ? 0 : fail(r, nonsense, now);
}

static int take_replies(struct toc_redis *r, toc_time now)
{
	int confirmed = 0;
	while (r->stage == GREETING || r->stage == UNDER_WAY) {
		bool broken;
		redisReply *reply = toc_redis_link_reply(&r->link, &broken);
		if (broken)
			return fail(r, nonsense, now);
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
	if (r->stage == IDLE || r->stage == GATHERING) {
		int status = gather(r, now);
		if (status < 0)
			return status;
		if (r->stage == GATHERING)
			return rest(r, (int)((r->gather_until - now) / TOC_MS) + 1, now);
		if (r->stage == IDLE)
			return rest(r, timeout_ms, now);
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
