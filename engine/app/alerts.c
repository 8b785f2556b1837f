/* alerts - `tocsin alerts`: the responder's terminal over Redis, and the same as plain sub-commands. */
#define _GNU_SOURCE
#include <errno.h>
#include <locale.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/config.h"
#include "app/now.h"
#include "app/options.h"
#include "app/secret.h"
#include "base/log.h"
#include "cli/deed.h"
#include "cli/eve.h"
#include "cli/exempt.h"
#include "cli/filter.h"
#include "cli/plain.h"
#include "cli/precision.h"
#include "cli/safe.h"
#include "cli/screen.h"
#include "cli/verify.h"

struct console {
	const char *config_path, *redis, *as, *password_file, *filter, *since, *now_text, *verdict, *to, *note, *why;
	struct toc_texts routes, words;
	bool json, eve, follow, yes;
	long days;
	struct toc_config *config;
	struct toc_asker *asker;
	struct cli_board *board;
	char password[256], user[128], routes_text[256], uid[64];
	const char *list[CLI_ROUTES + 1];
	int64_t fixed_now; /* ms; 0 = the clock */
};

static int64_t now(void *user)
{
	const struct console *c = user;
	return c->fixed_now ? c->fixed_now : toc_now() / TOC_MS;
}

static int mistake(const char *format, const char *what)
{
	toc_error(format, what);
	return TOC_EXIT_USAGE;
}

/* Who looks: --as, else the user of this machine. */
static int find_person(struct console *c)
{
	const struct passwd *p = c->as ? NULL : getpwuid(getuid());
	const char *uid = c->as ? c->as : p ? p->pw_name : "";
	const struct toc_people *people = c->config->people;
	const struct toc_person *person = people ? toc_people_find(people, uid) : NULL;
	unsigned n = 0;
	if (!toc_route_sound(uid))
		return mistake("alerts: \"%s\" is no uid (a-z, 0-9, point, hyphen); say who you are: --as UID", uid);
	snprintf(c->uid, sizeof(c->uid), "%s", uid);
	for (; n < CLI_ROUTES && n < c->routes.n; n++)
		c->list[n] = c->routes.at[n];
	for (const char *const *r = !n && person ? person->routes : NULL; r && *r && n < CLI_ROUTES; r++)
		c->list[n++] = *r;
	if (people && !person)
		return mistake("alerts: the people's file (deliver.people) does not know \"%s\"", uid);
	if (!n)
		c->list[n++] = "ts";
	for (unsigned i = 0; i < n; i++) {
		if (!toc_route_sound(c->list[i]))
			return mistake("alerts: \"%s\" is no route", c->list[i]);
		size_t at = strlen(c->routes_text);
		snprintf(c->routes_text + at, sizeof(c->routes_text) - at, "%s%s", at ? "," : "", c->list[i]);
	}
	return -1;
}

/* 2026-03-02T09:00:00Z */
static bool read_now(const char *text, int64_t *out)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	*out = (int64_t)timegm(&tm) * 1000;
	return end && !*end;
}

/* "30d", "12h" */
static bool read_since(const char *text, int64_t *ms)
{
	char *end;
	long n = strtol(text, &end, 10);
	int64_t unit = *end == 'd' ? 86400000 : *end == 'h' ? 3600000 : 0;
	*ms = n * unit;
	return n > 0 && n < 100000 && unit && !end[1];
}

static int read_options(struct console *c, int64_t *since)
{
	const char *wrong =
		c->password_file ? toc_secret_read(c->password_file, c->password, sizeof(c->password)) : NULL;
	if (wrong)
		return mistake("alerts: --password-file: %s", wrong);
	if (c->now_text && !read_now(c->now_text, &c->fixed_now))
		return mistake("alerts: --now needs a time such as 2026-03-02T09:00:00Z, not %s", c->now_text);
	if (!read_since(c->since ? c->since : "30d", since))
		return mistake("alerts: --since is like 30d or 12h, not %s", c->since);
	*since = now(c) > *since ? now(c) - *since : 0;
	return -1;
}

