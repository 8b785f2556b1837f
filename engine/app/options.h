/* options - command lines read by a table: every option of a sub-command is one row. */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include <stdbool.h>

#include "tocsin/time.h"

enum toc_option_kind {
	TOC_OPT_FLAG,	  /* bool * */
	TOC_OPT_TEXT,	  /* const char ** */
	TOC_OPT_OPTIONAL, /* --name or --name=TEXT: const char ** ("" without text) */
	TOC_OPT_LIST,	  /* repeatable: struct toc_texts * */
	TOC_OPT_NUMBER	  /* long *: 1 … 4096 */
};

enum { TOC_TEXTS = 64 };
struct toc_texts {
	const char *at[TOC_TEXTS + 1]; /* NULL-terminated */
	unsigned n;
};

struct toc_option {
	const char *name; /* "--rules" */
	enum toc_option_kind kind;
	void *into;
	const char *what; /* for --help: "PATH  rules file or folder (repeatable)" */
};

/*
 * Reads argv[1 …]; what is no option goes to `rest` (NULL: none allowed). "--" ends options, "-" is no option. Returns
 * -1 to go on, else the exit status (after --help, or a message with the nearest valid option). options end with a NULL
 * name.
 */
int toc_options_read(int argc, char **argv, const struct toc_option *options, struct toc_texts *rest);

/* "2026-03-02T08:00:00Z", with a fraction as alerts print it, or a date: UTC. */
bool toc_time_read(const char *text, toc_time *out);

#endif
