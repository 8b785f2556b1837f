/* fuzz_correlate - hits in any order against a count from scratch; snapshots of that (hostile ones: fuzz_snapshot.c).
 */
#include <stdio.h>
#include <stdlib.h>

#include "correlate/correlate.h"
#include "tocsin/draft.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { KIND, SRC, USER, BYTES, N, RULES = 6, MOST = 160 };

struct fact {
	toc_time ts;
	uint8_t rule, src, user;
};

struct fuzz {
	struct toc_findings out; /* first */
	struct toc_intern *names;
	toc_field map[N];
	struct toc_corr_rule rules[RULES];
	struct toc_corr_ref refs[RULES][2];
	struct toc_correlator *correlator;
	struct toc_draft draft;
	unsigned opens[RULES], closes[RULES];
	bool fired[RULES];
	struct fact facts[MOST];
	unsigned nfacts;
	toc_time at;
};

static void note_open(struct toc_findings *self, const struct toc_finding *f)
{
	struct fuzz *z = (struct fuzz *)(void *)self;
	z->opens[f->rule->number - 10]++;
	z->fired[f->rule->number - 10] = true;
}

static void note_update(struct toc_findings *self, const struct toc_finding *f)
{
	((struct fuzz *)(void *)self)->fired[f->rule->number - 10] = true;
}

static void note_close(struct toc_findings *self, const struct toc_finding *f)
{
	((struct fuzz *)(void *)self)->closes[f->rule->number - 10]++;
}

static void make_rules(struct fuzz *z, uint8_t shape)
{
	static const char *const kinds[RULES] = { "event_count", "value_count",	     "temporal_ordered",
						  "temporal",	 "value_percentile", "event_count" };
	for (unsigned i = 0; i < RULES; i++) {
		struct toc_corr_rule *r = &z->rules[i];
		*r = (struct toc_corr_rule){ .number = 10 + i,
					     .id = kinds[i],
					     .hash = i,
					     .kind = toc_corr_kind_find(kinds[i]),
					     .nkeys = 1,
					     .key_names = { "src" },
					     .nrefs = i == 2 || i == 3 ? 2 : 1,
					     .refs = z->refs[i],
					     .nvalues = 1,
					     .timespan = (1 + shape % 16) * TOC_SEC,
					     .late = TOC_HOUR,
					     .percentile = 50,
					     .nbounds = i != 2 && i != 3,
					     .bounds = { { i == 5 ? TOC_CORR_LT : TOC_CORR_GTE, 1 + shape / 16 } } };
		for (unsigned k = 0; k < r->nrefs; k++)
			z->refs[i][k] = (struct toc_corr_ref){ .rule = k,
							       .key = { { 1, { z->map[SRC] } } },
							       .value = { { 1, { z->map[i == 4 ? BYTES : USER] } } } };
	}
}

static struct toc_correlator *correlator_new(struct fuzz *z)
{
	static const struct toc_hash_key key = { 1, 2 };
	const struct toc_corr_config config = { 0 };
	return toc_correlator_new(&config, z->rules, RULES, &key, &z->out);
}

/* The most that a window which contains the newest fact has of events, or of users. */
static unsigned best(const struct fuzz *z, bool distinct)
{
	const struct fact *now = &z->facts[z->nfacts - 1];
	const toc_time timespan = z->rules[0].timespan;
	unsigned most = 0;
	for (unsigned e = 0; e < z->nfacts; e++) {
		const toc_time end = z->facts[e].ts;
		uint32_t users[8] = { 0 };
		unsigned count = 0, values = 0;
		if (z->facts[e].src != now->src || z->facts[e].rule || end < now->ts || end > now->ts + timespan)
			continue;
		for (unsigned i = 0; i < z->nfacts; i++) {
			const struct fact *f = &z->facts[i];
			if (f->src != now->src || f->rule || f->ts > end || f->ts < end - timespan)
				continue;
			count++;
			values += !(users[f->user / 32] >> f->user % 32 & 1);
			users[f->user / 32] |= UINT32_C(1) << f->user % 32;
		}
		most = (distinct ? values : count) > most ? (distinct ? values : count) : most;
	}
	return most;
}

