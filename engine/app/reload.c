/* reload - `tocsin reload`, `tocsin status`, `tocsin sources`: questions to the running engine, by its control socket.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/command.h"
#include "app/control.h"
#include "app/loading.h"
#include "base/log.h"

int toc_command_reload(int argc, char **argv);
int toc_command_status(int argc, char **argv);
int toc_command_sources(int argc, char **argv);

static int connect_to(const struct toc_config *config)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = toc_control_path(config, at.sun_path) ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	toc_error("%s: %s; is `tocsin run` up, with this configuration's state: folder?", at.sun_path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Prints the answer; its last line decides: "refused: …" is a finding, and so is a status that ends in "ok":false. */
static int print_answer(int fd)
{
	char line[16384], last[16] = "";
	bool well = true;
	FILE *in = fdopen(fd, "r");
	if (!in) {
		close(fd);
		return TOC_EXIT_ENVIRONMENT;
	}
	for (bool whole = true; fgets(line, sizeof(line), in); whole = strchr(line, '\n') != NULL) {
		fputs(line, stdout);
		if (whole) /* a new line, not more of a long one */
			snprintf(last, sizeof(last), "%.9s", line);
		well = !strstr(line, "\"ok\":false}");
	}
	fclose(in);
	if (!last[0]) {
		toc_error("the engine closed the connection without an answer");
		return TOC_EXIT_ENVIRONMENT;
	}
	return strncmp(last, "refused:", 8) == 0 || !well ? TOC_EXIT_FINDINGS : TOC_EXIT_OK;
}

/*
 * A configuration with a mistake is told, and the engine asked all the same: the sensor runs with the one before, and
 * whoever looks wants to know how it is. Only where it lies is taken from here. NULL: the file cannot be read at all.
 */
static struct toc_config *whose_state(const char *path)
{
	char data[1024];
	path = path ? path : "/etc/tocsin/tocsin.yml";
	if (access(path, R_OK) != 0)
		return toc_config_open(path);
	struct toc_diag *diag = toc_diag_new();
	struct toc_config *c = toc_config_load(path, toc_data_folder(data, sizeof(data)), diag);
	toc_diag_print(diag, stderr);
	toc_diag_free(diag);
	return c;
}

int toc_ask_engine(const char *path, const char *request)
{
	const bool changes = strcmp(request, "reload\n") == 0;
	struct toc_config *config = changes ? toc_config_open(path) : whose_state(path);
	int status = TOC_EXIT_USAGE;
	if (config) {
		int fd = connect_to(config);
		bool sent = fd >= 0 && send(fd, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request);
		status = sent ? print_answer(fd) : TOC_EXIT_ENVIRONMENT;
	}
	toc_config_free(config);
	return status;
}

static int ask(int argc, char **argv, const char *request)
{
	const char *path = NULL;
	const struct toc_option options[] = { { "-c", TOC_OPT_TEXT, &path, "FILE  tocsin.yml" },
					      { "--config", TOC_OPT_TEXT, &path, "FILE  the same" },
					      { NULL, TOC_OPT_FLAG, NULL, NULL } };
	int status = toc_options_read(argc, argv, options, NULL);
	return status >= 0 ? status : toc_ask_engine(path, request);
}

int toc_command_reload(int argc, char **argv)
{
	return ask(argc, argv, "reload\n");
}

int toc_command_status(int argc, char **argv)
{
	const char *path = NULL;
	bool rules = false, sources = false;
	const struct toc_option options[] = { { "-c", TOC_OPT_TEXT, &path, "FILE  tocsin.yml" },
					      { "--config", TOC_OPT_TEXT, &path, "FILE  the same" },
					      { "--rules", TOC_OPT_FLAG, &rules,
						"what each rule has seen, told and cost, an object a line" },
					      { "--sources", TOC_OPT_FLAG, &sources,
						"what each source of lines has sent and lost, an object a line" },
					      { NULL, TOC_OPT_FLAG, NULL, NULL } };
	int status = toc_options_read(argc, argv, options, NULL);
	return status >= 0 ? status
			   : toc_ask_engine(path, rules	    ? "rules json\n"
						  : sources ? "sources json\n"
							    : "status\n");
}

int toc_command_sources(int argc, char **argv)
{
	const char *path = NULL;
	bool json = false;
	const struct toc_option options[] = { { "-c", TOC_OPT_TEXT, &path, "FILE  tocsin.yml" },
					      { "--config", TOC_OPT_TEXT, &path, "FILE  the same" },
					      { "--json", TOC_OPT_FLAG, &json, "an object a line" },
					      { NULL, TOC_OPT_FLAG, NULL, NULL } };
	int status = toc_options_read(argc, argv, options, NULL);
	return status >= 0 ? status : toc_ask_engine(path, json ? "sources json\n" : "sources\n");
}
