/* test - `tocsin test`: the samples that rules and normalisers carry. */
#include <stdio.h>

#include "app/command.h"
#include "app/loading.h"
#include "app/sampler.h"

/* Of one sample; its site, if it names one, replaces the configuration. */
static bool run_sample(struct toc_loading *l, const struct toc_rule_sample *s)
{
	const struct toc_alert_rule *rule = &l->pipeline->generation->rules->alerts[s->rule];
	unsigned before = toc_diag_errors(l->diag);
	struct toc_config *site = s->site ? toc_config_load(s->site, l->data, l->diag) : NULL;
	if (toc_diag_errors(l->diag) > before) {
		toc_config_free(site);
		return false;
	}
	int64_t got = toc_sample_run(site ? site : l->config, l->rules.n ? l->rules.at : NULL, rule->id, s, l->diag);
	toc_config_free(site);
	if (got == s->expect)
		return true;
	if (got < 0)
		toc_diag_add(l->diag, TOC_ERROR, s->at, "%s, sample \"%s\": could not be run", rule->title, s->name);
	else
		toc_diag_add(l->diag, TOC_ERROR, s->at, "%s, sample \"%s\": expected %lld alerts, got %lld",
			     rule->title, s->name, (long long)s->expect, (long long)got);
	return false;
}

/* A rule that alerts and has no sample that fires is not tested. */
static void warn_untested(struct toc_loading *l, const struct toc_rule_sample *samples, unsigned n)
{
	const struct toc_ruleset *set = l->pipeline->generation->rules;
	for (unsigned r = 0; r < set->ndetections + set->ncorrelations; r++) {
		bool fires = !set->alerts[r].alerts, silent = fires;
		for (unsigned i = 0; i < n; i++) {
			fires = fires || (samples[i].rule == r && samples[i].expect > 0);
			silent = silent || (samples[i].rule == r && samples[i].expect == 0);
		}
		if (!fires || !silent)
			toc_diag_add(l->diag, TOC_WARNING, (struct toc_place){ set->alerts[r].path, 0, 0 },
				     "%s: has no sample that %s", set->alerts[r].title,
				     fires ? "must not fire" : "fires");
	}
}

int toc_command_test(int argc, char **argv);
int toc_command_test(int argc, char **argv)
{
	struct toc_loading l = { 0 };
	unsigned passed = 0, failed = 0, n = 0;
	int status = toc_loading_begin(&l, argc, argv, NULL);
	if (status >= 0)
		return status;
	if (!l.pipeline) {
		toc_diag_print(l.diag, stderr);
		toc_loading_end(&l);
		return TOC_EXIT_USAGE;
	}
	toc_normalisers_test(l.pipeline->normalisers, l.diag, &passed, &failed);
	const struct toc_rule_sample *samples = toc_ruleset_samples(l.pipeline->generation->rules, &n);
	for (unsigned i = 0; i < n; i++)
		++*(run_sample(&l, &samples[i]) ? &passed : &failed);
	warn_untested(&l, samples, n);
	toc_diag_print(l.diag, stdout);
	printf("%u passed, %u failed\n", passed, failed);
	toc_loading_end(&l);
	return failed ? TOC_EXIT_FINDINGS : TOC_EXIT_OK;
}
