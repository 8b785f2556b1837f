/* bench_correlate - hits per CPU second of each correlation kind, over flat records in memory. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "correlate/correlate.h"
#include "tocsin/draft.h"

enum { KIND, KEY, VALUE, BYTES, N, EVENTS = 200000, HITS = 2000000 };

static double cpu_seconds(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void count_finding(struct toc_findings *self, const struct toc_finding *f)
{
	(void)self;
	(void)f;
}

/* One measurement: `keys` groups, `values` different values, a window that holds `window` hits of all groups. */
struct shape {
	const char *title, *kind;
	unsigned keys, values, window, refs;
	double bound;
	unsigned late; /* one of so many hits comes half a window late; 0: none */
	double least;  /* hits a second that must be reached; 0: only told */
};

static const struct shape shapes[] = {
	{ "value_count, 100,000 values in one window", "value_count", 1, 100000, 200000, 1, 1e9, 0, 1e6 },
	{ "value_count, 1,000 groups, 100 values each", "value_count", 1000, 100, 200000, 1, 1e9, 0, 0 },
	{ "event_count, one group, 100,000 in the window", "event_count", 1, 1, 100000, 1, 1e9, 0, 0 },
	{ "event_count, 100,000 groups", "event_count", 100000, 1, 1000000, 1, 1e9, 0, 0 },
	{ "event_count, always open", "event_count", 1000, 1, 100000, 1, 10, 0, 0 },
	{ "event_count, every 10th hit late", "event_count", 1000, 1, 100000, 1, 200, 10, 0 },
	{ "event_count, every hit another group", "event_count", 10000000, 1, 10000000, 1, 10, 0, 0 },
	{ "value_sum, 100,000 in one window", "value_sum", 1, 1, 100000, 1, 1e30, 0, 0 },
	{ "value_avg, 1,000 groups", "value_avg", 1000, 1, 100000, 1, 1e30, 0, 0 },
	{ "value_percentile, 100,000 in one window", "value_percentile", 1, 1, 100000, 1, 1e30, 0, 0 },
	{ "temporal, 5 rules, 1,000 groups", "temporal", 1000, 1, 100000, 5, 0, 0, 0 },
	{ "temporal_ordered, 5 rules, 100,000 in one window", "temporal_ordered", 1, 1, 100000, 5, 0, 0, 0 },
};

static struct toc_event *make_event(struct toc_draft *d, const toc_field *map, unsigned key, unsigned value)
{
	char text[32];
	toc_draft_begin(d, map, KIND);
	const uint8_t ip[4] = { 10, (uint8_t)(key >> 16), (uint8_t)(key >> 8), (uint8_t)key };
	const struct toc_addr addr = toc_addr_v4(ip);
	toc_put_ip(d, KEY, &addr);
	snprintf(text, sizeof(text), "host%u.example.org", value);
	toc_put_cstr(d, VALUE, text);
	toc_put_uint(d, BYTES, value * 7919u % 100003);
	return toc_draft_seal(d, aligned_alloc(8, toc_draft_size(d)));
}

/* The first field is the key, an IPv4 address in the slot itself. */
static void new_key(struct toc_event *ev, unsigned key)
{
	struct toc_slot *slot = (struct toc_slot *)(void *)(ev + 1);
	slot->bits = key * UINT32_C(2654435761);
}

static bool run(const struct shape *s, struct toc_event **events, const toc_field *map)
{
	static const struct toc_hash_key key = { 1, 2 };
	struct toc_findings out = { count_finding, count_finding, count_finding };
	struct toc_corr_ref refs[5] = { 0 };
	struct toc_corr_rule rule = { .number = 10,
				      .id = "bench",
				      .kind = toc_corr_kind_find(s->kind),
				      .nkeys = 1,
				      .key_names = { "key" },
				      .nrefs = s->refs,
				      .refs = refs,
				      .nvalues = 1,
				      .timespan = s->window * TOC_MS,
				      .percentile = 95,
				      .nbounds = s->bound > 0,
				      .bounds = { { TOC_CORR_GTE, s->bound } } };
	for (unsigned i = 0; i < s->refs; i++)
		refs[i] = (struct toc_corr_ref){
			.rule = i,
			.key = { { 1, { map[KEY] } } },
			.value = { { 1, { map[rule.kind == toc_corr_kind_find("value_count") ? VALUE : BYTES] } } }
		};
	const struct toc_corr_config config = { 0 };
	struct toc_correlator *c = toc_correlator_new(&config, &rule, 1, &key, &out);
	const double before = cpu_seconds();
	double longest = 0, last = before;
	for (unsigned i = 0; i < HITS; i++) {
		struct toc_event *ev = events[i % EVENTS];
		if (s->keys > EVENTS)
			new_key(ev, i);
		ev->at = (toc_time)(i + 1) * TOC_MS;
		ev->ts = s->late && i % s->late == 0 && i > s->window ? ev->at - s->window / 2 * TOC_MS : ev->at;
		const struct toc_view view = { ev, NULL };
		toc_correlate_advance(c, ev->at);
		toc_correlate_hit(c, i % s->refs, &view, false, NULL);
		if (i % 1000 == 999) {
			const double now = cpu_seconds();
			longest = now - last > longest ? now - last : longest;
			last = now;
		}
	}
	const double seconds = cpu_seconds() - before;
	const struct toc_corr_counters *count = toc_correlate_count(c);
	printf("%-50s %9.0f hits/s, longest 1,000 hits %6.2f ms, %6.1f MB, %llu cells, %llu evicted\n", s->title,
	       HITS / seconds, 1000 * longest, (double)toc_correlate_bytes(c) / 1e6, (unsigned long long)count->cells,
	       (unsigned long long)(count->cells_evicted + count->hits_evicted));
	toc_correlator_free(c);
	return HITS / seconds >= s->least;
}

int main(void)
{
	static const struct toc_field_decl fields[N] = {
		[KIND] = { "bench", TOC_KIND, false, TOC_OPEN, NULL, "" },
		[KEY] = { "key", TOC_IP, false, TOC_OPEN, NULL, "" },
		[VALUE] = { "value", TOC_STRING, false, TOC_OPEN, NULL, "" },
		[BYTES] = { "bytes", TOC_UINT, false, TOC_OPEN, NULL, "" },
	};
	struct toc_intern *names = toc_intern_new();
	struct toc_draft *draft = calloc(1, sizeof(*draft));
	struct toc_event **events = calloc(EVENTS, sizeof(*events));
	toc_field map[N];
	int status = 0;
	if (!names || !draft || !events)
		return 3;
	toc_intern_decls(names, fields, N, map);
	for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
		for (unsigned i = 0; i < EVENTS; i++)
			events[i] = make_event(draft, map, i % shapes[s].keys, i / shapes[s].keys % shapes[s].values);
		status |= !run(&shapes[s], events, map);
		for (unsigned i = 0; i < EVENTS; i++)
			free(events[i]);
	}
	free(events);
	free(draft);
	toc_intern_free(names);
	return status;
}
