/* show - the compiled form of a rule, for people and for programs. */
#ifndef RULESET_SHOW_H
#define RULESET_SHOW_H

#include <stdio.h>

#include "ruleset/ruleset.h"

/* Has the rule this id or name? */
bool toc_ruleset_is(const struct toc_ruleset *r, unsigned rule, const char *name);

/* What `tocsin rules` says of one rule: id, name, title, kind, level, place, logsource; with `tree` the compiled
 * condition too. One line of JSON. */
void toc_ruleset_json(const struct toc_ruleset *r, unsigned rule, bool tree, FILE *out);

/* The same for people, indented. */
void toc_ruleset_text(const struct toc_ruleset *r, unsigned rule, FILE *out);

/* An exemption, by its place among the filters: title, owner, reason, end; other filters: nothing. */
void toc_ruleset_exemption(const struct toc_ruleset *r, unsigned filter, bool json, FILE *out);

/* A text as a JSON string; bytes that are no UTF-8 become the code points of the same number. */
void toc_show_string(struct toc_span text, FILE *out);

#endif
