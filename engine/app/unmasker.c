/* unmasker - requests by people, approvals by others, names to those who may have them. */
#define _GNU_SOURCE
#include "app/unmasker.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "alert/reveal.h"
#include "alert/text.h"
#include "app/audit_log.h"
#include "app/callers.h"
#include "app/command.h"
#include "app/courier.h"
#include "app/listening.h"
#include "app/now.h"
#include "base/log.h"
#include "cli/tree.h"
#include "deliver/archive.h"
#include "tocsin/digest.h"

enum { REQUESTS = 64 };

static const toc_time valid = 15 * TOC_MIN;

/* One that needs two people: asked by one, approved by another, then shown to the first. */
struct request {
	char id[17], alert[33], uid[64], reason[256], needs[16], approved_by[64];
	toc_time until; /* 0 = free */
};

struct unmasker {
	const struct toc_config *config;
	char journal[TOC_FOLDER_MOST];
	struct request requests[REQUESTS];
	int listening;
};

/* What the journal knows of an alert. */
struct finding {
	const struct unmasker *u;
	const struct toc_person *person;
	bool any, reads, staff, mail;
	struct text tokens; /* joined by commas */
	struct text lines;  /* token, tab, name, newline */
};

bool toc_unmask_path(const struct toc_config *config, char out[TOC_UNMASK_PATH])
{
	return snprintf(out, TOC_UNMASK_PATH, "%s/unmask.sock", config->state) < TOC_UNMASK_PATH;
}

/* --- the alert ---------------------------------------------------------------------------------------------------- */

static void look_at_routes(struct finding *f, const struct toc_journal_record *r)
{
	for (unsigned i = 0; i < r->ncopies; i++) {
		char list[1024], *rest = list, *route;
		snprintf(list, sizeof(list), "%s", r->copies[i].routes);
		while ((route = strtok_r(rest, ",", &rest)))
			f->reads = f->reads || toc_person_reads(f->person, route);
	}
}

/* Colleagues, and who writes to whom, are for two people to decide (delivery.md 5.5). */
static void look_at_evidence(struct finding *f, struct toc_span json)
{
	struct toc_arena *arena = toc_arena_new();
	const struct cli_node *list = cli_tree_at(cli_tree_read(arena, json), "evidences");
	for (const struct cli_node *c = list ? list->child : NULL; c; c = c->next) {
		struct toc_span kind = cli_tree_text(c, "data.event");
		f->staff = f->staff || toc_span_is(cli_tree_text(c, "data.src_role"), "staff") ||
			   toc_span_is(cli_tree_text(c, "data.dst_role"), "staff");
		f->mail = f->mail || toc_span_is(kind, "smtp") || toc_span_is(kind, "imap") ||
			  toc_span_is(kind, "pop3") || toc_span_is(kind, "mail");
	}
	toc_arena_free(arena);
}

static void add_names(struct finding *f, const char *json)
{
	struct toc_arena *arena = toc_arena_new();
	const struct cli_node *doc = cli_tree_read(arena, toc_span_str(json));
	for (const struct cli_node *c = doc ? doc->child : NULL; c; c = c->next) {
		text_put(&f->tokens, toc_span_of("", 1));
		f->tokens.n--;
		if (f->tokens.n && memmem(f->tokens.p, f->tokens.n, c->name.p, c->name.n))
			continue;
		text_puts(&f->tokens, f->tokens.n ? "," : "");
		text_put(&f->tokens, c->name);
		text_put(&f->lines, c->name);
		text_puts(&f->lines, "\t");
		json_string(&f->lines, c->text);
		text_puts(&f->lines, "\n");
	}
	toc_arena_free(arena);
}

static void look(void *user, const struct toc_journal_record *r)
{
	struct finding *f = user;
	f->any = true;
	look_at_routes(f, r);
	look_at_evidence(f, r->copies[0].json);
	char *names =
		r->sealed.n ? toc_reveal(f->u->config->site_key, r->school_year, r->id, r->revision, r->sealed) : NULL;
	if (names)
		add_names(f, names);
	free(names);
}

