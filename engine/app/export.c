/* export - `tocsin export`: what one person may have of what is kept about them, and what the public may. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/audit_log.h"
#include "app/clerk.h"
#include "app/command.h"
#include "app/courier.h"
#include "app/export.h"
#include "app/holds.h"
#include "app/now.h"
#include "app/options.h"
#include "base/log.h"

enum { REASON = 4, WHO = 2 };

struct exporting {
	const char *config_path, *subject, *public, *reason, *out, *from_text, *to_text, *hold, *redis, *password_file;
	bool without_notes;
	toc_time from, to;
	struct toc_config *config;
};

static int mistake(const char *what)
{
	toc_error("export: %s", what);
	return TOC_EXIT_USAGE;
}

static const char *what_is_missing(struct exporting *x)
{
	x->to = TOC_NEVER;
	if (!x->subject == !x->public)
		return "--subject WHO or --public-records PROFILE";
	if (x->subject && strlen(x->subject) < WHO)
		return "--subject: a name as the network has it, or a token";
	if (!x->out)
		return "--out: a folder that there is not yet";
	if (!x->reason || strlen(x->reason) < REASON)
		return "--reason: why; it is kept in the audit log";
	if ((x->from_text && !toc_time_read(x->from_text, &x->from)) ||
	    (x->to_text && !toc_time_read(x->to_text, &x->to)))
		return "--from and --to are days or times such as 2026-03-02T08:00:00Z; --to is not part of it";
	if (x->public && (!x->from_text || !x->to_text))
		return "--public-records needs --from and --to";
	return NULL;
}

/* Whose, why, how many. Of a person only the token. */
static bool note(const struct exporting *x, const struct export_writing *w, const char *parts)
{
	struct toc_audit_record record = { .act = x->subject ? "export.subject" : "export.public",
					   .reason = x->reason,
					   .parts = parts,
					   .other = w->owner };
	toc_audit_caller(x->config, &record);
	return toc_audit_write(x->config, &record, toc_now());
}

/* What the log has not got does not leave. */
static int finish(const struct exporting *x, const struct export_writing *w, const char *token, const char *profile)
{
	char parts[400];
	snprintf(parts, sizeof(parts), "%u alerts%s%s%s%s, %u lines, %u notes, %u withheld; manifest sha256 %s",
		 w->written, *token ? " of " : "", token, profile ? " by profile " : "", profile ? profile : "",
		 w->lines, w->notes, w->withheld, w->manifest);
	if (!note(x, w, parts)) {
		export_remove(w);
		return TOC_EXIT_ENVIRONMENT;
	}
	printf("%s: %s\n", w->folder, parts);
	if (!w->written && !w->withheld)
		fputs("the journal has none: is the name as the network has it, and is it not too long ago?\n", stderr);
	return w->written && !w->withheld ? TOC_EXIT_OK : TOC_EXIT_FINDINGS;
}

static bool find_folder(const struct exporting *x, char folder[TOC_FOLDER_MOST])
{
	return x->hold ? toc_hold_path(x->config, x->hold, "journal", folder, TOC_FOLDER_MOST)
		       : toc_courier_folder(x->config, folder);
}

/* Lines of the evidence, deeds of Redis; of a hold both as it has them. */
static bool take_free_text(const struct exporting *x, struct export_alerts *alerts)
{
	char folder[TOC_ASK_MOST], deeds[TOC_ASK_MOST], err[512] = "";
	struct export_source from = { .redis = x->redis, .password_file = x->password_file };
	bool ok = x->hold ? toc_hold_path(x->config, x->hold, "evidence", folder, sizeof(folder)) &&
				    toc_hold_path(x->config, x->hold, "deeds.jsonl", deeds, sizeof(deeds))
			  : toc_clerk_folder(x->config, TOC_CLERK_KEPT, folder, sizeof(folder));
	if (!ok || !export_take_lines(folder, alerts)) {
		toc_error("export: the log lines cannot be read: %s: %s", folder, strerror(errno));
		return false;
	}
	from.file = x->hold ? deeds : NULL;
	if (x->without_notes || export_take_deeds(x->config, &from, alerts, err, sizeof(err)))
		return true;
	toc_error(
		"export: people's notes cannot be read: %s; --without-notes leaves them out, and the manifest says so",
		err);
	return false;
}

