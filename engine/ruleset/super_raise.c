/* super_raise - `raise`: search identifiers that make an alert graver. Each is a rule of the matcher of its own: that
 * of its detection, and the identifier. */
#include <string.h>

#include "ruleset/generation.h"
#include "ruleset/super.h"

/* Below the lowest there is nothing to rise from. */
static const char *const levels[] = { "low", "medium", "high", "critical", NULL };
enum { LOWEST = 2, NAMES = 32, TESTS = 50000 };

/* One rule whose alerts rise. */
struct raising {
	struct load *l;
	struct generation *g;
	const struct doc *doc;
	struct toc_alert_rule *words;
	struct toc_corr_rule *correlation; /* NULL: a detection */
	unsigned names;			   /* so far */
};

static uint8_t severity_of(struct load *l, const struct toc_yaml *key)
{
	for (unsigned i = 0; levels[i]; i++)
		if (toc_span_is(key->text, levels[i]))
			return (uint8_t)(i + LOWEST);
	const char *near = toc_nearest(key->text, levels);
	tell(l, key, (struct finding){ TOC_ERROR, "raise", near, 0, 0 },
	     "an alert is raised to low, medium, high or critical%s%s%s", near ? " (" : "", near ? near : "",
	     near ? "?)" : "");
	return 0;
}

static struct identifier *identifier_of(const struct doc *rule, const char *name)
{
	for (unsigned i = 0; i < rule->nids; i++)
		if (strcmp(rule->ids[i].name, name) == 0)
			return &rule->ids[i];
	return NULL;
}

/* The matcher's number for "the rule, and this identifier of it"; 0: the rule has mistakes. */
static uint32_t number_of(const struct raising *r, const struct doc *rule, struct identifier *id)
{
	struct toc_ruleset *set = &r->g->set;
	id->used = true;
	if (id->raise || !rule->tree || !id->tree)
		return id->raise;
	if (rule->tree->leaves > TESTS || id->tree->leaves > TESTS) {
		tell(r->l, rule->root, (struct finding){ TOC_ERROR, "too-large", NULL, 0, 0 },
		     "a rule that is raised has %d tests at most; make its values a named list (expand)", TESTS);
		return 0;
	}
	const struct tree *both[2] = { rule->tree, id->tree };
	id->raise = set->ndetections + set->ncorrelations + set->nraises++;
	taxonomy_place(r->l, &rule->source, id->raise, tree_all(r->l, both, 2));
	lint_apart(r->l, rule, id->tree);
	return id->raise;
}

static const struct toc_raise *one_more(struct load *l, const struct toc_raise *all, unsigned *n, struct toc_raise x)
{
	struct toc_raise *more = toc_arena_alloc(l->arena, (*n + 1) * sizeof(*more));
	if (*n)
		memcpy(more, all, *n * sizeof(*more));
	more[(*n)++] = x;
	return more;
}

/* The identifier in one rule; false: that rule has none of this name. */
static bool add(const struct raising *r, const struct doc *rule, struct toc_corr_ref *ref, const char *name,
		uint8_t severity)
{
	struct identifier *id = rule->kind == DOC_DETECTION ? identifier_of(rule, name) : NULL;
	if (!id)
		return false;
	const struct toc_raise x = { number_of(r, rule, id), severity };
	if (x.number && ref)
		ref->raises = one_more(r->l, ref->raises, &ref->nraises, x);
	else if (x.number)
		r->words->raises = one_more(r->l, r->words->raises, &r->words->nraises, x);
	if (id->tree && rule->tree)
		law_tree(r->l, r->doc, id->tree);
	return true;
}

/* All names that it might have been, for the nearest; whether any rule could not be read. */
static bool collect(const struct raising *r, const char **names, unsigned room)
{
	const unsigned n = r->correlation ? r->correlation->nrefs : 1;
	bool broken = false;
	unsigned k = 0;
	for (unsigned i = 0; i < n; i++) {
		const struct doc *rule = r->correlation ? r->g->by_number[r->correlation->refs[i].rule] : r->doc;
		broken = broken || (rule->kind == DOC_DETECTION && !rule->tree);
		for (unsigned j = 0; j < rule->nids && k + 1 < room; j++)
			names[k++] = rule->ids[j].name;
	}
	names[k] = NULL;
	return broken;
}

