/* exemption - from the journal's copy of an alert, with its tokens resolved, to a filter over rule and key. */
#define _GNU_SOURCE
#include "app/exemption.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alert/reveal.h"
#include "app/courier.h"
#include "app/options.h"
#include "app/redactor.h"
#include "cli/tree.h"
#include "deliver/archive.h"

enum { PATH = 1200, KEY_FIELDS = 16 };

void toc_exemption_path(const struct toc_config *config, const char *alert, char *out, size_t room)
{
	snprintf(out, room, "%s/exemptions%s%s%s", config->state, alert ? "/" : "", alert ? alert : "",
		 alert ? ".yml" : "");
}

/* --- what the journal knows --------------------------------------------------------------------------------------- */

static void look_at_routes(struct toc_exempting *x, const struct toc_journal_record *r)
{
	for (unsigned i = 0; i < r->ncopies; i++) {
		char list[1024], *rest = list, *route;
		snprintf(list, sizeof(list), "%s", r->copies[i].routes);
		while ((route = strtok_r(rest, ",", &rest)))
			x->reads = x->reads || toc_person_reads(x->person, route);
	}
}

static void take_key(struct toc_exempting *x, struct toc_span json)
{
	struct toc_arena *arena = toc_arena_new();
	const struct cli_node *key = cli_tree_at(cli_tree_read(arena, json), "unmapped.tocsin.key");
	text_clear(&x->key);
	text_puts(&x->key, "{");
	for (const struct cli_node *c = key ? key->child : NULL; c; c = c->next) {
		char name[128];
		snprintf(name, sizeof(name), "%.*s", (int)c->name.n, (const char *)c->name.p);
		json_put(&x->key, name, c->text);
	}
	text_puts(&x->key, "}");
	toc_arena_free(arena);
}

static void look(void *user, const struct toc_journal_record *r)
{
	struct toc_exempting *x = user;
	x->any = true;
	look_at_routes(x, r);
	snprintf(x->rule, sizeof(x->rule), "%s", r->rule);
	take_key(x, r->copies[0].json);
	char *names =
		r->sealed.n ? toc_reveal(x->config->site_key, r->school_year, r->id, r->revision, r->sealed) : NULL;
	text_clear(&x->names);
	text_puts(&x->names, names ? names : "");
	free(names);
}

struct toc_exempting *toc_exempting_new(const struct toc_config *config, const char *alert,
					const struct toc_person *person)
{
	char journal[TOC_FOLDER_MOST];
	struct toc_exempting *x = calloc(1, sizeof(*x));
	if (!x)
		abort();
	*x = (struct toc_exempting){ .config = config, .alert = alert, .person = person };
	if (toc_courier_folder(config, journal))
		toc_archive_each(journal, alert, look, x);
	return x;
}

void toc_exempting_free(struct toc_exempting *x)
{
	text_free(&x->key);
	text_free(&x->names);
	free(x);
}

/* --- the filter --------------------------------------------------------------------------------------------------- */

/* The name that stands at value[i] as its token; NULL: none. */
static const struct cli_node *token_at(const struct cli_node *names, struct toc_span value, size_t i)
{
	for (const struct cli_node *c = names ? names->child : NULL; c; c = c->next)
		if (c->name.n && toc_span_eq(toc_span_first(toc_span_from(value, i), c->name.n), c->name))
			return c;
	return NULL;
}

static bool is_token(struct toc_span at)
{
	return redactor_token(at, 't') || redactor_token(at, 'd');
}

/* A value as a Sigma rule says it: nothing in it is a wildcard. */
static void put_literal(struct text *out, struct toc_span value)
{
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '*' || value.p[i] == '?' || value.p[i] == '\\')
			text_puts(out, "\\");
		text_put(out, toc_span_of(value.p + i, 1));
	}
}

/* false: a token stands for a name that is not known here. */
static bool put_value(struct text *out, const struct cli_node *names, struct toc_span value)
{
	struct text plain = { 0 };
	bool known = true;
	for (size_t i = 0; i < value.n;) {
		const struct cli_node *name = token_at(names, value, i);
		struct toc_span rest = toc_span_from(value, i);
		known = known && (name || !is_token(rest));
		put_literal(&plain, name ? name->text : toc_span_first(rest, 1));
		i += name ? name->name.n : 1;
	}
	json_string(out, toc_span_of(plain.p, plain.n));
	text_free(&plain);
	return known;
}

struct fields {
	const char *const *names;
	unsigned n;
};

