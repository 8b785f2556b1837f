/* board - streams to alerts: XRANGE page by page, folded by (id, rev) and by person. */
#include "cli/board.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "cli/fold.h"
#include "deliver/refusal.h"

enum { ALERTS_MOST = 200000, EVENTS_MOST = 1000000, STREAMS_MOST = 2048, TEXT_MOST = 2000 };

const char *const cli_deed_names[CLI_DEEDS] = {
	[CLI_ACK] = "ack",     [CLI_NOTE] = "note",	[CLI_ASSIGN] = "assign", [CLI_ESCALATE] = "escalate",
	[CLI_CLOSE] = "close", [CLI_EXEMPT] = "exempt", [CLI_UNDO] = "undo"
};
const char *const cli_verdicts[] = { "true", "false", "benign", "unknown", NULL };

/* One stream and how far it was read. person NULL: of alerts. */
struct stream {
	char key[256];
	const char *route, *person;
	char last[48];
};

struct cli_board {
	struct cli_board_config config;
	struct stream *streams;
	unsigned nstreams;
	struct cli_alert **alerts; /* by id */
	struct cli_alert **shown;  /* as cli_board_alerts gives them */
	unsigned n, room;
	struct cli_event **early; /* deeds on alerts that were not read (yet) */
	char (*early_of)[33];
	unsigned nearly, early_room, nevents;
	bool sorted;
};

bool cli_is_verdict(const char *text)
{
	for (const char *const *v = cli_verdicts; text && *v; v++)
		if (strcmp(*v, text) == 0)
			return true;
	return false;
}

static void *must(void *p)
{
	if (!p)
		abort(); /* a terminal's program has nothing to save */
	return p;
}

static char *keep(struct toc_span s)
{
	char *out = must(malloc(s.n + 1));
	if (s.n)
		memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return out;
}

/* --- streams ------------------------------------------------------------------------------------------------------ */

static void add_stream(struct cli_board *b, const char *route, const char *person)
{
	if (b->nstreams == STREAMS_MOST)
		return;
	struct stream *s = &b->streams[b->nstreams++];
	if (person)
		snprintf(s->key, sizeof(s->key), "{tocsin}:state:%s:%s", route, person);
	else
		snprintf(s->key, sizeof(s->key), "{tocsin}:alerts:%s", route);
	s->route = route;
	s->person = person;
	snprintf(s->last, sizeof(s->last), "%" PRId64 "-0", person ? 0 : b->config.since_ms);
}

struct cli_board *cli_board_new(const struct cli_board_config *config)
{
	struct cli_board *b = must(calloc(1, sizeof(*b)));
	const struct toc_people *people = config->people;
	b->config = *config;
	b->streams = must(calloc(STREAMS_MOST, sizeof(*b->streams)));
	for (const char *const *route = config->routes; *route; route++) {
		if (!config->deeds_only)
			add_stream(b, *route, NULL);
		add_stream(b, *route, config->uid);
		if (strcmp(config->uid, toc_keeper_uid) != 0)
			add_stream(b, *route, toc_keeper_uid);
		for (unsigned i = 0; people && i < people->n; i++)
			if (strcmp(people->at[i].uid, config->uid) != 0 && toc_person_reads(&people->at[i], *route))
				add_stream(b, *route, people->at[i].uid);
	}
	return b;
}

static void free_event(struct cli_event *e)
{
	free((char *)(uintptr_t)e->note);
	free((char *)(uintptr_t)e->verdict);
	free((char *)(uintptr_t)e->to);
	free((char *)(uintptr_t)e->on);
	free((char *)(uintptr_t)e->person);
	free(e);
}

static void free_texts(struct cli_alert *a)
{
	free(a->json);
	free(a->route);
	free(a->rule);
	free(a->title);
	free(a->message);
	free(a->key);
}

void cli_board_free(struct cli_board *b)
{
	if (!b)
		return;
	for (unsigned i = 0; i < b->n; i++) {
		for (unsigned k = 0; k < b->alerts[i]->nevents; k++)
			free_event(b->alerts[i]->events[k]);
		free(b->alerts[i]->events);
		free_texts(b->alerts[i]);
		free(b->alerts[i]);
	}
	for (unsigned i = 0; i < b->nearly; i++)
		free_event(b->early[i]);
	free(b->early);
	free(b->early_of);
	free(b->alerts);
	free(b->shown);
	free(b->streams);
	free(b);
}

