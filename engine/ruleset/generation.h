/* generation - what a ruleset keeps behind what its caller sees; private to ruleset/. */
#ifndef RULESET_GENERATION_H
#define RULESET_GENERATION_H

#include "ruleset/load.h"

struct generation {
	struct toc_ruleset set; /* first: what the caller holds */
	struct toc_arena *arena;
	struct toc_matcher *matcher, *filters; /* filters: of correlations */
	struct toc_zone *zone;
	const struct toc_rule_sample *samples;
	unsigned nsamples;
	struct table lists, calendars;
	const struct doc **by_number; /* of rules */
};

#endif
