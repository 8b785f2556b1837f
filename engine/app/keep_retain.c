/*
 * keep_retain - what is too old goes: entries of streams and records of the audit log here, segments by the engine;
 * that it went is in the audit log, a record each class and hour. By the Redis server's clock where it is about Redis.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/text.h"
#include "app/audit_log.h"
#include "app/keep.h"
#include "app/keep_gone.h"
#include "app/now.h"
#include "base/log.h"
#include "deliver/refusal.h"

enum { KEYS_MOST = 65536, NAMED = 20, KEY = 256 };

static const toc_time every = TOC_HOUR;

/* Streams by how their keys begin. */
static const struct class
{
	const char *prefix, *key; /* key: of the configuration */
	size_t days;		  /* in struct toc_retention */
} classes[] = {
	{ "{tocsin}:alerts:", "alerts_days", offsetof(struct toc_retention, alerts) },
	{ "{tocsin}:state:", "alerts_days", offsetof(struct toc_retention, alerts) },
	{ "{tocsin}:dead:", "alerts_days", offsetof(struct toc_retention, alerts) },
	{ "{tocsin}:health:", "health_days", offsetof(struct toc_retention, health) },
	{ "{tocsin}:audit:", "audit_days", offsetof(struct toc_retention, audit) },
};
enum { CLASSES = sizeof(classes) / sizeof(classes[0]) };

struct removed {
	uint64_t entries;
	unsigned keys;
	struct text names; /* "ts 120, bp.east 3": the first NAMED */
};

struct keep_retain {
	const struct keep *k;
	toc_time next; /* monotonic */
	struct removed removed[CLASSES];
	char err[384];
};

struct keep_retain *keep_retain_new(const struct keep *k)
{
	struct keep_retain *x = calloc(1, sizeof(*x));
	if (!x)
		abort();
	x->k = k;
	return x;
}

void keep_retain_free(struct keep_retain *x)
{
	for (unsigned i = 0; x && i < CLASSES; i++)
		text_free(&x->removed[i].names);
	free(x);
}

static unsigned days_of(const struct keep_retain *x, const struct class *c)
{
	unsigned days;
	memcpy(&days, (const char *)&x->k->config->retention + c->days, sizeof(days));
	return days;
}

/* Nothing of whom: what went was of many. */
static bool note(const struct keep_retain *x, const char *key, unsigned days, const char *parts)
{
	char reason[160];
	const char *owner = x->k->config->retention.owner;
	snprintf(reason, sizeof(reason), days ? "%s: %u" : "%s", key, days);
	const struct toc_audit_record record = {
		.act = "retention.removed", .uid = toc_keeper_uid, .reason = reason, .parts = parts, .other = owner
	};
	return toc_audit_write(x->k->config, &record, toc_now());
}

/* --- Redis -------------------------------------------------------------------------------------------------------- */

/* NULL: x->err tells. The caller frees it. */
static redisReply *ask(struct keep_retain *x, int argc, const char **argv, int type)
{
	redisReply *r = toc_ask(x->k->redis, argc, argv, NULL);
	char words[160];
	if (r && r->type == type)
		return r;
	if (!r)
		snprintf(x->err, sizeof(x->err), "Redis: %s", toc_asker_trouble(x->k->redis));
	else {
		toc_refusal_words(r->type == REDIS_REPLY_ERROR ? r->str : "no such answer", words, sizeof(words));
		snprintf(x->err, sizeof(x->err), "%s: %s (redis-setup)", argv[0], words);
	}
	freeReplyObject(r);
	return NULL;
}

static bool read_clock(struct keep_retain *x, int64_t *ms)
{
	const char *argv[] = { "TIME" };
	redisReply *r = ask(x, 1, argv, REDIS_REPLY_ARRAY);
	bool ok = r && r->elements == 2 && r->element[0]->type == REDIS_REPLY_STRING;
	const long long seconds = ok ? strtoll(r->element[0]->str, NULL, 10) : 0;
	if (ok && (seconds <= 0 || seconds > INT64_MAX / 1000)) {
		snprintf(x->err, sizeof(x->err), "TIME: no such answer");
		ok = false;
	}
	*ms = ok ? seconds * 1000 : 0;
	freeReplyObject(r);
	return ok;
}

static const struct class *class_of(const char *key)
{
	for (unsigned i = 0; i < CLASSES; i++)
		if (strncmp(key, classes[i].prefix, strlen(classes[i].prefix)) == 0)
			return &classes[i];
	return NULL;
}

static void name(struct removed *r, const char *what, long long n)
{
	r->entries += (uint64_t)n;
	if (r->keys++ < NAMED)
		text_printf(&r->names, "%s%.80s %lld", r->keys > 1 ? ", " : "", what, n);
}

