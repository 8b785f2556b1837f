/* lint - what the files of lints share. */
#ifndef RULESET_LINT_H
#define RULESET_LINT_H

#include "ruleset/load.h"

void lint_note(struct load *l, const struct toc_yaml *at, const char *code, const char *what);
void lint_warn(struct load *l, const struct toc_yaml *at, const char *code, const char *what);

#endif
