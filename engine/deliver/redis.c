/* redis - the delivery's stages: away, finding the master, greeting, idle, a transaction under way. */
#include "deliver/redis.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "deliver/redis_state.h"

enum {
	WAIT_FIRST_MS = 100, /* back-off: doubled up to the most */
	WAIT_MOST_MS = 5000,
	REPLY_MS = 10000,     /* a server that is silent for longer with a batch under way is gone */
	REPLY_MOST = 1 << 20, /* bytes; longer lists are not what was asked for */
	HEALTH_MOST = 8192
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
	r->config = *config;
	r->opener = config->opener ? config->opener : &toc_opener_self;
	snprintf(r->pos_key, sizeof(r->pos_key), "{tocsin}:pos:%s", config->sensor);
	snprintf(r->health_key, sizeof(r->health_key), "{tocsin}:health:%s", config->sensor);
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

/* --- trouble ------------------------------------------------------------------------------------------------------ */

static int away(struct toc_redis *r, int least_ms, toc_time now)
{
	int wait = r->wait_ms > least_ms ? r->wait_ms : least_ms;
	r->warned = true;
	r->count.errors++;
	toc_redis_link_close(&r->link);
	r->stage = REDIS_AWAY;
	r->found = r->asking = false; /* the master may be another by now */
	r->moves = 0;		      /* after a pause the way is looked for anew */
	r->filling = (struct redis_batch){ 0 };
	r->retry_at = now + wait * TOC_MS;
	r->wait_ms = r->wait_ms * 2 < WAIT_MOST_MS ? r->wait_ms * 2 : WAIT_MOST_MS;
	return -1;
}

/* The connection has failed: back to AWAY; one warning an outage. */
static int fail(struct toc_redis *r, const char *why, toc_time now)
{
	if (why != r->trouble)
		snprintf(r->trouble, sizeof(r->trouble), "%s", why);
	if (!r->warned)
		toc_warn(
			"Redis is away (deliver.redis %s: %s); alerts are kept in the journal and sent when it is back",
			r->endpoint, r->trouble);
	return away(r, 0, now);
}

/* To where the slot is, at once. */
static int moved(struct toc_redis *r, toc_time now)
{
	toc_redis_link_close(&r->link);
	r->stage = REDIS_AWAY;
	r->filling = (struct redis_batch){ 0 };
	r->retry_at = now;
	return -1;
}

/* The server has said no. One warning for each reason, none again for what passes by itself. */
static int refused(struct toc_redis *r, const char *answer, toc_time now)
{
	char words[160];
	const struct toc_refusal *why = toc_refusal_of(answer);
	if (redis_follow(r, answer))
		return moved(r, now);
	toc_refusal_words(answer, words, sizeof(words));
	snprintf(r->trouble, sizeof(r->trouble), "%s; %s", words, why->advice);
	if (!r->warned || (why != r->told && !why->passes))
		toc_warn("Redis refuses (deliver.redis %s: %s); alerts are kept in the journal and sent again",
			 r->endpoint, r->trouble);
	r->told = why;
	return away(r, why->wait_ms, now);
}

static const char nonsense[] = "the server does not answer as Redis does";

/* --- greeting ----------------------------------------------------------------------------------------------------- */

/* Connects and asks, in one go, for a login, the database, replicas, and how far this server has been told. */
static bool greet(struct toc_redis *r)
{
	char db[16];
	bool ok = true;
	unsigned *wanted = &r->going.wanted;
	snprintf(db, sizeof(db), "%u", r->address.db);
	if (r->address.password[0])
		ok = r->address.user[0] ? redis_command(r, wanted, "AUTH", r->address.user, r->address.password)
					: redis_command(r, wanted, "AUTH", r->address.password, NULL);
	if (ok && r->address.db)
		ok = redis_command(r, wanted, "SELECT", db, NULL);
	if (ok && r->partly)
		ok = redis_asking(r, wanted) && redis_put_position(r, wanted, r->next);
	return ok && redis_command(r, wanted, "ROLE", NULL, NULL) && redis_asking(r, wanted) &&
	       redis_command(r, wanted, "GET", r->pos_key, NULL);
}

static int reach(struct toc_redis *r, toc_time now)
{
	const char *why;
	r->asked_at = now;
	if (!redis_reach(r, &why))
		return fail(r, why, now);
	return r->stage == REDIS_GREETING && !greet(r) ? fail(r, "out of memory", now) : -1;
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
	if (known && pos == r->doubtful.end)
		r->count.confirmed += r->doubtful.n; /* carried out, and the answer was lost */
	r->doubtful.n = 0;
	r->stage = REDIS_IDLE;
	r->health_refused = false;
	r->count.connects++;
}

/* A batch has gone through: only that ends an outage. */
static void recovered(struct toc_redis *r)
{
	r->wait_ms = WAIT_FIRST_MS;
	r->trouble[0] = '\0';
	r->partly = false;
	r->told = NULL;
	r->moves = 0;
	if (r->warned)
		toc_info("Redis is back; alerts are being sent");
	r->warned = false;
}

static bool says(const redisReply *reply, const char *word)
{
	return reply->type == REDIS_REPLY_STATUS && strcmp(reply->str, word) == 0;
}

/* ROLE: "master", offset, replicas; who may not ask it does without WAIT. false: a replica takes no writes. */
static bool take_role(struct toc_redis *r, const redisReply *reply)
{
	bool known = reply->type == REDIS_REPLY_ARRAY && reply->elements >= 3 &&
		     reply->element[0]->type == REDIS_REPLY_STRING;
	bool master = known && strcmp(reply->element[0]->str, "master") == 0;
	r->replicas =
		master && reply->element[2]->type == REDIS_REPLY_ARRAY ? (unsigned)reply->element[2]->elements : 0;
	return !known || master;
}

static int take_greeting(struct toc_redis *r, const redisReply *reply, toc_time now)
{
	unsigned left = r->going.wanted - r->replies;
	if (left == 1 + (unsigned)r->asking) {
		bool may = reply->type != REDIS_REPLY_ERROR || strncmp(reply->str, "NOPERM", 6) == 0;
		if (!may)
			return refused(r, reply->str, now);
		return take_role(r, reply) ? 0 : refused(r, "READONLY it is a replica", now);
	}
	if (reply->type == REDIS_REPLY_ERROR)
		return refused(r, reply->str, now);
	if (left)
		return says(reply, "OK") ? 0 : fail(r, nonsense, now);
	if (reply->type != REDIS_REPLY_STRING && reply->type != REDIS_REPLY_NIL)
		return fail(r, nonsense, now);
	take_position(r, reply);
	if (toc_journal_end(r->journal) <= r->next)
		recovered(r); /* nothing to try it with */
	return 0;
}

static int take_master(struct toc_redis *r, const redisReply *reply, toc_time now)
{
	const char *why;
	if (reply->type == REDIS_REPLY_ERROR)
		return refused(r, reply->str, now);
	return redis_take_master(r, reply, &why) ? moved(r, now) : fail(r, why, now);
}

/* --- transactions ------------------------------------------------------------------------------------------------- */

/* What EXEC has answered: an id for each XADD, OK for the position. */
static int take_outcome(struct toc_redis *r, const redisReply *reply, toc_time now)
{
	const struct redis_batch *b = &r->going;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != b->exec - b->before - 2)
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
	r->next = b->end;
	r->stage = b->wanted > b->exec ? r->stage : REDIS_IDLE;
	r->count.confirmed += b->n;
	r->doubtful.n = 0;
	toc_journal_set_cursor(r->journal, r->next);
	return (int)b->n;
}

