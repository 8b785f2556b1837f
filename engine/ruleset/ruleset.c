/* ruleset - one load: read, number, compile; all mistakes in one run. */
#include "ruleset/ruleset.h"

#include <stdlib.h>
#include <string.h>

#include "ruleset/load.h"

struct generation {
	struct toc_ruleset set; /* first: what the caller holds */
	struct toc_arena *arena;
	struct toc_matcher *matcher;
	const struct toc_rule_sample *samples;
	unsigned nsamples;
	struct table lists;
};

static void check_unique(struct load *l, const struct doc *doc)
{
	const struct doc *docs = l->docs.at;
	for (unsigned i = 0; i + 1 < l->docs.n; i++) {
		if (strcmp(docs[i].id, doc->id) != 0 &&
		    !(doc->name && docs[i].name && strcmp(docs[i].name, doc->name) == 0))
			continue;
		mistake(l, doc->root, "the id or name of this rule is also that of %s:%u", docs[i].root->at.file,
			docs[i].root->at.line);
		return;
	}
}

static void take_doc(struct load *l, const struct toc_yaml *root)
{
	if (root->kind != TOC_YAML_MAP || toc_yaml_get(root, "action")) {
		mistake(l, root, "%s",
			root->kind != TOC_YAML_MAP ? "a rule is a map (title, logsource, detection)"
						   : "collection actions (action:) are not in this version");
		return;
	}
	struct doc *doc = table_add(l, &l->docs, sizeof(*doc));
	doc->root = root;
	doc->path = root->at.file;
	doc->kind = toc_yaml_get(root, "correlation") ? DOC_CORRELATION
		    : toc_yaml_get(root, "filter")    ? DOC_FILTER
						      : DOC_DETECTION;
	doc->name = toc_yaml_str(toc_yaml_get(root, "name"));
	doc->title = toc_yaml_str(toc_yaml_get(root, "title"));
	doc->id = toc_yaml_str(toc_yaml_get(root, "id"));
	if (!doc->title)
		mistake(l, root, "a rule needs a title");
	if (!doc->id)
		doc->id = doc->name ? doc->name : toc_arena_printf(l->arena, "%s:%u", root->at.file, root->at.line);
	check_unique(l, doc);
}

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

static bool filter_names(struct load *l, const struct doc *filter, const struct doc *rule)
{
	const struct toc_yaml *names = toc_yaml_get(toc_yaml_get(filter->root, "filter"), "rules");
	for (const char *const *n = strings_read(l, names, "rules"); *n; n++)
		if (strcmp(*n, "any") == 0 || strcmp(*n, rule->id) == 0 || (rule->name && strcmp(*n, rule->name) == 0))
			return true;
	return false;
}

/* A filter is one more condition of the rules that it names, as it is written (pySigma's reading). */
static toc_node with_filters(struct load *l, const struct doc *rule, toc_node node)
{
	const struct doc *docs = l->docs.at;
	for (unsigned i = 0; i < l->docs.n; i++) {
		toc_node extra;
		if (docs[i].kind != DOC_FILTER || !filter_names(l, &docs[i], rule) ||
		    !taxonomy_covers(toc_yaml_get(docs[i].root, "logsource"), toc_yaml_get(rule->root, "logsource")) ||
		    !detection_compile(l, toc_yaml_get(docs[i].root, "filter"), &extra))
			continue;
		toc_node both[2] = { node, extra };
		node = toc_build_all(l->build, both, 2);
	}
	return node;
}

/* A filter that reaches no rule does nothing, and its author must hear of it. */
static void check_filter(struct load *l, const struct doc *filter)
{
	const struct toc_yaml *names = toc_yaml_get(toc_yaml_get(filter->root, "filter"), "rules");
	const char *const *n = strings_read(l, names, "rules");
	if (!*n)
		mistake(l, filter->root, "a filter names its rules (rules: [name], or any)");
	for (; *n; n++) {
		const struct doc *rule = strcmp(*n, "any") == 0 ? NULL : docs_find(l, *n);
		if (strcmp(*n, "any") != 0 && !rule)
			mistake(l, names, "there is no rule \"%s\"", *n);
		if (rule && rule->kind == DOC_CORRELATION)
			mistake(l, names, "\"%s\" is a correlation; filters on correlations are not in this version",
				*n);
	}
}

static void compile_doc(struct load *l, const struct doc *doc, struct toc_ruleset *set, struct toc_alert_rule *words,
			struct toc_corr_rule *correlations)
{
	toc_node node;
	if (doc->kind == DOC_FILTER) {
		check_filter(l, doc);
		return;
	}
	vars_apply(l, doc);
	words_read(l, doc, &words[doc->number]);
	if (doc->kind == DOC_CORRELATION) {
		correlation_compile(l, doc, &correlations[doc->number - set->ndetections], &words[doc->number]);
		return;
	}
	if (!toc_yaml_get(doc->root, "logsource"))
		mistake(l, doc->root, "a rule needs a logsource (category, product or service)");
	else if (detection_compile(l, toc_yaml_get(doc->root, "detection"), &node))
		taxonomy_place(l, toc_yaml_get(doc->root, "logsource"), doc->number, with_filters(l, doc, node));
}

static void compile_all(struct load *l, struct generation *g)
{
	struct toc_ruleset *set = &g->set;
	unsigned n = set->ndetections + set->ncorrelations;
	struct toc_alert_rule *words = toc_arena_alloc(l->arena, (n + 1) * sizeof(*words));
	struct toc_corr_rule *correlations =
		toc_arena_alloc(l->arena, (set->ncorrelations + 1) * sizeof(*correlations));
	const struct doc *docs = l->docs.at;
	for (unsigned i = 0; i < l->docs.n; i++)
		compile_doc(l, &docs[i], set, words, correlations);
	vars_check(l);
	set->alerts = words;
	set->correlations = correlations;
	g->samples = l->samples.at;
	g->nsamples = l->samples.n;
	g->lists = l->lists;
}

struct toc_ruleset *toc_ruleset_load(const struct toc_ruleset_config *config, struct toc_intern *names,
				     const struct toc_dictionary *dictionary, struct toc_diag *diag)
{
	struct generation *g = calloc(1, sizeof(*g));
	unsigned before = toc_diag_errors(diag);
	if (!g)
		abort();
	g->arena = toc_arena_new();
	struct load l = {
		.arena = g->arena, .names = names, .dictionary = dictionary, .diag = diag, .opener = config->opener
	};
	l.build = toc_build_new(g->arena);
	files_read(&l, config->taxonomy, taxonomy_take);
	files_read(&l, config->lists, lists_take);
	files_read(&l, config->vars, vars_take);
	files_read(&l, config->paths, take_doc);
	number_docs(&l, config, &g->set);
	if (toc_diag_errors(diag) == before || l.docs.n)
		compile_all(&l, g);
	g->matcher = toc_build_finish(l.build);
	g->set.matcher = g->matcher;
	if (g->matcher && toc_diag_errors(diag) == before)
		return &g->set;
	if (!g->matcher)
		toc_diag_add(diag, TOC_ERROR, (struct toc_place){ 0 }, "out of memory for the rules' expressions");
	toc_ruleset_free(&g->set);
	return NULL;
}

void toc_ruleset_free(struct toc_ruleset *r)
{
	struct generation *g = (struct generation *)r;
	if (!g)
		return;
	toc_matcher_free(g->matcher);
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
