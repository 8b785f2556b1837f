/* ruleset - one load: read, number, compile; all mistakes in one run. */
#include "ruleset/ruleset.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "ruleset/generation.h"

enum { LEAVES = 2000000 };

/* Detections first, in the order of the files; then correlations, each after those it refers to. */
static void number_docs(struct load *l, const struct toc_ruleset_config *config, struct toc_ruleset *set)
{
	struct doc *docs = l->docs.at;
	uint32_t next = 0;
	for (unsigned i = 0; i < l->docs.n; i++)
		if (docs[i].kind == DOC_DETECTION)
			docs[i].number = next++;
	set->ndetections = next;
	for (unsigned i = 0; i < l->docs.n; i++)
		if (docs[i].kind == DOC_CORRELATION)
			correlation_number(l, &docs[i], &next);
	set->ncorrelations = next - set->ndetections;
	set->documents = l->docs.n;
	if (config->documents)
		*config->documents = l->docs.n;
}

static void compile_detection(struct load *l, struct doc *doc)
{
	unsigned before = toc_diag_errors(l->diag);
	l->now = doc;
	const char *const *dims = doc->source.dims;
	if (!toc_yaml_get(doc->root, "logsource") || (!dims[0] && !dims[1] && !dims[2])) {
		const struct toc_yaml *at = toc_yaml_get(doc->root, "logsource");
		tell(l, at ? at : doc->root, (struct finding){ TOC_ERROR, "logsource", NULL, 0, 0 },
		     "a rule needs a logsource with category, product or service");
	}
	const struct tree *tree = detection_compile(l, toc_yaml_get(doc->root, "detection"), "a detection", doc);
	tree = tree ? filters_apply(l, doc, tree) : NULL;
	tree = tree ? pipeline_conditions(l, doc, tree) : NULL;
	if (tree && tree->leaves > LEAVES) {
		tell(l, doc->root, (struct finding){ TOC_ERROR, "too-large", NULL, 0, 0 },
		     "this rule comes to more than 2,000,000 tests; make its values a named list (expand)");
		tree = NULL;
	}
	if (toc_diag_errors(l->diag) == before)
		doc->tree = tree;
	l->now = NULL;
}

static void compile_doc(struct load *l, struct doc *doc, struct toc_ruleset *set, struct toc_alert_rule *words,
			struct toc_corr_rule *correlations)
{
	if (doc->kind == DOC_FILTER)
		return;
	vars_apply(l, doc);
	l->quiet = super_sleeps(l, doc);
	words_read(l, doc, &words[doc->number]);
	words[doc->number].pack = l->pack;
	words[doc->number].sleeps = l->quiet;
	if (doc->kind == DOC_CORRELATION) {
		correlation_compile(l, doc, &correlations[doc->number - set->ndetections], &words[doc->number]);
	} else {
		compile_detection(l, doc);
		if (doc->tree)
			taxonomy_place(l, &doc->source, doc->number, doc->tree);
		if (doc->tree)
			lint_tree(l, doc);
	}
	lint_document(l, doc);
	law_rule(l, doc);
}

static void compile_all(struct load *l, const struct toc_ruleset_config *config, struct generation *g)
{
	struct toc_ruleset *set = &g->set;
	unsigned n = set->ndetections + set->ncorrelations;
	struct toc_alert_rule *words = toc_arena_alloc(l->arena, (n + 1) * sizeof(*words));
	struct toc_corr_rule *correlations =
		toc_arena_alloc(l->arena, (set->ncorrelations + 1) * sizeof(*correlations));
	struct doc *docs = l->docs.at;
	for (unsigned i = 0; i < l->docs.n; i++)
		if (docs[i].kind == DOC_DETECTION)
			pipeline_begin(l, &docs[i]);
	filters_check(l);
	taxonomy_check(l);
	g->by_number = toc_arena_alloc(l->arena, (n + 1) * sizeof(*g->by_number));
	for (unsigned i = 0; i < l->docs.n; i++)
		if (docs[i].kind != DOC_FILTER)
			g->by_number[docs[i].number] = &docs[i];
	for (unsigned i = 0; i < l->docs.n; i++)
		compile_doc(l, &docs[i], set, words, correlations);
	for (unsigned i = 0; i < l->docs.n; i++)
		if (docs[i].kind == DOC_CORRELATION)
			law_correlation(l, &docs[i]);
	l->quiet = false;
	super_raises(l, g, words, correlations);
	g->filters = super_filters(l, set, correlations);
	exempted_place(l, set);
	modes_apply(l, config, set, words, correlations);
	vars_check(l);
	set->alerts = words;
	set->correlations = correlations;
	g->samples = l->samples.at;
	g->nsamples = l->samples.n;
	g->lists = l->lists;
	g->calendars = l->calendars;
}

