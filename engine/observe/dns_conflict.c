/* dns_conflict - one query on one 5-tuple that got two answers which differ: somebody besides the resolver speaks. */
#include <stdlib.h>

#include "base/lru.h"
#include "observe/observer.h"

enum { QUERIES = 16384, REMEMBER_S = 10, ANSWERS = 32 };
enum { EV_CONFLICT, F_SRC, F_DST, F_QUERY, F_FIRST, F_SECOND, F_APART, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[EV_CONFLICT] = { "dns_conflict", TOC_KIND, false, TOC_OPEN, NULL,
			  "a DNS query got two answers that have nothing in common" },
	[F_SRC] = { "src_ip", TOC_IP, false, TOC_DEVICE, NULL, "who asked" },
	[F_DST] = { "dst_ip", TOC_IP, false, TOC_DEVICE, NULL, "whose address both answers carry" },
	[F_QUERY] = { "query", TOC_STRING, false, TOC_CONTENT, NULL, "what was asked" },
	[F_FIRST] = { "first_answers", TOC_UINT, false, TOC_OPEN, NULL, "records in the first answer" },
	[F_SECOND] = { "second_answers", TOC_UINT, false, TOC_OPEN, NULL, "records in the second" },
	[F_APART] = { "apart", TOC_DURATION, false, TOC_OPEN, "s", "from the query to the second" },
};
static const char *const kinds[] = { "dns", NULL };

struct key {
	struct toc_addr src, dst;
	uint16_t src_port, dst_port, id, zero;
	uint64_t query; /* hash: a client may use an id for two queries at once (A and AAAA have two) */
};

/* The first answer: hashes of its records, as many as are kept; an order that rotates changes nothing. */
struct asked {
	struct key key;
	toc_time ts; /* of the query */
	uint32_t n, told;
	uint32_t records[ANSWERS];
};

struct dns_conflict {
	struct observer_env env;
	const toc_field *map;
	struct toc_lru *queries;
	toc_field src, dst, src_port, dst_port, id, query, qtype, answers, rtt;
};

static void conflict_free(void *self)
{
	struct dns_conflict *c = self;
	toc_lru_free(c->queries);
	free(c);
}

static void *conflict_new(const struct observer_env *env, const toc_field *map)
{
	struct dns_conflict *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->env = *env;
	c->map = map;
	c->src = toc_intern_add(env->names, toc_span_str("id.orig_h"));
	c->dst = toc_intern_add(env->names, toc_span_str("id.resp_h"));
	c->src_port = toc_intern_add(env->names, toc_span_str("id.orig_p"));
	c->dst_port = toc_intern_add(env->names, toc_span_str("id.resp_p"));
	c->id = toc_intern_add(env->names, toc_span_str("trans_id"));
	c->query = toc_intern_add(env->names, toc_span_str("query"));
	c->rtt = toc_intern_add(env->names, toc_span_str("rtt"));
	c->qtype = toc_intern_add(env->names, toc_span_str("qtype"));
	c->answers = toc_intern_add(env->names, toc_span_str("answers"));
	c->queries = toc_lru_new(sizeof(struct key), sizeof(struct asked), QUERIES, env->key, NULL, NULL);
	if (c->queries)
		return c;
	conflict_free(c);
	return NULL;
}

static uint32_t record(const struct dns_conflict *c, struct toc_value v)
{
	return v.type == TOC_STRING ? (uint32_t)toc_hash(c->env.key, v.as.s.p, v.as.s.n) | 1 : 0;
}

static bool has(const struct asked *a, uint32_t r)
{
	for (uint32_t i = 0; i < a->n; i++)
		if (a->records[i] == r)
			return true;
	return false;
}

static void tell(struct dns_conflict *c, const struct asked *a, struct toc_span query, uint32_t n,
		 const struct toc_event *ev)
{
	struct toc_draft *d = c->env.draft;
	toc_draft_begin(d, c->map, EV_CONFLICT);
	d->head.ts = ev->ts;
	toc_put_ip(d, F_SRC, &a->key.src);
	toc_put_ip(d, F_DST, &a->key.dst);
	toc_put_str(d, F_QUERY, query);
	toc_put_uint(d, F_FIRST, a->n);
	toc_put_uint(d, F_SECOND, n);
	toc_put_duration(d, F_APART, ev->ts > a->ts ? ev->ts - a->ts : 0);
	c->env.emit->event(c->env.emit, d);
}

/* The records of an answer are kept (the first), or held against those that are (the others). */
static void compare(struct dns_conflict *c, struct asked *a, bool fresh, struct toc_value answers,
		    struct toc_span query, const struct toc_event *ev)
{
	uint32_t n = answers.list ? answers.count : 0;
	bool common = n == 0 || a->n == 0;
	for (uint32_t i = 0; i < n && i < ANSWERS; i++) {
		uint32_t r = record(c, toc_event_item(ev, &answers, i));
		if (fresh)
			a->records[a->n++] = r;
		else
			common = common || has(a, r);
	}
	/* an answer with a time of its own belongs to a query that was sent again, and resolvers rotate */
	if (fresh || common || a->told || toc_event_get(ev, c->rtt).type != TOC_NONE)
		return;
	a->told = 1;
	tell(c, a, query, n, ev);
}

static void conflict_see(void *self, const struct toc_view *view)
{
	struct dns_conflict *c = self;
	const struct toc_event *ev = view->ev;
	struct toc_value src = toc_event_get(ev, c->src), dst = toc_event_get(ev, c->dst);
	struct toc_value sport = toc_event_get(ev, c->src_port), dport = toc_event_get(ev, c->dst_port);
	struct toc_value id = toc_event_get(ev, c->id), query = toc_event_get(ev, c->query);
	struct toc_value type = toc_event_get(ev, c->qtype), answers = toc_event_get(ev, c->answers);
	bool fresh;
	if (src.type != TOC_IP || dst.type != TOC_IP || sport.type != TOC_UINT || dport.type != TOC_UINT ||
	    dport.as.u != 53 || id.type != TOC_UINT || query.type != TOC_STRING || answers.type == TOC_NONE)
		return;
	struct key key = { .src = src.as.ip,
			   .dst = dst.as.ip,
			   .src_port = (uint16_t)sport.as.u,
			   .dst_port = (uint16_t)dport.as.u,
			   .id = (uint16_t)id.as.u,
			   .query = toc_hash(c->env.key, query.as.s.p, query.as.s.n) };
	key.query = toc_hash_mix(key.query, type.type == TOC_UINT ? type.as.u : 0);
	struct asked *a = toc_lru_add(c->queries, &key, &fresh);
	if (!fresh && ev->ts - a->ts > REMEMBER_S * TOC_SEC) {
		*a = (struct asked){ .key = key };
		fresh = true;
	}
	if (fresh)
		a->ts = ev->ts;
	compare(c, a, fresh, answers, query.as.s, ev);
}

static const char *const options[] = { NULL };

const struct toc_observer toc_observer_dns_conflict = { "dns_conflict", fields,	       N_FIELDS,     kinds, options,
							conflict_new,	conflict_free, conflict_see, NULL,  NULL };
