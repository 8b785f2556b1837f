/* sources - a cell a source; those with lines that nobody knows have room for the first ones and what they share. */
#include "app/sources.h"

#include <inttypes.h>
#include <stdlib.h>

#include "app/now.h"
#include "base/regulars.h"
#include "event/json.h"
#include "normalise/template.h"

enum {
	SOURCES_KNOWN = 16384, /* strangers cannot take their places (base/regulars.h) */
	SOURCES_STRANGE = 65536,
	UNKNOWN_MOST = 2048,
	FIRST_LINES = 3,
	LINE_TEXT = 240,
	TEMPLATES = 6,
	HOST = 64,
	SKEW_SHIFT = 4
};

struct unknown {
	char lines[FIRST_LINES][LINE_TEXT];
	struct template templates[TEMPLATES];
};

struct source_key {
	struct toc_addr addr;
	uint32_t listener, pad;
	uint64_t host; /* hash of the host, where it counts */
};

struct source_cell {
	struct source_key key;
	char host[HOST]; /* that it names: a claim */
	bool has_addr;
	uint64_t lines, known, incomplete;
	toc_time last, skew;
	struct {
		toc_time since;
		uint64_t now, before;
	} minute;
	struct unknown *unknown; /* NULL: none, or too many sources have some */
};

struct toc_sources {
	struct toc_regulars *cells;
	const struct toc_hash_key *key;
	unsigned nunknown;
};

static void forget(void *user, void *cell, bool regular)
{
	(void)regular;
	struct toc_sources *s = user;
	struct source_cell *c = cell;
	s->nunknown -= c->unknown != NULL;
	free(c->unknown);
}

struct toc_sources *toc_sources_new(const struct toc_hash_key *key)
{
	struct toc_sources *s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->key = key;
	s->cells = toc_regulars_new(sizeof(struct source_key), sizeof(struct source_cell), SOURCES_KNOWN,
				    SOURCES_STRANGE, key, forget, s);
	if (s->cells)
		return s;
	free(s);
	return NULL;
}

static void free_unknown(void *user, void *cell)
{
	forget(user, cell, true);
}

void toc_sources_free(struct toc_sources *s)
{
	if (!s)
		return;
	toc_regulars_each(s->cells, free_unknown, s);
	toc_regulars_free(s->cells);
	free(s);
}

/* Bytes that a terminal would obey become dots. */
static void copy_text(char *out, size_t room, struct toc_span text)
{
	size_t n = text.n < room - 1 ? text.n : room - 1;
	for (size_t i = 0; i < n; i++)
		out[i] = text.p[i] < 0x20 || text.p[i] == 0x7f ? '.' : (char)text.p[i];
	out[n] = '\0';
}

static void note_unknown(struct toc_sources *s, struct source_cell *c, struct toc_span text)
{
	const unsigned most = toc_regulars_is(s->cells, c) ? UNKNOWN_MOST : UNKNOWN_MOST / 2;
	if (!c->unknown && s->nunknown < most) {
		c->unknown = calloc(1, sizeof(*c->unknown));
		s->nunknown += c->unknown != NULL;
	}
	if (!c->unknown)
		return;
	for (unsigned i = 0; i < FIRST_LINES; i++) {
		if (c->unknown->lines[i][0])
			continue;
		copy_text(c->unknown->lines[i], LINE_TEXT, text);
		break;
	}
	template_take(c->unknown->templates, TEMPLATES, text);
}

static void note_minute(struct source_cell *c, toc_time at)
{
	toc_time gone = at - c->minute.since;
	if (gone >= TOC_MIN || gone < 0) {
		c->minute.before = gone < 2 * TOC_MIN && gone >= 0 ? c->minute.now : 0;
		c->minute.since = gone < 2 * TOC_MIN && gone >= 0 ? c->minute.since + TOC_MIN : at;
		c->minute.now = 0;
	}
	c->minute.now++;
}

void toc_sources_note(struct toc_sources *s, const struct toc_received *r, const struct toc_line_last *line, bool relay)
{
	static const struct toc_addr nobody;
	const struct source_key key = { r->has_peer ? r->peer : nobody, r->source_hint, 0,
					relay ? toc_hash(s->key, line->host.p, line->host.n) : 0 };
	bool fresh;
	/* where a relay names hosts it is by their own lines that they are known, not by the relay's */
	struct source_cell *c = toc_regulars_add(s->cells, &key, r->is_known && !relay, r->at, &fresh);
	toc_regulars_seen(s->cells, c, r->at);
	if (fresh || !c->host[0])
		copy_text(c->host, sizeof(c->host), line->host);
	c->has_addr = r->has_peer;
	c->lines++;
	c->known += line->known;
	c->incomplete += line->incomplete;
	c->last = r->at;
	note_minute(c, r->at);
	if (line->has_time)
		c->skew = c->lines == 1 ? line->ahead : c->skew + ((line->ahead - c->skew) >> SKEW_SHIFT);
	if (!line->known)
		note_unknown(s, c, line->message);
}

