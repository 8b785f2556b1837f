/* law - what rules of a school district may not do, whatever YAML says (docs/writing-rules.md, "Laws"). */
#include <stdlib.h>
#include <string.h>

#include "alert/people.h"
#include "ruleset/super.h"

/* Of a person, a rule with a clause may select on these alone: they are about many. */
static const char *const common[] = { "_role", "_site", "_zone", "_grade_band", "_user_kind", "_ownership", NULL };

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);
	return n >= m && strcmp(text + n - m, end) == 0;
}

enum { DEEPEST = 10 };

struct look {
	struct load *l;
	const struct doc *doc;
	const char *below;	/* the rule of the tree, if it is one that `doc` counts */
	const toc_field *kinds; /* of the events that the tree is asked on; 0-terminated, none: of all */
};

static enum toc_privacy privacy_of(const struct look *look, toc_field field)
{
	enum toc_privacy strictest = TOC_OPEN;
	const toc_field all[] = { 0 }, *kind = look->kinds && *look->kinds ? look->kinds : all;
	do {
		enum toc_privacy p = toc_dictionary_privacy(look->l->dictionary, *kind, field);
		strictest = p > strictest && p != TOC_CONTENT ? p : strictest;
	} while (*kind && *++kind);
	return strictest;
}

/* Is the field about one person? By its name, or by the class that its declarations give it. */
static bool is_personal(const struct look *look, const struct leaf *leaf)
{
	enum toc_privacy strictest = TOC_OPEN;
	for (const char *const *c = common; *c; c++)
		if (ends_with(leaf->field, *c))
			return false;
	if (ends_with(leaf->field, "_user"))
		return true;
	for (unsigned i = 0; look->l->dictionary && i < leaf->test.field.n; i++) {
		enum toc_privacy p = privacy_of(look, leaf->test.field.id[i]);
		strictest = p > strictest ? p : strictest;
	}
	/* names of servers, queries and files are no persons; an unknown *_name may be one */
	if (ends_with(leaf->field, "_name"))
		return strictest == TOC_PERSON || !look->l->dictionary;
	return strictest == TOC_PERSON;
}

/* A text without letter or digit is a mark of a kind of account (a machine's `$`), and no name. */
static bool is_mark(const struct toc_test *t)
{
	bool part = t->pattern.form == PATTERN_PREFIX || t->pattern.form == PATTERN_SUFFIX ||
		    t->pattern.form == PATTERN_CONTAINS;
	for (size_t i = 0; part && i < t->pattern.text.n; i++) {
		uint8_t c = t->pattern.text.p[i];
		part = c < 0x80 && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z');
	}
	return part;
}

/* Asking whether somebody is there, or comparing with another field, names nobody. */
static bool names_somebody(const struct look *look, const struct leaf *leaf)
{
	if (leaf->kind == LEAF_EXISTS || leaf->kind == LEAF_NULL || leaf->kind == LEAF_FIELD)
		return false;
	if (leaf->kind == LEAF_STRING && (leaf->test.kind == TOC_TEST_PRESENT || is_mark(&leaf->test)))
		return false;
	if (leaf->kind != LEAF_LIST)
		return true;
	const struct toc_yaml *type = toc_yaml_get(lists_entry(look->l, toc_span_str(leaf->text)), "type");
	return !toc_yaml_str(type) || strcmp(toc_yaml_str(type), "user") != 0;
}

static bool look_at(void *self, const struct tree *leaf, bool negated)
{
	const struct look *look = self;
	(void)negated;
	if (!leaf->leaf->keyword && leaf->leaf->kind != LEAF_BEFORE && is_personal(look, leaf->leaf) &&
	    names_somebody(look, leaf->leaf))
		tell(look->l, leaf->key, (struct finding){ TOC_ERROR, "law-person", NULL, 0, 0 },
		     "a rule with a clause selects no person: of \"%s\" it may ask whether it is there, compare it "
		     "with "
		     "another field, or look into a list of type user; roles, buildings, grade bands and kinds are "
		     "free%s%s%s",
		     leaf->leaf->field, look->below ? " (the rule with the clause is \"" : "",
		     look->below ? look->doc->title : "", look->below ? "\", which counts this one)" : "");
	return false;
}

static bool is_discipline(const char *route)
{
	static const char *const routes[] = { "bp", "principal", "hr", NULL };
	for (const char *const *r = routes; *r; r++)
		if (toc_span_ieq(toc_span_first(toc_span_str(route), strcspn(route, ".:")), toc_span_str(*r)))
			return true;
	return false;
}

