/* group - XREADGROUP to messages: a digest for most, at once for what is grave; acknowledged when a sink has it. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/tree.h"
#include "deliver/refusal.h"
#include "notify/overdue.h"

enum { PAGE = 32, HELD = 1000, GRAVE = 4, CRITICAL = 5, TRIES = 5, RECENT = 64, FIELDS = 32 };

static const toc_time claim_every = 60 * TOC_SEC, burst_span = 10 * TOC_MIN, overdue_every = 60 * TOC_SEC;

struct notifier {
	struct notify_config config;
	char key[160], group[96], dead[160];
	bool caught_up; /* what was read before, by a run that ended, has been read again */
	struct notify_line held[HELD];
	unsigned n;
	toc_time since, retry_at, claim_at; /* since: of the first that is held */
	unsigned taken, tries;		    /* of the message under way */
	toc_time recent[RECENT];	    /* when messages were sent */
	unsigned nrecent;
	struct overdue *overdue; /* NULL: nobody asks for it */
	toc_time overdue_at;
	char err[512];
	struct notify_counters count;
};

struct notifier *notify_new(const struct notify_config *config)
{
	struct notifier *n = calloc(1, sizeof(*n));
	if (!n)
		abort(); /* at start-up there is nothing to save */
	n->config = *config;
	snprintf(n->key, sizeof(n->key), "{tocsin}:alerts:%s", config->route);
	snprintf(n->dead, sizeof(n->dead), "{tocsin}:dead:%s", config->route);
	snprintf(n->group, sizeof(n->group), "notify-%s", config->route);
	if (config->asks_overdue)
		n->overdue = overdue_new(&n->config);
	return n;
}

void notify_free(struct notifier *n)
{
	if (n)
		overdue_free(n->overdue);
	free(n);
}

const struct notify_counters *notify_count(const struct notifier *n)
{
	return &n->count;
}

/* NULL: n->err tells; an error of the server's is one, too. */
static redisReply *ask(struct notifier *n, int argc, const char **argv)
{
	char words[200];
	redisReply *r = toc_ask(n->config.redis, argc, argv, NULL);
	if (r && r->type != REDIS_REPLY_ERROR)
		return r;
	if (!r) {
		snprintf(n->err, sizeof(n->err), "Redis: %s", toc_asker_trouble(n->config.redis));
		return NULL;
	}
	toc_refusal_words(r->str, words, sizeof(words));
	snprintf(n->err, sizeof(n->err), "%s: %s%s", n->key, words,
		 strncmp(words, "NOGROUP", 7) == 0 ? " (redis-setup's groups.redis makes it)" : "");
	freeReplyObject(r);
	return NULL;
}

static bool tell(struct notifier *n, int argc, const char **argv)
{
	redisReply *r = ask(n, argc, argv);
	freeReplyObject(r);
	return r != NULL;
}

static bool acknowledge(struct notifier *n, const char *entry)
{
	const char *argv[] = { "XACK", n->key, n->group, entry };
	return tell(n, 4, argv);
}

/* --- what was told already ---------------------------------------------------------------------------------------- */

/* What an event made graver is told once as grave as that, whichever revision says so first. */
static void seen_key(const struct notifier *n, const struct notify_line *l, char out[256])
{
	if (l->raised)
		snprintf(out, 256, "{tocsin}:seen:%s:%s:graver-%u", n->group, l->id, l->severity);
	else
		snprintf(out, 256, "{tocsin}:seen:%s:%s:%u", n->group, l->id, l->rev);
}

/* -1: n->err. */
static int was_told(struct notifier *n, const struct notify_line *l)
{
	char key[256];
	const char *argv[] = { "GET", key };
	seen_key(n, l, key);
	redisReply *r = ask(n, 2, argv);
	int told = !r ? -1 : r->type == REDIS_REPLY_STRING;
	freeReplyObject(r);
	return told;
}

static bool note_told(struct notifier *n, const struct notify_line *l)
{
	char key[256];
	const char *argv[] = { "SET", key, "1", "EX", "604800" };
	seen_key(n, l, key);
	return tell(n, 5, argv) && acknowledge(n, l->entry);
}