static void forget(struct finding *f)
{
	text_free(&f->tokens);
	text_free(&f->lines);
}

/* --- what people ask ---------------------------------------------------------------------------------------------- */

struct call {
	struct unmasker *u;
	const struct toc_person *person;
	FILE *out;
	char *argument, *reason; /* behind the word; reason behind the next space */
};

static bool note(const struct call *c, const char *act, const char *alert, const char *request, const char *reason,
		 const char *parts, const char *other)
{
	const struct toc_audit_record r = { act,   c->person->uid, c->person->name, c->person->position,
					    alert, request,	   reason,	    parts,
					    other };
	bool ok = toc_audit_write(c->u->config, &r, toc_now());
	if (!ok)
		fputs("refused: it could not be written into the audit log\n", c->out);
	return ok;
}

static void show(const struct call *c, const struct finding *f, const char *alert, const char *request,
		 const char *reason, const char *other)
{
	char *parts = strndup(f->tokens.n ? f->tokens.p : "", f->tokens.n);
	if (!parts)
		abort();
	if (!f->lines.n)
		fputs("refused: nothing is sealed in this alert\n", c->out);
	else if (note(c, "unmask.seen", alert, request, reason, parts, other))
		fwrite(f->lines.p, 1, f->lines.n, c->out);
	free(parts);
}

static struct request *find_request(struct unmasker *u, const char *id)
{
	for (unsigned i = 0; i < REQUESTS; i++)
		if (u->requests[i].until > toc_now() && strcmp(u->requests[i].id, id) == 0)
			return &u->requests[i];
	return NULL;
}

static struct request *free_request(struct unmasker *u)
{
	for (unsigned i = 0; i < REQUESTS; i++)
		if (u->requests[i].until <= toc_now())
			return &u->requests[i];
	return NULL;
}

static void wait_for_another(const struct call *c, const char *needs)
{
	uint8_t bytes[8];
	struct request *r = free_request(c->u);
	if (!r || getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
		fputs("refused: too many requests wait for their approval\n", c->out);
		return;
	}
	*r = (struct request){ .until = toc_now() + valid };
	toc_hex(bytes, sizeof(bytes), r->id);
	snprintf(r->alert, sizeof(r->alert), "%s", c->argument);
	snprintf(r->uid, sizeof(r->uid), "%s", c->person->uid);
	snprintf(r->reason, sizeof(r->reason), "%s", c->reason);
	snprintf(r->needs, sizeof(r->needs), "%s", needs);
	if (!note(c, "unmask.request", r->alert, r->id, r->reason, NULL, NULL))
		r->until = 0;
	else
		fprintf(c->out,
			"waiting: somebody else who approves %s must say, within 15 minutes: tocsin unmask approve %s\n"
			"then: tocsin unmask show %s\n",
			needs, r->id, r->id);
}

static void on_request(const struct call *c)
{
	struct finding f = { .u = c->u, .person = c->person };
	if (strspn(c->argument, "0123456789abcdef") != 32 || c->argument[32] || strlen(c->reason) < 8) {
		fputs("refused: an alert's whole id and a reason of at least 8 characters are needed\n", c->out);
		return;
	}
	toc_archive_each(c->u->journal, c->argument, look, &f);
	if (!f.any || !f.reads) /* what others are told is not even there */
		fputs("refused: no alert of your routes has this id\n", c->out);
	else if (f.staff || f.mail)
		wait_for_another(c, f.staff ? "staff" : "mail");
	else
		show(c, &f, c->argument, NULL, c->reason, NULL);
	forget(&f);
}

