/* lint - what is no mistake of a document and yet seldom what was meant. Codes: docs/writing-rules.md. */
#include <string.h>

#include "ruleset/lint.h"

enum { TITLE = 256, DESCRIPTION = 65535 };

void lint_note(struct load *l, const struct toc_yaml *at, const char *code, const char *what)
{
	tell(l, at, (struct finding){ TOC_NOTE, code, NULL, 0, 0 }, "%s", what);
}

void lint_warn(struct load *l, const struct toc_yaml *at, const char *code, const char *what)
{
	tell(l, at, (struct finding){ TOC_WARNING, code, NULL, 0, 0 }, "%s", what);
}

static bool is_uuid(const char *text)
{
	static const char form[] = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
	if (strlen(text) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '-' ? text[i] != '-' : !strchr("0123456789abcdefABCDEF", text[i]))
			return false;
	return true;
}

/* attack.t1078, cve.2021-44228 */
static bool is_tag(const char *text)
{
	static const char space[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t n = strspn(text, space);
	if (n == 0 || text[n] != '.' || !text[n + 1])
		return false;
	const char *rest = text + n + 1;
	return strspn(rest, "abcdefghijklmnopqrstuvwxyz0123456789_-.") == strlen(rest);
}

static bool is_day(const struct toc_yaml *node)
{
	toc_time t;
	const char *text = toc_yaml_str(node);
	char plain[16];
	if (!text || node->text.n != 10)
		return false;
	memcpy(plain, text, 11);
	for (size_t i = 0; i < 10; i++)
		if (plain[i] == '/')
			plain[i] = '-';
	struct toc_yaml day = { .kind = TOC_YAML_SCALAR, .text = toc_span_str(plain) };
	return day_end_read(&day, &t);
}

static void lint_word(struct load *l, const struct doc *doc, const char *key, const char *const *words)
{
	const struct toc_yaml *node = toc_yaml_get(doc->root, key);
	for (const char *const *w = words; node && *w; w++)
		if (toc_yaml_str(node) && toc_span_ieq(node->text, toc_span_str(*w)))
			return;
	if (!node)
		return;
	const char *near = toc_yaml_str(node) ? toc_nearest(node->text, words) : NULL;
	tell(l, node, (struct finding){ TOC_WARNING, "metadata", near, 0, 0 }, "this is no %s that Sigma knows%s%s%s",
	     key, near ? " (" : "", near ? near : "", near ? "?)" : "");
}

/* A key that nobody knows is a custom attribute; one that is nearly a key of Sigma is a slip. */
static void lint_keys(struct load *l, const struct doc *doc)
{
	static const char *const keys[] = { "title",	   "id",       "name",	      "related",   "taxonomy",
					    "status",	   "license",  "references",  "author",	   "date",
					    "modified",	   "tags",     "logsource",   "detection", "fields",
					    "description", "level",    "correlation", "filter",	   "falsepositives",
					    "scope",	   "generate", "tocsin",      "action",	   NULL };
	for (unsigned i = 0; i < doc->root->n; i++) {
		const struct toc_yaml *key = doc->root->as.pairs[i].key;
		const char *near = toc_nearest(key->text, keys);
		if (!near || toc_span_is(key->text, near) || toc_yaml_get(doc->root, near) || key->text.n < 5)
			continue;
		tell(l, key, (struct finding){ TOC_WARNING, "near-key", near, 0, 0 },
		     "\"%s\" is kept as a custom attribute; did you mean %s?", toc_yaml_str(key), near);
	}
}

static void lint_tags(struct load *l, const struct doc *doc)
{
	const struct toc_yaml *tags = toc_yaml_get(doc->root, "tags");
	for (unsigned i = 0; tags && tags->kind == TOC_YAML_LIST && i < tags->n; i++)
		if (toc_yaml_str(tags->as.items[i]) && !is_tag(toc_yaml_str(tags->as.items[i])))
			lint_warn(l, tags->as.items[i], "tag",
				  "a tag is NAMESPACE.NAME in lower case, such as attack.t1078");
}

void lint_document(struct load *l, const struct doc *doc)
{
	static const char *const statuses[] = { "stable", "test", "experimental", "deprecated", "unsupported", NULL };
	static const char *const dates[] = { "date", "modified" };
	const struct toc_yaml *id = toc_yaml_get(doc->root, "id"), *taxonomy = toc_yaml_get(doc->root, "taxonomy");
	const struct toc_yaml *version = toc_yaml_get(doc->root, "sigma-version");
	lint_keys(l, doc);
	lint_tags(l, doc);
	lint_word(l, doc, "status", statuses);
	if (id && toc_yaml_str(id) && !is_uuid(toc_yaml_str(id)))
		lint_warn(l, id, "id-form", "an id is a UUID for other tools (uuidgen makes one)");
	for (unsigned i = 0; i < 2; i++)
		if (toc_yaml_get(doc->root, dates[i]) && !is_day(toc_yaml_get(doc->root, dates[i])))
			lint_warn(l, toc_yaml_get(doc->root, dates[i]), "metadata", "a date is YYYY-MM-DD");
	if (taxonomy && toc_yaml_str(taxonomy) && strcmp(toc_yaml_str(taxonomy), "sigma") != 0 &&
	    !(doc->steps && doc->steps[0]))
		tell(l, taxonomy, (struct finding){ TOC_ERROR, "taxonomy", NULL, 0, 0 },
		     "this rule's fields are of another taxonomy than sigma; a pipeline must map them (--pipeline)");
	if (version && !(toc_yaml_str(version) && (toc_span_is(version->text, "2") || toc_span_is(version->text, "1"))))
		tell(l, version, (struct finding){ TOC_ERROR, "sigma-version", NULL, 0, 0 },
		     "this is the language of Sigma 2; another version may mean something else by the same words");
	if (!toc_yaml_get(doc->root, "author"))
		lint_note(l, doc->root, "no-author", "an alert names the author of its rule, and this one has none");
	if (toc_yaml_get(toc_yaml_get(doc->root, "detection"), "timeframe"))
		lint_warn(l, toc_yaml_get(toc_yaml_get(doc->root, "detection"), "timeframe"), "timeframe",
			  "timeframe is of the old aggregations and does nothing here; write a correlation with a "
			  "timespan");
}
