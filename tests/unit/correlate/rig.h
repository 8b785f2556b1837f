/* rig - a correlator with hand-made rules and events; what it finds is written down as words. */
#ifndef UNIT_CORRELATE_RIG_H
#define UNIT_CORRELATE_RIG_H

#include "test.h"

#include "correlate/correlate.h"
#include "tocsin/draft.h"

enum { K, SRC, DST, USER, BYTES, TIMES, N };
enum { FIRST = 10, MOST = 4 }; /* numbers below FIRST are detection rules, correlations follow */

/* One event: fields that are NULL or 0 are missing. */
struct fact {
	toc_time ts;
	const char *src, *dst, *user;
	struct toc_span raw; /* a user of any bytes */
	double bytes;
	uint64_t times;	 /* for how many it stands */
	uint32_t source; /* 0 = the wire */
	toc_time late;	 /* by configuration of that source */
	toc_time at;	 /* 0 = ts, or the latest `at` so far */
};

struct rig {
	struct toc_findings out; /* first: a finding's `self` is the rig */
	struct toc_intern *names;
	toc_field map[N];
	struct toc_corr_rule rules[MOST];
	struct toc_corr_ref refs[MOST][4];
	unsigned nrules;
	struct toc_correlator *correlator;
	struct toc_draft draft;
	uint64_t ordinal;
	toc_time at;
	char said[4096], answer[4096];
	size_t said_n;
	unsigned opens, updates, closes;
	struct toc_finding last; /* numbers only, its pointers are stale */
};

static inline void note(struct rig *r, const struct toc_finding *f, char what)
{
	r->last = *f;
	r->said_n +=
		(size_t)snprintf(r->said + r->said_n, sizeof(r->said) - r->said_n, "%s%s%c%.*s", r->said_n ? " " : "",
				 f->rule->id, what, (int)f->key[0].n, f->key[0].p ? (const char *)f->key[0].p : "");
	if (r->said_n >= sizeof(r->said)) /* nobody reads it: a long stream */
		r->said_n = 0;
}

static inline void note_open(struct toc_findings *self, const struct toc_finding *f)
{
	struct rig *r = (struct rig *)(void *)self;
	assert_non_null(f->cause);
	r->opens++;
	note(r, f, '+');
}

static inline void note_update(struct toc_findings *self, const struct toc_finding *f)
{
	struct rig *r = (struct rig *)(void *)self;
	r->updates++;
	note(r, f, '=');
}

static inline void note_close(struct toc_findings *self, const struct toc_finding *f)
{
	struct rig *r = (struct rig *)(void *)self;
	r->closes++;
	note(r, f, '-');
}

/* What was found since the last call: "rule+key" opened, "rule=key" updated, "rule-key" closed. */
static inline const char *said(struct rig *r)
{
	memcpy(r->answer, r->said, r->said_n);
	r->answer[r->said_n] = '\0';
	r->said_n = 0;
	return r->answer;
}

static inline struct rig *rig_new(void)
{
	static const struct toc_field_decl fields[N] = {
		[K] = { "login", TOC_KIND, false, TOC_OPEN, NULL, "" },
		[SRC] = { "src", TOC_STRING, false, TOC_DEVICE, NULL, "" },
		[DST] = { "dst", TOC_STRING, false, TOC_DEVICE, NULL, "" },
		[USER] = { "user", TOC_STRING, false, TOC_PERSON, NULL, "" },
		[BYTES] = { "bytes", TOC_DOUBLE, false, TOC_OPEN, NULL, "" },
		[TIMES] = { "times", TOC_UINT, false, TOC_OPEN, NULL, "" },
	};
	struct rig *r = calloc(1, sizeof(*r));
	r->out = (struct toc_findings){ note_open, note_update, note_close };
	r->names = toc_intern_new();
	toc_intern_decls(r->names, fields, N, r->map);
	return r;
}

/* A correlation over the first nrefs rules from `ref` on, by src; gte 0: no bound. The value is the user's name, or
 * the bytes for a sum. */