/* Exactly, not by ~: that leaves up to a node of a hundred entries beyond their time. */
static bool trim(struct keep_retain *x, const char *key, int64_t now_ms)
{
	const struct class *c = class_of(key);
	char from[32];
	if (!c || strlen(key) >= KEY)
		return true; /* not ours to judge */
	int64_t at = now_ms - (int64_t)days_of(x, c) * (TOC_DAY / TOC_MS);
	snprintf(from, sizeof(from), "%" PRId64 "-0", at > 0 ? at : 0);
	const char *argv[] = { "XTRIM", key, "MINID", "=", from };
	redisReply *r = ask(x, 5, argv, REDIS_REPLY_INTEGER);
	if (r && r->integer > 0)
		name(&x->removed[c - classes], key + strlen("{tocsin}:"), r->integer);
	freeReplyObject(r);
	return r != NULL;
}

/* All streams there are, also of people who have left. */
static bool trim_all(struct keep_retain *x, int64_t now_ms)
{
	char cursor[32] = "0";
	unsigned seen = 0;
	bool ok = true;
	do {
		const char *argv[] = { "SCAN", cursor, "MATCH", "{tocsin}:*", "COUNT", "500", "TYPE", "stream" };
		redisReply *r = ask(x, 8, argv, REDIS_REPLY_ARRAY);
		ok = r && r->elements == 2 && r->element[0]->type == REDIS_REPLY_STRING &&
		     r->element[1]->type == REDIS_REPLY_ARRAY;
		snprintf(cursor, sizeof(cursor), "%s", ok ? r->element[0]->str : "0");
		for (size_t i = 0; ok && i < r->element[1]->elements; i++, seen++)
			ok = r->element[1]->element[i]->type == REDIS_REPLY_STRING &&
			     trim(x, r->element[1]->element[i]->str, now_ms);
		freeReplyObject(r);
	} while (ok && strcmp(cursor, "0") != 0 && seen < KEYS_MOST);
	return ok;
}

static bool tell(struct keep_retain *x, const struct class *c, struct removed *r)
{
	struct text parts = { 0 };
	text_printf(&parts, "%llu entries of %u streams in Redis: ", (unsigned long long)r->entries, r->keys);
	text_put(&parts, toc_span_of(r->names.p, r->names.n));
	text_puts(&parts, r->keys > NAMED ? " …" : "");
	text_put(&parts, toc_span_of("", 1));
	char key[64];
	snprintf(key, sizeof(key), "retention.%s", c->key);
	bool ok = note(x, key, days_of(x, c), parts.p);
	text_free(&parts);
	text_clear(&r->names);
	r->entries = r->keys = 0;
	return ok;
}

static bool retain_streams(struct keep_retain *x)
{
	int64_t now_ms;
	bool ok = read_clock(x, &now_ms) && trim_all(x, now_ms);
	for (unsigned i = 0; i < CLASSES; i++) /* also of a pass that was cut short */
		if (x->removed[i].keys)
			tell(x, &classes[i], &x->removed[i]);
	return ok;
}

/* --- the sensor's files ------------------------------------------------------------------------------------------- */

static void tell_gone(const struct keep_retain *x, const struct gone_folder *f, const char *why,
		      const struct gone_count *c)
{
	char parts[256], first[TIME_TEXT], last[TIME_TEXT];
	if (!c->segments)
		return;
	first[time_text(c->first * TOC_DAY, first) ? 10 : 0] = '\0';
	last[time_text(c->last * TOC_DAY, last) ? 10 : 0] = '\0';
	snprintf(parts, sizeof(parts), "%s: %u segments, %" PRIu64 " bytes, begun %s to %s, %s", f->name, c->segments,
		 c->bytes, first, last, why);
	note(x, f->key, 0, parts);
}

static void retain_files(struct keep_retain *x)
{
	struct gone_folder folders[GONE_FOLDERS];
	const unsigned n = gone_folders(x->k->config, folders);
	for (unsigned i = 0; i < n; i++) {
		struct gone_count aged, room;
		char list[TOC_ASK_MOST];
		snprintf(list, sizeof(list), "%s/keep.%s", x->k->config->state, folders[i].name);
		if (!gone_read(&folders[i], list, toc_now(), &aged, &room))
			toc_warn("keep: %s: %s", list, strerror(errno));
		tell_gone(x, &folders[i], "for their age", &aged);
		tell_gone(x, &folders[i], "for room", &room);
	}
}

static void retain_audit(struct keep_retain *x)
{
	const toc_time before = toc_now() - x->k->config->retention.audit * TOC_DAY;
	toc_audit_cut(x->k->config, before, x->k->config->retention.owner, toc_now());
}

bool keep_retain_step(struct keep_retain *x, char *err, size_t room)
{
	const toc_time at = toc_now_monotonic();
	if (x->next && at < x->next)
		return true;
	x->next = at + every;
	retain_files(x);
	retain_audit(x);
	const bool ok = retain_streams(x);
	if (!ok)
		snprintf(err, room, "%s", x->err);
	return ok;
}