/* --- telling ------------------------------------------------------------------------------------------------------ */

struct telling {
	const struct toc_config *config;
	struct toc_receiver *receiver;
	FILE *out;
	toc_time now;
};

static void put_losses(FILE *out, const struct toc_sender *s)
{
	for (unsigned i = 0; s && i < TOC_LOSSES; i++)
		if (s->lost[i])
			fprintf(out, ", lost %s %" PRIu64, toc_loss_name((enum toc_loss)i), s->lost[i]);
}

static void put_unknown(FILE *out, const struct unknown *u)
{
	char pattern[TEMPLATE_PATTERN];
	for (unsigned i = 0; i < FIRST_LINES && u->lines[i][0]; i++)
		fprintf(out, "    not known: %s\n", u->lines[i]);
	for (unsigned i = 0; i < TEMPLATES; i++) {
		if (!u->templates[i].lines)
			continue;
		template_pattern(&u->templates[i], pattern);
		fprintf(out, "    pattern of %" PRIu32 " lines: %s\n", u->templates[i].lines, pattern);
	}
}

/* A whole minute where there is one; else what came since the first. */
static double rate(const struct source_cell *c, toc_time now)
{
	toc_time gone = now - c->minute.since;
	if (gone >= 2 * TOC_MIN)
		return 0;
	if (gone >= TOC_MIN)
		return (double)c->minute.now / 60;
	if (c->minute.before)
		return (double)c->minute.before / 60;
	return (double)c->minute.now / ((double)(gone > TOC_SEC ? gone : TOC_SEC) / (double)TOC_SEC);
}

static void put_name(const struct telling *t, uint32_t listener, const struct toc_addr *addr, const char *host)
{
	char name[160], text[TOC_ADDR_TEXT] = "";
	if (addr)
		toc_addr_print(addr, text);
	fprintf(t->out, "%s%s%s", toc_listener_name(&t->config->listeners[listener], name, sizeof(name)),
		addr ? " from " : "", text);
	if (*host)
		fprintf(t->out, " (%s)", host);
}

static void tell(void *user, void *cell)
{
	struct telling *t = user;
	const struct source_cell *c = cell;
	put_name(t, c->key.listener, c->has_addr ? &c->key.addr : NULL, c->host);
	fprintf(t->out, ": %" PRIu64 " lines, %.1f a second, last %.0f s ago, known %.1f %%, clock %+.1f s", c->lines,
		rate(c, t->now), (double)(t->now - c->last) / (double)TOC_SEC,
		100 * (double)c->known / (double)c->lines, (double)c->skew / (double)TOC_SEC);
	put_losses(t->out, toc_receiver_sender(t->receiver, &c->key.addr, c->key.listener));
	if (c->incomplete)
		fprintf(t->out, ", incomplete records %" PRIu64, c->incomplete);
	fputc('\n', t->out);
	if (c->unknown)
		put_unknown(t->out, c->unknown);
}

static uint64_t lost_in_all(const struct toc_sender *s)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < TOC_LOSSES; i++)
		sum += s->lost[i];
	return sum;
}

/* Who has lost all that he sent, and what the kernel tells of a socket. */
static void tell_loser(void *user, const struct toc_sender *s)
{
	static const struct toc_addr nobody;
	struct telling *t = user;
	if (s->lines || !lost_in_all(s))
		return;
	put_name(t, s->listener, toc_addr_eq(&s->addr, &nobody) ? NULL : &s->addr, "");
	fputs(": no lines", t->out);
	put_losses(t->out, s);
	fputc('\n', t->out);
}

/* --- those that sent most ----------------------------------------------------------------------------------------- */

struct ranking {
	const struct toc_config *config;
	struct toc_receiver *receiver;
	struct toc_source_count *out;
	unsigned n, room;
};

static void rank(void *user, void *cell)
{
	struct ranking *k = user;
	const struct source_cell *c = cell;
	unsigned at = k->n;
	while (at && k->out[at - 1].lines < c->lines)
		at--;
	if (at == k->room)
		return;
	k->n += k->n < k->room;
	memmove(&k->out[at + 1], &k->out[at], (k->n - 1 - at) * sizeof(*k->out));
	struct toc_source_count *o = &k->out[at];
	const struct toc_sender *sender = toc_receiver_sender(k->receiver, &c->key.addr, c->key.listener);
	*o = (struct toc_source_count){ .lines = c->lines,
					.known = c->known,
					.lost = sender ? lost_in_all(sender) : 0 };
	toc_listener_name(&k->config->listeners[c->key.listener], o->listener, sizeof(o->listener));
	if (c->has_addr)
		toc_addr_print(&c->key.addr, o->address);
	memcpy(o->host, c->host, sizeof(o->host));
}

unsigned toc_sources_most(struct toc_sources *s, struct toc_receiver *r, const struct toc_config *config,
			  struct toc_source_count *out, unsigned n, unsigned room)
{
	struct ranking k = { config, r, out, n, room };
	toc_receiver_lock(r);
	toc_regulars_each(s->cells, rank, &k);
	toc_receiver_unlock(r);
	return k.n;
}

