/* command - the table of sub-commands; one file each. */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H

/* Exit status of every sub-command (design.md section 4). */
enum { TOC_EXIT_OK, TOC_EXIT_FINDINGS, TOC_EXIT_USAGE, TOC_EXIT_ENVIRONMENT };

struct toc_command {
	const char *name, *usage, *what;   /* usage without the program's name */
	int (*run)(int argc, char **argv); /* argv[0] is the sub-command */
};

/* Finds and runs the sub-command; prints the list when there is none. Returns the exit status. */
int toc_command_dispatch(int argc, char **argv);

#endif
