/* top - `tocsin top`: the funnel of the running engine, and before it what the network cards count of themselves. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/card.h"
#include "app/command.h"
#include "app/control.h"
#include "app/loading.h"

int toc_command_top(int argc, char **argv);

static const char FUNNEL[] = "funnel\n";

/* The engine can open no file, so the one who asks looks. */
static void print_card(const char *interface)
{
	static const char *const losses[] = { "rx_dropped",    "rx_missed_errors", "rx_fifo_errors",  "rx_over_errors",
					      "rx_crc_errors", "rx_length_errors", "rx_frame_errors", "rx_nohandler" };
	int64_t packets = toc_card_count(interface, "rx_packets"), bytes = toc_card_count(interface, "rx_bytes");
	if (packets < 0) {
		printf("card %s: not there\n", interface);
		return;
	}
	printf("card %s: %" PRId64 " frames, %" PRId64 " bytes since it came up", interface, packets, bytes);
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		int64_t n = toc_card_count(interface, losses[i]);
		if (n > 0)
			printf(", %s %" PRId64, losses[i], n);
	}
	putchar('\n');
}

static int show(const char *path, const struct toc_config *config, const char *request)
{
	for (unsigned i = 0; strcmp(request, FUNNEL) == 0 && i < config->ninterfaces; i++)
		print_card(config->interfaces[i].name);
	fflush(stdout);
	int status = toc_ask_engine(path, request);
	fflush(stdout);
	return status;
}

int toc_command_top(int argc, char **argv)
{
	const char *path = NULL;
	bool once = false, rules = false, sources = false;
	char data[1024];
	const struct toc_option options[] = { { "-c", TOC_OPT_TEXT, &path, "FILE  tocsin.yml" },
					      { "--config", TOC_OPT_TEXT, &path, "FILE  the same" },
					      { "--once", TOC_OPT_FLAG, &once, "prints it once and ends" },
					      { "--rules", TOC_OPT_FLAG, &rules, "the forty rules that cost most" },
					      { "--sources", TOC_OPT_FLAG, &sources, "who sends log lines" },
					      { NULL, TOC_OPT_FLAG, NULL, NULL } };
	int status = toc_options_read(argc, argv, options, NULL);
	if (status >= 0)
		return status;
	path = path ? path : "/etc/tocsin/tocsin.yml";
	struct toc_diag *diag = toc_diag_new();
	struct toc_config *config = toc_config_load(path, toc_data_folder(data, sizeof(data)), diag);
	do {
		if (!once)
			fputs("\033[H\033[2J", stdout); /* home, clear */
		status = show(path, config, rules ? "rules\n" : sources ? "sources\n" : FUNNEL);
	} while (!once && status == TOC_EXIT_OK && sleep(1) == 0);
	toc_config_free(config);
	toc_diag_free(diag);
	return status;
}
