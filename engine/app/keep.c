/* keep - `tocsin keep`: the chores between Redis and the sensor's files, in a process of their own. */
#include "app/keep.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/command.h"
#include "app/options.h"
#include "app/secret.h"
#include "base/log.h"

enum { STEP_SECONDS = 5 };

struct keeping {
	struct keep keep; /* first: what the chores see */
	const char *redis, *password_file;
	bool once, full; /* full: it was said */
	char password[256];
	sigset_t signals;
};

static int mistake(const char *format, const char *what)
{
	toc_error(format, what);
	return TOC_EXIT_USAGE;
}

static bool connect_to(struct keeping *k, char *err, size_t room)
{
	const struct toc_config *c = k->keep.config;
	const struct toc_ask_config ask = { .url = k->redis ? k->redis : c->redis_url,
					    .user = k->password_file ? toc_keeper_uid : NULL,
					    .password = k->password_file ? k->password : NULL,
					    .tls = { c->tls_ca, c->tls_cert, c->tls_key } };
	k->keep.redis = toc_asker_new(&ask, err, room);
	return k->keep.redis != NULL;
}

/* true: it is time to end. */
static bool stopped(struct keeping *k)
{
	const struct timespec pause = { STEP_SECONDS, 0 };
	return sigtimedwait(&k->signals, NULL, &pause) > 0;
}

struct chores {
	struct keep_exempt *exempt; /* NULL: the audit log is not whole, and nothing is decided by it */
	struct keep_hold *hold;
	struct keep_retain *retain;
};

/* What holds want to have is copied before retention takes it. */
static bool step(struct keeping *k, const struct chores *c, char *err, size_t room)
{
	if (cli_board_read(k->keep.board, err, room) < 0)
		return false;
	if (cli_board_full(k->keep.board) && !k->full)
		toc_warn(
			"keep: there are more deeds in Redis than it reads; is a stream flooded, or alerts_days long?");
	k->full = cli_board_full(k->keep.board);
	keep_exempt_step(c->exempt);
	keep_hold_step(c->hold);
	return keep_retain_step(c->retain, err, room);
}

/* As long as the connection lasts. -1: it is lost, err tells; else the exit status. */
static int work(struct keeping *k, char *err, size_t room)
{
	const struct cli_board_config board = { .redis = k->keep.redis,
						.uid = toc_keeper_uid,
						.people = k->keep.config->people,
						.routes = k->keep.routes,
						.deeds_only = true };
	k->keep.board = cli_board_new(&board);
	struct chores c = { keep_exempt_new(&k->keep), keep_hold_new(&k->keep), keep_retain_new(&k->keep) };
	int status = c.exempt ? -1 : TOC_EXIT_FINDINGS;
	while (status < 0 && step(k, &c, err, room))
		if (k->once || stopped(k))
			status = TOC_EXIT_OK;
	keep_exempt_free(c.exempt);
	keep_hold_free(c.hold);
	keep_retain_free(c.retain);
	cli_board_free(k->keep.board);
	return status;
}

static int serve(struct keeping *k)
{
	char err[512], told[512] = "";
	int status;
	do {
		status = connect_to(k, err, sizeof(err)) ? work(k, err, sizeof(err)) : -1;
		toc_asker_free(k->keep.redis);
		k->keep.redis = NULL;
		if (status < 0 && strcmp(err, told) != 0)
			toc_warn("keep: %s", err);
		snprintf(told, sizeof(told), "%s", status < 0 ? err : "");
		if (status < 0 && k->once)
			status = TOC_EXIT_ENVIRONMENT;
	} while (status < 0 && !stopped(k));
	return status < 0 ? TOC_EXIT_OK : status;
}

static int begin(struct keeping *k)
{
	const struct toc_config *c = k->keep.config;
	const char *wrong = k->password_file ? toc_secret_read(toc_secret_path(c->arena, k->password_file), k->password,
							       sizeof(k->password))
					     : NULL;
	if (wrong)
		return mistake("keep: --password-file: %s", wrong);
	if (!c->people || !c->has_site_key)
		return mistake("keep: it needs %s", "deliver.people and sensor.key_file");
	if (!k->redis && !c->redis_url)
		return mistake("keep: which Redis? %s", "--redis URL, or deliver.redis in tocsin.yml");
	toc_config_take_exemptions(k->keep.config, true);
	k->keep.routes = toc_people_routes(c->people, c->arena);
	return serve(k);
}

int toc_command_keep(int argc, char **argv);
int toc_command_keep(int argc, char **argv)
{
	struct keeping k = { 0 };
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &k.keep.config_path, "FILE  tocsin.yml of the sensor" },
		{ "--config", TOC_OPT_TEXT, &k.keep.config_path, "FILE  the same" },
		{ "--redis", TOC_OPT_TEXT, &k.redis, "URL  instead of deliver.redis" },
		{ "--password-file", TOC_OPT_TEXT, &k.password_file, "FILE  log in as keeper" },
		{ "--once", TOC_OPT_FLAG, &k.once, "what there is to do now, then end" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, NULL);
	if (status >= 0)
		return status;
	sigemptyset(&k.signals);
	sigaddset(&k.signals, SIGTERM);
	sigaddset(&k.signals, SIGINT);
	sigprocmask(SIG_BLOCK, &k.signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	k.keep.config = toc_config_open(k.keep.config_path);
	status = k.keep.config ? begin(&k) : TOC_EXIT_USAGE;
	toc_config_free(k.keep.config);
	return status;
}
