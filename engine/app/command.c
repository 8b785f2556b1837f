/* command - dispatch by table. */
#include "app/command.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

#define COMMAND(name, usage, what) int toc_command_##name(int argc, char **argv);
#include "app/commands.def"
#undef COMMAND

static const struct toc_command commands[] = {
#define COMMAND(name, usage, what) { #name, usage, what, toc_command_##name },
#include "app/commands.def"
#undef COMMAND
	{ "", "", "", NULL }
};

static void print_usage(FILE *out)
{
	fputs("usage: tocsin COMMAND [ARGUMENT …]\n\n", out);
	for (const struct toc_command *c = commands; c->run; c++)
		fprintf(out, "  tocsin %-8s %s\n      %s\n", c->name, c->usage, c->what);
	fputs("\nExit status: 0 fine, 1 findings or failed tests, 2 usage or configuration, 3 environment.\n", out);
}

int toc_command_dispatch(int argc, char **argv)
{
	if (argc < 2) {
		print_usage(stderr);
		return TOC_EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		print_usage(stdout);
		return TOC_EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("tocsin " TOC_VERSION);
		return TOC_EXIT_OK;
	}
	for (const struct toc_command *c = commands; c->run; c++)
		if (strcmp(argv[1], c->name) == 0)
			return c->run(argc - 1, argv + 1);
	toc_error("there is no command \"%s\"; `tocsin help` lists them", argv[1]);
	return TOC_EXIT_USAGE;
}