/* --- alerts ------------------------------------------------------------------------------------------------------- */

/* Where the id is, or would be. */
static unsigned place_of(const struct cli_board *b, const char *id)
{
	unsigned from = 0, to = b->n;
	while (from < to) {
		unsigned middle = (from + to) / 2;
		if (strcmp(b->alerts[middle]->id, id) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static struct cli_alert *find(const struct cli_board *b, const char *id)
{
	unsigned at = place_of(b, id);
	return at < b->n && strcmp(b->alerts[at]->id, id) == 0 ? b->alerts[at] : NULL;
}

static void add_event(struct cli_alert *a, struct cli_event *e)
{
	if (a->nevents == a->room) {
		a->room = a->room ? 2 * a->room : 4;
		a->events = must(realloc(a->events, a->room * sizeof(a->events[0])));
	}
	a->events[a->nevents++] = e;
}

/* Deeds that came before their alert. */
static void take_early(struct cli_board *b, struct cli_alert *a)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < b->nearly; i++) {
		if (strcmp(b->early_of[i], a->id) == 0) {
			add_event(a, b->early[i]);
			continue;
		}
		b->early[kept] = b->early[i];
		memmove(b->early_of[kept++], b->early_of[i], sizeof(b->early_of[i]));
	}
	b->nearly = kept;
}

static struct cli_alert *add(struct cli_board *b, const char *id)
{
	unsigned at = place_of(b, id);
	if (b->n == ALERTS_MOST)
		return NULL;
	if (b->n == b->room) {
		b->room = b->room ? 2 * b->room : 256;
		b->alerts = must(realloc(b->alerts, b->room * sizeof(b->alerts[0])));
		b->shown = must(realloc(b->shown, b->room * sizeof(b->shown[0])));
	}
	memmove(&b->alerts[at + 1], &b->alerts[at], (b->n++ - at) * sizeof(b->alerts[0]));
	struct cli_alert *a = b->alerts[at] = must(calloc(1, sizeof(*a)));
	snprintf(a->id, sizeof(a->id), "%s", id);
	take_early(b, a);
	return a;
}

/* "src_ip 10.1.2.3, user tok_…" */
static char *key_text(const struct cli_node *key)
{
	char out[512];
	size_t n = 0;
	out[0] = '\0';
	for (const struct cli_node *c = key ? key->child : NULL; c && n < sizeof(out) - 1; c = c->next)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s %.*s", n ? ", " : "", (int)c->name.n,
				      (const char *)c->name.p, (int)c->text.n, (const char *)c->text.p);
	return keep(toc_span_str(out));
}

/* A revision takes the place of an older one. */
static void revise(struct cli_alert *a, const char *route, char act, const struct cli_node *doc, struct toc_span json)
{
	free_texts(a);
	a->act = act;
	a->json = keep(json);
	a->route = keep(toc_span_str(route));
	a->rule = keep(cli_tree_text(doc, "rule"));
	a->work = cli_tree_at(doc, "unmapped.tocsin.maintenance_over") ? CLI_WORK_OVER
		  : cli_tree_at(doc, "unmapped.tocsin.maintenance")    ? CLI_WORK
								       : CLI_NO_WORK;
	a->title = keep(cli_tree_text(doc, "finding_info.title"));
	a->message = keep(cli_tree_text(doc, "message"));
	a->key = key_text(cli_tree_at(doc, "unmapped.tocsin.key"));
	a->group = toc_hash_mix(toc_hash_fixed(a->rule, strlen(a->rule)), toc_hash_fixed(a->key, strlen(a->key)));
	a->count = (uint64_t)cli_tree_number(doc, "count");
	a->first = (int64_t)cli_tree_number(doc, "start_time");
	a->last = (int64_t)cli_tree_number(doc, "end_time");
}

