/* capture_quality - what the mirror leaves out: TCP connections of which one direction is missing, and bytes that were
 * lost; and what it shows twice. */
#include <stdlib.h>

#include "observe/observer.h"

enum { LEAST = 50 };
enum { EV_QUALITY, F_FLOWS, F_ONE_WAY, F_MISSED, F_DUPLICATE, F_BYTES, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[EV_QUALITY] = { "capture_quality", TOC_KIND, false, TOC_OPEN, NULL,
			 "of the TCP connections that ended in a minute a fifth had one direction, or a hundredth of "
			 "the bytes was lost, or a fifth of what came had come before" },
	[F_FLOWS] = { "flows", TOC_UINT, false, TOC_OPEN, NULL,
		      "TCP connections with content that ended in this minute" },
	[F_ONE_WAY] = { "one_way_share", TOC_DOUBLE, false, TOC_OPEN, NULL,
			"of them: those with packets of one side only" },
	[F_MISSED] = { "missed_share", TOC_DOUBLE, false, TOC_OPEN, NULL,
		       "bytes that were acknowledged and never seen" },
	[F_DUPLICATE] = { "duplicate_share", TOC_DOUBLE, false, TOC_OPEN, NULL,
			  "of the bytes that came, those that had come before: 0.5 where all is mirrored twice (and "
			  "interfaces.duplicates is not set); segments that were sent again are among them" },
	[F_BYTES] = { "bytes", TOC_UINT, false, TOC_OPEN, "B", "of these connections, what was lost included" },
};
static const char *const kinds[] = { "conn", NULL };

struct quality {
	struct observer_env env;
	const toc_field *map;
	toc_field proto, packets[2], bytes[2], ip_bytes[2], missed, resp;
	int64_t minute;
	uint64_t flows, one_way, seen, lost, came, again;
};

static void quality_free(void *self)
{
	free(self);
}

static void *quality_new(const struct observer_env *env, const toc_field *map)
{
	struct quality *q = calloc(1, sizeof(*q));
	if (!q)
		return NULL;
	q->env = *env;
	q->map = map;
	q->proto = toc_intern_add(env->names, toc_span_str("proto"));
	q->packets[0] = toc_intern_add(env->names, toc_span_str("orig_pkts"));
	q->packets[1] = toc_intern_add(env->names, toc_span_str("resp_pkts"));
	q->bytes[0] = toc_intern_add(env->names, toc_span_str("orig_bytes"));
	q->bytes[1] = toc_intern_add(env->names, toc_span_str("resp_bytes"));
	q->ip_bytes[0] = toc_intern_add(env->names, toc_span_str("orig_ip_bytes"));
	q->ip_bytes[1] = toc_intern_add(env->names, toc_span_str("resp_ip_bytes"));
	q->resp = toc_intern_add(env->names, toc_span_str("id.resp_h"));
	q->missed = toc_intern_add(env->names, toc_span_str("missed_bytes"));
	return q;
}

static void tell(struct quality *q, double one_way, double missed, double duplicate)
{
	struct toc_draft *d = q->env.draft;
	toc_draft_begin(d, q->map, EV_QUALITY);
	d->head.at = d->head.ts = (q->minute + 1) * TOC_MIN;
	toc_put_uint(d, F_FLOWS, q->flows);
	toc_put_double(d, F_ONE_WAY, one_way);
	toc_put_double(d, F_MISSED, missed);
	toc_put_double(d, F_DUPLICATE, duplicate);
	toc_put_uint(d, F_BYTES, q->seen + q->lost);
	q->env.emit->event(q->env.emit, d);
}

static void quality_advance(void *self, toc_time at)
{
	struct quality *q = self;
	int64_t minute = at / TOC_MIN;
	if (minute <= q->minute)
		return;
	double one_way = q->flows ? (double)q->one_way / (double)q->flows : 0;
	double missed = q->seen + q->lost ? (double)q->lost / (double)(q->seen + q->lost) : 0;
	double duplicate = q->came ? (double)q->again / (double)q->came : 0;
	if (q->flows >= LEAST && (one_way >= 0.2 || missed >= 0.01 || duplicate >= 0.2))
		tell(q, one_way, missed, duplicate);
	q->flows = q->one_way = q->seen = q->lost = q->came = q->again = 0;
	q->minute = minute;
}

static uint64_t number(const struct toc_event *ev, toc_field field)
{
	struct toc_value v = toc_event_get(ev, field);
	return v.type == TOC_UINT ? v.as.u : 0;
}

/*
 * What the packets brought, beyond what the sequence numbers say there was, came again. Of headers nothing more is
 * known than how many: timestamps are taken to be in all of them, so that options of the others are not content.
 */
static void count_again(struct quality *q, const struct toc_event *ev, const uint64_t *packets, uint64_t there)
{
	enum { IP4 = 20, IP6 = 40, TCP_WITH_TIMESTAMPS = 32 };
	struct toc_value ip = toc_event_get(ev, q->resp);
	uint64_t head = TCP_WITH_TIMESTAMPS + (ip.type == TOC_IP && !toc_addr_is_v4(&ip.as.ip) ? IP6 : IP4);
	uint64_t all = number(ev, q->ip_bytes[0]) + number(ev, q->ip_bytes[1]);
	uint64_t heads = head * (packets[0] + packets[1]);
	uint64_t came = all > heads ? all - heads : 0;
	q->came += came;
	q->again += came > there ? came - there : 0;
}

/* An attempt without an answer is none: content came, or it says nothing about the mirror. */
static void quality_see(void *self, const struct toc_view *view)
{
	struct quality *q = self;
	const struct toc_event *ev = view->ev;
	struct toc_value proto = toc_event_get(ev, q->proto);
	uint64_t packets[2] = { number(ev, q->packets[0]), number(ev, q->packets[1]) };
	uint64_t bytes = number(ev, q->bytes[0]) + number(ev, q->bytes[1]), missed = number(ev, q->missed);
	if (proto.type != TOC_STRING || !toc_span_is(proto.as.s, "tcp") || !bytes)
		return;
	q->flows++;
	q->one_way += !packets[0] || !packets[1];
	q->seen += bytes;
	q->lost += missed;
	count_again(q, ev, packets, bytes > missed ? bytes - missed : 0);
}

static const char *const options[] = { NULL };

const struct toc_observer toc_observer_capture_quality = { "capture_quality", fields,	   N_FIELDS,	 kinds,
							   options,	      quality_new, quality_free, quality_see,
							   quality_advance,   NULL };
