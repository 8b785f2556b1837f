/* hold - `tocsin hold place|list|release`: what no retention is to take, and for whom. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/text.h"
#include "app/audit_log.h"
#include "app/command.h"
#include "app/holds.h"
#include "app/now.h"
#include "app/options.h"
#include "base/log.h"

enum { REASON = 4 };

struct holding {
	const char *config_path, *owner, *reason, *until, *subject;
	bool json;
	struct toc_texts words;
	struct toc_config *config;
};

static int mistake(const char *what)
{
	toc_error("hold: %s", what);
	return TOC_EXIT_USAGE;
}

static bool note(const struct holding *h, const char *act, const char *name, const char *parts, const char *other)
{
	struct toc_audit_record record = {
		.act = act, .request = name, .reason = h->reason, .parts = parts, .other = other
	};
	toc_audit_caller(h->config, &record);
	return toc_audit_write(h->config, &record, toc_now());
}

/* --- place -------------------------------------------------------------------------------------------------------- */

static bool are_ids(const char *const *ids)
{
	for (; *ids; ids++)
		if (strlen(*ids) != 32 || strspn(*ids, "0123456789abcdef") != 32)
			return false;
	return true;
}

static const char *what_is_missing(const struct holding *h)
{
	toc_time until;
	if (h->words.n < 2 || !toc_route_sound(h->words.at[1]))
		return "place NAME (a-z, 0-9, point, hyphen), then alerts' ids or --subject";
	if (!h->owner || strlen(h->owner) < 2)
		return "--owner: who answers for it";
	if (!h->reason || strlen(h->reason) < REASON)
		return "--reason: why; it is kept in the audit log";
	if (!h->until || strlen(h->until) != 10 || !toc_time_read(h->until, &until) || until < toc_now())
		return "--until: a day to come, such as 2027-06-30";
	if (h->words.n == 2 && !h->subject)
		return "of which alerts? Their ids (32 hex digits), or --subject";
	return are_ids(h->words.at + 2) ? NULL : "an alert's id has 32 hex digits";
}

static int place(struct holding *h)
{
	char err[1400], parts[160], at[TIME_TEXT];
	struct toc_audit_record caller = { 0 };
	struct toc_hold_count count;
	const char *missing = what_is_missing(h), *name = h->words.at[1];
	if (missing)
		return mistake(missing);
	toc_audit_caller(h->config, &caller);
	at[time_text(toc_now(), at)] = '\0';
	const struct toc_hold hold = { .name = name,
				       .owner = h->owner,
				       .reason = h->reason,
				       .until = h->until,
				       .by = caller.uid,
				       .at = at,
				       .subject = h->subject,
				       .alerts = h->words.at + 2 };
	if (!toc_hold_make(h->config, &hold, err, sizeof(err))) {
		toc_error("hold: %s", err);
		return TOC_EXIT_ENVIRONMENT;
	}
	bool ok = toc_hold_copy(h->config, &hold, &count);
	if (!ok)
		toc_error("hold %s: %s", name, strerror(errno));
	if (count.full)
		toc_warn("hold %s: there is more than it can hold (%d alerts)", name, TOC_HOLD_ALERTS);
	snprintf(parts, sizeof(parts), "%u alerts%s until %s: %u records, %u of evidence", count.nalerts,
		 h->subject ? " of a subject" : "", h->until, count.records, count.cuts);
	free(count.alerts);
	if (!note(h, "hold.placed", name, parts, h->owner) || !ok) {
		toc_hold_remove(h->config, name); /* what is not written down is not done */
		return TOC_EXIT_ENVIRONMENT;
	}
	printf("hold %s: %s\n", name, parts);
	if (!count.records)
		fputs("the journal has none of them: has this sensor told them, and not too long ago?\n", stderr);
	return count.records ? TOC_EXIT_OK : TOC_EXIT_FINDINGS;
}

/* --- list, release ------------------------------------------------------------------------------------------------ */