static inline struct toc_corr_rule *rule(struct rig *r, const char *kind, toc_time timespan, double gte, uint32_t ref,
					 unsigned nrefs)
{
	static const char *const ids[MOST] = { "a", "b", "c", "d" };
	const unsigned i = r->nrules++;
	struct toc_corr_rule *rule = &r->rules[i];
	*rule = (struct toc_corr_rule){ .number = FIRST + i,
					.id = ids[i],
					.kind = toc_corr_kind_find(kind),
					.nkeys = 1,
					.key_names = { "src" },
					.nrefs = nrefs,
					.refs = r->refs[i],
					.nvalues = 1,
					.timespan = timespan,
					.nbounds = gte > 0,
					.bounds = { { TOC_CORR_GTE, gte } } };
	assert_non_null(rule->kind);
	for (unsigned k = 0; k < nrefs; k++) {
		const unsigned value = strcmp(kind, "value_count") == 0 ? USER : BYTES;
		r->refs[i][k] = (struct toc_corr_ref){ .rule = ref + k,
						       .key = { { 1, { r->map[SRC] } } },
						       .value = { { 1, { r->map[value] } } },
						       .second = { 1, { r->map[TIMES] } } };
	}
	return rule;
}

static inline void start(struct rig *r, struct toc_corr_config config)
{
	static const struct toc_hash_key key = { 1, 2 };
	for (unsigned i = 0; i < r->nrules; i++) /* of an opening only the key is seen: here always its first value */
		for (unsigned k = 0; k < r->rules[i].nrefs; k++)
			r->refs[i][k].chained = r->refs[i][k].rule >= FIRST;
	r->correlator = toc_correlator_new(&config, r->rules, r->nrules, &key, &r->out);
	assert_non_null(r->correlator);
}

/* A rig with one correlation, started. */
static inline struct rig *rig_of(const char *kind, toc_time timespan, double gte, unsigned nrefs)
{
	struct rig *r = rig_new();
	rule(r, kind, timespan, gte, 0, nrefs);
	start(r, (struct toc_corr_config){ 0 });
	return r;
}

static inline void rig_free(struct rig *r)
{
	toc_correlator_free(r->correlator);
	toc_intern_free(r->names);
	free(r);
}

static inline struct toc_event *event_of(struct rig *r, const struct fact *fact)
{
	toc_draft_begin(&r->draft, r->map, K);
	r->draft.head.ordinal = ++r->ordinal;
	r->draft.head.ts = fact->ts;
	r->draft.head.at = r->at;
	r->draft.head.source = fact->source;
	if (fact->src)
		toc_put_cstr(&r->draft, SRC, fact->src);
	if (fact->dst)
		toc_put_cstr(&r->draft, DST, fact->dst);
	if (fact->user)
		toc_put_cstr(&r->draft, USER, fact->user);
	else if (fact->raw.n)
		toc_put_str(&r->draft, USER, fact->raw);
	if (fact->bytes < 0 || fact->bytes > 0)
		toc_put_double(&r->draft, BYTES, fact->bytes);
	if (fact->times)
		toc_put_uint(&r->draft, TIMES, fact->times);
	return toc_draft_seal(&r->draft, aligned_alloc(8, toc_draft_size(&r->draft)));
}

/* One event that satisfies the rules first … last, in the order in which the engine calls. */
static inline void hits(struct rig *r, uint32_t first, uint32_t last, struct fact fact)
{
	const toc_time at = fact.at ? fact.at : fact.ts;
	r->at = at > r->at ? at : r->at;
	struct toc_event *ev = event_of(r, &fact);
	const struct toc_view view = { ev, NULL };
	toc_correlate_advance(r->correlator, r->at);
	toc_correlate_clock(r->correlator, fact.source, fact.ts, fact.late);
	for (uint32_t number = first; number <= last; number++)
		toc_correlate_hit(r->correlator, number, &view, number > first, NULL);
	free(ev);
}

static inline void hit(struct rig *r, uint32_t number, struct fact fact)
{
	hits(r, number, number, fact);
}

/* One from src at a time in seconds, of a user. */
static inline void login(struct rig *r, uint32_t number, int second, const char *src, const char *user)
{
	hit(r, number, (struct fact){ .ts = second * TOC_SEC, .src = src, .user = user });
}

static inline void advance(struct rig *r, toc_time at)
{
	r->at = at;
	toc_correlate_advance(r->correlator, at);
}

#endif
