/* scan - one source that knocks at many ports of a host, or at one port of many hosts; or slowly at many of both. */
#include <stdlib.h>

#include "base/lru.h"
#include "observe/observer.h"

enum { SOURCES = 65536, KNOCKS = 64, SLOW_SOURCES = 16384, SLOW_BITS = 1024 };
enum { EV_SCAN, F_SRC, F_DST, F_PORT, F_TYPE, F_SPEED, F_COUNT, F_WINDOW, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[EV_SCAN] = { "scan", TOC_KIND, false, TOC_OPEN, NULL,
		      "a source that tries many ports or hosts without an answer" },
	[F_SRC] = { "src_ip", TOC_IP, false, TOC_DEVICE, NULL, "who knocks" },
	[F_DST] = { "dst_ip", TOC_IP, false, TOC_DEVICE, NULL, "at whom; of an address scan: the last one" },
	[F_PORT] = { "dst_port", TOC_UINT, false, TOC_OPEN, NULL, "at which port; of a port scan: the last one" },
	[F_TYPE] = { "scan_type", TOC_STRING, false, TOC_OPEN, NULL, "port or address; both: pairs of them, slowly" },
	[F_SPEED] = { "speed", TOC_STRING, false, TOC_OPEN, NULL, "fast: within a minute; slow: within a day" },
	[F_COUNT] = { "count_distinct", TOC_UINT, false, TOC_OPEN, NULL,
		      "ports or hosts so far in the window; slow: at least so many pairs of host and port" },
	[F_WINDOW] = { "window", TOC_DURATION, false, TOC_OPEN, "s", "since the first of them" },
};
static const char *const kinds[] = { "conn", NULL };

/* A source and what stays the same: the host (port scan) or the port (address scan). */
struct key {
	struct toc_addr src, dst;
	uint16_t port;
	uint8_t by_address, zero[5];
};

struct knocker {
	struct key key;
	toc_time first;
	uint32_t n, told;
	uint32_t seen[KNOCKS]; /* what differs; beyond KNOCKS only the number matters */
};

/* A source over a day: a bit for each pair of host and port, chosen by a hash; pairs that share one count once. */
struct slow {
	struct toc_addr src; /* key */
	toc_time first;
	uint32_t n, told;
	uint64_t seen[SLOW_BITS / 64];
};

struct scan {
	struct observer_env env;
	const toc_field *map;
	struct toc_lru *knockers, *slow;
	toc_field orig, resp, resp_port, state, proto, local[2];
	int64_t ports, hosts, inside, outside;
	toc_time window, day;
};

static void scan_free(void *self)
{
	struct scan *s = self;
	toc_lru_free(s->knockers);
	toc_lru_free(s->slow);
	free(s);
}

static void *scan_new(const struct observer_env *env, const toc_field *map)
{
	struct scan *s = calloc(1, sizeof(*s));
	int64_t seconds = 60, hours = 24;
	if (!s)
		return NULL;
	s->env = *env;
	s->map = map;
	s->ports = 10; /* who looks for a printer or a game tries half a dozen */
	s->hosts = 20;
	s->inside = 200;
	s->outside = 8; /* nobody outside looks for eight things that are not there, and finds nothing that is */
	observer_number(env, "scan", "ports", 5, KNOCKS, &s->ports);
	observer_number(env, "scan", "hosts", 5, KNOCKS, &s->hosts);
	observer_number(env, "scan", "window_s", 1, 3600, &seconds);
	observer_number(env, "scan", "slow_inside", 20, SLOW_BITS / 2, &s->inside);
	observer_number(env, "scan", "slow_outside", 5, SLOW_BITS / 2, &s->outside);
	observer_number(env, "scan", "slow_window_h", 1, 168, &hours);
	s->window = seconds * TOC_SEC;
	s->day = hours * TOC_HOUR;
	s->local[0] = toc_intern_add(env->names, toc_span_str("src_local"));
	s->local[1] = toc_intern_add(env->names, toc_span_str("dst_local"));
	s->orig = toc_intern_add(env->names, toc_span_str("id.orig_h"));
	s->resp = toc_intern_add(env->names, toc_span_str("id.resp_h"));
	s->resp_port = toc_intern_add(env->names, toc_span_str("id.resp_p"));
	s->proto = toc_intern_add(env->names, toc_span_str("proto"));
	s->state = toc_intern_add(env->names, toc_span_str("conn_state"));
	s->knockers = toc_lru_new(sizeof(struct key), sizeof(struct knocker), SOURCES, env->key, NULL, NULL);
	s->slow = toc_lru_new(sizeof(struct toc_addr), sizeof(struct slow), SLOW_SOURCES, env->key, NULL, NULL);
	if (s->knockers && s->slow)
		return s;
	scan_free(s);
	return NULL;
}

/* Attempts that nobody took: no answer, a refusal, or flags that no program sends. */
static bool is_knock(struct toc_value state)
{
	static const char *const states[] = { "S0", "REJ", "RSTOS0", "SH", "RSTRH" };
	for (size_t i = 0; state.type == TOC_STRING && i < sizeof(states) / sizeof(states[0]); i++)
		if (toc_span_is(state.as.s, states[i]))
			return true;
	return false;
}

/* What is said of a scan; at whom and which port come from the attempt that was the last straw. */
struct said {
	const char *type, *speed;
	uint32_t n;
	toc_time first;
};

/* An attempt, as its event has it. */
struct attempt {
	const struct toc_event *ev;
	struct toc_addr src, dst;
	uint16_t port;
};