static int take_batch(struct toc_redis *r, const redisReply *reply, toc_time now)
{
	if (r->replies >
	    r->going.exec) { /* WAIT; an error (a server without replicas' acknowledgements) counts as none */
		r->count.unreplicated += reply->type != REDIS_REPLY_INTEGER || reply->integer < 1;
		r->stage = REDIS_IDLE;
		return 0;
	}
	if (reply->type == REDIS_REPLY_ERROR)
		return refused(r, reply->str, now);
	if (r->replies == r->going.exec)
		return take_outcome(r, reply, now);
	return says(reply, r->replies <= r->going.before + 1 ? "OK" : "QUEUED") ? 0 : fail(r, nonsense, now);
}

static int take_health(struct toc_redis *r, const redisReply *reply, toc_time now)
{
	char words[160];
	(void)now;
	if (r->replies < r->going.wanted)
		return 0; /* of ASKING */
	r->stage = REDIS_IDLE;
	if (reply->type != REDIS_REPLY_ERROR)
		return 0;
	r->health_refused = true; /* alerts matter more than what is told of the sensor */
	toc_refusal_words(reply->str, words, sizeof(words));
	toc_warn("Redis refuses the sensor's health (%s: %s)", r->health_key, words);
	return 0;
}

/* By stage: what the next reply is the answer to; NULL: none is awaited. */
static int (*const takers[])(struct toc_redis *r, const redisReply *reply,
			     toc_time now) = { [REDIS_FINDING] = take_master,
					       [REDIS_GREETING] = take_greeting,
					       [REDIS_UNDER_WAY] = take_batch,
					       [REDIS_TELLING] = take_health };

