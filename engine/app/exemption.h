/*
 * exemption - a file of rules of the sensor's own: one exemption, made of an alert. Rule and key are those of the
 * sensor's journal; who asked for it gives the alert's id, a number of days and a reason.
 */
#ifndef APP_EXEMPTION_H
#define APP_EXEMPTION_H

#include "alert/text.h"
#include "app/config.h"
#include "ruleset/ruleset.h"

enum { TOC_EXEMPTION_DEED = 96, TOC_EXEMPTION_WHAT = 512 };

/* The folder that `rules: paths:` goes on with: state/exemptions. */
void toc_exemption_path(const struct toc_config *config, const char *alert, char *out, size_t room);

/* What the journal knows of an alert. */
struct toc_exempting {
	const struct toc_config *config;
	const char *alert;
	const struct toc_person *person;
	bool any, reads; /* it is one of this sensor's; of this person's routes */
	char rule[160];
	struct text key;   /* {"src_ip":"10.1.2.3", …} as the journal has it, with tokens */
	struct text names; /* {"tok_…":"name", …} of its newest revision; empty: nothing was sealed */
};
struct toc_exempting *toc_exempting_new(const struct toc_config *config, const char *alert,
					const struct toc_person *person);
void toc_exempting_free(struct toc_exempting *x);

struct toc_exemption {
	const char *alert, *deed, *owner, *reason;
	toc_time until;
};

/*
 * Writes the file, whole or not at all. rules: those that run, for the names of the key's fields. what: rule and key,
 * as far as they may be told (tokens). NULL, or why there can be no such exemption.
 */
const char *toc_exemption_write(const struct toc_exempting *x, const struct toc_exemption *e,
				const struct toc_ruleset *rules, char what[TOC_EXEMPTION_WHAT]);

/* What stands in a file that was written so; false: it is none. until: the end of that day. */
struct toc_exemption_file {
	char alert[33], deed[TOC_EXEMPTION_DEED];
	toc_time until;
};
bool toc_exemption_read(const char *path, struct toc_exemption_file *out);

#endif
