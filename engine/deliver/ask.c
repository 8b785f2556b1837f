/* ask - a link that is stepped until the answer is there. */
#include "deliver/ask.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deliver/refusal.h"

/* Ten seconds for an answer, and a tenth of one more for each KiB of it: a page of large alerts takes its time, a
 * server that drips does not keep anybody for ever. An entry is an alert (journal.h), a page some dozen. */
enum { STEP_MS = 100, STEPS = 100, STEP_BYTES = 1024, ENTRY_MOST = 8 << 20, ANSWER_MOST = 256 << 20 };

struct toc_asker {
	struct toc_redis_address address;
	struct toc_redis_link link;
	char trouble[384];
};

static bool trouble(struct toc_asker *a, const char *why)
{
	snprintf(a->trouble, sizeof(a->trouble), "%s", why);
	return false;
}

static redisReply *await(struct toc_asker *a)
{
	const char *why = NULL;
	const uint64_t before = a->link.received;
	for (uint64_t i = 0, got = 0; i < STEPS + got / STEP_BYTES && got < ANSWER_MOST; i++) {
		bool broken = false;
		redisReply *reply = a->link.connecting ? NULL : toc_redis_link_reply(&a->link, &broken);
		if (reply)
			return reply;
		if (broken || !toc_redis_link_step(&a->link, STEP_MS, &why)) {
			trouble(a, broken ? "the server does not answer as Redis does" : why);
			return NULL;
		}
		got = a->link.received - before;
	}
	trouble(a, a->link.received - before < ANSWER_MOST ? "no whole reply within 10 s" : "the reply has no end");
	return NULL;
}

redisReply *toc_ask(struct toc_asker *a, int argc, const char **argv, const size_t *lengths)
{
	if (a->link.fd < 0) {
		if (!a->trouble[0])
			trouble(a, "not connected");
		return NULL;
	}
	if (!toc_redis_link_put(&a->link, argc, argv, lengths)) {
		trouble(a, "out of memory");
		return NULL;
	}
	redisReply *reply = await(a);
	if (!reply)
		toc_redis_link_close(&a->link);
	return reply;
}

static bool open_at(struct toc_asker *a, const char *endpoint, const char *host)
{
	snprintf(a->link.host, sizeof(a->link.host), "%s", host);
	return toc_redis_link_open(&a->link, &toc_opener_self, endpoint) || trouble(a, strerror(errno));
}

/* One Sentinel's word about where the master is. */
static bool find_by(struct toc_asker *a, const struct toc_redis_node *sentinel, struct toc_redis_node *out)
{
	const char *argv[] = { "SENTINEL", "get-master-addr-by-name", a->address.master };
	char endpoint[TOC_ASK_MOST];
	toc_redis_node_endpoint(sentinel, endpoint);
	redisReply *r = open_at(a, endpoint, sentinel->host) ? toc_ask(a, 3, argv, NULL) : NULL;
	bool ok = r && r->type == REDIS_REPLY_ARRAY && r->elements == 2 && r->element[0]->type == REDIS_REPLY_STRING &&
		  r->element[1]->type == REDIS_REPLY_STRING;
	if (ok) {
		snprintf(out->host, sizeof(out->host), "%s", r->element[0]->str);
		out->port = (unsigned)strtoul(r->element[1]->str, NULL, 10);
	} else if (r) {
		trouble(a, "the Sentinel knows no such master");
	}
	freeReplyObject(r);
	toc_redis_link_close(&a->link);
	return ok;
}

static bool reach(struct toc_asker *a)
{
	char endpoint[TOC_ASK_MOST];
	struct toc_redis_node master;
	if (!a->address.nsentinels) {
		toc_redis_endpoint(&a->address, endpoint);
		return open_at(a, endpoint, a->address.host);
	}
	for (unsigned i = 0; i < a->address.nsentinels; i++)
		if (find_by(a, &a->address.sentinels[i], &master)) {
			toc_redis_node_endpoint(&master, endpoint);
			return open_at(a, endpoint, master.host);
		}
	return false;
}

/* true: the server said OK. */
static bool say(struct toc_asker *a, int argc, const char **argv)
{
	char words[160];
	redisReply *r = toc_ask(a, argc, argv, NULL);
	bool ok = r && r->type == REDIS_REPLY_STATUS;
	if (r && r->type == REDIS_REPLY_ERROR) {
		toc_refusal_words(r->str, words, sizeof(words));
		trouble(a, words);
	}
	freeReplyObject(r);
	return ok;
}

static bool log_in(struct toc_asker *a)
{
	char db[16];
	const char *user[] = { "AUTH", a->address.user, a->address.password }, *old[] = { "AUTH", a->address.password };
	const char *select[] = { "SELECT", db };
	snprintf(db, sizeof(db), "%u", a->address.db);
	if (a->address.password[0] && !(a->address.user[0] ? say(a, 3, user) : say(a, 2, old)))
		return false;
	return !a->address.db || say(a, 2, select);
}

struct toc_asker *toc_asker_new(const struct toc_ask_config *config, char *err, size_t err_size)
{
	struct toc_asker *a = calloc(1, sizeof(*a));
	if (!a)
		abort(); /* at start-up there is nothing to save */
	toc_redis_link_init(&a->link);
	a->link.reply_most = ENTRY_MOST;
	bool ok = toc_redis_address_parse(config->url, &a->address, err, err_size);
	if (ok && a->address.tls)
		ok = (a->link.tls_context = toc_redis_tls_new(&config->tls, err, err_size)) != NULL;
	if (config->user)
		snprintf(a->address.user, sizeof(a->address.user), "%s", config->user);
	if (config->password)
		snprintf(a->address.password, sizeof(a->address.password), "%s", config->password);
	if (ok && reach(a) && log_in(a))
		return a;
	if (ok)
		snprintf(err, err_size, "%s: %s", config->url, a->trouble);
	toc_asker_free(a);
	return NULL;
}

void toc_asker_free(struct toc_asker *a)
{
	if (!a)
		return;
	toc_redis_link_free(&a->link);
	free(a);
}

const char *toc_asker_trouble(const struct toc_asker *a)
{
	return a->trouble;
}