static int write_out(struct exporting *x, const struct export_way *way, const struct export_subject *s,
		     const struct export_profile *p)
{
	char folder[TOC_FOLDER_MOST];
	struct export_alerts alerts = { 0 };
	struct toc_audit_record caller = { 0 };
	toc_audit_caller(x->config, &caller);
	struct export_writing w = { .folder = x->out,
				    .kind = x->subject ? "subject" : "public-records",
				    .by = caller.uid,
				    .owner = x->config->retention.owner,
				    .profile = x->public,
				    .from = x->from,
				    .to = x->to == TOC_NEVER ? toc_now() : x->to,
				    .no_notes = x->without_notes ? "left out by --without-notes" : NULL,
				    .now = toc_now() };
	int status = TOC_EXIT_ENVIRONMENT;
	if (!find_folder(x, folder) || !export_gather(x->config, folder, x->subject, x->from, x->to, &alerts))
		toc_error("export: %s: %s", folder, strerror(errno));
	else if (take_free_text(x, &alerts) && export_write(x->config, &alerts, way, &w))
		status = finish(x, &w, s ? export_subject_token(s) : "", p ? export_profile_name(p) : NULL);
	export_free(&alerts);
	return status;
}

static int export_of_subject(struct exporting *x)
{
	struct export_way way;
	struct export_subject *s = export_subject_new(x->subject);
	export_subject_way(s, &way);
	int status = write_out(x, &way, s, NULL);
	free(s);
	return status;
}

static int export_of_public(struct exporting *x)
{
	struct export_way way;
	struct toc_diag *diag = toc_diag_new();
	const struct export_profile *p = export_profile_read(x->config->arena, x->public, diag);
	toc_diag_print(diag, stderr);
	toc_diag_free(diag);
	if (!p)
		return TOC_EXIT_USAGE;
	export_profile_way(p, &way);
	return write_out(x, &way, NULL, p);
}

static int run(struct exporting *x)
{
	return x->subject ? export_of_subject(x) : export_of_public(x);
}

int toc_command_export(int argc, char **argv);
int toc_command_export(int argc, char **argv)
{
	struct exporting x = { 0 };
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &x.config_path, "FILE  tocsin.yml" },
		{ "--config", TOC_OPT_TEXT, &x.config_path, "FILE  the same" },
		{ "--subject", TOC_OPT_TEXT, &x.subject, "WHO  all alerts about them, others by number" },
		{ "--public-records", TOC_OPT_TEXT, &x.public,
		  "PROFILE  what the public is shown, and why not the rest" },
		{ "--out", TOC_OPT_TEXT, &x.out,
		  "FOLDER  is made: alerts, lines and notes as JSON, alerts.txt, manifest.json" },
		{ "--reason", TOC_OPT_TEXT, &x.reason, "TEXT  why; it is kept in the audit log" },
		{ "--from", TOC_OPT_TEXT, &x.from_text, "TIME  told from then on" },
		{ "--to", TOC_OPT_TEXT, &x.to_text, "TIME  told before then" },
		{ "--hold", TOC_OPT_TEXT, &x.hold, "NAME  of what that hold has, instead of the journal" },
		{ "--redis", TOC_OPT_TEXT, &x.redis, "URL  where people's notes are, instead of deliver.redis" },
		{ "--password-file", TOC_OPT_TEXT, &x.password_file, "FILE  log in as keeper" },
		{ "--without-notes", TOC_OPT_FLAG, &x.without_notes, "leave out what people did and noted" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, NULL);
	const char *missing = status < 0 ? what_is_missing(&x) : NULL;
	if (status >= 0 || missing)
		return missing ? mistake(missing) : status;
	x.config = toc_config_open(x.config_path);
	status = x.config ? run(&x) : TOC_EXIT_USAGE;
	toc_config_free(x.config);
	return status;
}
