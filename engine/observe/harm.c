/* harm - whether the network serves worse than it did: p95 a minute of DNS answer times and of retransmissions, against
 * their own median of a day. For the clause on disruptive transfers: size alone is no harm. */
#include <math.h>
#include <stdlib.h>

#include "observe/observer.h"

enum { DNS_TIME, RETRANSMISSION, MEASURES };
enum { BINS = 96, PAST = 1440, WARM = 30, LEAST = 20, SEGMENT = 1400 };
enum { EV_HARM, F_MEASURE, F_P95, F_USUAL, F_FACTOR, F_SAMPLES, N_FIELDS };

static const struct toc_field_decl fields[N_FIELDS] = {
	[EV_HARM] = { "harm", TOC_KIND, false, TOC_OPEN, NULL,
		      "a minute in which the network served twice as badly as it did in most of the last day" },
	[F_MEASURE] = { "measure", TOC_STRING, false, TOC_OPEN, NULL,
			"dns_rtt: time of answers, s; retransmission: share of a flow's segments sent again" },
	[F_P95] = { "p95", TOC_DOUBLE, false, TOC_OPEN, NULL, "95 of 100 were at most so much in this minute" },
	[F_USUAL] = { "usual", TOC_DOUBLE, false, TOC_OPEN, NULL, "median of the p95 of a day's minutes" },
	[F_FACTOR] = { "factor", TOC_DOUBLE, false, TOC_OPEN, NULL, "p95 over usual" },
	[F_SAMPLES] = { "samples", TOC_UINT, false, TOC_OPEN, NULL, "answers or reports of flows in this minute" },
};
static const char *const kinds[] = { "dns", "transfer", NULL };

static const struct {
	const char *name;
	double least, floor; /* bottom of the first bin; below `floor` nobody notices */
} measures[MEASURES] = { { "dns_rtt", 0.0001, 0.05 }, { "retransmission", 0.0001, 0.02 } };

/* A measure: this minute's values in bins a fifth of a binary order wide, and the p95 of the minutes before. */
struct measure {
	uint32_t bins[BINS], n;
	float past[PAST];
	uint32_t npast, at;
};

struct harm {
	struct observer_env env;
	const toc_field *map;
	toc_field dns, rtt, orig_bytes, resp_bytes, resent, src_local, dst_local;
	int64_t minute;
	struct measure of[MEASURES];
};

static void harm_free(void *self)
{
	free(self);
}

static void *harm_new(const struct observer_env *env, const toc_field *map)
{
	struct harm *h = calloc(1, sizeof(*h));
	if (!h)
		return NULL;
	h->env = *env;
	h->map = map;
	h->dns = toc_intern_add(env->names, toc_span_str("dns"));
	h->rtt = toc_intern_add(env->names, toc_span_str("rtt"));
	h->orig_bytes = toc_intern_add(env->names, toc_span_str("orig_bytes"));
	h->resp_bytes = toc_intern_add(env->names, toc_span_str("resp_bytes"));
	h->resent = toc_intern_add(env->names, toc_span_str("retransmits"));
	h->src_local = toc_intern_add(env->names, toc_span_str("src_local"));
	h->dst_local = toc_intern_add(env->names, toc_span_str("dst_local"));
	return h;
}

static double bin_value(unsigned which, unsigned bin)
{
	return measures[which].least * exp2((bin + 0.5) / 5);
}

static void add(struct harm *h, unsigned which, double value)
{
	double bin = value > measures[which].least ? 5 * log2(value / measures[which].least) : 0;
	h->of[which].bins[bin < BINS ? (unsigned)bin : BINS - 1]++;
	h->of[which].n++;
}

static double p95_of(const struct measure *m, unsigned which)
{
	uint32_t above = 0, bin = BINS;
	while (bin > 0 && (uint64_t)above * 20 <= m->n)
		above += m->bins[--bin];
	return bin_value(which, bin);
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

static double median_of(const struct measure *m)
{
	float sorted[PAST];
	memcpy(sorted, m->past, m->npast * sizeof(float));
	qsort(sorted, m->npast, sizeof(float), by_size);
	return (double)sorted[m->npast / 2];
}

static void tell(struct harm *h, unsigned which, double p95, double usual, toc_time at)
{
	struct toc_draft *d = h->env.draft;
	toc_draft_begin(d, h->map, EV_HARM);
	d->head.at = d->head.ts = at;
	toc_put_cstr(d, F_MEASURE, measures[which].name);
	toc_put_double(d, F_P95, p95);
	toc_put_double(d, F_USUAL, usual);
	toc_put_double(d, F_FACTOR, p95 / usual);
	toc_put_uint(d, F_SAMPLES, h->of[which].n);
	h->env.emit->event(h->env.emit, d);
}

/* A minute is over. What is judged becomes past afterwards: an hour of harm does not make itself usual. */
static void close_minute(struct harm *h, unsigned which, toc_time at)
{
	struct measure *m = &h->of[which];
	if (m->n >= LEAST) {
		double p95 = p95_of(m, which), usual = m->npast >= WARM ? median_of(m) : INFINITY;
		if (p95 >= 2 * usual && p95 >= measures[which].floor)
			tell(h, which, p95, usual, at);
		m->past[m->at] = (float)p95;
		m->at = (m->at + 1) % PAST;
		m->npast += m->npast < PAST;
	}
	memset(m->bins, 0, sizeof(m->bins));
	m->n = 0;
}

static void harm_advance(void *self, toc_time at)
{
	struct harm *h = self;
	int64_t minute = at / TOC_MIN;
	if (minute <= h->minute)
		return;
	for (unsigned i = 0; i < MEASURES; i++)
		close_minute(h, i, (h->minute + 1) * TOC_MIN);
	h->minute = minute;
}

static bool is_set(const struct toc_view *view, toc_field field)
{
	const struct toc_event *owner;
	struct toc_value v = toc_view_get(view, field, &owner);
	return v.type == TOC_BOOL && v.as.b;
}

static uint64_t number(const struct toc_event *ev, toc_field field)
{
	struct toc_value v = toc_event_get(ev, field);
	return v.type == TOC_UINT ? v.as.u : 0;
}

static void harm_see(void *self, const struct toc_view *view)
{
	struct harm *h = self;
	const struct toc_event *ev = view->ev;
	if (ev->kind == h->dns) {
		struct toc_value rtt = toc_event_get(ev, h->rtt);
		if (rtt.type == TOC_DURATION && rtt.as.i > 0 && is_set(view, h->src_local))
			add(h, DNS_TIME, (double)rtt.as.i / (double)TOC_SEC);
		return;
	}
	if (is_set(view, h->src_local) == is_set(view, h->dst_local))
		return; /* it does not cross the uplink */
	uint64_t segments = (number(ev, h->orig_bytes) + number(ev, h->resp_bytes)) / SEGMENT,
		 resent = number(ev, h->resent);
	if (segments >= 20)
		add(h, RETRANSMISSION, (double)resent / (double)(segments + resent));
}

static const char *const options[] = { NULL };

const struct toc_observer toc_observer_harm = { "harm",	  fields,    N_FIELDS, kinds,	     options,
						harm_new, harm_free, harm_see, harm_advance, NULL };
