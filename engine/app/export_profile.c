/*
 * export_profile - redaction for the public, by kinds of things. Each kind is shown or has the reason why it is not;
 * one that is not named is a mistake, so that nothing is shown for want of a thought.
 */
#include <stdlib.h>
#include <string.h>

#include "app/export.h"
#include "base/yaml.h"
#include "tocsin/addr.h"

enum kind { PERSONS, DEVICES, ADDRESSES, PLACES, DETECTION, EVIDENCE, LINES, NOTES, KINDS };

static const char *const kind_names[KINDS] = { "persons",   "devices",	"addresses", "places",
					       "detection", "evidence", "lines",     "notes" };

struct export_profile {
	const char *name;
	const char *with[KINDS]; /* "[redacted: REASON]"; NULL = shown */
};

/* What its last letters say of a field; the rest is by what the document knows. */
static const struct {
	const char *ending;
	enum kind kind;
} endings[] = { { "_host", DEVICES },  { "mac", DEVICES },   { "_zone", PLACES },    { "_site", PLACES },
		{ "_owner", PERSONS }, { "_user", PERSONS }, { "building", PLACES }, { "user", PERSONS } };

/* Members of the document that tell how things are found. */
static const struct {
	const char *path, *name;
	enum kind kind;
} members[] = { { "", "evidences", EVIDENCE },
		{ "unmapped.tocsin", "evidence", EVIDENCE },
		{ "", "rule", DETECTION },
		{ "", "remediation", DETECTION },
		{ "finding_info", "desc", DETECTION },
		{ "finding_info", "analytic", DETECTION },
		{ "finding_info", "attacks", DETECTION },
		{ "finding_info", "src_url", DETECTION },
		{ "finding_info", "data_sources", DETECTION },
		{ "unmapped.tocsin", "measured", DETECTION },
		{ "unmapped.tocsin", "exemptions_checked", DETECTION },
		{ "unmapped.tocsin", "pack", DETECTION },
		{ "unmapped.tocsin", "category", DETECTION },
		{ "unmapped.tocsin", "identity", EVIDENCE },
		{ "unmapped.tocsin", "building", PLACES },
		{ "unmapped.tocsin", "zone", PLACES },
		{ "finding_info", "related_events", EVIDENCE },
		{ "unmapped.tocsin", "raised", DETECTION },
		{ "unmapped.tocsin", "doubt", DETECTION },
		{ "unmapped.tocsin", "disproof", DETECTION },
		{ "unmapped.tocsin", "falsepositives", DETECTION },
		{ "unmapped.tocsin", "tags", DETECTION },
		{ "unmapped.tocsin", "references", DETECTION } };

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void mistake(struct toc_diag *diag, const struct toc_yaml *at, const char *what)
{
	toc_diag_add(diag, TOC_ERROR, at->at, "%s", what);
}

const struct export_profile *export_profile_read(struct toc_arena *arena, const char *path, struct toc_diag *diag)
{
	static const char *const top[] = { "profile", "redact", NULL };
	const char *keys[KINDS + 1] = { NULL };
	unsigned n = 0;
	const struct toc_yaml *const *docs = toc_yaml_file(arena, &toc_opener_self, path, NULL, diag, &n);
	struct export_profile *p = toc_arena_alloc(arena, sizeof(*p));
	if (n != 1 || docs[0]->kind != TOC_YAML_MAP) {
		toc_diag_add(diag, TOC_ERROR, (struct toc_place){ path, 0, 0 },
			     "expected one document: profile: NAME, redact: {persons: REASON, …}");
		return NULL;
	}
	const struct toc_yaml *redact = toc_yaml_get(docs[0], "redact");
	toc_yaml_only(docs[0], top, "a profile", diag);
	p->name = toc_yaml_str(toc_yaml_get(docs[0], "profile"));
	if (!p->name || !*p->name || !redact || redact->kind != TOC_YAML_MAP) {
		mistake(diag, docs[0], "a profile has a name (profile) and a map of reasons (redact)");
		return NULL;
	}
	for (unsigned i = 0; i < KINDS; i++)
		keys[i] = kind_names[i];
	toc_yaml_only(redact, keys, "redact", diag);
	for (unsigned i = 0; i < KINDS; i++) {
		const char *reason = toc_yaml_str(toc_yaml_get(redact, kind_names[i]));
		const bool shown = reason && strcmp(reason, "show") == 0;
		if (!reason || !*reason)
			toc_diag_add(diag, TOC_ERROR, redact->at,
				     "redact: %s: say `show`, or the reason why they are not", kind_names[i]);
		else if (shown && i == PERSONS)
			mistake(diag, toc_yaml_get(redact, "persons"), "the public is shown no person; say the reason");
		p->with[i] = shown || !reason ? NULL : toc_arena_printf(arena, "[redacted: %s]", reason);
	}
	return toc_diag_errors(diag) ? NULL : p;
}

