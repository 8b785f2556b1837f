/* export_subject - who asks sees their own name and devices; others are numbers, the same in the whole export. */
#include <stdlib.h>
#include <string.h>

#include "app/export.h"

enum { OTHERS = 65536, TOKEN = 17 };

struct export_subject {
	const char *who;
	char token[TOKEN];
	unsigned n;
	char others[OTHERS][TOKEN]; /* by number */
};

struct export_subject *export_subject_new(const char *who)
{
	struct export_subject *s = calloc(1, sizeof(*s));
	if (!s)
		abort();
	s->who = who;
	return s;
}

const char *export_subject_token(const struct export_subject *s)
{
	return s->token;
}

/* Without its domain: DOMAIN\name, name@domain. */
static struct toc_span bare(struct toc_span account)
{
	size_t slash = toc_span_find(account, '\\');
	if (slash < account.n)
		account = toc_span_from(account, slash + 1);
	return toc_span_first(account, toc_span_find(account, '@'));
}

static bool is_subject(const struct export_subject *s, const struct cli_node *name)
{
	const struct toc_span who = toc_span_str(s->who);
	return toc_span_ieq(name->text, who) || toc_span_eq(name->name, who) || toc_span_ieq(bare(name->text), who);
}

static const char *number(struct export_subject *s, struct toc_arena *arena, struct toc_span token, const char *what)
{
	unsigned i = 0;
	while (i < s->n && !toc_span_is(token, s->others[i]))
		i++;
	if (i == s->n && s->n < OTHERS && token.n < TOKEN) {
		memcpy(s->others[i], token.p, token.n);
		s->n++;
	}
	return toc_arena_printf(arena, "[%s %u]", what, i + 1);
}

/* A device is theirs in an event where its user or its owner is. */
static const struct {
	const char *person, *device;
} sides[] = { { "src_user", "src_host" },  { "src_user", "src_mac" },  { "src_owner", "src_host" },
	      { "src_owner", "src_mac" },  { "dst_user", "dst_host" }, { "dst_user", "dst_mac" },
	      { "dst_owner", "dst_host" }, { "dst_owner", "dst_mac" }, { "user", "src_host" },
	      { "user", "src_mac" } };

static bool own_device(const struct cli_node *doc, const struct cli_node *names, const struct export_subject *s,
		       struct toc_span device)
{
	const struct cli_node *list = cli_tree_at(doc, "evidences");
	for (const struct cli_node *e = list ? list->child : NULL; e; e = e->next) {
		const struct cli_node *data = cli_tree_at(e, "data");
		for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
			const struct toc_span who = cli_tree_text(data, sides[i].person);
			if (!who.n || !toc_span_ieq(cli_tree_text(data, sides[i].device), device))
				continue;
			for (const struct cli_node *c = names->child; c; c = c->next)
				if (toc_span_starts(c->name, "tok_") && is_subject(s, c) &&
				    (toc_span_eq(c->name, who) || toc_span_ieq(c->text, who)))
					return true;
		}
	}
	return false;
}

/* The token and the name behind it, wherever they stand. */
static bool hide(struct redactor *r, const struct cli_node *name, const char *with)
{
	return redactor_word(r, name->name, with) && redactor_word(r, name->text, with);
}

static bool add_name(struct export_subject *s, struct toc_arena *arena, const struct cli_node *doc,
		     const struct cli_node *names, const struct cli_node *name, struct redactor *r)
{
	const bool person = toc_span_starts(name->name, "tok_"), mine = is_subject(s, name);
	if (mine && name->name.n < TOKEN && !s->token[0])
		memcpy(s->token, name->name.p, name->name.n);
	if (mine || (!person && own_device(doc, names, s, name->text)))
		return hide(r, name, toc_arena_str(arena, name->text));
	return hide(r, name, number(s, arena, name->name, person ? "person" : "device"));
}

/* "ann" may be told of "ann.other@elsewhere" only as a number: longer names are other words, and the longest counts. */
static bool prepare(void *self, struct toc_arena *arena, const struct export_alert *a, const struct cli_node *doc,
		    struct redactor *r, const char **why)
{
	const struct cli_node *names = a->names ? cli_tree_read(arena, toc_span_str(a->names)) : NULL;
	bool ok = true;
	r->persons = "[another person]";
	r->devices = "[another device]";
	*why = "its names cannot be read: they were sealed with another key (sensor.key_file)";
	if (a->sealed && !names)
		return false; /* what is a device's name is not known then */
	for (const struct cli_node *c = names ? names->child : NULL; c; c = c->next)
		ok = ok && add_name(self, arena, doc, names, c, r);
	*why = "it has more names than can be redacted";
	return ok;
}

/* Responders are numbers, too: their place in the people's file. Of others in free text only what has a form is known.
 */
static bool loosen(void *self, struct toc_arena *arena, const struct toc_people *people, struct redactor *r)
{
	const struct export_subject *s = self;
	bool ok = true;
	r->mails = "[another person]";
	for (unsigned i = 0; people && i < people->n; i++) {
		const struct toc_person *p = &people->at[i];
		const char *with = toc_arena_printf(arena, "[responder %u]", i + 1);
		if (toc_span_ieq(toc_span_str(p->uid), toc_span_str(s->who)))
			continue;
		ok = ok && redactor_person(r, p, with);
	}
	return ok;
}

static const char *withheld(void *self, enum export_part part)
{
	(void)self;
	(void)part;
	return NULL;
}

void export_subject_way(struct export_subject *s, struct export_way *out)
{
	*out = (struct export_way){ prepare, loosen, withheld, s };
}
