/* flood - connection attempts at one service that get no answer, faster than people or programs make them; datagrams
 * and ICMP at one host (flood_datagrams.c). */
#include <stdlib.h>

#include "base/lru.h"
#include "observe/flood_datagrams.h"

enum { TARGETS = 16384 };
enum { EV_FLOOD, F_SRC, F_DST, F_PORT, F_RATE, F_PACKETS, F_ANSWERED, F_METHOD, F_COUNT, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[EV_FLOOD] = { "flood", TOC_KIND, false, TOC_OPEN, NULL,
		       "a host or a service is flooded with attempts or packets that get no answer" },
	[F_SRC] = { "src_ip", TOC_IP, false, TOC_DEVICE, NULL, "the source of most of them" },
	[F_DST] = { "dst_ip", TOC_IP, false, TOC_DEVICE, NULL, "the flooded host" },
	[F_PORT] = { "dst_port", TOC_UINT, false, TOC_OPEN, NULL, "the flooded port, if it is one" },
	[F_RATE] = { "syn_per_s", TOC_UINT, false, TOC_OPEN, "1/s",
		     "TCP: attempts without an answer in the busiest second so far" },
	[F_PACKETS] = { "packets_per_s", TOC_UINT, false, TOC_OPEN, "1/s",
			"UDP, ICMP: packets at the host, mean of the busiest 10 s so far" },
	[F_ANSWERED] = { "answered_share", TOC_DOUBLE, false, TOC_OPEN, NULL,
			 "share of the attempts, or of the packets, that were answered" },
	[F_METHOD] = { "method", TOC_STRING, false, TOC_OPEN, NULL, "syn, udp, icmp" },
	[F_COUNT] = { "attempts", TOC_UINT, false, TOC_OPEN, NULL,
		      "attempts, or packets, since the rate has been over the limit" },
};
static const char *const kinds[] = { "conn", "transfer", NULL };

struct key {
	struct toc_addr dst;
	uint16_t port;
	uint8_t zero[6];
};

struct target {
	struct key key;
	int64_t second;		      /* of ts, being counted */
	uint32_t now, answered, open; /* in that second: unanswered, answered; seconds over the limit in a row */
	uint32_t peak, votes;
	uint64_t attempts;
	struct toc_addr source; /* majority vote (Boyer and Moore) */
};

struct flood {
	struct observer_env env;
	const toc_field *map;
	struct toc_lru *targets;
	struct flood_datagrams *datagrams;
	toc_field conn, orig, resp, resp_port, state, proto;
	int64_t rate, seconds;
};

static void flood_free(void *self)
{
	struct flood *f = self;
	flood_datagrams_free(f->datagrams);
	toc_lru_free(f->targets);
	free(f);
}

static void *flood_new(const struct observer_env *env, const toc_field *map)
{
	struct flood *f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->env = *env;
	f->map = map;
	f->rate = 100;
	f->seconds = 3;
	observer_number(env, "flood", "syn_per_s", 10, 1000000, &f->rate);
	observer_number(env, "flood", "seconds", 1, 60, &f->seconds);
	int64_t udp = 20000, icmp = 1000; /* a camera sends 1,000 datagrams a second, a monitor a few echoes */
	observer_number(env, "flood", "udp_per_s", 100, 100000000, &udp);
	observer_number(env, "flood", "icmp_per_s", 10, 100000000, &icmp);
	f->conn = toc_intern_add(env->names, toc_span_str("conn"));
	f->orig = toc_intern_add(env->names, toc_span_str("id.orig_h"));
	f->resp = toc_intern_add(env->names, toc_span_str("id.resp_h"));
	f->resp_port = toc_intern_add(env->names, toc_span_str("id.resp_p"));
	f->state = toc_intern_add(env->names, toc_span_str("conn_state"));
	f->proto = toc_intern_add(env->names, toc_span_str("proto"));
	f->targets = toc_lru_new(sizeof(struct key), sizeof(struct target), TARGETS, env->key, NULL, NULL);
	f->datagrams = flood_datagrams_new(env->names, env->key, udp, icmp);
	if (f->targets && f->datagrams)
		return f;
	flood_free(f);
	return NULL;
}

