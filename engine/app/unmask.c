/* unmask - `tocsin unmask request|approve|show|serve`: asks the unmasker, or is it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/command.h"
#include "app/options.h"
#include "app/unmasker.h"
#include "base/log.h"

/* Prints the answer; "refused: …" and "waiting: …" are findings: nothing was shown. */
static int print_answer(FILE *in)
{
	char line[4096];
	int status = TOC_EXIT_ENVIRONMENT;
	while (fgets(line, sizeof(line), in)) {
		bool no = strncmp(line, "refused:", 8) == 0 || strncmp(line, "waiting:", 8) == 0;
		status = status == TOC_EXIT_ENVIRONMENT ? (no ? TOC_EXIT_FINDINGS : TOC_EXIT_OK) : status;
		fputs(line, stdout);
	}
	if (status == TOC_EXIT_ENVIRONMENT)
		toc_error("unmask: the unmasker gave no answer");
	return status;
}

static int ask(const struct toc_config *config, const char *word, const char *what, const char *reason)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = toc_unmask_path(config, at.sun_path) ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0) {
		toc_error("%s: %s; is `tocsin unmask serve` up?", at.sun_path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return TOC_EXIT_ENVIRONMENT;
	}
	FILE *f = fdopen(fd, "r+");
	if (!f) {
		close(fd);
		return TOC_EXIT_ENVIRONMENT;
	}
	fprintf(f, "%s %s %.*s\n", word, what, (int)strcspn(reason, "\n"), reason);
	fflush(f);
	int status = print_answer(f);
	fclose(f);
	return status;
}

int toc_command_unmask(int argc, char **argv);
int toc_command_unmask(int argc, char **argv)
{
	const char *path = NULL, *reason = "";
	char data[1024];
	struct toc_texts words = { 0 };
	sigset_t signals;
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &path, "FILE  tocsin.yml" },
		{ "--config", TOC_OPT_TEXT, &path, "FILE  the same" },
		{ "--reason", TOC_OPT_TEXT, &reason, "TEXT  of request: why; it is kept" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, &words);
	if (status >= 0)
		return status;
	const char *word = words.n ? words.at[0] : "";
	bool serve = words.n == 1 && strcmp(word, "serve") == 0;
	bool asks = words.n == 2 &&
		    (strcmp(word, "request") == 0 || strcmp(word, "approve") == 0 || strcmp(word, "show") == 0);
	if (!serve && !asks) {
		toc_error("unmask: request ALERT --reason TEXT, approve REQUEST, show REQUEST, or serve");
		return TOC_EXIT_USAGE;
	}
	struct toc_diag *diag = toc_diag_new();
	struct toc_config *config =
		toc_config_load(path ? path : "/etc/tocsin/tocsin.yml", toc_data_folder(data, sizeof(data)), diag);
	if (serve)
		toc_diag_print(diag, stderr); /* those who ask need not be able to read its keys */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	if (serve)
		sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (serve)
		status = toc_diag_errors(diag) ? TOC_EXIT_USAGE : toc_unmasker_serve(config, &signals);
	else
		status = ask(config, word, words.at[1], reason);
	toc_config_free(config);
	toc_diag_free(diag);
	return status;
}
