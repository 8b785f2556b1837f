/* options - the table reader. */
#define _XOPEN_SOURCE 700
#include "app/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/command.h"
#include "base/diag.h"
#include "base/log.h"

enum { MOST_OPTIONS = 32 };

static int help(const char *command, const struct toc_option *options)
{
	printf("usage: tocsin %s [OPTION …] …\n", command);
	for (const struct toc_option *o = options; o->name; o++)
		printf("  %-14s %s\n", o->name, o->what);
	return TOC_EXIT_OK;
}

static int unknown(const char *command, struct toc_span name, const struct toc_option *options)
{
	const char *names[MOST_OPTIONS + 1] = { NULL };
	for (unsigned i = 0; i < MOST_OPTIONS && options[i].name; i++)
		names[i] = options[i].name;
	const char *near = toc_nearest(name, names);
	toc_error("%s: unknown option %.*s%s%s%s; `tocsin %s --help` lists them", command, (int)name.n,
		  (const char *)name.p, near ? " (" : "", near ? near : "", near ? "?)" : "", command);
	return TOC_EXIT_USAGE;
}

static bool add_text(struct toc_texts *texts, const char *text)
{
	if (texts->n == TOC_TEXTS)
		return false;
	texts->at[texts->n++] = text;
	texts->at[texts->n] = NULL;
	return true;
}

/* value: behind "=", or the next argument, or NULL. */
static bool set(const struct toc_option *o, const char *value)
{
	char *end = NULL;
	switch (o->kind) {
	case TOC_OPT_FLAG:
		*(bool *)o->into = true;
		return true;
	case TOC_OPT_TEXT:
	case TOC_OPT_OPTIONAL:
		*(const char **)o->into = value;
		return true;
	case TOC_OPT_LIST:
		return add_text(o->into, value);
	case TOC_OPT_NUMBER:
		*(long *)o->into = strtol(value, &end, 10);
		return *value && !*end && *(long *)o->into >= 1 && *(long *)o->into <= 4096;
	}
	return false;
}

/* Reads the option at argv[*i]; -1 or an exit status. */
static int read_one(const char *command, char **argv, int *i, int argc, const struct toc_option *options)
{
	const char *arg = argv[*i], *equals = strchr(arg, '=');
	struct toc_span name = toc_span_of(arg, equals ? (size_t)(equals - arg) : strlen(arg));
	const struct toc_option *o = options;
	while (o->name && !toc_span_is(name, o->name))
		o++;
	if (!o->name)
		return unknown(command, name, options);
	const char *value = equals ? equals + 1 : NULL;
	if (o->kind == TOC_OPT_FLAG && value) {
		toc_error("%s: %s takes no value", command, o->name);
		return TOC_EXIT_USAGE;
	}
	if (o->kind == TOC_OPT_OPTIONAL && !value)
		value = "";
	if (o->kind != TOC_OPT_FLAG && !value)
		value = *i + 1 < argc ? argv[++*i] : NULL;
	if ((o->kind == TOC_OPT_FLAG || value) && set(o, value))
		return -1;
	toc_error("%s: %s needs %s", command, o->name,
		  o->kind == TOC_OPT_NUMBER ? "a number from 1 to 4096" : "a value");
	return TOC_EXIT_USAGE;
}

int toc_options_read(int argc, char **argv, const struct toc_option *options, struct toc_texts *rest)
{
	bool only_rest = false;
	for (int i = 1; i < argc; i++) {
		if (!only_rest && strcmp(argv[i], "--") == 0) {
			only_rest = true;
			continue;
		}
		if (!only_rest && strcmp(argv[i], "--help") == 0)
			return help(argv[0], options);
		if (!only_rest && argv[i][0] == '-' && argv[i][1]) {
			int status = read_one(argv[0], argv, &i, argc, options);
			if (status >= 0)
				return status;
			continue;
		}
		if (rest && add_text(rest, argv[i]))
			continue;
		toc_error("%s: %s \"%s\"", argv[0], rest ? "too many arguments at" : "unexpected argument", argv[i]);
		return TOC_EXIT_USAGE;
	}
	return -1;
}

/* ".5" and more digits; end: what stands behind. Digits beyond nanoseconds are read and count for nothing. */
static toc_time fraction(const char *text, const char **end)
{
	toc_time ns = 0, unit = TOC_SEC / 10;
	for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10)
		ns += unit * (*text - '0');
	*end = text;
	return ns;
}

/* 64 bits of nanoseconds hold 1678 to 2262; what is added to a time (a day, a term) must fit too. */
static bool held(const struct tm *tm)
{
	return tm->tm_year >= 1700 - 1900 && tm->tm_year < 2200 - 1900;
}

bool toc_time_read(const char *text, toc_time *out)
{
	struct tm tm = { 0 };
	toc_time rest = 0;
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (end && end[0] == '.' && end[1] >= '0' && end[1] <= '9')
		rest = fraction(end, &end);
	if (!end)
		end = strptime(text, "%Y-%m-%d", &tm);
	if (!end || (*end && strcmp(end, "Z") != 0) || !held(&tm))
		return false;
	*out = (toc_time)timegm(&tm) * TOC_SEC + rest;
	return true;
}
