/* notify - `tocsin notify`: tells people of the alerts of one route, by what the section `notify` says. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/command.h"
#include "app/config.h"
#include "app/now.h"
#include "app/options.h"
#include "app/secret.h"
#include "base/log.h"
#include "base/zone.h"
#include "correlate/calendar.h"
#include "notify/notify.h"
#include "ruleset/ruleset.h"

enum { MAILS = 256, CRITICAL = 5 };

struct telling {
	const char *config_path, *route, *password_file, *redis;
	bool once, test;
	long severity; /* of the test; 0 = the least that the route is told of */
	const char *at_text;
	toc_time at; /* --at; 0 = the clock */
	struct notify_config telling;
	const struct toc_calendar *calendar;
	struct toc_config *config;
	struct toc_zone *zone;
	sigset_t signals;
	bool stop;
	const char *to[MAILS + 1];
};

static toc_time now(void *user)
{
	const struct telling *t = user;
	return t->at ? t->at : toc_now();
}

static bool stopped(void *user)
{
	struct telling *t = user;
	const struct timespec none = { 0, 0 };
	t->stop = t->stop || sigtimedwait(&t->signals, NULL, &none) > 0;
	return t->stop;
}

/* Patience with what is critical goes by the clock, with what is high by the calendar's hours. */
static toc_time due(void *user, toc_time since, unsigned severity)
{
	const struct telling *t = user;
	if (severity >= CRITICAL)
		return since + t->telling.overdue[1];
	return toc_calendar_after(t->calendar, since, t->telling.overdue[0]);
}

static unsigned add_readers(struct telling *t, const char *route, bool any, unsigned n)
{
	const struct toc_people *people = t->config->people;
	const toc_time utc = now(t), local = utc + toc_zone_offset_at(t->zone, utc);
	const unsigned minute = (unsigned)(local % TOC_DAY / TOC_MIN);
	for (unsigned i = 0; people && i < people->n && n < MAILS; i++) {
		const struct toc_person *p = &people->at[i];
		bool awake = !p->to || (minute >= p->from && minute < p->to), has = false;
		for (unsigned k = 0; k < n; k++)
			has = has || t->to[k] == p->mail;
		if (p->mail && toc_person_reads(p, route) && (awake || any) && !has)
			t->to[n++] = p->mail;
	}
	return n;
}

/* Without `to`: those who read the route and may be told at this hour; if nobody may, all of them: an alert that nobody
 * gets is worse than one at night. What is overdue goes to the next route's, too. */
static const char *const *readers(void *user, bool overdue)
{
	struct telling *t = user;
	unsigned n = 0;
	for (int any = 0; any < 2 && !n; any++) {
		n = add_readers(t, t->telling.route, any, n);
		if (overdue && t->telling.next)
			n = add_readers(t, t->telling.next, any, n);
	}
	t->to[n] = NULL;
	return t->to;
}

static int mistake(const char *format, const char *what)
{
	toc_error(format, what);
	return TOC_EXIT_USAGE;
}

/* NULL after a message. */
static const struct toc_calendar *calendar(struct telling *t, const char *name)
{
	struct toc_diag *diag = toc_diag_new();
	const struct toc_calendar *c =
		toc_calendar_read(t->config->arena, &toc_opener_self, t->config->calendars, name, t->zone, diag);
	toc_diag_print(diag, stderr);
	if (!c)
		toc_error("notify: there is no calendar \"%s\" (overdue.calendar; rules/calendars names them)", name);
	toc_diag_free(diag);
	return c;
}

