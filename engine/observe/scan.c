/* scan - one source that knocks at many ports of a host, or at one port of many hosts. */
#include <stdlib.h>

#include "base/lru.h"
#include "observe/observer.h"

enum { SOURCES = 65536, KNOCKS = 64 };
enum { EV_SCAN, F_SRC, F_DST, F_PORT, F_TYPE, F_COUNT, F_WINDOW, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[EV_SCAN] = { "scan", TOC_KIND, false, TOC_OPEN, NULL,
		      "a source that tries many ports or hosts without an answer" },
	[F_SRC] = { "src_ip", TOC_IP, false, TOC_DEVICE, NULL, "who knocks" },
	[F_DST] = { "dst_ip", TOC_IP, false, TOC_DEVICE, NULL, "at whom; of an address scan: the last one" },
	[F_PORT] = { "dst_port", TOC_UINT, false, TOC_OPEN, NULL, "at which port; of a port scan: the last one" },
	[F_TYPE] = { "scan_type", TOC_STRING, false, TOC_OPEN, NULL, "port or address" },
	[F_COUNT] = { "count_distinct", TOC_UINT, false, TOC_OPEN, NULL, "ports or hosts so far in the window" },
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

struct scan {
	struct observer_env env;
	const toc_field *map;
	struct toc_lru *knockers;
	toc_field orig, resp, resp_port, state;
	int64_t ports, hosts;
	toc_time window;
};

static void scan_free(void *self)
{
	struct scan *s = self;
	toc_lru_free(s->knockers);
	free(s);
}

static void *scan_new(const struct observer_env *env, const toc_field *map)
{
	struct scan *s = calloc(1, sizeof(*s));
	int64_t seconds = 60;
	if (!s)
		return NULL;
	s->env = *env;
	s->map = map;
	s->ports = s->hosts = 20;
	observer_number(env, "scan", "ports", 5, KNOCKS, &s->ports);
	observer_number(env, "scan", "hosts", 5, KNOCKS, &s->hosts);
	observer_number(env, "scan", "window_s", 1, 3600, &seconds);
	s->window = seconds * TOC_SEC;
	s->orig = toc_intern_add(env->names, toc_span_str("id.orig_h"));
	s->resp = toc_intern_add(env->names, toc_span_str("id.resp_h"));
	s->resp_port = toc_intern_add(env->names, toc_span_str("id.resp_p"));
	s->state = toc_intern_add(env->names, toc_span_str("conn_state"));
	s->knockers = toc_lru_new(sizeof(struct key), sizeof(struct knocker), SOURCES, env->key, NULL, NULL);
	if (s->knockers)
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

static void tell(struct scan *s, const struct knocker *k, const struct toc_event *ev, const struct toc_addr *dst,
		 uint64_t port)
{
	struct toc_draft *d = s->env.draft;
	toc_draft_begin(d, s->map, EV_SCAN);
	d->head.ts = ev->ts;
	toc_put_ip(d, F_SRC, &k->key.src);
	toc_put_ip(d, F_DST, dst);
	toc_put_uint(d, F_PORT, port);
	toc_put_cstr(d, F_TYPE, k->key.by_address ? "address" : "port");
	toc_put_uint(d, F_COUNT, k->n);
	toc_put_duration(d, F_WINDOW, ev->ts > k->first ? ev->ts - k->first : 0);
	s->env.emit->event(s->env.emit, d);
}

/* Tells at the limit and at each doubling. */
static void knock(struct scan *s, const struct key *key, uint32_t what, int64_t limit, const struct toc_event *ev,
		  const struct toc_addr *dst, uint64_t port)
{
	bool fresh;
	struct knocker *k = toc_lru_add(s->knockers, key, &fresh);
	if (fresh || ev->ts - k->first > s->window) {
		k->first = ev->ts;
		k->n = k->told = 0;
	}
	for (uint32_t i = 0; i < k->n && i < KNOCKS; i++)
		if (k->seen[i] == what)
			return;
	if (k->n < KNOCKS)
		k->seen[k->n] = what;
	k->n++;
	if (k->n >= (k->told ? 2 * k->told : (uint32_t)limit)) {
		k->told = k->n;
		tell(s, k, ev, dst, port);
	}
}

static void scan_see(void *self, const struct toc_view *view)
{
	struct scan *s = self;
	const struct toc_event *ev = view->ev;
	struct toc_value src = toc_event_get(ev, s->orig), dst = toc_event_get(ev, s->resp),
			 port = toc_event_get(ev, s->resp_port);
	if (src.type != TOC_IP || dst.type != TOC_IP || port.type != TOC_UINT || !is_knock(toc_event_get(ev, s->state)))
		return;
	struct key ports = { .src = src.as.ip, .dst = dst.as.ip };
	struct key hosts = { .src = src.as.ip, .port = (uint16_t)port.as.u, .by_address = 1 };
	uint32_t host;
	memcpy(&host, dst.as.ip.b + 12, 4);
	knock(s, &ports, (uint32_t)port.as.u, s->ports, ev, &dst.as.ip, port.as.u);
	knock(s, &hosts, host, s->hosts, ev, &dst.as.ip, port.as.u);
}

static const char *const options[] = { "ports", "hosts", "window_s", NULL };

const struct toc_observer toc_observer_scan = { "scan",	  fields,    N_FIELDS, kinds, options,
						scan_new, scan_free, scan_see, NULL,  NULL };