struct toc_ruleset *toc_ruleset_load(const struct toc_ruleset_config *config, struct toc_intern *names,
				     const struct toc_dictionary *dictionary, struct toc_diag *diag)
{
	struct generation *g = calloc(1, sizeof(*g));
	unsigned before = toc_diag_errors(diag);
	if (!g)
		abort();
	g->arena = toc_arena_new();
	struct load l = { .arena = g->arena,
			  .names = names,
			  .dictionary = dictionary,
			  .diag = diag,
			  .opener = config->opener,
			  .clock = config->now,
			  .sizes = config->sizes };
	l.build = toc_build_new(g->arena);
	if (config->time_zone && strcmp(config->time_zone, "UTC") != 0)
		l.zone = g->zone = toc_zone_new(config->opener, config->time_zone);
	l.inputs = toc_sha256_new();
	toc_sha256_begin(l.inputs);
	files_read(&l, config->taxonomy, taxonomy_take);
	l.something = true;
	files_read(&l, config->calendars, calendars_take);
	files_read(&l, config->lists, lists_take);
	l.something = false;
	files_read(&l, config->policy, policy_take);
	files_read(&l, config->vars, vars_take);
	files_read(&l, config->pipelines, pipeline_take);
	pipeline_sort(&l);
	files_read(&l, config->paths, docs_take);
	number_docs(&l, config, &g->set);
	uint8_t inputs[32];
	toc_sha256_end(l.inputs, inputs);
	toc_sha256_free(l.inputs);
	toc_build_cache(l.build, config->cache, inputs);
	char hex[2 * sizeof(inputs) + 1] = "";
	toc_hex(inputs, sizeof(inputs), hex);
	l.pack = toc_arena_str(l.arena, toc_span_str(hex));
	if (toc_diag_errors(diag) == before || l.docs.n)
		compile_all(&l, config, g);
	const char *why = "";
	g->matcher = toc_build_finish(l.build, &why);
	g->set.matcher = g->matcher;
	if (g->matcher && toc_diag_errors(diag) == before)
		return &g->set;
	if (!g->matcher)
		toc_diag_add(diag, TOC_ERROR, (struct toc_place){ 0 }, "the rules cannot be compiled: %s", why);
	toc_ruleset_free(&g->set);
	return NULL;
}

void toc_ruleset_free(struct toc_ruleset *r)
{
	struct generation *g = (struct generation *)r;
	if (!g)
		return;
	toc_matcher_free(g->matcher);
	toc_matcher_free(g->filters);
	toc_zone_free(g->zone);
	toc_arena_free(g->arena);
	free(g);
}

const struct toc_rule_sample *toc_ruleset_samples(const struct toc_ruleset *r, unsigned *n)
{
	const struct generation *g = (const struct generation *)r;
	*n = g->nsamples;
	return g->samples;
}

bool toc_ruleset_list(const struct toc_ruleset *r, unsigned i, struct toc_list_info *out)
{
	const struct generation *g = (const struct generation *)r;
	return lists_info(&g->lists, i, out);
}

bool toc_ruleset_calendar(const struct toc_ruleset *r, unsigned i, struct toc_list_info *out)
{
	const struct generation *g = (const struct generation *)r;
	return calendars_info(&g->calendars, i, out);
}
