/* overdue - the board of the route, seen with the eyes of somebody who waits for acknowledgements. */
#include "notify/overdue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/board.h"
#include "deliver/refusal.h"

enum { LINES = 1000, GRAVE = 4, CRITICAL = 5 };

/* Older alerts are nobody's reminder any more; a board that was read anew each day does not grow for ever. */
static const toc_time looked_back = 14 * TOC_DAY, board_life = TOC_DAY;

struct overdue {
	const struct notify_config *config;
	struct cli_board *board;
	toc_time made_at;
	const char *routes[2];
	struct notify_line lines[LINES];
	unsigned n;
};

struct overdue *overdue_new(const struct notify_config *config)
{
	struct overdue *o = calloc(1, sizeof(*o));
	if (!o)
		abort(); /* at start-up there is nothing to save */
	o->config = config;
	o->routes[0] = config->route;
	return o;
}

void overdue_free(struct overdue *o)
{
	if (o)
		cli_board_free(o->board);
	free(o);
}

static bool read_board(struct overdue *o, toc_time now, char *err, size_t room)
{
	if (o->board && now - o->made_at >= board_life) {
		cli_board_free(o->board);
		o->board = NULL;
	}
	if (!o->board) {
		const struct cli_board_config board = { .redis = o->config->redis,
							.uid = "notify",
							.people = o->config->people,
							.routes = o->routes,
							.since_ms = (now - looked_back) / TOC_MS };
		o->board = cli_board_new(&board);
		o->made_at = now;
	}
	return cli_board_read(o->board, err, room) >= 0;
}

/* By hand, since a key of the group's own is all that a notifier may set. */
static void mark_of(const struct overdue *o, const char *id, char out[256])
{
	snprintf(out, 256, "{tocsin}:seen:notify-%s:%.39s:overdue", o->config->route, id); /* an id has no more */
}

static redisReply *ask(struct overdue *o, int argc, const char **argv, char *err, size_t room)
{
	char words[200];
	redisReply *r = toc_ask(o->config->redis, argc, argv, NULL);
	if (r && r->type != REDIS_REPLY_ERROR)
		return r;
	if (r)
		toc_refusal_words(r->str, words, sizeof(words));
	snprintf(err, room, "%s: %s", argv[1], r ? words : toc_asker_trouble(o->config->redis));
	freeReplyObject(r);
	return NULL;
}

/* -1: err. */
static int was_told(struct overdue *o, const char *id, char *err, size_t room)
{
	char key[256];
	const char *argv[] = { "GET", key };
	mark_of(o, id, key);
	redisReply *r = ask(o, 2, argv, err, room);
	const int told = !r ? -1 : r->type == REDIS_REPLY_STRING;
	freeReplyObject(r);
	return told;
}

static bool note_told(struct overdue *o, const char *id, char *err, size_t room)
{
	char key[256];
	const char *argv[] = { "SET", key, "1", "EX", "2592000" };
	mark_of(o, id, key);
	redisReply *r = ask(o, 5, argv, err, room);
	freeReplyObject(r);
	return r != NULL;
}

/* An alert that the sensor has closed is no less in need of somebody's eyes. */
static bool waits(const struct overdue *o, const struct cli_alert *a, toc_time now)
{
	if (a->severity < GRAVE || a->severity < o->config->severity || a->now.acked || a->now.closed)
		return false;
	struct toc_arena *arena = toc_arena_new();
	const struct cli_node *doc = cli_tree_read(arena, toc_span_str(a->json));
	const toc_time created = (toc_time)cli_tree_number(doc, "finding_info.created_time") * TOC_MS;
	const bool told = a->severity >= CRITICAL || !cli_tree_at(doc, "unmapped.tocsin.maintenance");
	toc_arena_free(arena);
	return told && created && now >= o->config->due(o->config->user, created, a->severity);
}

/* false: err. */
static bool collect(struct overdue *o, toc_time now, char *err, size_t room)
{
	unsigned n = 0;
	struct cli_alert *const *all = cli_board_alerts(o->board, &n);
	o->n = 0;
	for (unsigned i = 0; i < n && o->n < LINES; i++) {
		struct notify_line *l = &o->lines[o->n];
		const int told = waits(o, all[i], now) ? was_told(o, all[i]->id, err, room) : 1;
		if (told < 0)
			return false;
		if (told)
			continue;
		*l = (struct notify_line){ .rev = all[i]->rev, .severity = all[i]->severity };
		snprintf(l->id, sizeof(l->id), "%s", all[i]->id);
		notify_read_document(l, toc_span_str(all[i]->json));
		o->n++;
	}
	return true;
}

static int by_weight(const void *a, const void *b)
{
	const struct notify_line *x = a, *y = b;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	return strcmp(x->id, y->id);
}

bool overdue_check(struct overdue *o, uint64_t *told, char *err, size_t room)
{
	char why[400] = "";
	unsigned taken = 0;
	const toc_time now = o->config->now(o->config->user);
	if (!read_board(o, now, err, room) || !collect(o, now, err, room))
		return false;
	if (!o->n)
		return true;
	qsort(o->lines, o->n, sizeof(o->lines[0]), by_weight);
	const struct notify_message m = { .lines = o->lines, .n = o->n, .overdue = true };
	struct notify_sinks sinks = o->config->sinks;
	if (o->config->readers)
		sinks.mail.to = o->config->readers(o->config->user, true);
	if (!notify_send(&sinks, &m, &taken, why, sizeof(why))) {
		toc_warn("notify %s: %s (%u alerts that nobody acknowledged)", o->config->route, why, o->n);
		return true;
	}
	for (unsigned i = 0; i < o->n; i++, ++*told)
		if (!note_told(o, o->lines[i].id, err, room))
			return false;
	return true;
}
