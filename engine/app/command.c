/* command - dispatch by table. */
#include "app/command.h"

#include <stdbool.h>
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

/* C has no hyphen in names: redis_setup is `tocsin redis-setup`. */
static bool is_called(const struct toc_command *c, const char *word)
{
	const char *name = c->name;
	while (*name && (*name == '_' ? '-' : *name) == *word) {
		name++;
		word++;
	}
	return !*name && !*word;
}

static void print_usage(FILE *out)
{
	fputs("usage: tocsin COMMAND [ARGUMENT …]\n\n", out);
	for (const struct toc_command *c = commands; c->run; c++) {
		fputs("  tocsin ", out);
		for (const char *l = c->name; *l; l++)
			fputc(*l == '_' ? '-' : *l, out);
		fprintf(out, "%*s %s\n      %s\n", strlen(c->name) < 8 ? 8 - (int)strlen(c->name) : 0, "", c->usage,
			c->what);
	}
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
		if (is_called(c, argv[1]))
			return c->run(argc - 1, argv + 1);
	toc_error("there is no command \"%s\"; `tocsin help` lists them", argv[1]);
	return TOC_EXIT_USAGE;
}
