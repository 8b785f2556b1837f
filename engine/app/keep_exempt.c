/*
 * keep_exempt - deeds `exempt` to exemptions in force. What comes from Redis is a stranger's: of a deed only the
 * alert's id, a number of days and a text are taken, and the key it stands in says whose it is. Each is decided once,
 * and what was decided stands in the audit log, which is also what a restart knows it from.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/audit_log.h"
#include "app/command.h"
#include "app/control.h"
#include "app/exemption.h"
#include "app/keep.h"
#include "app/now.h"
#include "app/pipeline.h"
#include "app/random.h"
#include "base/log.h"
#include "base/lru.h"
#include "cli/deed.h"
#include "cli/exempt.h"
#include "deliver/file.h"

enum {
	IN_FORCE = 256, /* exemptions at a time */
	AN_HOUR = 10,	/* decisions of one person's wishes; the others wait */
	AT_ONCE = 2,	/* look-ups of one person's wishes in the journal */
	PERSONS = 1024,
	DECIDED = 65536,
	PATH = 1200,
	WORDS = 256
};

static const toc_time ahead = 5 * TOC_MIN; /* a deed's time is the server's, and clocks differ */

struct keep_exempt {
	const struct keep *k;
	struct toc_lru *decided; /* hashes of deeds' ids */
	struct {
		unsigned decided, looked; /* in this hour; in this step */
	} turns[PERSONS];		  /* by place in the people's file */
	toc_time hour;
	struct toc_exemption_file files[IN_FORCE];
	unsigned nfiles;
};

/* --- what was decided --------------------------------------------------------------------------------------------- */

static uint64_t hash_of(const char *deed)
{
	return toc_hash_fixed(deed, strlen(deed));
}

static bool is_decided(const struct keep_exempt *x, const char *deed)
{
	const uint64_t h = hash_of(deed);
	return toc_lru_peek(x->decided, &h) != NULL;
}

static void remember(struct keep_exempt *x, const char *deed)
{
	const uint64_t h = hash_of(deed);
	bool fresh;
	toc_lru_add(x->decided, &h, &fresh);
}

/* "request":"amy/1772438400000-0" of a record about an exemption. */
static void look_back(void *user, const char *line)
{
	const char *deed = strstr(line, "\"act\":\"exempt.") ? strstr(line, "\"request\":\"") : NULL;
	char id[TOC_EXEMPTION_DEED];
	if (!deed)
		return;
	deed += strlen("\"request\":\"");
	snprintf(id, sizeof(id), "%.*s", (int)strcspn(deed, "\""), deed);
	remember(user, id);
}

struct keep_exempt *keep_exempt_new(const struct keep *k)
{
	char path[PATH], head[TOC_AUDIT_HASH], err[1400];
	struct toc_hash_key key;
	struct keep_exempt *x = calloc(1, sizeof(*x));
	toc_random_key(&key);
	if (!x || !(x->decided = toc_lru_new(sizeof(uint64_t), sizeof(uint64_t), DECIDED, &key, NULL, NULL)))
		abort();
	x->k = k;
	toc_audit_path(k->config, path, sizeof(path));
	if (toc_audit_read(path, look_back, x, head, err, sizeof(err)) < 0) {
		toc_error("keep: %s", err);
		keep_exempt_free(x);
		return NULL;
	}
	return x;
}

void keep_exempt_free(struct keep_exempt *x)
{
	if (x)
		toc_lru_free(x->decided);
	free(x);
}

/* --- telling ------------------------------------------------------------------------------------------------------ */

static bool note(const struct keep_exempt *x, const char *act, const struct cli_event *e, const char *alert,
		 const char *reason, const char *parts, const char *other)
{
	const struct toc_person *person = toc_people_find(x->k->config->people, e->person);
	const struct toc_audit_record record = { .act = act,
						 .uid = e->person,
						 .name = person ? person->name : NULL,
						 .position = person ? person->position : NULL,
						 .alert = alert,
						 .request = e->id,
						 .reason = reason,
						 .parts = parts,
						 .other = other };
	return toc_audit_write(x->k->config, &record, toc_now());
}

/* Where the person sees it: in the alert's history, as a note of the keeper's. */
static void reply(const struct keep_exempt *x, const struct cli_event *e, const char *alert, const char *words)
{
	char key[256], text[WORDS + 300], rev[16];
	snprintf(key, sizeof(key), "{tocsin}:state:%s:%s", e->route, toc_keeper_uid);
	snprintf(text, sizeof(text), "sensor %s: %s", x->k->config->sensor, words);
	snprintf(rev, sizeof(rev), "%u", e->rev);
	const char *argv[] = { "XADD", key,  "*",    "v",  "1", "id",	alert, "rev",
			       rev,    "do", "note", "on", "-", "note", text };
	redisReply *r = toc_ask(x->k->redis, 15, argv, NULL);
	if (!r || r->type != REDIS_REPLY_STRING)
		toc_warn("keep: %s is not told \"%s\": %s (redis-setup)", e->person, words,
			 r ? r->str : toc_asker_trouble(x->k->redis));
	freeReplyObject(r);
}