/* The names of the rule's key; false: there is no such rule. */
static bool find_rule(const struct toc_ruleset *rules, const char *id, struct fields *out)
{
	for (unsigned i = 0; i < rules->ndetections + rules->ncorrelations; i++) {
		if (strcmp(rules->alerts[i].id, id) != 0)
			continue;
		const struct toc_corr_rule *c =
			i < rules->ndetections ? NULL : &rules->correlations[i - rules->ndetections];
		*out = c ? (struct fields){ c->key_names, c->nkeys }
			 : (struct fields){ rules->alerts[i].key_names, rules->alerts[i].nkeys };
		return true;
	}
	return false;
}

static const struct cli_node *member(const struct cli_node *map, const char *name)
{
	for (const struct cli_node *c = map ? map->child : NULL; c; c = c->next)
		if (toc_span_is(c->name, name))
			return c;
	return NULL;
}

/* Each field of the rule's key: its value, or that it has none. NULL, or what is wrong with it. */
static const char *put_key(struct text *out, const struct fields *fields, const struct cli_node *key,
			   const struct cli_node *names)
{
	unsigned found = 0;
	bool known = true;
	for (unsigned i = 0; i < fields->n; i++) {
		const struct cli_node *value = member(key, fields->names[i]);
		text_puts(out, i ? ", " : "");
		json_string(out, toc_span_str(fields->names[i]));
		text_puts(out, ": ");
		if (value)
			known = put_value(out, names, value->text) && known;
		else
			text_puts(out, "null");
		found += value != NULL;
	}
	if (!found)
		return "its rule has no key: an exemption would be of the whole rule";
	return known ? NULL : "its key has a name that is not known here any more (sensor.key_file)";
}

static void put_document(struct text *out, const struct toc_exemption *e, const char *rule, struct toc_span key)
{
	char day[TIME_TEXT];
	day[time_text(e->until, day) ? 10 : 0] = '\0';
	text_printf(out,
		    "# alert %s deed %s until %s\n"
		    "# made by `tocsin keep`; undone in the terminal, or by removing this file and `tocsin reload`\n"
		    "title: of alert %s\nfilter:\n  rules: [",
		    e->alert, e->deed, day, e->alert);
	json_string(out, toc_span_str(rule));
	text_puts(out, "]\n  key: {");
	text_put(out, key);
	text_puts(out, "}\n  condition: not key\ntocsin:\n  exemption: {owner: ");
	json_string(out, toc_span_str(e->owner));
	text_puts(out, ", reason: ");
	json_string(out, toc_span_str(e->reason));
	text_printf(out, ", expires: %s, alert: \"%s\"}\n", day, e->alert);
}

static bool write_file(const char *path, const struct text *text)
{
	char half[PATH];
	snprintf(half, sizeof(half), "%.*s.half", (int)(strlen(path) - 4), path); /* not .yml: nobody reads it */
	int fd = open(half, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = fd >= 0 && write(fd, text->p, text->n) == (ssize_t)text->n && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return ok && rename(half, path) == 0;
}

const char *toc_exemption_write(const struct toc_exempting *x, const struct toc_exemption *e,
				const struct toc_ruleset *rules, char what[TOC_EXEMPTION_WHAT])
{
	char path[PATH];
	struct fields fields;
	struct text document = { 0 }, key = { 0 };
	struct toc_arena *arena = toc_arena_new();
	const struct cli_node *known = cli_tree_read(arena, toc_span_of(x->key.p, x->key.n));
	const struct cli_node *names = cli_tree_read(arena, toc_span_of(x->names.p, x->names.n));
	snprintf(what, TOC_EXEMPTION_WHAT, "rule %.150s key %.*s", x->rule, (int)(x->key.n < 300 ? x->key.n : 300),
		 x->key.p);
	const char *wrong = find_rule(rules, x->rule, &fields) ? put_key(&key, &fields, known, names)
							       : "its rule is not loaded any more";
	toc_exemption_path(x->config, e->alert, path, sizeof(path));
	if (!wrong) {
		put_document(&document, e, x->rule, toc_span_of(key.p, key.n));
		wrong = write_file(path, &document) ? NULL : strerror(errno);
	}
	text_free(&document);
	text_free(&key);
	toc_arena_free(arena);
	return wrong;
}

bool toc_exemption_read(const char *path, struct toc_exemption_file *out)
{
	char line[256], day[16];
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(line, sizeof(line), f) &&
		  sscanf(line, "# alert %32s deed %95s until %10s", out->alert, out->deed, day) == 3 &&
		  toc_time_read(day, &out->until);
	if (f)
		fclose(f);
	out->until += ok ? TOC_DAY : 0;
	return ok;
}