static void tell(struct flood *f, const struct target *t, toc_time ts)
{
	struct toc_draft *d = f->env.draft;
	toc_draft_begin(d, f->map, EV_FLOOD);
	d->head.ts = ts;
	toc_put_ip(d, F_SRC, &t->source);
	toc_put_ip(d, F_DST, &t->key.dst);
	toc_put_uint(d, F_PORT, t->key.port);
	toc_put_uint(d, F_RATE, t->peak);
	toc_put_double(d, F_ANSWERED, (double)t->answered / (double)(t->answered + t->now));
	toc_put_cstr(d, F_METHOD, "syn");
	toc_put_uint(d, F_COUNT, t->attempts);
	f->env.emit->event(f->env.emit, d);
}

static void tell_datagrams(struct flood *f, const struct datagram_target *t, toc_time ts)
{
	struct toc_draft *d = f->env.draft;
	toc_draft_begin(d, f->map, EV_FLOOD);
	d->head.ts = ts;
	toc_put_ip(d, F_SRC, &t->source.ip);
	toc_put_ip(d, F_DST, &t->key.dst);
	if (!t->key.icmp && !t->ports)
		toc_put_uint(d, F_PORT, t->port);
	toc_put_uint(d, F_PACKETS, t->peak / DATAGRAMS_STEP);
	toc_put_double(d, F_ANSWERED, (double)t->answers / (double)t->packets);
	toc_put_cstr(d, F_METHOD, t->key.icmp ? "icmp" : "udp");
	toc_put_uint(d, F_COUNT, t->sum);
	f->env.emit->event(f->env.emit, d);
}

/* A new second begins: the run of busy seconds goes on, or is over. */
static void turn(struct flood *f, struct target *t, int64_t second)
{
	bool busy = t->now >= f->rate && t->answered < t->now;
	bool next = second == t->second + 1;
	t->open = busy && next ? t->open : 0;
	if (!t->open) /* and whoever flooded it before is not accused of the next flood */
		t->attempts = t->peak = t->votes = 0;
	t->second = second;
	t->now = t->answered = 0;
}

static void vote(struct target *t, const struct toc_addr *src)
{
	if (t->votes == 0)
		t->source = *src;
	t->votes = toc_addr_eq(&t->source, src) ? t->votes + 1 : t->votes - 1;
}

/* A TCP connection that ended. */
static void attempt(struct flood *f, const struct toc_event *ev)
{
	struct toc_value src = toc_event_get(ev, f->orig), dst = toc_event_get(ev, f->resp),
			 port = toc_event_get(ev, f->resp_port);
	struct toc_value state = toc_event_get(ev, f->state);
	if (src.type != TOC_IP || dst.type != TOC_IP || port.type != TOC_UINT || state.type != TOC_STRING)
		return;
	struct key key = { .dst = dst.as.ip, .port = (uint16_t)port.as.u };
	bool fresh, unanswered = toc_span_is(state.as.s, "S0") || toc_span_is(state.as.s, "SH");
	int64_t second = ev->ts / TOC_SEC;
	struct target *t = toc_lru_add(f->targets, &key, &fresh);
	if (second > t->second)
		turn(f, t, second);
	else if (second < t->second)
		return; /* told late: its second is over */
	if (!unanswered) {
		t->answered++;
		return;
	}
	vote(t, &src.as.ip);
	t->now++;
	t->attempts++;
	t->peak = t->now > t->peak ? t->now : t->peak;
	if (t->now == f->rate && ++t->open >= f->seconds)
		tell(f, t, ev->ts);
}

static void flood_see(void *self, const struct toc_view *view)
{
	struct flood *f = self;
	struct toc_value proto = toc_event_get(view->ev, f->proto);
	if (proto.type == TOC_STRING && toc_span_is(proto.as.s, "tcp")) {
		if (view->ev->kind == f->conn)
			attempt(f, view->ev);
		return;
	}
	const struct datagram_target *t = flood_datagrams_see(f->datagrams, view->ev);
	if (t)
		tell_datagrams(f, t, view->ev->ts);
}

static const char *const options[] = { "syn_per_s", "seconds", "udp_per_s", "icmp_per_s", NULL };

const struct toc_observer toc_observer_flood = { "flood",   fields,	N_FIELDS,  kinds, options,
						 flood_new, flood_free, flood_see, NULL,  NULL };
