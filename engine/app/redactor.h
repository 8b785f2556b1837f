/* redactor - a document written again without what its reader may not see: words wherever they stand, and whole
 * members.
 */
#ifndef APP_REDACTOR_H
#define APP_REDACTOR_H

#include "alert/people.h"
#include "alert/text.h"
#include "cli/tree.h"

struct redactor_word {
	struct toc_span what; /* matched in either case; of fewer than four letters only as a whole word */
	const char *with;     /* lives as long as the redactor is used */
};

enum { REDACTOR_WORDS = 4096 };

struct redactor {
	unsigned n;
	struct redactor_word word[REDACTOR_WORDS];
	const char *persons, *devices; /* for tokens of which nothing is known (tok_…, dev_…); NULL = they stay */
	/* For what no list knows, in free text (log lines, notes): mail, IP and hardware addresses; NULL = they stay.
	 */
	const char *mails, *addresses, *macs;
	/* What stands for the member of that name below `path` ("unmapped.tocsin"); NULL = itself. May be NULL. */
	const char *(*member)(void *user, const char *path, struct toc_span name);
	void *user;
};

/* The first that says something of a word is right. false: there are too many, and the document must not be shown. */
bool redactor_word(struct redactor *r, struct toc_span what, const char *with);

/* A responder: uid, accounts, name, mail. */
bool redactor_person(struct redactor *r, const struct toc_person *person, const char *with);

/* Is this a token (alert/mask.h) of that class, 't' or 'd'? Its length, or 0. */
size_t redactor_token(struct toc_span at, char class);

/* redactor_free.c. What is to be replaced at in[i] though no word says so: its length, or 0. */
size_t redactor_free(const struct redactor *r, struct toc_span in, size_t i, const char **with);

void redactor_text(const struct redactor *r, struct toc_span in, struct text *out);

/* JSON, as compact as it was. */
void redactor_json(const struct redactor *r, const struct cli_node *node, struct text *out);

#endif