static struct toc_span field(unsigned n, const struct toc_span *fields, const char *name)
{
	for (unsigned i = 0; i + 1 < n; i += 2)
		if (toc_span_is(fields[i], name))
			return fields[i + 1];
	return toc_span_of("", 0);
}

static bool is_id(struct toc_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return s.n == 32;
}

static unsigned number(struct toc_span s)
{
	char text[16];
	snprintf(text, sizeof(text), "%.*s", (int)(s.n < 15 ? s.n : 15), (const char *)s.p);
	return (unsigned)strtoul(text, NULL, 10);
}

bool cli_board_take_alert(struct cli_board *b, const char *route, unsigned n, const struct toc_span *fields)
{
	char id[33];
	struct toc_span id_text = field(n, fields, "id"), json = field(n, fields, "ev"), act = field(n, fields, "act");
	unsigned rev = number(field(n, fields, "rev"));
	if (!is_id(id_text) || !toc_span_is(field(n, fields, "v"), "1") || !act.n || !rev)
		return false;
	memcpy(id, id_text.p, 32);
	id[32] = '\0';
	struct toc_arena *arena = toc_arena_new();
	const struct cli_node *doc = cli_tree_read(arena, json);
	struct cli_alert *a = find(b, id);
	a = a || !doc ? a : add(b, id);
	if (doc && a && rev > a->rev) { /* the same again is a repetition */
		a->rev = rev;
		a->severity = number(field(n, fields, "sev"));
		revise(a, route, toc_span_is(act, "close") ? 'x' : (char)act.p[0], doc, json);
		cli_fold(a);
	}
	b->sorted = false;
	toc_arena_free(arena);
	return doc != NULL;
}

/* --- deeds -------------------------------------------------------------------------------------------------------- */

static char *keep_some(struct toc_span s)
{
	return s.n ? keep(toc_span_first(s, TEXT_MOST)) : NULL;
}

static void put_early(struct cli_board *b, const char *id, struct cli_event *e)
{
	if (b->nearly == b->early_room) {
		b->early_room = b->early_room ? 2 * b->early_room : 16;
		b->early = must(realloc(b->early, b->early_room * sizeof(b->early[0])));
		b->early_of = must(realloc(b->early_of, b->early_room * sizeof(b->early_of[0])));
	}
	snprintf(b->early_of[b->nearly], sizeof(b->early_of[0]), "%s", id);
	b->early[b->nearly++] = e;
}

static enum cli_deed deed_of(struct toc_span name)
{
	unsigned d = 0;
	while (d < CLI_DEEDS && !toc_span_is(name, cli_deed_names[d]))
		d++;
	return (enum cli_deed)d;
}

static bool take_event(struct cli_board *b, const char *route, const char *person, const char *stream_id, unsigned n,
		       const struct toc_span *fields)
{
	char id[33], *end;
	struct toc_span id_text = field(n, fields, "id"), verdict = field(n, fields, "verdict");
	enum cli_deed deed = deed_of(field(n, fields, "do"));
	if (!is_id(id_text) || deed == CLI_DEEDS || !toc_span_is(field(n, fields, "v"), "1") ||
	    b->nevents == EVENTS_MOST)
		return false;
	memcpy(id, id_text.p, 32);
	id[32] = '\0';
	b->nevents++;
	struct cli_event *e = must(calloc(1, sizeof(*e)));
	snprintf(e->id, sizeof(e->id), "%s/%s", person, stream_id);
	e->ms = strtoull(stream_id, &end, 10);
	e->seq = *end == '-' ? strtoull(end + 1, NULL, 10) : 0;
	e->deed = deed;
	e->route = route;
	e->rev = number(field(n, fields, "rev"));
	e->days = number(field(n, fields, "days"));
	e->person = keep(toc_span_str(person)); /* the key is the author, whatever the entry says */
	e->note = keep_some(field(n, fields, "note"));
	e->verdict = keep_some(verdict);
	e->to = keep_some(field(n, fields, "to"));
	e->on = keep(toc_span_first(field(n, fields, "on"), CLI_STATE_ID - 1));
	if (e->verdict && !cli_is_verdict(e->verdict)) {
		free_event(e);
		return false;
	}
	struct cli_alert *a = find(b, id);
	if (!a && b->config.deeds_only)
		a = add(b, id);
	if (a) {
		add_event(a, e);
		cli_fold(a);
	} else {
		put_early(b, id, e);
	}
	b->sorted = false;
	return true;
}