static void tell(struct scan *s, const struct attempt *a, const struct said *what)
{
	struct toc_draft *d = s->env.draft;
	toc_draft_begin(d, s->map, EV_SCAN);
	d->head.ts = a->ev->ts;
	toc_put_ip(d, F_SRC, &a->src);
	toc_put_ip(d, F_DST, &a->dst);
	toc_put_uint(d, F_PORT, a->port);
	toc_put_cstr(d, F_TYPE, what->type);
	toc_put_cstr(d, F_SPEED, what->speed);
	toc_put_uint(d, F_COUNT, what->n);
	toc_put_duration(d, F_WINDOW, a->ev->ts > what->first ? a->ev->ts - what->first : 0);
	s->env.emit->event(s->env.emit, d);
}

/* Is it the first count that a rule's bound holds for? */
static bool is_bound(const struct scan *s, uint32_t n)
{
	const struct observer_bounds *b = s->env.bounds;
	for (unsigned i = 0; b && i < b->nscan; i++)
		if (n >= b->scan[i] && n - 1 < b->scan[i])
			return true;
	return false;
}

/* At the limit, at each doubling, and where a rule begins or is graver from there on. */
static bool is_news(const struct scan *s, uint32_t n, uint32_t *told, int64_t limit)
{
	if (n < (*told ? 2 * *told : (uint32_t)limit) && !(*told && is_bound(s, n)))
		return false;
	*told = n;
	return true;
}

/* Whether it has become a scan. */
static bool knock(struct scan *s, const struct key *key, uint32_t what, int64_t limit, const struct attempt *a)
{
	bool fresh;
	struct knocker *k = toc_lru_add(s->knockers, key, &fresh);
	if (fresh || a->ev->ts - k->first > s->window) {
		k->first = a->ev->ts;
		k->n = k->told = 0;
	}
	for (uint32_t i = 0; i < k->n && i < KNOCKS; i++)
		if (k->seen[i] == what)
			return k->told > 0;
	if (k->n < KNOCKS)
		k->seen[k->n] = what;
	k->n++;
	const struct said said = { key->by_address ? "address" : "port", "fast", k->n, k->first };
	if (is_news(s, k->n, &k->told, limit))
		tell(s, a, &said);
	return k->told > 0;
}

static void knock_slowly(struct scan *s, const struct attempt *a, bool inside)
{
	bool fresh;
	struct slow *k = toc_lru_add(s->slow, &a->src, &fresh);
	struct key pair = { .dst = a->dst, .port = a->port };
	uint32_t bit = (uint32_t)toc_hash_fixed(&pair, sizeof(pair)) % SLOW_BITS; /* no place in a table */
	if (fresh || a->ev->ts - k->first > s->day) {
		*k = (struct slow){ .src = a->src, .first = a->ev->ts };
	}
	if (k->seen[bit / 64] >> bit % 64 & 1)
		return;
	k->seen[bit / 64] |= UINT64_C(1) << bit % 64;
	k->n++;
	const struct said said = { "both", "slow", k->n, k->first };
	if (is_news(s, k->n, &k->told, inside ? s->inside : s->outside))
		tell(s, a, &said);
}

static bool is_set(const struct toc_view *view, toc_field field)
{
	const struct toc_event *owner;
	struct toc_value v = toc_view_get(view, field, &owner);
	return v.type == TOC_BOOL && v.as.b;
}

/* Whoever is answered is a client of something, and not only a scanner: what it did slowly is forgotten, if it is
 * outside. */
static void answered(struct scan *s, const struct toc_addr *src, bool inside)
{
	struct slow *k = inside ? NULL : toc_lru_get(s->slow, src);
	if (k)
		toc_lru_remove(s->slow, k);
}

static void scan_see(void *self, const struct toc_view *view)
{
	struct scan *s = self;
	const struct toc_event *ev = view->ev;
	struct toc_value src = toc_event_get(ev, s->orig), dst = toc_event_get(ev, s->resp),
			 port = toc_event_get(ev, s->resp_port), state = toc_event_get(ev, s->state);
	bool inside = is_set(view, s->local[0]), to_inside = is_set(view, s->local[1]);
	if (src.type != TOC_IP || dst.type != TOC_IP || port.type != TOC_UINT)
		return;
	const struct attempt a = { ev, src.as.ip, dst.as.ip, (uint16_t)port.as.u };
	if (!is_knock(state)) {
		if (state.type == TOC_STRING && state.as.s.n == 2 && state.as.s.p[0] == 'S')
			answered(s, &a.src, inside);
		return;
	}
	struct key ports = { .src = a.src, .dst = a.dst };
	struct key hosts = { .src = a.src, .port = a.port, .by_address = 1 };
	uint32_t host;
	memcpy(&host, a.dst.b + 12, 4);
	struct toc_value proto = toc_event_get(ev, s->proto);
	bool tcp = proto.type == TOC_STRING && toc_span_is(proto.as.s, "tcp");
	/* answers to questions that went to everybody are datagrams that nobody answers, each to a port of its own */
	bool vertical = knock(s, &ports, a.port, tcp ? s->ports : 2 * s->ports, &a);
	bool horizontal = knock(s, &hosts, host, s->hosts, &a);
	if (!vertical && !horizontal && to_inside && tcp) /* else it is told already, and not slow */
		knock_slowly(s, &a, inside);
}

static const char *const options[] = { "ports",	       "hosts",		"window_s", "slow_inside",
				       "slow_outside", "slow_window_h", NULL };

const struct toc_observer toc_observer_scan = { "scan",	  fields,    N_FIELDS, kinds, options,
						scan_new, scan_free, scan_see, NULL,  NULL };
