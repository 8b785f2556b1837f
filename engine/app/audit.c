/* audit - `tocsin audit verify|who`: is the log of who looked at what whole, and who looked. */
#include <stdio.h>
#include <string.h>

#include "app/audit_log.h"
#include "app/command.h"
#include "app/options.h"
#include "base/log.h"

struct asking {
	const char *config_path, *head;
	struct toc_texts words;
	const char *what;
	unsigned long found, records;
	bool head_found;
};

/* A record that names the token or the alert, or is the one whose hash was written down elsewhere. */
static void look(void *user, const char *line)
{
	struct asking *a = user;
	a->records++;
	if (a->what && strstr(line, a->what)) {
		a->found++;
		puts(line);
	}
	a->head_found = a->head_found || (a->head && strstr(line, a->head));
}

static int answer(struct asking *a, const char *path)
{
	char head[TOC_AUDIT_HASH], err[1400];
	const bool who = a->words.n && strcmp(a->words.at[0], "who") == 0;
	a->what = who ? a->words.at[1] : NULL;
	long n = toc_audit_read(path, look, a, head, err, sizeof(err));
	if (n < 0) {
		toc_error("audit: %s", err);
		return TOC_EXIT_FINDINGS;
	}
	if (a->head && !a->head_found) {
		toc_error("audit: %s: no record has the hash %s: the log was cut off or made anew", path, a->head);
		return TOC_EXIT_FINDINGS;
	}
	if (who)
		return a->found ? TOC_EXIT_OK : TOC_EXIT_FINDINGS;
	printf("%s: %lu records, the chain is whole; the last has %s\n", path, a->records, head);
	if (n > (long)a->records)
		printf("the %ld before them were removed by retention, as the log says\n", n - (long)a->records);
	return TOC_EXIT_OK;
}

int toc_command_audit(int argc, char **argv);
int toc_command_audit(int argc, char **argv)
{
	struct asking a = { 0 };
	char path[1200];
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &a.config_path, "FILE  tocsin.yml" },
		{ "--config", TOC_OPT_TEXT, &a.config_path, "FILE  the same" },
		{ "--head", TOC_OPT_TEXT, &a.head, "HASH  of the mirror's last record: it must be in the log" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, &a.words);
	if (status >= 0)
		return status;
	bool verify = a.words.n == 1 && strcmp(a.words.at[0], "verify") == 0;
	bool who = a.words.n == 2 && strcmp(a.words.at[0], "who") == 0 && strlen(a.words.at[1]) >= 8;
	if (!verify && !who) {
		toc_error("audit: `audit verify`, or `audit who TOKEN` (or an alert's id, 8 characters at least)");
		return TOC_EXIT_USAGE;
	}
	struct toc_config *config = toc_config_open(a.config_path);
	if (!config)
		return TOC_EXIT_USAGE;
	toc_audit_path(config, path, sizeof(path));
	status = answer(&a, path);
	toc_config_free(config);
	return status;
}