static void print(const struct holding *h, const struct toc_hold *hold, bool over)
{
	unsigned n = 0;
	while (hold->alerts[n])
		n++;
	if (!h->json) {
		printf("%-20s until %s%s, of %s, by %s at %s: %s (%s)\n", hold->name, hold->until,
		       over ? " (OVER: release it)" : "", hold->owner, hold->by, hold->at, hold->reason,
		       hold->subject ? "a subject" : "alerts");
		return;
	}
	struct text t = { 0 };
	text_puts(&t, "{");
	json_puts(&t, "name", hold->name);
	json_puts(&t, "owner", hold->owner);
	json_puts(&t, "reason", hold->reason);
	json_puts(&t, "until", hold->until);
	json_puts(&t, "by", hold->by);
	json_puts(&t, "at", hold->at);
	json_number(&t, "alerts", n);
	text_printf(&t, ",\"of_subject\":%s,\"over\":%s}\n", hold->subject ? "true" : "false", over ? "true" : "false");
	fwrite(t.p, 1, t.n, stdout);
	text_free(&t);
}

static int list(struct holding *h)
{
	struct toc_arena *arena = toc_arena_new();
	bool any_over = false, whole = true;
	if (h->words.n != 1)
		return mistake("list takes no names");
	for (const char *const *name = toc_hold_names(h->config, arena); name && *name; name++) {
		const struct toc_hold *hold = toc_hold_read(h->config, arena, *name);
		const bool over = hold && toc_hold_is_over(hold, toc_now());
		any_over = any_over || over;
		whole = whole && hold;
		if (hold)
			print(h, hold, over);
		else
			toc_error("hold %s: %s", *name, strerror(errno));
	}
	toc_arena_free(arena);
	return !whole ? TOC_EXIT_ENVIRONMENT : any_over ? TOC_EXIT_FINDINGS : TOC_EXIT_OK;
}

static int release(struct holding *h)
{
	const char *name = h->words.n == 2 ? h->words.at[1] : "";
	if (!h->reason || strlen(h->reason) < REASON)
		return mistake("release NAME --reason \"why\"");
	struct toc_arena *arena = toc_arena_new();
	const struct toc_hold *hold = toc_hold_read(h->config, arena, name);
	int status = TOC_EXIT_ENVIRONMENT;
	if (!hold) {
		toc_error("hold: there is no hold \"%s\"", name);
		status = TOC_EXIT_FINDINGS;
	} else if (note(h, "hold.released", name, "its copies are removed", hold->owner)) {
		bool ok = toc_hold_remove(h->config, name);
		if (ok)
			printf("hold %s: released; its copies are removed\n", name);
		else
			toc_error("hold %s: %s", name, strerror(errno));
		status = ok ? TOC_EXIT_OK : TOC_EXIT_ENVIRONMENT;
	}
	toc_arena_free(arena);
	return status;
}

static const struct {
	const char *word;
	int (*act)(struct holding *h);
} words[] = { { "place", place }, { "list", list }, { "release", release } };

static int run(struct holding *h)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (h->words.n && strcmp(h->words.at[0], words[i].word) == 0)
			return words[i].act(h);
	return mistake("place, list or release");
}

int toc_command_hold(int argc, char **argv);
int toc_command_hold(int argc, char **argv)
{
	struct holding h = { 0 };
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &h.config_path, "FILE  tocsin.yml" },
		{ "--config", TOC_OPT_TEXT, &h.config_path, "FILE  the same" },
		{ "--owner", TOC_OPT_TEXT, &h.owner, "WHO  of place: answers for it" },
		{ "--reason", TOC_OPT_TEXT, &h.reason, "TEXT  why; it is kept in the audit log" },
		{ "--until", TOC_OPT_TEXT, &h.until, "DAY  of place: such as 2027-06-30" },
		{ "--subject", TOC_OPT_TEXT, &h.subject, "WHO  of place: all alerts about them, also those to come" },
		{ "--json", TOC_OPT_FLAG, &h.json, "of list: an object a line" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, &h.words);
	if (status >= 0)
		return status;
	h.config = toc_config_open(h.config_path);
	status = h.config ? run(&h) : TOC_EXIT_USAGE;
	toc_config_free(h.config);
	return status;
}