/* --- one deed ----------------------------------------------------------------------------------------------------- */

/* The rules that run, with what was made of alerts; NULL: they have mistakes. */
static struct toc_pipeline *load(const struct keep_exempt *x)
{
	uint64_t unseen = 0;
	struct toc_diag *diag = toc_diag_new();
	const struct toc_pipeline_options options = { .rules = true };
	struct toc_pipeline *p = toc_pipeline_new(x->k->config, &options, &toc_outlet_null, &unseen, diag);
	if (p && toc_diag_errors(diag) > 0) {
		toc_pipeline_free(p);
		p = NULL;
	}
	toc_diag_free(diag);
	return p;
}

/* The file is there and the rules load with it. *later: they do not without it either. */
static const char *make(struct keep_exempt *x, const struct toc_exempting *known, const struct toc_exemption *e,
			char what[TOC_EXEMPTION_WHAT], bool *later)
{
	char path[PATH];
	struct toc_pipeline *before = load(x);
	*later = !before;
	if (!before)
		return "the rules have mistakes (tocsin check)";
	const char *wrong = toc_exemption_write(known, e, before->generation->rules, what);
	toc_pipeline_free(before);
	if (wrong)
		return wrong;
	struct toc_pipeline *after = load(x);
	toc_exemption_path(x->k->config, e->alert, path, sizeof(path));
	if (!after)
		unlink(path);
	toc_pipeline_free(after);
	return after ? NULL : "the rules do not load with it";
}

/* What the deed alone says; NULL: it may be. */
static const char *judge(const struct keep_exempt *x, const struct cli_event *e, const struct toc_person *person)
{
	if (!toc_person_approves(person, "exemptions"))
		return "you make no exemptions (people.yml: approves)";
	if (e->days < 1 || e->days > CLI_EXEMPT_DAYS)
		return "it is for 1 to 90 days";
	if (strlen(e->note ? e->note : "") < CLI_EXEMPT_WHY)
		return "it has no reason";
	if ((toc_time)(e->ms < INT64_MAX / TOC_MS ? e->ms : INT64_MAX / TOC_MS) * TOC_MS > toc_now() + ahead)
		return "it is of the future";
	return x->nfiles < IN_FORCE ? NULL : "there are 256 already";
}

static void refuse(struct keep_exempt *x, const struct cli_event *e, const char *alert, const char *why)
{
	char words[WORDS];
	remember(x, e->id);
	snprintf(words, sizeof(words), "not exempt: %s", why);
	if (note(x, "exempt.refused", e, alert, e->note, NULL, why))
		reply(x, e, alert, words);
}

/* The engine reads it now; where there is none the next start does. */
static const char *have_read(const struct keep_exempt *x)
{
	switch (toc_ask_engine(x->k->config_path, "reload\n")) {
	case TOC_EXIT_OK:
		return "";
	case TOC_EXIT_FINDINGS:
		return "; the engine refused to load the rules again";
	default:
		return "; in force from the sensor's next start";
	}
}

static void put_in_force(struct keep_exempt *x, const struct cli_event *e, const struct toc_exemption *made,
			 const char *what)
{
	char words[WORDS], day[TIME_TEXT], parts[TOC_EXEMPTION_WHAT + 64], path[PATH];
	day[time_text(made->until, day) ? 10 : 0] = '\0';
	snprintf(parts, sizeof(parts), "%s until %s", what, day);
	if (!note(x, "exempt.made", e, made->alert, e->note, parts, NULL)) {
		toc_exemption_path(x->k->config, made->alert, path, sizeof(path));
		unlink(path); /* what is not written down is not done */
		return;
	}
	remember(x, e->id);
	snprintf(words, sizeof(words), "exempt until %s%s", day, have_read(x));
	reply(x, e, made->alert, words);
}

/* It is an alert of ours, and may be asked for. */
static void grant(struct keep_exempt *x, const struct cli_event *e, const struct toc_exempting *known)
{
	char what[TOC_EXEMPTION_WHAT];
	bool later;
	const struct toc_exemption wish = { known->alert, e->id, e->person, e->note, cli_exempt_until(e) * TOC_MS };
	const char *wrong = make(x, known, &wish, what, &later);
	if (!wrong)
		put_in_force(x, e, &wish, what);
	else if (later)
		toc_warn("keep: an exemption has to wait: %s", wrong);
	else
		refuse(x, e, known->alert, wrong);
}

