/* pipeline - one transformation of a pySigma processing pipeline, as read; private to ruleset/. */
#ifndef RULESET_PIPELINE_H
#define RULESET_PIPELINE_H

#include "base/yaml.h"

enum step_kind { STEP_MAPPING, STEP_PREFIX, STEP_LOGSOURCE, STEP_CONDITION, STEP_PLACEHOLDERS, STEP_DROP };

/* What must hold before a step is taken: its conditions, and how they are joined. */
struct step_conditions {
	const struct toc_yaml *list; /* NULL = none */
	bool any, negated;
};

struct pipeline_step {
	enum step_kind kind;
	const struct toc_yaml *at; /* its map */
	const char *id;
	int64_t priority;
	unsigned order;
	struct step_conditions rule, item, field;
};

/* A placeholder's values, from `vars`. */
struct expansion {
	const char *name;
	const struct toc_yaml *values;
};

/* The pattern of match_string: plain text, `.*` or `^` in front of it and `.*` or `$` behind it; begins at the value's
 * start as Python's re.match does. false: it is another expression. */
bool pipeline_pattern(const struct toc_yaml *node, struct toc_span *plain, bool *front, bool *back);

#endif