static void step(struct fuzz *z, const uint8_t *p)
{
	struct fact *f = &z->facts[z->nfacts++];
	z->at += (p[0] & 7) * TOC_SEC / 2;
	*f = (struct fact){ z->at - (p[1] & 63) * TOC_SEC / 4, p[0] >> 7, p[0] >> 4 & 3, p[2] };
	const char src[2] = { (char)('a' + f->src), 0 };
	char user[4];
	snprintf(user, sizeof(user), "%u", f->user);
	toc_draft_begin(&z->draft, z->map, KIND);
	z->draft.head.ts = f->ts;
	z->draft.head.at = z->at;
	toc_put_cstr(&z->draft, SRC, src);
	toc_put_cstr(&z->draft, USER, user);
	toc_put_uint(&z->draft, BYTES, f->user);
	struct toc_event *ev = toc_draft_seal(&z->draft, aligned_alloc(8, toc_draft_size(&z->draft)));
	const struct toc_view view = { ev, NULL };
	toc_correlate_advance(z->correlator, z->at);
	memset(z->fired, 0, sizeof(z->fired));
	toc_correlate_hit(z->correlator, f->rule, &view, false, NULL);
	free(ev);
	if (f->rule)
		return;
	const double bound = z->rules[0].bounds[0].value;
	if (z->fired[0] != (best(z, false) >= bound) || z->fired[1] != (best(z, true) >= bound))
		abort();
}

/* What is written is read, and says the same again. */
static void snapshot(struct fuzz *z)
{
	struct toc_corr_restored got;
	char err[128];
	size_t n, m;
	uint8_t *bytes = toc_correlate_snapshot(z->correlator, z->names, 1, &n), *again;
	struct toc_correlator *next = correlator_new(z);
	if (!bytes || !toc_correlate_restore(next, z->names, toc_span_of(bytes, n), &got, err, sizeof(err)))
		abort();
	again = toc_correlate_snapshot(next, z->names, 1, &m);
	if (!again || n != m || memcmp(bytes, again, n) != 0)
		abort();
	free(bytes);
	free(again);
	toc_correlator_free(z->correlator);
	z->correlator = next;
}

static void begin(struct fuzz *z)
{
	static const struct toc_field_decl fields[N] = {
		[KIND] = { "fuzz", TOC_KIND, false, TOC_OPEN, NULL, "" },
		[SRC] = { "src", TOC_STRING, false, TOC_OPEN, NULL, "" },
		[USER] = { "user", TOC_STRING, false, TOC_OPEN, NULL, "" },
		[BYTES] = { "bytes", TOC_UINT, false, TOC_OPEN, NULL, "" },
	};
	z->out = (struct toc_findings){ note_open, note_update, note_close };
	static struct toc_intern *names; /* made once: it is large, and only grows */
	names = names ? names : toc_intern_new();
	z->names = names;
	toc_intern_decls(z->names, fields, N, z->map);
	z->at = TOC_HOUR;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n < 2)
		return 0;
	struct fuzz *z = calloc(1, sizeof(*z));
	begin(z);
	make_rules(z, data[1]);
	z->correlator = correlator_new(z);
	for (size_t i = 2; i + 3 <= n && z->nfacts < MOST; i += 3) {
		step(z, data + i);
		if (data[i + 1] >> 6 == 3 && data[i + 2] % 16 == 0)
			snapshot(z);
	}
	toc_correlate_finish(z->correlator, z->at);
	for (unsigned i = 0; i < RULES; i++)
		if (z->opens[i] != z->closes[i])
			abort();
	if (toc_correlate_bytes(z->correlator) != 0)
		abort();
	toc_correlator_free(z->correlator);
	free(z);
	return 0;
}