static void add_name(const struct raising *r, const struct toc_yaml *at, const char *name, uint8_t severity)
{
	const struct toc_corr_rule *c = r->correlation;
	struct toc_corr_ref *refs = c ? (struct toc_corr_ref *)(uintptr_t)c->refs : NULL; /* of this load's arena */
	const char *names[256];
	bool found = !c && add(r, r->doc, NULL, name, severity);
	for (unsigned i = 0; c && i < c->nrefs; i++)
		found = add(r, r->g->by_number[refs[i].rule], &refs[i], name, severity) || found;
	if (found || collect(r, names, sizeof(names) / sizeof(names[0])))
		return; /* or the rule that may have it was told of */
	const char *near = toc_nearest(toc_span_str(name), names);
	tell(r->l, at, (struct finding){ TOC_ERROR, "unknown-identifier", near, 0, 0 },
	     "%s no search identifier \"%s\"%s%s%s", c ? "the rules of this correlation have" : "the detection has",
	     name, near ? " (" : "", near ? near : "", near ? "?)" : "");
}

static void read_level(struct raising *r, const struct toc_yaml *key, const struct toc_yaml *value)
{
	const uint8_t severity = severity_of(r->l, key);
	const char *const *names = strings_read(r->l, value, "raise");
	if (!severity)
		return;
	if (severity <= r->words->severity)
		tell(r->l, key, (struct finding){ TOC_WARNING, "raise", NULL, 0, 0 },
		     "the rule's level is not below this already, so nothing is raised");
	unsigned n = 0;
	while (names[n])
		n++;
	r->names += n;
	if (r->names > NAMES) {
		tell(r->l, value, (struct finding){ TOC_ERROR, "too-large", NULL, 0, 0 },
		     "a rule is raised by %d search identifiers at most", NAMES);
		return;
	}
	if (!names[0])
		tell(r->l, value, (struct finding){ TOC_ERROR, "raise", NULL, 0, 0 },
		     "raise names a search identifier for each level (critical: selection_protected)");
	r->words->raised_by[severity] = names;
	for (unsigned i = 0; names[i]; i++)
		add_name(r, strings_node(value, i), names[i], severity);
}

static void read_raise(struct raising *r, const struct toc_yaml *node)
{
	if (node->kind != TOC_YAML_MAP || node->n == 0) {
		tell(r->l, node, (struct finding){ TOC_ERROR, "raise", NULL, 0, 0 },
		     "raise is a map of levels and search identifiers ({critical: selection_protected})");
		return;
	}
	if (r->correlation && r->correlation->absent.on) {
		tell(r->l, node, (struct finding){ TOC_ERROR, "raise", NULL, 0, 0 },
		     "absent has no event that could raise its alert");
		return;
	}
	for (unsigned i = 0; i < node->n; i++)
		read_level(r, node->as.pairs[i].key, node->as.pairs[i].value);
}

void super_raises(struct load *l, struct generation *g, struct toc_alert_rule *words,
		  struct toc_corr_rule *correlations)
{
	const struct doc *docs = l->docs.at;
	for (unsigned i = 0; i < l->docs.n; i++) {
		const struct doc *doc = &docs[i];
		const struct toc_yaml *node = toc_yaml_get(toc_yaml_get(doc->root, "tocsin"), "raise");
		if (!node || doc->kind == DOC_FILTER)
			continue;
		struct raising r = { .l = l, .g = g, .doc = doc, .words = &words[doc->number] };
		if (doc->kind == DOC_CORRELATION)
			r.correlation = &correlations[doc->number - g->set.ndetections];
		l->quiet = r.words->sleeps;
		read_raise(&r, node);
	}
	l->quiet = false;
	for (unsigned i = 0; i < l->docs.n; i++) {
		l->quiet = docs[i].kind != DOC_FILTER && words[docs[i].number].sleeps;
		if (docs[i].kind == DOC_DETECTION && docs[i].nids)
			detection_unused(l, &docs[i]);
	}
	l->quiet = false;
}