static int connect_to(struct console *c, int64_t since)
{
	char err[512];
	const char *url = c->redis ? c->redis : c->config->redis_url;
	if (!url)
		return mistake("alerts: which Redis? %s", "--redis URL, or deliver.redis in tocsin.yml (-c)");
	snprintf(c->user, sizeof(c->user), "p-%s", c->uid);
	const struct toc_ask_config ask = { .url = url,
					    .user = c->password_file ? c->user : NULL,
					    .password = c->password_file ? c->password : NULL,
					    .tls = { c->config->tls_ca, c->config->tls_cert, c->config->tls_key } };
	c->asker = toc_asker_new(&ask, err, sizeof(err));
	if (!c->asker) {
		toc_error("alerts: %s", err);
		return TOC_EXIT_ENVIRONMENT;
	}
	const struct cli_board_config board = {
		.redis = c->asker, .uid = c->uid, .people = c->config->people, .routes = c->list, .since_ms = since
	};
	c->board = cli_board_new(&board);
	if (cli_board_read(c->board, err, sizeof(err)) >= 0)
		return -1;
	toc_error("alerts: %s", err);
	return TOC_EXIT_ENVIRONMENT;
}

/* --- sub-commands ------------------------------------------------------------------------------------------------- */

static int run_screen(struct console *c)
{
	char err[512];
	const struct cli_screen_config screen = { .board = c->board,
						  .redis = c->asker,
						  .uid = c->uid,
						  .people = c->config->people,
						  .routes = c->routes_text,
						  .filter = c->filter ? c->filter : "is:open",
						  .now = now,
						  .user = c };
	if (cli_screen(&screen, err, sizeof(err)))
		return TOC_EXIT_OK;
	return mistake("alerts: %s", err);
}

/* What is new or has changed since the last time. */
static void print_list(struct console *c, const struct cli_filter *filter)
{
	char row[CLI_LINE];
	unsigned n;
	struct cli_alert *const *all = cli_board_alerts(c->board, &n);
	for (unsigned i = 0; i < n; i++) {
		if (all[i]->printed == all[i]->rev || !cli_filter_holds(filter, all[i], c->uid, now(c)))
			continue;
		all[i]->printed = all[i]->rev;
		cli_row(all[i], 1, now(c), 160, row);
		if (c->eve)
			cli_eve(all[i], stdout);
		else if (c->json)
			cli_json(all[i], stdout);
		else
			printf("%.8s %s\n", all[i]->id, row);
	}
	fflush(stdout);
}

static int run_list(struct console *c)
{
	struct cli_filter filter;
	char err[512];
	if (!cli_filter_parse(c->filter ? c->filter : "is:open", &filter, err, sizeof(err)))
		return mistake("alerts: --filter: %s", err);
	if (!c->json && !c->eve)
		printf("%-8s %s\n", "ID", cli_row_head);
	print_list(c, &filter);
	while (c->follow && !ferror(stdout)) {
		sleep(1);
		if (cli_board_read(c->board, err, sizeof(err)) < 0) {
			toc_error("alerts: %s", err);
			return TOC_EXIT_ENVIRONMENT;
		}
		print_list(c, &filter);
	}
	return TOC_EXIT_OK;
}

static int run_rules(struct console *c)
{
	struct cli_filter filter;
	char err[512], row[CLI_LINE];
	unsigned n, held = 0, rules;
	if (!cli_filter_parse(c->filter ? c->filter : "", &filter, err, sizeof(err)))
		return mistake("alerts: --filter: %s", err);
	struct cli_alert *const *all = cli_board_alerts(c->board, &n);
	struct cli_alert **some = calloc(n + 1, sizeof(*some));
	if (!some)
		abort();
	for (unsigned i = 0; i < n; i++)
		if (cli_filter_holds(&filter, all[i], c->uid, now(c)))
			some[held++] = all[i];
	struct cli_precision *p = cli_precision_of(some, held, &rules);
	if (!c->json)
		puts(cli_precision_head);
	for (unsigned i = 0; i < rules; i++) {
		cli_precision_row(&p[i], row);
		if (c->json)
			cli_precision_json(&p[i], stdout);
		else
			puts(row);
	}
	free(p);
	free(some);
	return TOC_EXIT_OK;
}

static void tell_flaw(void *user, const struct cli_verified *of, enum cli_flaw flaw, const char *stream, const char *id,
		      unsigned revision)
{
	static const char *const words[CLI_FLAWS] = { "is not what the sensor wrote",
						      "follows upon one that is not there", "has no chain" };
	char shown[64];
	(void)user;
	cli_safe(toc_span_str(id), 32, shown, sizeof(shown));
	toc_warn("%s: entry %s, alert %s revision %u %s", of->route, stream, shown, revision, words[flaw]);
}

