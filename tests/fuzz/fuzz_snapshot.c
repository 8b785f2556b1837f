/* fuzz_snapshot - a snapshot in which bytes are changed, or any bytes at all, under a digest that fits: refused or
 * taken, and what was taken goes on without harm. */
#include <stdlib.h>
#include <string.h>

#include "correlate/snapshot.h"
#include "tocsin/draft.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { KIND, SRC, USER, BYTES, N, RULES = 6, FACTS = 24 };

struct fuzz {
	struct toc_findings out; /* first */
	struct toc_intern *names;
	toc_field map[N];
	struct toc_corr_rule rules[RULES];
	struct toc_corr_ref refs[RULES][2];
	struct toc_draft draft;
	toc_time at;
};

static void nothing(struct toc_findings *self, const struct toc_finding *f)
{
	(void)self;
	if (f->nevidence > TOC_EVIDENCE)
		abort();
}

/* One of each sort that remembers something of its own. */
static void make_rules(struct fuzz *z)
{
	static const char *const kinds[RULES] = { "event_count",      "value_count", "temporal_ordered",
						  "value_percentile", "event_count", "value_sum" };
	for (unsigned i = 0; i < RULES; i++) {
		struct toc_corr_rule *r = &z->rules[i];
		*r = (struct toc_corr_rule){ .number = 10 + i,
					     .id = kinds[i],
					     .hash = i,
					     .kind = toc_corr_kind_find(kinds[i]),
					     .nkeys = 1,
					     .key_names = { "src" },
					     .nrefs = i == 2 ? 2 : 1,
					     .refs = z->refs[i],
					     .nvalues = 1,
					     .timespan = TOC_MIN,
					     .late = TOC_HOUR,
					     .percentile = 50,
					     .nbounds = i != 2,
					     .bounds = { { i == 4 ? TOC_CORR_LT : TOC_CORR_GTE, 3 } } };
		for (unsigned k = 0; k < r->nrefs; k++)
			z->refs[i][k] = (struct toc_corr_ref){ .rule = k,
							       .key = { { 1, { z->map[SRC] } } },
							       .value = { { 1, { z->map[i == 1 ? USER : BYTES] } } },
							       .novel = { 1, { z->map[USER] } } };
	}
	z->rules[1].novel.on = true;
	z->rules[1].novel.forget = TOC_DAY;
	z->rules[0].baseline.weeks = 1;
	z->rules[3].ninhibitors = 1;
	z->rules[3].inhibitors = z->refs[0];
}

static struct toc_correlator *correlator_new(struct fuzz *z)
{
	static const struct toc_hash_key key = { 1, 2 };
	const struct toc_corr_config config = { 0 };
	return toc_correlator_new(&config, z->rules, RULES, &key, &z->out);
}

static void feed(struct fuzz *z, struct toc_correlator *c, unsigned i)
{
	const char src[2] = { (char)('a' + i % 3), 0 }, user[2] = { (char)('k' + i % 5), 0 };
	z->at += TOC_SEC;
	toc_draft_begin(&z->draft, z->map, KIND);
	z->draft.head.ts = z->draft.head.at = z->at;
	toc_put_cstr(&z->draft, SRC, src);
	toc_put_cstr(&z->draft, USER, user);
	toc_put_uint(&z->draft, BYTES, i);
	struct toc_event *ev = toc_draft_seal(&z->draft, aligned_alloc(8, toc_draft_size(&z->draft)));
	const struct toc_view view = { ev, NULL };
	toc_correlate_advance(c, z->at);
	toc_correlate_hit(c, i % 2, &view, false, NULL);
	free(ev);
}

static void begin(struct fuzz *z)
{
	static const struct toc_field_decl fields[N] = {
		[KIND] = { "fuzz", TOC_KIND, false, TOC_OPEN, NULL, "" },
		[SRC] = { "src", TOC_STRING, false, TOC_OPEN, NULL, "" },
		[USER] = { "user", TOC_STRING, false, TOC_OPEN, NULL, "" },
		[BYTES] = { "bytes", TOC_UINT, false, TOC_OPEN, NULL, "" },
	};
	static struct toc_intern *names; /* made once: it is large, and only grows */
	names = names ? names : toc_intern_new();
	z->names = names;
	z->out = (struct toc_findings){ nothing, nothing, nothing };
	toc_intern_decls(z->names, fields, N, z->map);
	z->at = 480000 * TOC_HOUR;
	make_rules(z);
}

/* A real one's body with some bytes changed: two of place, one of what is added, each time. */
static uint8_t *changed(struct fuzz *z, const uint8_t *data, size_t n, size_t *size)
{
	struct toc_correlator *c = correlator_new(z);
	struct toc_span body;
	const char *what;
	size_t whole;
	for (unsigned i = 0; i < FACTS; i++)
		feed(z, c, i);
	uint8_t *bytes = toc_correlate_snapshot(c, z->names, 1, &whole), *out;
	toc_correlator_free(c);
	if (!bytes || !snapshot_open(&snapshot_correlations, toc_span_of(bytes, whole), &body, &what))
		abort();
	out = malloc(body.n);
	memcpy(out, body.p, body.n);
	*size = body.n;
	for (; n >= 3; data += 3, n -= 3)
		out[(size_t)(data[0] | data[1] << 8) % body.n] += data[2];
	free(bytes);
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct toc_corr_restored got;
	char err[128];
	size_t size = n - (n > 0), sealed_n;
	if (n < 1)
		return 0;
	struct fuzz *z = calloc(1, sizeof(*z));
	begin(z);
	uint8_t *body = data[0] & 1 ? changed(z, data + 1, n - 1, &size) : NULL;
	uint8_t *sealed = snapshot_seal(&snapshot_correlations, toc_span_of(body ? body : data + 1, size), &sealed_n);
	struct toc_correlator *c = correlator_new(z);
	const bool taken = toc_correlate_restore(c, z->names, toc_span_of(sealed, sealed_n), &got, err, sizeof(err));
	if (!taken && toc_correlate_count(c)->cells != 0)
		abort();
	if (n == 1 && (data[0] & 1) && !taken)
		abort(); /* unchanged */
	toc_correlate_retell(c);
	for (unsigned i = 0; i < FACTS; i++)
		feed(z, c, i);
	toc_correlate_advance(c, z->at + TOC_DAY);
	toc_correlate_finish(c, z->at + TOC_DAY);
	toc_correlator_free(c);
	free(body);
	free(sealed);
	free(z);
	return 0;
}