static void decide(struct keep_exempt *x, const struct cli_event *e, const struct toc_person *person, const char *alert)
{
	const char *wrong = judge(x, e, person);
	if (!wrong && cli_exempt_until(e) <= toc_now() / TOC_MS) {
		remember(x, e->id); /* it was over before it was seen */
		return;
	}
	struct toc_exempting *known = toc_exempting_new(x->k->config, alert, person);
	x->turns[person - x->k->config->people->at].decided += known->any;
	if (!known->any)
		remember(x, e->id); /* another sensor's, or too old: nothing of ours */
	else if (wrong || !known->reads)
		refuse(x, e, alert, wrong ? wrong : "it is no alert of your routes");
	else
		grant(x, e, known);
	toc_exempting_free(known);
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static void read_folder(struct keep_exempt *x)
{
	char folder[PATH], path[2 * PATH];
	toc_exemption_path(x->k->config, NULL, folder, sizeof(folder));
	DIR *dir = opendir(folder);
	struct dirent *entry;
	x->nfiles = 0;
	while (dir && x->nfiles < IN_FORCE && (entry = readdir(dir))) {
		size_t n = strlen(entry->d_name);
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (n == 36 && strcmp(entry->d_name + 32, ".yml") == 0)
			x->nfiles += toc_exemption_read(path, &x->files[x->nfiles]);
	}
	if (dir)
		closedir(dir);
}

/* It was asked for, and is not any more. by: who took it back; "": its time has come. */
static void lift(struct keep_exempt *x, const struct toc_exemption_file *f, const struct cli_event *of, const char *by)
{
	char path[PATH], words[WORDS];
	toc_exemption_path(x->k->config, f->alert, path, sizeof(path));
	if (unlink(path) != 0 && errno != ENOENT) {
		toc_warn("%s: %s", path, strerror(errno));
		return;
	}
	const struct cli_event nobody = { .person = "", .id = "" };
	note(x, *by ? "exempt.undone" : "exempt.ended", of ? of : &nobody, f->alert, NULL, f->deed, *by ? by : NULL);
	snprintf(words, sizeof(words), "no longer exempt%s", have_read(x));
	if (of)
		reply(x, of, f->alert, words);
}

static const struct cli_event *event_of(const struct cli_alert *a, const char *id)
{
	for (unsigned i = 0; a && i < a->nevents; i++)
		if (strcmp(a->events[i]->id, id) == 0)
			return a->events[i];
	return NULL;
}

/* What is over, and what was undone. A deed that retention took away undoes nothing. */
static void lift_some(struct keep_exempt *x)
{
	bool many;
	for (unsigned i = 0; i < x->nfiles; i++) {
		const struct toc_exemption_file *f = &x->files[i];
		const struct cli_alert *a = cli_board_find(x->k->board, f->alert, &many);
		const struct cli_event *of = event_of(a, f->deed);
		if (f->until <= toc_now())
			lift(x, f, of, "");
		else if (of && !a->now.exempt)
			lift(x, f, of, a->now.by ? a->now.by : "?");
	}
}

/* So many an hour, and at once: who floods his own stream waits for himself. */
static bool has_turn(struct keep_exempt *x, const struct toc_person *person)
{
	const size_t at = (size_t)(person - x->k->config->people->at);
	return x->turns[at].decided < AN_HOUR && x->turns[at].looked++ < AT_ONCE;
}

static void begin_turns(struct keep_exempt *x)
{
	const toc_time hour = toc_now() / TOC_HOUR;
	for (size_t i = 0; i < PERSONS; i++) {
		x->turns[i].looked = 0;
		x->turns[i].decided = hour == x->hour ? x->turns[i].decided : 0;
	}
	x->hour = hour;
}

void keep_exempt_step(struct keep_exempt *x)
{
	unsigned n;
	read_folder(x);
	lift_some(x);
	begin_turns(x);
	struct cli_alert *const *all = cli_board_alerts(x->k->board, &n);
	for (unsigned i = 0; i < n; i++) {
		const struct cli_event *e = all[i]->now.exempt;
		const struct toc_person *person = e ? toc_people_find(x->k->config->people, e->person) : NULL;
		if (!person || is_decided(x, e->id) || !has_turn(x, person))
			continue;
		read_folder(x);
		decide(x, e, person, all[i]->id);
	}
}
