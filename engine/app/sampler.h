/* sampler - one sample of a rule through a pipeline of its own: how many alerts of the rule open. */
#ifndef APP_SAMPLER_H
#define APP_SAMPLER_H

#include "app/pipeline.h"
#include "ruleset/sample.h"

struct toc_sampler;

/*
 * A pipeline for samples, loaded once: each sample runs in a child process, which has it as it was loaded. NULL: the
 * configuration or the rules (rule_paths: instead of the configured ones) are wrong; diag tells. Owned by the caller.
 */
struct toc_sampler *toc_sampler_new(const struct toc_config *config, const char *const *rule_paths,
				    struct toc_diag *diag);
void toc_sampler_free(struct toc_sampler *s);

/* How many alerts of the rule open, and the severity of the gravest (0: none). -1: it could not be run; diag tells.
 * While no other thread of the process runs. */
int64_t toc_sampler_run(struct toc_sampler *s, const char *rule_id, const struct toc_rule_sample *sample,
			unsigned *gravest, struct toc_diag *diag);

#endif