const char *export_profile_name(const struct export_profile *p)
{
	return p->name;
}

/* --- one document ------------------------------------------------------------------------------------------------- */

static const char *member(void *user, const char *path, struct toc_span name)
{
	const struct export_profile *p = user;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (strcmp(members[i].path, path) == 0 && toc_span_is(name, members[i].name))
			return p->with[members[i].kind];
	return NULL;
}

static bool ends_with(struct toc_span name, const char *ending)
{
	const size_t n = strlen(ending);
	return name.n >= n && toc_span_is(toc_span_from(name, name.n - n), ending);
}

/* Values are words, so that they are hidden in sentences and keys as well. */
static bool take_value(const struct export_profile *p, const struct cli_node *node, struct redactor *r)
{
	struct toc_addr addr;
	bool ok = true;
	if (node->kind != TOC_JSON_STRING || !node->text.n)
		return true;
	if (p->with[ADDRESSES] && toc_addr_parse(node->text, &addr))
		ok = redactor_word(r, node->text, p->with[ADDRESSES]);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (p->with[endings[i].kind] && ends_with(node->name, endings[i].ending))
			ok = ok && redactor_word(r, node->text, p->with[endings[i].kind]);
	return ok;
}

/* Depth is bounded by json_reader's. */
static bool take_values(const struct export_profile *p, const struct cli_node *node, struct redactor *r)
{
	bool ok = true;
	for (const struct cli_node *c = node->child; ok && c; c = c->next)
		ok = take_value(p, c, r) && take_values(p, c, r);
	return ok;
}

static bool prepare(void *self, struct toc_arena *arena, const struct export_alert *a, const struct cli_node *doc,
		    struct redactor *r, const char **why)
{
	const struct export_profile *p = self;
	const struct cli_node *names = a->names ? cli_tree_read(arena, toc_span_str(a->names)) : NULL;
	bool ok = true;
	r->persons = p->with[PERSONS];
	r->devices = p->with[DEVICES];
	r->member = member;
	r->user = self;
	*why = "its names cannot be read: they were sealed with another key (sensor.key_file)";
	if (a->sealed && !names)
		return false;
	for (const struct cli_node *c = names ? names->child : NULL; c; c = c->next) {
		const char *with = p->with[toc_span_starts(c->name, "tok_") ? PERSONS : DEVICES];
		ok = ok && (!with || (redactor_word(r, c->name, with) && redactor_word(r, c->text, with)));
	}
	*why = "it has more names than can be redacted";
	if (p->with[DETECTION]) /* the sentence says the threshold as well */
		ok = ok &&
		     redactor_word(r, cli_tree_text(doc, "unmapped.tocsin.measured.threshold"), p->with[DETECTION]);
	return ok && take_values(p, doc, r);
}

static bool loosen(void *self, struct toc_arena *arena, const struct toc_people *people, struct redactor *r)
{
	const struct export_profile *p = self;
	bool ok = true;
	(void)arena;
	r->mails = p->with[PERSONS];
	r->addresses = p->with[ADDRESSES];
	r->macs = p->with[DEVICES];
	for (unsigned i = 0; people && i < people->n; i++)
		ok = ok && redactor_person(r, &people->at[i], p->with[PERSONS]);
	return ok;
}

static const char *withheld(void *self, enum export_part part)
{
	const struct export_profile *p = self;
	return p->with[part == EXPORT_LINES ? LINES : NOTES];
}

void export_profile_way(const struct export_profile *p, struct export_way *out)
{
	*out = (struct export_way){ prepare, loosen, withheld, (void *)(uintptr_t)p };
}
