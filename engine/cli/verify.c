/* verify - the chain of each sensor, followed along a stream; what was delivered twice is looked at once. */
#include "cli/verify.h"

#include <stdlib.h>
#include <string.h>

#include "alert/chain.h"
#include "base/hash.h"
#include "base/lru.h"
#include "cli/safe.h"
#include "cli/tree.h"
#include "deliver/refusal.h"

enum { SENSORS = 64, PAGE = 200, SEEN = 1 << 20 };

const char *const cli_flaw_names[CLI_FLAWS] = { "altered", "missing", "unchained" };

struct cli_verify {
	const char *route;
	cli_flaw_told told;
	void *user;
	struct toc_lru *seen; /* hashes of documents: a repetition is no news */
	unsigned n;
	struct cli_verified found[SENSORS];
};

struct cli_verify *cli_verify_new(const char *route, cli_flaw_told told, void *user)
{
	static const struct toc_hash_key key = { 0x7665, 0x7269 }; /* what is looked up is a hash already */
	struct cli_verify *v = calloc(1, sizeof(*v));
	if (!v || !(v->seen = toc_lru_new(CHAIN_HASH, CHAIN_HASH, SEEN, &key, NULL, NULL)))
		abort();
	v->route = route;
	v->told = told;
	v->user = user;
	return v;
}

void cli_verify_free(struct cli_verify *v)
{
	if (v)
		toc_lru_free(v->seen);
	free(v);
}

static struct cli_verified *of_sensor(struct cli_verify *v, struct toc_span sensor)
{
	for (unsigned i = 0; i < v->n; i++)
		if (toc_span_is(sensor, v->found[i].sensor))
			return &v->found[i];
	if (v->n == SENSORS)
		return NULL;
	struct cli_verified *new = &v->found[v->n++];
	new->route = v->route;
	snprintf(new->sensor, sizeof(new->sensor), "%.*s", (int)sensor.n, (const char *)sensor.p);
	return new;
}

/* The route's name may have points, so it is no path. */
static struct toc_span prev_of(const struct cli_node *doc, const char *route)
{
	const struct cli_node *prev = cli_tree_at(doc, "unmapped.tocsin.chain.prev");
	for (const struct cli_node *c = prev ? prev->child : NULL; c; c = c->next)
		if (toc_span_is(c->name, route))
			return c->text;
	return toc_span_of("", 0);
}

/* The document follows upon the last one; the first that is there may follow upon one that is too old to be. */
static bool follows(struct cli_verified *of, struct toc_span prev)
{
	if (of->last[0])
		return toc_span_is(prev, of->last);
	of->trimmed = prev.n > 0;
	return true;
}

/* What is wrong with it; CLI_FLAWS: nothing. again: it was there before, as it is. */
static enum cli_flaw flaw_of(struct cli_verify *v, struct cli_verified *of, struct toc_span document,
			     const struct cli_node *doc, bool *again)
{
	bool fresh;
	const char *hash = chain_hash_of(document);
	*again = false;
	if (!hash)
		return CLI_UNCHAINED;
	const bool holds = chain_holds(document);
	toc_lru_add(v->seen, hash, &fresh);
	*again = holds && !fresh;
	if (*again)
		return CLI_FLAWS;
	const enum cli_flaw flaw = !holds				  ? CLI_ALTERED
				   : !follows(of, prev_of(doc, v->route)) ? CLI_MISSING
									  : CLI_FLAWS;
	if (fresh)
		snprintf(of->last, sizeof(of->last), "%.*s", CHAIN_HASH, hash);
	return flaw;
}

static void look_at(struct cli_verify *v, const char *stream, struct toc_span document, const struct cli_node *doc)
{
	char id[64];
	bool again;
	const struct toc_span text = cli_tree_text(doc, "id");
	struct cli_verified *of = of_sensor(v, cli_tree_text(doc, "metadata.log_provider"));
	if (!of)
		return;
	const enum cli_flaw flaw = flaw_of(v, of, document, doc, &again);
	if (!of->documents)
		of->oldest = (int64_t)strtoull(stream, NULL, 10);
	of->documents += !again;
	if (flaw == CLI_FLAWS)
		return;
	of->flaws[flaw]++;
	snprintf(id, sizeof(id), "%.*s", (int)text.n, (const char *)text.p);
	v->told(v->user, of, flaw, stream, id, (unsigned)cli_tree_number(doc, "rev"));
}