static bool bury(struct notifier *n, const struct notify_line *l, const char *why)
{
	char rev[16], sev[16];
	const char *argv[] = { "XADD", n->dead, "*", "v", "1", "id", l->id, "rev", rev, "sev", sev, "why", why };
	snprintf(rev, sizeof(rev), "%u", l->rev);
	snprintf(sev, sizeof(sev), "%u", l->severity);
	return tell(n, 13, argv) && acknowledge(n, l->entry);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void copy(char *out, size_t room, struct toc_span s)
{
	size_t n = s.n < room - 1 ? s.n : room - 1;
	memcpy(out, s.p ? s.p : (const uint8_t *)"", n);
	out[n] = '\0';
}

static struct toc_span field(const redisReply *values, const char *name)
{
	for (size_t i = 0; i + 1 < values->elements; i += 2)
		if (values->element[i]->type == REDIS_REPLY_STRING && strcmp(values->element[i]->str, name) == 0 &&
		    values->element[i + 1]->type == REDIS_REPLY_STRING)
			return toc_span_of(values->element[i + 1]->str, values->element[i + 1]->len);
	return toc_span_of("", 0);
}

/* The rule's title, and the building of the newest evidence. */
void notify_read_document(struct notify_line *l, struct toc_span json)
{
	struct toc_arena *arena = toc_arena_new();
	const struct cli_node *doc = cli_tree_read(arena, json), *list = cli_tree_at(doc, "evidences");
	copy(l->rule, sizeof(l->rule), cli_tree_text(doc, "finding_info.title"));
	for (const struct cli_node *c = list ? list->child : NULL; c; c = c->next)
		if (cli_tree_text(c, "data.src_site").n)
			copy(l->building, sizeof(l->building), cli_tree_text(c, "data.src_site"));
	l->maintained = cli_tree_at(doc, "unmapped.tocsin.maintenance") != NULL;
	l->raised = cli_tree_at(doc, "unmapped.tocsin.raised") != NULL;
	l->over = cli_tree_at(doc, "unmapped.tocsin.maintenance_over") != NULL;
	toc_arena_free(arena);
}

/* What is new; of what goes on only that which nobody was told of, since it seemed to be a part of some work, or was
 * less grave. */
static bool is_news(const struct notifier *n, const struct notify_line *l, struct toc_span act)
{
	const bool create = toc_span_is(act, "create");
	if (l->severity < n->config.severity || (!create && !l->over && !l->raised))
		return false;
	return !l->maintained || l->severity >= CRITICAL;
}

/* Holds it to be told, or acknowledges what is not worth telling. false: n->err. */
static bool take_entry(struct notifier *n, const redisReply *entry)
{
	char number[16];
	struct notify_line l = { .rev = 0 };
	if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 || entry->element[0]->type != REDIS_REPLY_STRING)
		return true;
	snprintf(l.entry, sizeof(l.entry), "%s", entry->element[0]->str);
	const redisReply *values = entry->element[1];
	n->count.read++;
	if (values->type != REDIS_REPLY_ARRAY)
		return acknowledge(n, l.entry); /* trimmed meanwhile: the journal has it */
	copy(l.id, sizeof(l.id), field(values, "id"));
	copy(number, sizeof(number), field(values, "rev"));
	l.rev = (unsigned)strtoul(number, NULL, 10);
	copy(number, sizeof(number), field(values, "sev"));
	l.severity = (unsigned)strtoul(number, NULL, 10);
	notify_read_document(&l, field(values, "ev"));
	if (!is_news(n, &l, field(values, "act"))) {
		n->count.maintained += l.maintained;
		return acknowledge(n, l.entry);
	}
	int told = was_told(n, &l);
	n->count.repeated += told > 0;
	if (told)
		return told > 0 && acknowledge(n, l.entry);
	for (unsigned i = 0; i < n->n; i++)
		if (strcmp(n->held[i].entry, l.entry) == 0)
			return true; /* claimed from ourselves: it is held already */
		else if (l.raised && strcmp(n->held[i].id, l.id) == 0 && n->held[i].severity >= l.severity)
			return acknowledge(n, l.entry); /* it will be told as grave as it is */
	n->since = n->n ? n->since : n->config.now(n->config.user);
	n->held[n->n++] = l;
	return true;
}

static bool take_entries(struct notifier *n, const redisReply *list, unsigned *got)
{
	bool ok = true;
	for (size_t i = 0; ok && list && list->type == REDIS_REPLY_ARRAY && i < list->elements && n->n < HELD;
	     i++, ++*got)
		ok = take_entry(n, list->element[i]);
	return ok;
}

/* What another run of ours has read and not acknowledged; NULL of the third part: ids that were trimmed away. */
static bool claim(struct notifier *n)
{
	const char *argv[] = { "XAUTOCLAIM", n->key, n->group, "notify", "60000", "0", "COUNT", "32" };
	unsigned got = 0;
	redisReply *r = ask(n, 8, argv);
	bool ok = r && r->type == REDIS_REPLY_ARRAY && r->elements >= 2 && take_entries(n, r->element[1], &got);
	freeReplyObject(r);
	return ok;
}