/* Where discipline may follow, the rule must know who did it, and say so. */
static void check_route(struct load *l, const struct toc_yaml *map, const struct toc_yaml *route)
{
	const char *stance = toc_yaml_str(toc_yaml_get(toc_yaml_get(map, "subject"), "stance"));
	const char *identity = toc_yaml_str(toc_yaml_get(toc_yaml_get(map, "needs"), "identity"));
	bool actor = stance && strcmp(stance, "actor") == 0, sure = identity && strtod(identity, NULL) >= 0.9;
	const char *const *routes = strings_read(l, route, "route");
	for (unsigned i = 0; routes[i]; i++) {
		if (!toc_route_sound(routes[i]))
			tell(l, strings_node(route, i), (struct finding){ TOC_ERROR, "route", NULL, 0, 0 },
			     "\"%s\" is no route: a-z, 0-9, point and hyphen only (ts, da, hr, bp, bp.east, coun)",
			     routes[i]);
		if (is_discipline(routes[i]) && !(actor && sure))
			tell(l, strings_node(route, i), (struct finding){ TOC_ERROR, "law-route", NULL, 0, 0 },
			     "the route \"%s\" may lead to discipline: it needs subject.stance: actor and "
			     "needs.identity of at least 0.9",
			     routes[i]);
	}
}

static bool has_clause(const struct doc *doc)
{
	return toc_yaml_get(toc_yaml_get(doc->root, "tocsin"), "clause") != NULL;
}

void law_tree(struct load *l, const struct doc *doc, const struct tree *tree)
{
	struct look look = { l, doc, NULL, taxonomy_kinds(l, &doc->source) };
	if (has_clause(doc))
		tree_any_leaf(tree, false, look_at, &look);
}

/* What a rule counts it selects; a rule below with a clause of its own is judged by itself. */
static void look_below(struct look *look, const struct doc *rule, unsigned depth)
{
	look->l->mute = true; /* names that nobody has were told */
	const char *const *names = correlation_rules(look->l, rule);
	look->l->mute = false;
	for (; *names && depth < DEEPEST; names++) {
		const struct doc *child = docs_find(look->l, *names);
		if (!child || has_clause(child))
			continue;
		look->below = *names;
		look->kinds = child->tree ? taxonomy_kinds(look->l, &child->source) : NULL;
		if (child->kind == DOC_CORRELATION)
			look_below(look, child, depth + 1);
		else if (child->tree)
			tree_any_leaf(child->tree, false, look_at, look);
	}
}

void law_correlation(struct load *l, const struct doc *doc)
{
	struct look look = { l, doc, NULL, NULL };
	if (has_clause(doc))
		look_below(&look, doc, 0);
}

void law_rule(struct load *l, const struct doc *doc)
{
	const struct toc_yaml *map = toc_yaml_get(doc->root, "tocsin");
	if (doc->tree)
		law_tree(l, doc, doc->tree);
	if (toc_yaml_get(map, "route"))
		check_route(l, map, toc_yaml_get(map, "route"));
}

void law_list(struct load *l, const struct toc_yaml *key, const struct toc_yaml *entry)
{
	static const char *const needed[] = { "kind", "owner", "reason", "expires", NULL };
	const char *type = toc_yaml_str(toc_yaml_get(entry, "type"));
	if (!type || strcmp(type, "user") != 0)
		return;
	for (const char *const *n = needed; *n; n++)
		if (!toc_yaml_get(entry, *n))
			tell(l, key, (struct finding){ TOC_ERROR, "law-list", NULL, 0, 0 },
			     "a list of users needs %s (kind, owner, reason and expires)", *n);
}

void law_exemption(struct load *l, struct doc *doc)
{
	static const char *const needed[] = { "owner", "reason", "expires", NULL };
	static const char *const keys[] = { "owner", "reason", "expires", "alert", NULL };
	static const char *const top[] = { "exemption", NULL };
	const struct toc_yaml *map = toc_yaml_get(doc->root, "tocsin"), *e = toc_yaml_get(map, "exemption");
	if (map)
		toc_yaml_only(map, top, "tocsin of a filter", l->diag);
	if (!e)
		return;
	toc_yaml_only(e, keys, "an exemption", l->diag);
	doc->expires = INT64_MAX; /* an exemption with a mistake is one all the same */
	doc->from_alert = toc_yaml_get(e, "alert") != NULL;
	for (const char *const *k = needed; *k; k++)
		if (!toc_yaml_str(toc_yaml_get(e, *k)) || !*toc_yaml_str(toc_yaml_get(e, *k)))
			tell(l, e, (struct finding){ TOC_ERROR, "exemption", NULL, 0, 0 },
			     "an exemption needs its owner, a reason and the day when it expires");
	const struct toc_yaml *expires = toc_yaml_get(e, "expires");
	if (!toc_yaml_str(expires))
		return;
	if (!day_end_read(expires, &doc->expires))
		tell(l, expires, (struct finding){ TOC_ERROR, "date", NULL, 0, 0 },
		     "expected a date such as 2027-06-30");
	else if (l->clock && doc->expires <= l->clock && !doc->from_alert)
		tell(l, expires, (struct finding){ TOC_WARNING, "expired", NULL, 0, 0 },
		     "this exemption has expired: events after that day are no longer left out");
}