bool cli_board_take_event(struct cli_board *b, const char *person, const char *stream_id, unsigned n,
			  const struct toc_span *fields)
{
	return take_event(b, NULL, person, stream_id, n, fields);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

enum { PAGE = 64, FIELDS = 32 };

static void take_entry(struct cli_board *b, struct stream *s, const redisReply *entry)
{
	struct toc_span fields[FIELDS];
	unsigned n = 0;
	if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 || entry->element[0]->type != REDIS_REPLY_STRING)
		return;
	snprintf(s->last, sizeof(s->last), "%s", entry->element[0]->str);
	const redisReply *values = entry->element[1];
	for (; values->type == REDIS_REPLY_ARRAY && n < values->elements && n < FIELDS; n++)
		fields[n] = values->element[n]->type == REDIS_REPLY_STRING
				    ? toc_span_of(values->element[n]->str, values->element[n]->len)
				    : toc_span_of("", 0);
	if (s->person)
		take_event(b, s->route, s->person, s->last, n, fields);
	else
		cli_board_take_alert(b, s->route, n, fields);
}

/* One page behind the last entry; -1: err tells. */
static int read_page(struct cli_board *b, struct stream *s, char *err, size_t room)
{
	char from[64], count[16], words[160];
	snprintf(from, sizeof(from), "(%s", s->last);
	snprintf(count, sizeof(count), "%d", PAGE);
	const char *argv[] = { "XRANGE", s->key, from, "+", "COUNT", count };
	redisReply *r = toc_ask(b->config.redis, 6, argv, NULL);
	int n = -1;
	if (!r) {
		snprintf(err, room, "Redis: %s", toc_asker_trouble(b->config.redis));
	} else if (r->type != REDIS_REPLY_ARRAY) {
		toc_refusal_words(r->type == REDIS_REPLY_ERROR ? r->str : "no list", words, sizeof(words));
		snprintf(err, room, "%s: %s", s->key, words);
	} else {
		n = (int)r->elements;
		for (int i = 0; i < n; i++)
			take_entry(b, s, r->element[i]);
	}
	freeReplyObject(r);
	return n;
}

int cli_board_read(struct cli_board *b, char *err, size_t err_size)
{
	int total = 0;
	for (unsigned i = 0; i < b->nstreams; i++) {
		int n;
		do {
			n = read_page(b, &b->streams[i], err, err_size);
			total += n;
		} while (n == PAGE);
		if (n < 0)
			return -1;
	}
	return total;
}

bool cli_board_full(const struct cli_board *b)
{
	return b->nevents == EVENTS_MOST || b->n == ALERTS_MOST;
}

static int by_weight(const void *x, const void *y)
{
	const struct cli_alert *a = *(struct cli_alert *const *)x, *b = *(struct cli_alert *const *)y;
	if (a->now.closed != b->now.closed)
		return a->now.closed ? 1 : -1;
	if (a->now.acked != b->now.acked)
		return a->now.acked ? 1 : -1;
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (a->last != b->last)
		return a->last > b->last ? -1 : 1;
	return strcmp(a->id, b->id);
}

struct cli_alert *const *cli_board_alerts(struct cli_board *b, unsigned *n)
{
	if (!b->sorted && b->n) {
		memcpy(b->shown, b->alerts, b->n * sizeof(b->shown[0]));
		qsort(b->shown, b->n, sizeof(b->shown[0]), by_weight);
	}
	b->sorted = true;
	*n = b->n;
	return b->shown;
}

struct cli_alert *cli_board_find(struct cli_board *b, const char *id, bool *many)
{
	size_t n = strlen(id);
	unsigned at = place_of(b, id);
	*many = n > 0 && at + 1 < b->n && strncmp(b->alerts[at + 1]->id, id, n) == 0;
	return n && at < b->n && strncmp(b->alerts[at]->id, id, n) == 0 && !*many ? b->alerts[at] : NULL;
}