/* --- the same for programs: an object a line ---------------------------------------------------------------------- */

static void put_text(FILE *out, const char *name, const char *text)
{
	char quoted[6 * TEMPLATE_PATTERN + 3]; /* lines are shorter */
	size_t n = toc_json_string(toc_span_str(text), quoted);
	fprintf(out, "%s%s%s%.*s", *name ? "\"" : "", name, *name ? "\":" : "", (int)n, quoted);
}

static void put_lost_json(FILE *out, const struct toc_sender *s)
{
	bool any = false;
	fputs(",\"lost\":{", out);
	for (unsigned i = 0; s && i < TOC_LOSSES; i++) {
		if (!s->lost[i])
			continue;
		fprintf(out, "%s\"%s\":%" PRIu64, any ? "," : "", toc_loss_name((enum toc_loss)i), s->lost[i]);
		any = true;
	}
	fputc('}', out);
}

static void put_unknown_json(FILE *out, const struct unknown *u)
{
	char pattern[TEMPLATE_PATTERN];
	bool any = false;
	fputs(",\"not_known\":[", out);
	for (unsigned i = 0; i < FIRST_LINES && u->lines[i][0]; i++) {
		fputs(i ? "," : "", out);
		put_text(out, "", u->lines[i]);
	}
	fputs("],\"patterns\":[", out);
	for (unsigned i = 0; i < TEMPLATES; i++) {
		if (!u->templates[i].lines)
			continue;
		template_pattern(&u->templates[i], pattern);
		fprintf(out, "%s{\"lines\":%" PRIu32 ",", any ? "," : "", u->templates[i].lines);
		put_text(out, "pattern", pattern);
		fputc('}', out);
		any = true;
	}
	fputc(']', out);
}

static void put_name_json(const struct telling *t, uint32_t listener, const struct toc_addr *addr, const char *host)
{
	char name[160], text[TOC_ADDR_TEXT] = "";
	fputc('{', t->out);
	put_text(t->out, "listener", toc_listener_name(&t->config->listeners[listener], name, sizeof(name)));
	if (addr) {
		toc_addr_print(addr, text);
		fprintf(t->out, ",\"address\":\"%s\"", text);
	}
	if (*host) {
		fputc(',', t->out);
		put_text(t->out, "host", host);
	}
}

static void tell_json(void *user, void *cell)
{
	const struct telling *t = user;
	const struct source_cell *c = cell;
	put_name_json(t, c->key.listener, c->has_addr ? &c->key.addr : NULL, c->host);
	fprintf(t->out, ",\"lines\":%" PRIu64 ",\"rate\":%.1f,\"last\":%.3f,\"known\":%.4f,\"clock\":%.1f", c->lines,
		rate(c, t->now), (double)c->last / (double)TOC_SEC, (double)c->known / (double)c->lines,
		(double)c->skew / (double)TOC_SEC);
	put_lost_json(t->out, toc_receiver_sender(t->receiver, &c->key.addr, c->key.listener));
	fprintf(t->out, ",\"incomplete\":%" PRIu64, c->incomplete);
	if (c->unknown)
		put_unknown_json(t->out, c->unknown);
	fputs("}\n", t->out);
}

static void tell_loser_json(void *user, const struct toc_sender *s)
{
	static const struct toc_addr nobody;
	const struct telling *t = user;
	if (s->lines || !lost_in_all(s))
		return;
	put_name_json(t, s->listener, toc_addr_eq(&s->addr, &nobody) ? NULL : &s->addr, "");
	fputs(",\"lines\":0", t->out);
	put_lost_json(t->out, s);
	fputs("}\n", t->out);
}

/* Strangers, nearly always: whose places others have now. */
static void tell_forgotten(const struct telling *t, const struct toc_receiver_counters *c, bool json)
{
	if (!c->senders_forgotten)
		return;
	fprintf(t->out,
		json ? "{\"forgotten\":{\"senders\":%" PRIu64 ",\"known\":%" PRIu64 ",\"lines\":%" PRIu64
		       ",\"lost\":%" PRIu64 "}}\n"
		     : "forgotten: %" PRIu64 " senders, of these %" PRIu64 " known ones, with %" PRIu64
		       " lines and %" PRIu64 " losses\n",
		c->senders_forgotten, c->known_forgotten, c->forgotten_lines, c->forgotten_lost);
}

void toc_sources_write(struct toc_sources *s, struct toc_receiver *r, const struct toc_config *config, bool json,
		       FILE *out)
{
	struct telling t = { .config = config, .out = out, .now = toc_now(), .receiver = r };
	toc_receiver_lock(r);
	toc_regulars_each(s->cells, json ? tell_json : tell, &t);
	tell_forgotten(&t, toc_receiver_count(r), json);
	toc_receiver_unlock(r);
	toc_receiver_senders(r, json ? tell_loser_json : tell_loser, &t);
}
