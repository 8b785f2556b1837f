/* sampler - one sample of a rule through a pipeline of its own: how many alerts of the rule open. */
#ifndef APP_SAMPLER_H
#define APP_SAMPLER_H

#include "app/pipeline.h"
#include "ruleset/sample.h"

/* Runs the sample with the rules of the configuration (or rule_paths). -1: it could not be run; diag tells. */
int64_t toc_sample_run(const struct toc_config *config, const char *const *rule_paths, const char *rule_id,
		       const struct toc_rule_sample *sample, struct toc_diag *diag);

#endif
