/* beacon - how regularly one address calls one place: gaps and sizes, over as long as the pair is remembered. */
#include <math.h>
#include <stdlib.h>

#include "base/lru.h"
#include "observe/observer.h"

enum { PAIRS = 32768 };
enum { EV_BEACON, F_SRC, F_DST, F_PORT, F_COUNT, F_EVERY, F_JITTER, F_SIZE, F_SIZE_CV, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[EV_BEACON] = { "beacon_pair", TOC_KIND, false, TOC_OPEN, NULL,
			"an address inside calls a place outside in steps that are more equal than people's" },
	[F_SRC] = { "src_ip", TOC_IP, false, TOC_DEVICE, NULL, "who calls" },
	[F_DST] = { "dst_ip", TOC_IP, false, TOC_DEVICE, NULL, "whom" },
	[F_PORT] = { "dst_port", TOC_UINT, false, TOC_OPEN, NULL, "at which port" },
	[F_COUNT] = { "calls", TOC_UINT, false, TOC_OPEN, NULL, "connections so far" },
	[F_EVERY] = { "every", TOC_DURATION, false, TOC_OPEN, "s", "mean of the gaps between them" },
	[F_JITTER] = { "jitter", TOC_DOUBLE, false, TOC_OPEN, NULL, "standard deviation of the gaps over their mean" },
	[F_SIZE] = { "size", TOC_UINT, false, TOC_OPEN, "B", "mean of what the caller sent" },
	[F_SIZE_CV] = { "size_cv", TOC_DOUBLE, false, TOC_OPEN, NULL, "standard deviation of that over its mean" },
};
static const char *const kinds[] = { "conn", NULL };

struct key {
	struct toc_addr src, dst;
	uint16_t port;
	uint8_t zero[6];
};

/* Mean and sum of squared differences (Welford 1962): nothing is kept of the single values. */
struct mean {
	double mean, squares;
};

struct pair {
	struct key key;
	toc_time last;
	uint32_t n, told; /* calls; at the last report */
	struct mean gap, size;
};

struct beacon {
	struct observer_env env;
	const toc_field *map;
	struct toc_lru *pairs;
	toc_field orig, resp, port, state, bytes, src_local, dst_local;
	int64_t calls;
};

static void beacon_free(void *self)
{
	struct beacon *b = self;
	toc_lru_free(b->pairs);
	free(b);
}

static void *beacon_new(const struct observer_env *env, const toc_field *map)
{
	struct beacon *b = calloc(1, sizeof(*b));
	if (!b)
		return NULL;
	b->env = *env;
	b->map = map;
	b->calls = 24;
	observer_number(env, "beacon", "calls", 8, 10000, &b->calls);
	b->orig = toc_intern_add(env->names, toc_span_str("id.orig_h"));
	b->resp = toc_intern_add(env->names, toc_span_str("id.resp_h"));
	b->port = toc_intern_add(env->names, toc_span_str("id.resp_p"));
	b->state = toc_intern_add(env->names, toc_span_str("conn_state"));
	b->bytes = toc_intern_add(env->names, toc_span_str("orig_bytes"));
	b->src_local = toc_intern_add(env->names, toc_span_str("src_local"));
	b->dst_local = toc_intern_add(env->names, toc_span_str("dst_local"));
	b->pairs = toc_lru_new(sizeof(struct key), sizeof(struct pair), PAIRS, env->key, NULL, NULL);
	if (b->pairs)
		return b;
	beacon_free(b);
	return NULL;
}

static void learn(struct mean *m, double value, uint32_t n)
{
	double off = value - m->mean;
	m->mean += off / n;
	m->squares += off * (value - m->mean);
}

static double variation(const struct mean *m, uint32_t n)
{
	return m->mean > 0 ? sqrt(m->squares / n) / m->mean : 0;
}

static void tell(struct beacon *b, const struct pair *p, toc_time ts)
{
	struct toc_draft *d = b->env.draft;
	toc_draft_begin(d, b->map, EV_BEACON);
	d->head.ts = ts;
	toc_put_ip(d, F_SRC, &p->key.src);
	toc_put_ip(d, F_DST, &p->key.dst);
	toc_put_uint(d, F_PORT, p->key.port);
	toc_put_uint(d, F_COUNT, p->n);
	toc_put_duration(d, F_EVERY, (toc_time)(p->gap.mean * (double)TOC_SEC));
	toc_put_double(d, F_JITTER, variation(&p->gap, p->n - 1));
	toc_put_uint(d, F_SIZE, (uint64_t)p->size.mean);
	toc_put_double(d, F_SIZE_CV, variation(&p->size, p->n));
	b->env.emit->event(b->env.emit, d);
}

/* A call more. Connections are told at their end: one that began before the last one known is left out. */
static void call(struct beacon *b, struct pair *p, bool fresh, double size, toc_time ts)
{
	enum { SECOND = 1, JITTER_PERMILLE = 200 };
	if (!fresh && ts - p->last < SECOND * TOC_SEC)
		return; /* of one visit */
	double gap = fresh ? 0 : (double)(ts - p->last) / (double)TOC_SEC;
	if (p->n >= 3 && gap > 4 * p->gap.mean) { /* a pause: what comes after it is another series */
		*p = (struct pair){ .key = p->key };
		gap = 0;
	}
	p->last = ts;
	p->n++;
	learn(&p->size, size, p->n);
	if (p->n > 1)
		learn(&p->gap, gap, p->n - 1);
	bool due = p->n >= (p->told ? 2 * p->told : (uint32_t)b->calls);
	if (due && variation(&p->gap, p->n - 1) * 1000 <= JITTER_PERMILLE) {
		p->told = p->n;
		tell(b, p, ts);
	}
}

static bool is_set(const struct toc_view *view, toc_field field)
{
	const struct toc_event *owner;
	struct toc_value v = toc_view_get(view, field, &owner);
	return v.type == TOC_BOOL && v.as.b;
}

static void beacon_see(void *self, const struct toc_view *view)
{
	struct beacon *b = self;
	const struct toc_event *ev = view->ev;
	struct toc_value src = toc_event_get(ev, b->orig), dst = toc_event_get(ev, b->resp),
			 port = toc_event_get(ev, b->port);
	struct toc_value state = toc_event_get(ev, b->state), bytes = toc_event_get(ev, b->bytes);
	bool fresh, talked = bytes.type == TOC_UINT && bytes.as.u > 0;
	if (src.type != TOC_IP || dst.type != TOC_IP || port.type != TOC_UINT || state.type != TOC_STRING || !talked ||
	    !is_set(view, b->src_local) || is_set(view, b->dst_local))
		return;
	struct key key = { .src = src.as.ip, .dst = dst.as.ip, .port = (uint16_t)port.as.u };
	struct pair *p = toc_lru_add(b->pairs, &key, &fresh);
	call(b, p, fresh, (double)bytes.as.u, ev->ts);
}

static const char *const options[] = { "calls", NULL };

const struct toc_observer toc_observer_beacon = { "beacon",   fields,	   N_FIELDS,   kinds, options,
						  beacon_new, beacon_free, beacon_see, NULL,  NULL };