void cli_verify_take(struct cli_verify *v, const char *stream, struct toc_span document)
{
	struct toc_arena *arena = toc_arena_new();
	look_at(v, stream, document, cli_tree_read(arena, document));
	toc_arena_free(arena);
}

/* Fields and values in turn; the document is `ev`. */
static bool take_entry(struct cli_verify *v, const redisReply *entry)
{
	if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2 || entry->element[0]->type != REDIS_REPLY_STRING)
		return false;
	const redisReply *fields = entry->element[1];
	struct toc_span document = toc_span_of("", 0);
	for (size_t i = 0; fields->type == REDIS_REPLY_ARRAY && i + 1 < fields->elements; i += 2) {
		const redisReply *name = fields->element[i], *value = fields->element[i + 1];
		if (name->type == REDIS_REPLY_STRING && value->type == REDIS_REPLY_STRING &&
		    strcmp(name->str, "ev") == 0)
			document = toc_span_of(value->str, value->len);
	}
	cli_verify_take(v, entry->element[0]->str, document);
	return true;
}

/* How many came; last becomes the id of the last of them. -1: err tells. */
static int read_page(struct cli_verify *v, struct toc_asker *redis, char last[64], char *err, size_t err_size)
{
	char key[256], from[72], count[16], words[160];
	snprintf(key, sizeof(key), "{tocsin}:alerts:%s", v->route);
	snprintf(from, sizeof(from), "(%s", last);
	snprintf(count, sizeof(count), "%d", PAGE);
	const char *argv[] = { "XRANGE", key, from, "+", "COUNT", count };
	redisReply *r = toc_ask(redis, 6, argv, NULL);
	int n = -1;
	if (!r) {
		snprintf(err, err_size, "Redis: %s", toc_asker_trouble(redis));
	} else if (r->type != REDIS_REPLY_ARRAY) {
		toc_refusal_words(r->type == REDIS_REPLY_ERROR ? r->str : "no list", words, sizeof(words));
		snprintf(err, err_size, "%s: %s", key, words);
	} else {
		n = (int)r->elements;
		for (int i = 0; i < n; i++) {
			if (!take_entry(v, r->element[i])) {
				snprintf(err, err_size, "%s: Redis answered with no entry of a stream", key);
				n = -1;
				break;
			}
			snprintf(last, 64, "%s", r->element[i]->element[0]->str);
		}
	}
	freeReplyObject(r);
	return n;
}

bool cli_verify_read(struct cli_verify *v, struct toc_asker *redis, char *err, size_t err_size)
{
	char last[64] = "0";
	int n;
	do
		n = read_page(v, redis, last, err, err_size);
	while (n == PAGE);
	return n >= 0;
}

const struct cli_verified *cli_verify_found(const struct cli_verify *v, unsigned *n)
{
	*n = v->n;
	return v->found;
}

static void print_json(const struct cli_verified *of, FILE *out)
{
	struct text t = { 0 };
	text_puts(&t, "{");
	json_puts(&t, "route", of->route);
	json_puts(&t, "sensor", of->sensor);
	json_number(&t, "documents", of->documents);
	json_number(&t, "oldest", (uint64_t)of->oldest);
	for (unsigned i = 0; i < CLI_FLAWS; i++)
		json_number(&t, cli_flaw_names[i], of->flaws[i]);
	text_puts(&t, of->trimmed ? ",\"from_the_first\":false" : ",\"from_the_first\":true");
	json_puts(&t, "last", of->last);
	text_puts(&t, "}\n");
	fwrite(t.p, 1, t.n, out);
	text_free(&t);
}

void cli_verified_print(const struct cli_verified *of, bool json, FILE *out)
{
	char sensor[256], since[TIME_TEXT];
	if (json) {
		print_json(of, out);
		return;
	}
	cli_safe(toc_span_str(of->sensor), 40, sensor, sizeof(sensor));
	since[time_text(of->oldest * TOC_MS, since)] = '\0';
	fprintf(out, "%s, sensor %s: %lu documents since %.19s%s", of->route, sensor, of->documents, since,
		of->trimmed ? " (older ones were removed)" : "");
	if (!of->flaws[CLI_ALTERED] && !of->flaws[CLI_MISSING] && !of->flaws[CLI_UNCHAINED])
		fprintf(out, ", whole; the last ends with %.16s\n", of->last);
	else
		fprintf(out, ": %lu altered, %lu places where some are missing, %lu without a chain\n",
			of->flaws[CLI_ALTERED], of->flaws[CLI_MISSING], of->flaws[CLI_UNCHAINED]);
}