/* A page of what is new (or, after a start, of what was read and not acknowledged); waits up to a second. */
static bool read_page(struct notifier *n, bool wait, unsigned *got)
{
	const char *argv[] = { "XREADGROUP",
			       "GROUP",
			       n->group,
			       "notify",
			       "COUNT",
			       "32",
			       "BLOCK",
			       wait ? "1000" : "1",
			       "STREAMS",
			       n->key,
			       n->caught_up ? ">" : "0" };
	*got = 0;
	redisReply *r = ask(n, 11, argv);
	if (!r)
		return false;
	bool ok = true;
	if (r->type == REDIS_REPLY_ARRAY && r->elements == 1 && r->element[0]->type == REDIS_REPLY_ARRAY &&
	    r->element[0]->elements == 2)
		ok = take_entries(n, r->element[0]->element[1], got);
	freeReplyObject(r);
	n->caught_up = n->caught_up || *got < PAGE;
	return ok;
}

/* --- telling ------------------------------------------------------------------------------------------------------ */

static int by_weight(const void *a, const void *b)
{
	const struct notify_line *x = a, *y = b;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	return strcmp(x->entry, y->entry);
}

static unsigned sent_lately(struct notifier *n, toc_time now)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < n->nrecent; i++)
		if (now - n->recent[i] < burst_span)
			n->recent[kept++] = n->recent[i];
	return n->nrecent = kept;
}

static bool is_due(struct notifier *n, toc_time now)
{
	bool grave = false;
	if (!n->n || now < n->retry_at)
		return false;
	for (unsigned i = 0; i < n->n; i++)
		grave = grave || n->held[i].severity >= GRAVE;
	return n->tries || n->n == HELD || now - n->since >= n->config.digest ||
	       (grave && sent_lately(n, now) < n->config.burst);
}

static void sent(struct notifier *n, toc_time now)
{
	if (n->nrecent == RECENT)
		memmove(n->recent, n->recent + 1, --n->nrecent * sizeof(n->recent[0]));
	n->recent[n->nrecent++] = now;
	n->count.messages++;
}

/* One message of all that is held. false: n->err (Redis); a sink's trouble is told and tried again. */
static bool flush(struct notifier *n, toc_time now)
{
	char why[400] = "";
	unsigned done = 0;
	if (!n->tries)
		qsort(n->held, n->n, sizeof(n->held[0]), by_weight);
	const struct notify_message m = { .lines = n->held, .n = n->n };
	if (n->config.readers)
		n->config.sinks.mail.to = n->config.readers(n->config.user, false);
	bool ok = notify_send(&n->config.sinks, &m, &n->taken, why, sizeof(why));
	n->tries++;
	if (!ok)
		toc_warn("notify %s: %s (try %u of %d, %u alerts)", n->config.route, why, n->tries, TRIES, n->n);
	if (!ok && n->tries < TRIES) {
		n->retry_at = now + n->config.retry * n->tries;
		return true;
	}
	while (done < n->n && (ok ? note_told(n, &n->held[done]) : bury(n, &n->held[done], why)))
		done++;
	*(ok ? &n->count.told : &n->count.dead) += done;
	bool whole = done == n->n;
	if (ok)
		sent(n, now);
	n->n = n->tries = n->taken = 0; /* what Redis did not acknowledge comes again, and is known by `seen` */
	n->retry_at = 0;
	return whole;
}

/* Not while a sink refuses what is new. */
static bool remind(struct notifier *n, toc_time now)
{
	if (!n->overdue || n->tries || now < n->overdue_at)
		return true;
	n->overdue_at = now + overdue_every;
	return overdue_check(n->overdue, &n->count.overdue, n->err, sizeof(n->err));
}

bool notify_run(struct notifier *n, bool once, char *err, size_t room)
{
	bool ok = true, over = false;
	while (ok && !over && !n->config.stopped(n->config.user)) {
		unsigned got = 0;
		const bool fresh = n->caught_up; /* this page is of what is new */
		toc_time now = n->config.now(n->config.user);
		if (now >= n->claim_at && n->caught_up) {
			n->claim_at = now + claim_every;
			ok = claim(n);
		}
		/* while a sink does not take what is held, nothing is added to it */
		if (ok && !n->tries)
			ok = read_page(n, !once, &got);
		now = n->config.now(n->config.user);
		if (once && !got && fresh)
			n->since = now - n->config.digest; /* nothing more comes to wait for */
		if (ok && is_due(n, now))
			ok = flush(n, now);
		else if (ok && n->tries)
			poll(NULL, 0, 200);
		over = once && !got && !n->n && fresh;
		ok = ok && ((once && !over) || remind(n, now));
	}
	if (!ok)
		snprintf(err, room, "%s", n->err);
	return ok;
}

bool notify_test(struct notifier *n, unsigned severity, char *err, size_t room)
{
	const struct notify_line line = { .id = "test", .severity = severity, .rule = "a test" };
	const struct notify_message m = { .lines = &line, .n = 1, .test = true };
	if (n->config.readers)
		n->config.sinks.mail.to = n->config.readers(n->config.user, false);
	unsigned taken = 0;
	return notify_send(&n->config.sinks, &m, &taken, err, room);
}