/* Are the streams what the sensors wrote? */
static int run_verify(struct console *c)
{
	char err[512];
	int status = TOC_EXIT_OK;
	for (const char *const *route = c->list; *route && status != TOC_EXIT_ENVIRONMENT; route++) {
		unsigned n = 0;
		struct cli_verify *v = cli_verify_new(*route, tell_flaw, c);
		if (!cli_verify_read(v, c->asker, err, sizeof(err))) {
			toc_error("alerts verify: %s", err);
			status = TOC_EXIT_ENVIRONMENT;
		}
		const struct cli_verified *found = cli_verify_found(v, &n);
		for (unsigned i = 0; i < n; i++) {
			cli_verified_print(&found[i], c->json, stdout);
			if (status == TOC_EXIT_OK && (found[i].flaws[CLI_ALTERED] || found[i].flaws[CLI_MISSING]))
				status = TOC_EXIT_FINDINGS;
		}
		cli_verify_free(v);
	}
	return status;
}

/* The alert that the command names; NULL after a message. */
static struct cli_alert *named(struct console *c, const char *what)
{
	bool many;
	const char *id = c->words.n > 1 ? c->words.at[1] : NULL;
	if (!id) {
		toc_error("alerts %s: which alert? Its id, or the beginning of it", what);
		return NULL;
	}
	struct cli_alert *a = cli_board_find(c->board, id, &many);
	if (!a)
		toc_error(many ? "alerts: several ids begin with %s"
			       : "alerts: none of yours has the id %s; nothing was done",
			  id);
	return a;
}

static int run_show(struct console *c)
{
	struct cli_lines lines = { 0 };
	const struct cli_alert *a = named(c, "show");
	if (!a)
		return TOC_EXIT_FINDINGS;
	if (c->json) {
		cli_json(a, stdout);
		return TOC_EXIT_OK;
	}
	cli_detail(a, now(c), &lines);
	for (unsigned i = 0; i < lines.n; i++)
		puts(lines.at[i]);
	cli_lines_free(&lines);
	return TOC_EXIT_OK;
}

/* Did what was written count, or was somebody quicker? */
static int tell_outcome(struct console *c, const struct cli_alert *a, enum cli_deed deed)
{
	char err[512];
	if (cli_board_read(c->board, err, sizeof(err)) < 0) {
		toc_error("alerts: %s", err);
		return TOC_EXIT_ENVIRONMENT;
	}
	for (unsigned i = a->nevents; i--;) {
		const struct cli_event *e = a->events[i];
		if (strcmp(e->person, c->uid) != 0 || e->deed != deed)
			continue;
		if (!e->conflict)
			break;
		toc_error("alerts: conflict: somebody was quicker, yours has no effect (alerts show %.8s)", a->id);
		return TOC_EXIT_FINDINGS;
	}
	printf("%.8s %s: %s\n", a->id, cli_deed_names[deed], cli_state_word(a));
	return TOC_EXIT_OK;
}

/* What it would have kept back, always; only then, and only with --yes, it is asked for. false: it is not. */
static bool preview(struct console *c, const struct cli_alert *a)
{
	struct cli_effect effect;
	struct cli_lines lines = { 0 };
	cli_effect_read(c->board, a, &effect);
	if (c->json)
		cli_effect_json(&effect, (unsigned)c->days, now(c), stdout);
	else
		cli_effect_lines(&effect, (unsigned)c->days, now(c), &lines);
	for (unsigned i = 0; i < lines.n; i++)
		puts(lines.at[i]);
	cli_lines_free(&lines);
	cli_effect_free(&effect);
	if (!c->yes)
		fputs("nothing was done; the same with --yes asks the sensor for it\n", stderr);
	return c->yes;
}

static int run_deed(struct console *c, enum cli_deed deed)
{
	char err[512];
	if (deed == CLI_EXEMPT && !cli_exempt_may(c->config->people, c->uid, err, sizeof(err)))
		return mistake("alerts exempt: %s", err);
	if (deed == CLI_EXEMPT && !c->days)
		return mistake("alerts exempt: for how many days? --days N, 1 to %s", "90");
	const struct cli_alert *a = named(c, cli_deed_names[deed]);
	const struct cli_deed_made made = { .alert = a,
					    .deed = deed,
					    .verdict = c->verdict,
					    .note = deed == CLI_EXEMPT ? c->why : c->note,
					    .days = (unsigned)c->days,
					    .to = c->to		       ? c->to
						  : deed == CLI_ASSIGN ? c->uid
								       : NULL };
	if (!a)
		return TOC_EXIT_FINDINGS;
	if (deed == CLI_EXEMPT && !preview(c, a))
		return TOC_EXIT_OK;
	if (cli_deed_write(c->asker, c->uid, &made, err, sizeof(err)))
		return tell_outcome(c, a, deed);
	toc_error("alerts %s: %s", cli_deed_names[deed], err);
	return TOC_EXIT_FINDINGS;
}