static void on_approve(const struct call *c)
{
	struct request *r = find_request(c->u, c->argument);
	const bool may = r && toc_person_approves(c->person, r->needs);
	if (!r)
		fputs("refused: no such request waits\n", c->out);
	else if (strcmp(r->uid, c->person->uid) == 0)
		fputs("refused: it is your own\n", c->out);
	else if (!may)
		fprintf(c->out, "refused: you do not approve %s\n", r->needs);
	else if (note(c, "unmask.approve", r->alert, r->id, r->reason, NULL, r->uid)) {
		snprintf(r->approved_by, sizeof(r->approved_by), "%s", c->person->uid);
		fprintf(c->out, "approved: %s may see who is in alert %s (%s)\n", r->uid, r->alert, r->reason);
	}
}

static void on_show(const struct call *c)
{
	struct request *r = find_request(c->u, c->argument);
	struct finding f = { .u = c->u, .person = c->person };
	if (!r || strcmp(r->uid, c->person->uid) != 0) {
		fputs("refused: no such request of yours\n", c->out);
		return;
	}
	if (!r->approved_by[0]) {
		fputs("refused: nobody has approved it yet\n", c->out);
		return;
	}
	toc_archive_each(c->u->journal, r->alert, look, &f);
	show(c, &f, r->alert, r->id, r->reason, r->approved_by);
	r->until = 0; /* once */
	forget(&f);
}

static const struct {
	const char *word;
	void (*act)(const struct call *c);
} words[] = { { "request", on_request }, { "approve", on_approve }, { "show", on_show } };

/* Who is at the other end: the machine says, not they. */
static const struct toc_person *person_of(const struct unmasker *u, uid_t uid)
{
	const struct passwd *p = getpwuid(uid);
	return p && u->config->people ? toc_people_find(u->config->people, p->pw_name) : NULL;
}

static bool is_known(void *user, uid_t uid)
{
	return person_of(user, uid) != NULL;
}

static void answer(void *user, uid_t uid, char *line, FILE *out)
{
	struct unmasker *u = user;
	char *space = strchr(line, ' '), *more = space ? strchr(space + 1, ' ') : NULL;
	const struct toc_person *person = person_of(u, uid);
	if (space)
		*space = '\0';
	if (more)
		*more = '\0';
	const struct call c = { u, person, out, space ? space + 1 : line + strlen(line),
				more ? more + 1 : line + strlen(line) };
	if (!person) {
		fputs("refused: the people's file (deliver.people) does not know you\n", out);
		return;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(line, words[i].word) == 0)
			words[i].act(&c);
}

static bool listen_at(struct unmasker *u)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	bool ok = toc_unmask_path(u->config, at.sun_path);
	/* everybody may knock: who it is the machine says */
	u->listening = ok ? toc_listening((const struct sockaddr *)&at, sizeof(at), TOC_LISTEN_ALL) : -1;
	if (u->listening < 0)
		toc_error("%s: %s", at.sun_path, strerror(ok ? errno : ENAMETOOLONG));
	return u->listening >= 0;
}

int toc_unmasker_serve(const struct toc_config *config, const sigset_t *signals)
{
	struct unmasker *u = calloc(1, sizeof(*u));
	char path[TOC_UNMASK_PATH];
	if (!u)
		abort();
	u->config = config;
	if (!config->people || !config->has_site_key || !toc_courier_folder(config, u->journal)) {
		toc_error("unmask serve needs deliver.people and sensor.key_file");
		free(u);
		return TOC_EXIT_USAGE;
	}
	bool ok = listen_at(u);
	int stop = signalfd(-1, signals, SFD_CLOEXEC);
	const struct toc_callers_config callers = {
		.listening = u->listening, .stop = stop, .known = is_known, .answer = answer, .user = u
	};
	ok = ok && toc_callers_serve(&callers);
	if (ok && toc_unmask_path(config, path))
		unlink(path);
	close(stop);
	if (u->listening >= 0)
		close(u->listening);
	free(u);
	return ok ? TOC_EXIT_OK : TOC_EXIT_ENVIRONMENT;
}
