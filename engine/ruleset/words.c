/* words - title, level, clause, runbook …: what a rule says to people (Sigma's meta data and the `tocsin:` map). */
#include <stdlib.h>
#include <string.h>

#include "ruleset/load.h"

static const char *const ours[] = { "vars",  "episode",	 "late",    "subject",	"clause",
				    "route", "disproof", "runbook", "samples",	"when",
				    "needs", "raise",	 "mode",    "evidence", NULL };
/* For correlations only: super.c reads them. */
static const char *const correlating[] = {
	"match", "absent", "ratio", "new", "baseline", "period", "inhibited_by", NULL
};

static const char *text_of(struct load *l, const struct toc_yaml *map, const char *key)
{
	const struct toc_yaml *node = toc_yaml_get(map, key);
	if (node && !toc_yaml_str(node))
		mistake(l, node, "%s must be a string", key);
	return toc_yaml_str(node);
}

/* 1 … 5; `none` where it says nothing. */
static unsigned severity_of(struct load *l, const struct toc_yaml *map, unsigned none)
{
	static const char *const levels[] = { "informational", "low", "medium", "high", "critical", NULL };
	const struct toc_yaml *level = toc_yaml_get(map, "level");
	if (!level)
		return none;
	for (unsigned i = 0; toc_yaml_str(level) && levels[i]; i++)
		if (toc_span_ieq(level->text, toc_span_str(levels[i])))
			return i + 1;
	const char *near = toc_yaml_str(level) ? toc_nearest(level->text, levels) : NULL;
	mistake(l, level, "level is one of informational, low, medium, high, critical%s%s%s", near ? " (" : "",
		near ? near : "", near ? "?)" : "");
	return none;
}

static void read_keys(struct load *l, const struct doc *doc, const struct toc_yaml *key, struct toc_alert_rule *out)
{
	/* who did it, and which host says so: one alert for each, unless the rule says otherwise */
	static const char *const usual[] = { "src_ip", "host", NULL };
	const char *const *names = key ? strings_read(l, key, "episode.key") : usual;
	if (doc->kind == DOC_CORRELATION) {
		if (key)
			mistake(l, key,
				"a correlation's episodes go by its group-by; episode.key is for detection rules");
		return;
	}
	for (; *names; names++) {
		if (out->nkeys == TOC_EPISODE_KEYS) {
			mistake(l, key, "more than %d fields in episode.key", TOC_EPISODE_KEYS);
			return;
		}
		out->key_names[out->nkeys] = *names;
		out->key[out->nkeys++] = taxonomy_field(l, key ? key : doc->root, toc_span_str(*names));
	}
}

/* "2x": an update when the count has grown so. */
static void read_update(struct load *l, const struct toc_yaml *node, struct toc_alert_rule *out)
{
	const char *text = toc_yaml_str(node);
	char *end = NULL;
	double factor = text ? strtod(text, &end) : 0;
	if (!text || strcmp(end, "x") != 0 || factor < 1.1 || factor > 1000)
		mistake(l, node, "episode.update is a factor such as 2x");
	else
		out->update = factor;
}