static int work_on(struct telling *t, const char *password)
{
	struct notify_config *config = &t->telling;
	char err[1024], user[128];
	const char *url = t->redis ? t->redis : t->config->redis_url;
	if (config->calendar && !(t->calendar = calendar(t, config->calendar)))
		return TOC_EXIT_USAGE;
	if (config->sinks.mail.server && !config->sinks.mail.to)
		config->readers = readers;
	if (t->test && t->severity && t->severity < (long)config->severity) {
		printf("nothing was sent: %s is told of severity %u and more (notify: severity)\n", config->route,
		       config->severity);
		return TOC_EXIT_FINDINGS;
	}
	if (config->readers && !readers(t, false)[0])
		return mistake("notify: nobody of the people's file reads %s and has mail; say to:", config->route);
	if (!url && !t->test)
		return mistake("notify: which Redis? %s", "--redis URL, or deliver.redis in tocsin.yml (-c)");
	snprintf(user, sizeof(user), "notify-%s", config->route);
	const struct toc_ask_config ask = { .url = url,
					    .user = password ? user : NULL,
					    .password = password,
					    .tls = { t->config->tls_ca, t->config->tls_cert, t->config->tls_key } };
	config->redis = t->test ? NULL : toc_asker_new(&ask, err, sizeof(err));
	if (!config->redis && !t->test) {
		toc_error("notify: %s", err);
		return TOC_EXIT_ENVIRONMENT;
	}
	struct notifier *n = notify_new(config);
	bool ok = t->test ? notify_test(n, t->severity ? (unsigned)t->severity : config->severity, err, sizeof(err))
			  : notify_run(n, t->once, err, sizeof(err));
	const struct notify_counters *count = notify_count(n);
	if (!ok)
		toc_error("notify: %s", err);
	else if (!t->test)
		fprintf(stderr,
			"notify   %s: %llu entries read, %llu alerts told in %llu messages, %llu repeated, %llu dead, "
			"%llu overdue, %llu in announced work\n",
			config->route, (unsigned long long)count->read, (unsigned long long)count->told,
			(unsigned long long)count->messages, (unsigned long long)count->repeated,
			(unsigned long long)count->dead, (unsigned long long)count->overdue,
			(unsigned long long)count->maintained);
	notify_free(n);
	toc_asker_free(config->redis);
	return ok ? TOC_EXIT_OK : TOC_EXIT_ENVIRONMENT;
}

static int run(struct telling *t)
{
	char password[256];
	const char *wrong = t->password_file ? toc_secret_read(t->password_file, password, sizeof(password)) : NULL;
	if (wrong)
		return mistake("notify: --password-file: %s", wrong);
	t->zone = toc_zone_new(&toc_opener_self, t->config->time_zone);
	for (unsigned i = 0; i < t->config->nnotify; i++) {
		struct notify_config *c = &t->telling;
		*c = t->config->notify[i];
		if (t->route && strcmp(c->route, t->route) != 0)
			continue;
		if (!t->route && t->config->nnotify > 1)
			return mistake("notify: %s", "which route? --route; each has a process of its own");
		c->now = now;
		c->due = due;
		c->people = t->config->people;
		c->stopped = stopped;
		c->user = t;
		return work_on(t, t->password_file ? password : NULL);
	}
	return mistake("notify: the configuration's `notify:` has nothing for the route %s",
		       t->route ? t->route : "(none)");
}

int toc_command_notify(int argc, char **argv);
int toc_command_notify(int argc, char **argv)
{
	struct telling t = { 0 };
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &t.config_path, "FILE  tocsin.yml" },
		{ "--config", TOC_OPT_TEXT, &t.config_path, "FILE  the same" },
		{ "--route", TOC_OPT_TEXT, &t.route, "ROUTE  which of the section notify" },
		{ "--redis", TOC_OPT_TEXT, &t.redis, "URL  instead of deliver.redis" },
		{ "--password-file", TOC_OPT_TEXT, &t.password_file, "FILE  log in as notify-ROUTE" },
		{ "--at", TOC_OPT_TEXT, &t.at_text, "TIME  with --once: what would be told at that time" },
		{ "--once", TOC_OPT_FLAG, &t.once, "what is there now, then end" },
		{ "--test", TOC_OPT_FLAG, &t.test, "sends one message that says it is a test" },
		{ "--severity", TOC_OPT_NUMBER, &t.severity, "N  of the test, 1 to 5: goes by the route's own least" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, NULL);
	if (status >= 0)
		return status;
	if (t.at_text && (!t.once || !toc_time_read(t.at_text, &t.at)))
		return mistake("notify: --at goes with --once, and is a time such as 2026-03-02T08:00:00Z%s", "");
	if (t.severity && (!t.test || t.severity < 1 || t.severity > CRITICAL))
		return mistake("notify: --severity goes with --test, and is 1 to 5%s", "");
	sigemptyset(&t.signals);
	sigaddset(&t.signals, SIGTERM);
	sigaddset(&t.signals, SIGINT);
	sigprocmask(SIG_BLOCK, &t.signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	t.config = toc_config_open(t.config_path);
	status = t.config ? run(&t) : TOC_EXIT_USAGE;
	toc_zone_free(t.zone);
	toc_config_free(t.config);
	return status;
}