static int run(struct console *c)
{
	const char *word = c->words.n ? c->words.at[0] : "";
	for (unsigned d = 0; d < CLI_DEEDS; d++)
		if (strcmp(word, cli_deed_names[d]) == 0)
			return run_deed(c, (enum cli_deed)d);
	if (strcmp(word, "show") == 0)
		return run_show(c);
	if (strcmp(word, "list") == 0 || (!*word && !isatty(STDOUT_FILENO)))
		return run_list(c);
	if (strcmp(word, "rules") == 0)
		return run_rules(c);
	if (strcmp(word, "verify") == 0)
		return run_verify(c);
	if (!*word)
		return run_screen(c);
	return mistake("alerts: there is no \"%s\": list, rules, verify, show, ack, note, assign, escalate, close, "
		       "exempt, undo",
		       word);
}

static int work(struct console *c)
{
	char data[1024];
	int64_t since = 0;
	struct toc_diag *diag = toc_diag_new();
	c->config = toc_config_load(c->config_path, toc_data_folder(data, sizeof(data)), diag);
	toc_diag_print(diag, stderr);
	int status = toc_diag_errors(diag) ? TOC_EXIT_USAGE : find_person(c);
	if (status < 0)
		status = read_options(c, &since);
	if (status < 0)
		status = connect_to(c, since);
	if (status < 0)
		status = run(c);
	cli_board_free(c->board);
	toc_asker_free(c->asker);
	toc_config_free(c->config);
	toc_diag_free(diag);
	return status;
}

int toc_command_alerts(int argc, char **argv);
int toc_command_alerts(int argc, char **argv)
{
	struct console c = { 0 };
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &c.config_path, "FILE  tocsin.yml: deliver.redis, deliver.tls, deliver.people" },
		{ "--config", TOC_OPT_TEXT, &c.config_path, "FILE  the same" },
		{ "--redis", TOC_OPT_TEXT, &c.redis, "URL  instead of deliver.redis" },
		{ "--as", TOC_OPT_TEXT, &c.as, "UID  who you are; default: this machine's user" },
		{ "--password-file", TOC_OPT_TEXT, &c.password_file, "FILE  log in as p-UID" },
		{ "--route", TOC_OPT_LIST, &c.routes, "ROUTE  instead of those of the people's file; repeatable" },
		{ "--filter", TOC_OPT_TEXT, &c.filter, "TEXT  which ones (is:open); in the terminal ? explains" },
		{ "--since", TOC_OPT_TEXT, &c.since, "AGE  how far back to read (30d)" },
		{ "--json", TOC_OPT_FLAG, &c.json, "one object an alert" },
		{ "--eve", TOC_OPT_FLAG, &c.eve, "list: as Suricata's EVE JSON (EveBox)" },
		{ "--follow", TOC_OPT_FLAG, &c.follow, "list: and what comes, each revision" },
		{ "--verdict", TOC_OPT_TEXT, &c.verdict, "WORD  of ack, close: true, false, benign, unknown" },
		{ "--to", TOC_OPT_TEXT, &c.to, "WHOM  of assign: a uid; of escalate: a route" },
		{ "--note", TOC_OPT_TEXT, &c.note, "TEXT" },
		{ "--days", TOC_OPT_NUMBER, &c.days, "N  of exempt: for so long, 90 at most" },
		{ "--why", TOC_OPT_TEXT, &c.why, "TEXT  of exempt: the reason, which is kept" },
		{ "--yes", TOC_OPT_FLAG, &c.yes, "of exempt: asks for what is shown; without it, it is shown only" },
		{ "--now", TOC_OPT_TEXT, &c.now_text, "TIME  ages as of then" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	setlocale(LC_CTYPE, "");
	int status = toc_options_read(argc, argv, options, &c.words);
	return status >= 0 ? status : work(&c);
}
