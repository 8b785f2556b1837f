/* list_format - lines of the files that districts already use, as entries of a list. */
#ifndef RULESET_LIST_FORMAT_H
#define RULESET_LIST_FORMAT_H

#include "tocsin/span.h"

enum list_form {
	LIST_LINES, /* an entry a line, `#` begins a comment (categories of UT1, lists of Tor exits) */
	LIST_HOSTS, /* a hosts file: an address, then names */
	LIST_CSV,   /* RFC 4180 with comments (abuse.ch): the entry is a column */
	LIST_DROP,  /* Spamhaus DROP: a network, `;` begins a comment */
	LIST_TOR    /* Tor's exit-addresses: lines "ExitAddress 192.0.2.1 2026-03-02 08:00:00" */
};

struct list_format {
	enum list_form form;
	unsigned column; /* of CSV, from 1 */
	bool host;	 /* of an entry only the host: without scheme, user, port and path */
};

/* The form of that name; false: there is none. */
bool list_form_named(const char *name, enum list_form *out);

/* Calls take for every entry of one line (without its end). Spans are parts of the line. */
void list_format_line(const struct list_format *f, struct toc_span line,
		      void (*take)(void *self, struct toc_span entry), void *self);

#endif
