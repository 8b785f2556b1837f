/* sample - the samples that rules carry (tocsin.samples): data for `tocsin test`. */
#ifndef RULESET_SAMPLE_H
#define RULESET_SAMPLE_H

#include "base/yaml.h"
#include "ruleset/ruleset.h"

/* Exactly one of events, log and capture is set. */
struct toc_rule_sample {
	uint32_t rule; /* number */
	const char *name;
	int64_t expect; /* alerts of the rule that open */
	unsigned level; /* severity that the gravest of them comes to; 0: any */
	struct toc_place at;
	const struct toc_yaml *events; /* list of maps: event, ts, fields; they enter after identity */
	const char *const *log;	       /* lines, from the start of the path */
	const char *capture, *site;    /* paths; site: a tocsin.yml for the sample */
};

/* Lives as long as the ruleset. */
const struct toc_rule_sample *toc_ruleset_samples(const struct toc_ruleset *r, unsigned *n);

#endif
