/* bench_match - CPU seconds of match and correlate over events that lie in memory as flat records. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "app/options.h"
#include "app/pipeline.h"
#include "deliver/file.h"
#include "event/record.h"
#include "tocsin/draft.h"

enum { HITS = 4096 };

/* Records one behind the other, as they lie in a ring. */
struct store {
	struct toc_emit emit;
	uint8_t *bytes;
	size_t n, room;
	const struct toc_event **at;
	size_t events, events_room;
	uint64_t ordinal;
};

struct bench {
	struct toc_texts rules, files;
	const char *config, *cache;
	long hits; /* a thousandth of the events shall hit; 0 = as they come */
	long runs; /* the best counts */
	bool agree, asked, load;
	struct toc_diag *diag;
	struct toc_config *conf;
	struct toc_pipeline *p;
	struct store store;
	const struct toc_event **stream;
	size_t stream_n;
};

static double cpu_seconds(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void *grow(void *p, size_t n)
{
	void *bigger = realloc(p, n);
	if (!bigger)
		abort();
	return bigger;
}

/* Offsets first, addresses when all are in: the block moves while it grows. */
static void keep(struct toc_emit *self, struct toc_draft *d)
{
	struct store *s = (struct store *)self;
	size_t size = toc_draft_size(d);
	if (s->n + size > s->room) {
		s->room = 2 * (s->room + size);
		s->bytes = grow(s->bytes, s->room);
	}
	if (s->events == s->events_room) {
		s->events_room = s->events_room ? 2 * s->events_room : 1024;
		s->at = grow(s->at, s->events_room * sizeof(*s->at));
	}
	d->head.ordinal = ++s->ordinal;
	toc_draft_seal(d, s->bytes + s->n);
	s->at[s->events++] = (const struct toc_event *)(uintptr_t)s->n;
	s->n += size;
}

static bool read_events(struct bench *b)
{
	struct store *s = &b->store;
	s->emit.event = keep;
	struct toc_records *r = toc_records_new(b->p->dictionary, b->p->names, &s->emit);
	for (unsigned i = 0; i < b->files.n; i++) {
		FILE *f = fopen(b->files.at[i], "r");
		char *line = NULL;
		size_t room = 0;
		ssize_t n;
		if (!f) {
			fprintf(stderr, "%s cannot be read\n", b->files.at[i]);
			return false;
		}
		for (uint64_t number = 1; (n = getline(&line, &room, f)) > 0; number++)
			toc_records_take(r, toc_span_of(line, (size_t)n - (line[n - 1] == '\n')), number);
		free(line);
		fclose(f);
	}
	const struct toc_record_counters *c = toc_records_count(r);
	printf("%zu events, %.0f B each; %llu lines were none, %llu fields left out\n", s->events,
	       s->events ? (double)s->n / (double)s->events : 0, (unsigned long long)c->bad,
	       (unsigned long long)c->left_out);
	for (size_t i = 0; i < s->events; i++)
		s->at[i] = (const struct toc_event *)(const void *)(s->bytes + (uintptr_t)s->at[i]);
	toc_records_free(r);
	return s->events > 0;
}

static unsigned match(struct bench *b, const struct toc_event *ev, uint32_t *hits)
{
	const struct toc_view view = { ev, NULL };
	const struct toc_generation *g = b->p->generation;
	return toc_match(g->rules->matcher, g->scratch, &view, hits, HITS);
}

/* The stream: all events, or so many of them that the wanted part hits, spread evenly. */
static void choose(struct bench *b)
{
	struct store *s = &b->store;
	uint32_t hits[HITS];
	size_t nhit = 0, nmiss = 0;
	const struct toc_event **hit = grow(NULL, s->events * sizeof(*hit)),
			       **miss = grow(NULL, s->events * sizeof(*miss));
	b->stream = grow(NULL, 2 * s->events * sizeof(*b->stream));
	for (size_t i = 0; i < s->events; i++) {
		bool any = match(b, s->at[i], hits) > 0;
		(any ? hit : miss)[any ? nhit++ : nmiss++] = s->at[i];
	}
	printf("%zu of them hit a rule\n", nhit);
	if (b->hits == 0) {
		memcpy(b->stream, s->at, s->events * sizeof(*s->at));
		b->stream_n = s->events;
	}
	size_t every = b->hits ? 1000 / (size_t)b->hits : 0;
	for (size_t i = 0, h = 0; b->hits && i < nmiss; i++) {
		b->stream[b->stream_n++] = miss[i];
		if (every && nhit && i % every == every - 1)
			b->stream[b->stream_n++] = hit[h++ % nhit];
	}
	free(hit);
	free(miss);
}

static void run(struct bench *b)
{
	static uint32_t hits[HITS];
	double best = 1e9;
	uint64_t total = 0, with = 0;
	struct toc_correlator *correlator = b->p->generation->correlator;
	for (long r = 0; r < b->runs; r++) {
		total = with = 0;
		double before = cpu_seconds();
		for (size_t i = 0; i < b->stream_n; i++) {
			const struct toc_view view = { b->stream[i], NULL };
			toc_correlate_clock(correlator, view.ev->source, view.ev->ts, 0);
			unsigned n = match(b, b->stream[i], hits);
			for (unsigned k = 0; k < n && k < HITS; k++)
				toc_correlate_hit(correlator, hits[k], &view, k > 0, NULL);
			total += n;
			with += n > 0;
		}
		double spent = cpu_seconds() - before;
		best = spent < best ? spent : best;
	}
	printf("match + correlate: %zu events, %.2f %% hit (%llu hits), %.3f CPU s, %.0f events a CPU second\n",
	       b->stream_n, 100.0 * (double)with / (double)b->stream_n, (unsigned long long)total, best,
	       (double)b->stream_n / best);
}

struct asked {
	uint32_t rule;
	uint64_t times;
};

static int most_first(const void *a, const void *b)
{
	const struct asked *x = a, *y = b;
	return x->times < y->times ? 1 : x->times > y->times ? -1 : 0;
}

/* One pass: which rules' witnesses call them most often. */
static void tell_asked(struct bench *b)
{
	enum { TOLD = 30 };
	const struct toc_generation *g = b->p->generation;
	static uint32_t hits[HITS];
	struct asked *of = grow(NULL, (g->rules->ndetections + 1) * sizeof(*of));
	uint64_t all = 0;
	for (uint32_t i = 0; i < g->rules->ndetections; i++)
		of[i] = (struct asked){ i, toc_match_asked(g->scratch, i) };
	for (size_t i = 0; i < b->stream_n; i++)
		match(b, b->stream[i], hits);
	for (uint32_t i = 0; i < g->rules->ndetections; i++) {
		of[i].times = toc_match_asked(g->scratch, i) - of[i].times;
		all += of[i].times;
	}
	qsort(of, g->rules->ndetections, sizeof(*of), most_first);
	printf("%.2f rules asked an event\n", (double)all / (double)b->stream_n);
	for (uint32_t i = 0; i < TOLD && i < g->rules->ndetections && of[i].times; i++)
		printf("%.3f  %s\n", (double)of[i].times / (double)b->stream_n, g->rules->alerts[of[i].rule].title);
	free(of);
}

static void tell_step(void *self, const struct toc_match_step *step)
{
	(void)self;
	printf("%*s%s %s: %s\n", 2 * (int)step->depth, "", step->what, step->detail, step->holds ? "yes" : "no");
}

/* The first that is wrong, in full. */
static void show(struct bench *b, const struct toc_view *view, uint32_t rule)
{
	const struct toc_generation *g = b->p->generation;
	bool holds;
	toc_matcher_describe(g->rules->matcher, b->p->names, rule, stdout);
	toc_match_explain(g->rules->matcher, g->scratch, b->p->names, view, rule, tell_step, NULL, &holds);
}

/* Each rule on each event, by its tree and test by test: as the matcher says? */
static bool agree(struct bench *b)
{
	const struct toc_generation *g = b->p->generation;
	static uint32_t hits[HITS];
	uint64_t asked = 0, wrong = 0;
	for (size_t i = 0; i < b->stream_n; i++) {
		const struct toc_view view = { b->stream[i], NULL };
		unsigned n = match(b, b->stream[i], hits), at = 0;
		for (uint32_t rule = 0; rule < g->rules->ndetections; rule++) {
			bool says = at < n && hits[at] == rule, holds = false;
			at += says;
			bool judged = toc_match_explain(g->rules->matcher, g->scratch, b->p->names, &view, rule, NULL,
							NULL, &holds);
			asked += judged;
			if (says == (judged && holds))
				continue;
			if (wrong == 0)
				show(b, &view, rule);
			if (wrong++ < 10)
				printf("event %zu, rule %s: the matcher says %s\n", i, g->rules->alerts[rule].id,
				       says ? "yes" : "no");
		}
	}
	printf("agree: %llu rules on events asked, %llu wrong\n", (unsigned long long)asked, (unsigned long long)wrong);
	return wrong == 0;
}

static bool load(struct bench *b)
{
	static uint64_t unseen;
	double before = cpu_seconds();
	b->diag = toc_diag_new();
	b->conf = toc_config_load(b->config, "rules", b->diag);
	double config_done = cpu_seconds();
	const struct toc_pipeline_options o = { .rules = true, .rule_paths = b->rules.at, .cache = b->cache };
	b->p = toc_pipeline_new(b->conf, &o, &toc_outlet_null, &unseen, b->diag);
	if (!b->p || !b->p->generation) {
		fprintf(stderr, "%u errors; `tocsin check` tells them\n", toc_diag_errors(b->diag));
		return false;
	}
	struct toc_matcher_size size;
	toc_matcher_measure(b->p->generation->rules->matcher, &size);
	printf("load: %u rules, %.2f CPU s (configuration %.2f); %u entries in %u kinds, %u gates, %u without witness, "
	       "%u predicates, %u columns, %u parts, %u instructions, %u databases\n",
	       b->p->generation->rules->ndetections, cpu_seconds() - before, config_done - before, size.entries,
	       size.kinds, size.gates, size.without_witness, size.predicates, size.columns, size.parts,
	       size.instructions, size.databases);
	return true;
}

int main(int argc, char **argv)
{
	struct bench b = { .runs = 5 };
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &b.config, "FILE  tocsin.yml" },
		{ "--rules", TOC_OPT_LIST, &b.rules, "PATH  rules; repeatable" },
		{ "--cache", TOC_OPT_TEXT, &b.cache, "FOLDER  for compiled expressions" },
		{ "--hits", TOC_OPT_NUMBER, &b.hits, "N  of a thousand events that shall hit" },
		{ "--runs", TOC_OPT_NUMBER, &b.runs, "N  passes over the stream, of which the best counts (5)" },
		{ "--agree", TOC_OPT_FLAG, &b.agree, "each rule's tree must say what the matcher says; no figures" },
		{ "--asked", TOC_OPT_FLAG, &b.asked, "the rules that are called most often; no figures" },
		{ "--load", TOC_OPT_FLAG, &b.load, "only load" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, &b.files);
	if (status >= 0)
		return status;
	bool ok = load(&b) && (b.load || read_events(&b));
	if (ok && !b.load) {
		choose(&b);
		if (b.agree)
			ok = agree(&b);
		else if (b.asked)
			tell_asked(&b);
		else
			run(&b);
	}
	toc_pipeline_free(b.p);
	toc_config_free(b.conf);
	toc_diag_free(b.diag);
	free(b.store.bytes);
	free(b.store.at);
	free(b.stream);
	return ok ? 0 : 2;
}