static bool awaits(const struct toc_redis *r)
{
	return r->stage < sizeof(takers) / sizeof(takers[0]) && takers[r->stage];
}

static int take_replies(struct toc_redis *r, toc_time now)
{
	int confirmed = 0;
	while (awaits(r)) {
		bool broken;
		redisReply *reply = toc_redis_link_reply(&r->link, &broken);
		if (broken)
			return fail(r, nonsense, now);
		if (!reply)
			return r->link.part > REPLY_MOST ? fail(r, "the server's reply is too large", now) : confirmed;
		r->replies++;
		int n = takers[r->stage](r, reply, now);
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

/* The sensor's own state, into its stream, when it is time and nothing more important goes. */
static bool tell_health(struct toc_redis *r, toc_time now)
{
	char json[HEALTH_MOST];
	const char *argv[] = { "XADD", r->health_key, "*", "v", "1", "ev", json };
	if (!r->config.health || r->health_refused || now < r->health_at)
		return false;
	r->health_at = now + r->config.health_every;
	r->replies = 0;
	toc_redis_link_let_go(&r->link);
	r->going = (struct redis_batch){ .wanted = 1 };
	if (!r->config.health(r->config.health_user, json, sizeof(json)) || !redis_asking(r, &r->going.wanted) ||
	    !toc_redis_link_put(&r->link, 7, argv, NULL))
		return false;
	r->stage = REDIS_TELLING;
	r->asked_at = now;
	return true;
}

/* IDLE: fills and sends; -2: something is under way now. */
static int carry_on(struct toc_redis *r, int timeout_ms, toc_time now)
{
	if (!redis_fill(r, now))
		return fail(r, "out of memory", now);
	if (redis_ripe(r, now)) {
		r->replies = 0;
		if (!redis_send(r))
			return fail(r, "out of memory", now);
		r->stage = REDIS_UNDER_WAY;
		r->asked_at = now;
		return -2;
	}
	if (r->filling.n)
		return rest(r, (int)((r->filling.until - now) / TOC_MS) + 1, now);
	return tell_health(r, now) ? -2 : rest(r, timeout_ms, now);
}

int toc_redis_step(struct toc_redis *r, int timeout_ms, toc_time now)
{
	const char *why = NULL;
	if (r->stage == REDIS_AWAY) {
		int wait = r->retry_at > now ? (int)((r->retry_at - now) / TOC_MS) + 1 : 0;
		if (wait > 0) {
			poll(NULL, 0, wait < timeout_ms ? wait : timeout_ms);
			return -1;
		}
		return reach(r, now);
	}
	int status = r->stage == REDIS_IDLE ? carry_on(r, timeout_ms, now) : -2;
	if (status != -2)
		return status;
	/* while the server works on this transaction, the next one is made */
	bool ok = toc_redis_link_step(&r->link, 0, &why);
	if (ok && r->stage == REDIS_UNDER_WAY && !redis_fill(r, now))
		return fail(r, "out of memory", now);
	if (!ok || !toc_redis_link_step(&r->link, timeout_ms, &why))
		return fail(r, why, now);
	int confirmed = take_replies(r, now);
	if (confirmed == 0 && awaits(r) && now - r->asked_at > REPLY_MS * TOC_MS)
		return fail(r, "no reply within 10 s", now);
	return confirmed;
}

bool toc_redis_idle(const struct toc_redis *r)
{
	return r->stage == REDIS_IDLE && r->filling.n == 0 && r->next >= toc_journal_end(r->journal);
}

const char *toc_redis_place(const struct toc_redis *r)
{
	return r->endpoint;
}

const char *toc_redis_trouble(const struct toc_redis *r)
{
	return r->trouble[0] ? r->trouble : NULL;
}

const struct toc_redis_counters *toc_redis_count(const struct toc_redis *r)
{
	return &r->count;
}