static void read_episode(struct load *l, const struct doc *doc, const struct toc_yaml *node, struct toc_alert_rule *out)
{
	static const char *const keys[] = { "key", "update", "close", "quiet", "max", NULL };
	const struct {
		const char *name;
		toc_time *into;
	} times[] = { { "close", &out->close }, { "quiet", &out->quiet }, { "max", &out->max } };
	if (node)
		toc_yaml_only(node, keys, "an episode", l->diag);
	read_keys(l, doc, toc_yaml_get(node, "key"), out);
	if (toc_yaml_get(node, "update"))
		read_update(l, toc_yaml_get(node, "update"), out);
	for (unsigned i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (toc_yaml_get(node, times[i].name))
			toc_yaml_duration(toc_yaml_get(node, times[i].name), times[i].into, l->diag);
}

static void read_subject(struct load *l, const struct toc_yaml *node, struct toc_alert_rule *out)
{
	static const char *const keys[] = { "field", "stance", NULL };
	static const char *const stances[] = { "none", "actor", "victim", "unknown", NULL };
	const char *field = toc_yaml_str(toc_yaml_get(node, "field"));
	const struct toc_yaml *stance = toc_yaml_get(node, "stance");
	toc_yaml_only(node, keys, "a subject", l->diag);
	if (field)
		out->subject = taxonomy_field(l, toc_yaml_get(node, "field"), toc_span_str(field));
	for (unsigned i = 0; stances[i]; i++) {
		if (!toc_yaml_str(stance) || strcmp(toc_yaml_str(stance), stances[i]) != 0)
			continue;
		out->stance = (enum toc_stance)i;
		return;
	}
	mistake(l, stance ? stance : node, "subject.stance is one of actor, victim, unknown, none");
}

static const char *const *clauses(struct load *l, const struct toc_yaml *node)
{
	const char *const *out = strings_read(l, node, "clause");
	for (unsigned i = 0; out[i]; i++)
		if (!strchr(out[i], '#') || !strchr(out[i], '/'))
			mistake(l, node, "a clause is POLICY/DATE#PARAGRAPH, such as RUP-4.21/2023-04-11#P40");
		else
			policy_check(l, strings_node(node, i), out[i]);
	return out;
}

static void read_samples(struct load *l, const struct doc *doc, const struct toc_yaml *list)
{
	static const char *const keys[] = { "name", "expect", "site", "events", "log", "capture", "level", NULL };
	if (list && list->kind != TOC_YAML_LIST)
		mistake(l, list, "samples must be a list (- name: fires)");
	for (unsigned i = 0; list && list->kind == TOC_YAML_LIST && i < list->n; i++) {
		const struct toc_yaml *node = list->as.items[i], *log = toc_yaml_get(node, "log");
		struct toc_rule_sample *s = table_add(l, &l->samples, sizeof(*s));
		toc_yaml_only(node, keys, "a sample", l->diag);
		s->rule = doc->number;
		s->at = node->at;
		s->name = text_of(l, node, "name");
		s->events = toc_yaml_get(node, "events");
		s->log = log ? strings_read(l, log, "log") : NULL;
		s->capture = text_of(l, node, "capture");
		s->site = text_of(l, node, "site");
		s->level = severity_of(l, node, 0);
		bool expects = toc_yaml_get(node, "expect") &&
			       toc_yaml_int(toc_yaml_get(node, "expect"), 0, 1000000, &s->expect, l->diag);
		if (!s->name || !expects || (s->events != NULL) + (s->log != NULL) + (s->capture != NULL) != 1)
			mistake(l, node, "a sample has name, expect, and one of events, log and capture");
		else if (s->level && !s->expect)
			mistake(l, node, "where no alert is expected, no alert has a level");
	}
}

/* Payload of mail is never kept (policy.md 2.7): who asks for it is told so at once. */
static bool is_of_mail(struct load *l, const struct doc *doc)
{
	static const char *const mail[] = { "smtp", "pop3", "imap", NULL };
	const toc_field *kinds = doc->kind == DOC_DETECTION ? taxonomy_kinds(l, &doc->source) : NULL;
	for (; kinds && *kinds; kinds++)
		for (const char *const *m = mail; *m; m++)
			if (strcmp(toc_intern_name(l->names, *kinds), *m) == 0)
				return true;
	return false;
}

/* `none`, or {payload: BYTES}. */
static void read_evidence(struct load *l, const struct doc *doc, const struct toc_yaml *node,
			  struct toc_alert_rule *out)
{
	static const char *const keys[] = { "payload", NULL };
	const struct toc_yaml *payload = toc_yaml_get(node, "payload");
	int64_t bytes = 0;
	if (toc_yaml_str(node) && strcmp(toc_yaml_str(node), "none") == 0) {
		out->evidence.none = true;
		return;
	}
	if (node->kind != TOC_YAML_MAP || !payload) {
		mistake(l, node, "evidence is none, or {payload: BYTES of each direction of a flow}");
		return;
	}
	toc_yaml_only(node, keys, "evidence", l->diag);
	if (is_of_mail(l, doc))
		mistake(l, payload, "payload of mail is never kept");
	else if (toc_yaml_int(payload, 1, TOC_PAYLOAD_MOST, &bytes, l->diag))
		out->evidence.payload = (uint16_t)bytes;
}

static void read_ours(struct load *l, const struct doc *doc, const struct toc_yaml *map, struct toc_alert_rule *out)
{
	static const char *const usual[] = { "ts", NULL };
	for (const char *const *k = correlating; map && doc->kind != DOC_CORRELATION && *k; k++)
		if (toc_yaml_get(map, *k))
			mistake(l, toc_yaml_get(map, *k), "tocsin.%s is for correlations", *k);
	const char *all[32];
	unsigned n = 0;
	for (const char *const *k = correlating; *k; k++)
		all[n++] = *k;
	for (const char *const *k = ours; *k; k++)
		all[n++] = *k;
	all[n] = NULL;
	if (map)
		toc_yaml_only(map, all, "tocsin", l->diag);
	read_episode(l, doc, toc_yaml_get(map, "episode"), out);
	if (toc_yaml_get(map, "subject"))
		read_subject(l, toc_yaml_get(map, "subject"), out);
	out->clauses = clauses(l, toc_yaml_get(map, "clause"));
	out->breach = policy_is_breach(l, out->clauses);
	out->routes = toc_yaml_get(map, "route") ? strings_read(l, toc_yaml_get(map, "route"), "route") : usual;
	if (doc->kind == DOC_DETECTION)
		out->when = super_when(l, toc_yaml_get(map, "when"));
	if (toc_yaml_get(map, "needs"))
		super_quality(l, toc_yaml_get(map, "needs"), out);
	if (toc_yaml_get(map, "evidence"))
		read_evidence(l, doc, toc_yaml_get(map, "evidence"), out);
	out->disproof = text_of(l, map, "disproof");
	out->runbook = text_of(l, map, "runbook");
	read_samples(l, doc, toc_yaml_get(map, "samples"));
}

void words_read(struct load *l, const struct doc *doc, struct toc_alert_rule *out)
{
	const struct toc_yaml *root = doc->root;
	out->number = doc->number;
	out->id = doc->id;
	out->path = doc->path;
	out->title = doc->title;
	out->category = doc->category;
	out->description = text_of(l, root, "description");
	out->author = text_of(l, root, "author");
	out->license = text_of(l, root, "license");
	out->version = text_of(l, root, "modified");
	out->version = out->version ? out->version : text_of(l, root, "date");
	out->exemptions = filters_exempting(l, doc);
	out->severity = severity_of(l, root, 3);
	out->tags = strings_read(l, toc_yaml_get(root, "tags"), "tags");
	out->falsepositives = strings_read(l, toc_yaml_get(root, "falsepositives"), "falsepositives");
	out->references = strings_read(l, toc_yaml_get(root, "references"), "references");
	out->alerts = !doc->referred || doc->generated;
	read_ours(l, doc, toc_yaml_get(root, "tocsin"), out);
}
