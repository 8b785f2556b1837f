/* test - `tocsin test`: the samples that rules and normalisers carry. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/findings.h"
#include "app/loading.h"
#include "app/sampler.h"
#include "ruleset/show.h"

/* A relative path of a sample begins where its rule lies, if there is such a file, else in the working directory. */
static const char *resolved(struct toc_loading *l, const struct toc_rule_sample *s, const char *path)
{
	const char *slash = strrchr(s->at.file, '/');
	if (!path || path[0] == '/' || !slash)
		return path;
	const char *beside = toc_arena_printf(l->config->arena, "%.*s/%s", (int)(slash - s->at.file), s->at.file, path);
	return access(beside, R_OK) == 0 ? beside : path;
}

/* A sampler for a sample's site, or for the configuration: of the last site it is kept. */
struct sites {
	struct toc_sampler *usual, *last;
	struct toc_config *config; /* of last */
	const char *name;
};

static void forget_site(struct sites *x)
{
	toc_sampler_free(x->last);
	toc_config_free(x->config);
	x->last = NULL;
	x->config = NULL;
	x->name = NULL;
}

static struct toc_sampler *sampler_for(struct toc_loading *l, struct sites *x, const char *site)
{
	const char *const *rules = l->rules.n ? l->rules.at : NULL;
	unsigned before = toc_diag_errors(l->diag);
	struct toc_diag *quiet = toc_diag_new(); /* the rules' own mistakes were told when they were loaded first */
	if (!site && !x->usual)
		x->usual = toc_sampler_new(l->config, rules, quiet);
	if (site && (!x->name || strcmp(x->name, site) != 0)) {
		forget_site(x);
		x->name = site;
		x->config = toc_config_load(site, l->data, l->diag);
		toc_config_add_pipelines(x->config, l->pipelines.at);
		if (toc_diag_errors(l->diag) == before)
			x->last = toc_sampler_new(x->config, rules, quiet);
	}
	toc_diag_free(quiet);
	return site ? x->last : x->usual;
}

/* Alerts of one sample, or -1; its site, if it names one, replaces the configuration. */
static int64_t count_alerts(struct toc_loading *l, struct sites *x, const struct toc_rule_sample *sample,
			    unsigned *gravest)
{
	const struct toc_alert_rule *rule = &l->pipeline->generation->rules->alerts[sample->rule];
	struct toc_rule_sample s = *sample;
	s.site = resolved(l, sample, sample->site);
	s.capture = resolved(l, sample, sample->capture);
	struct toc_sampler *sampler = sampler_for(l, x, s.site);
	return sampler ? toc_sampler_run(sampler, rule->id, &s, gravest, l->diag) : -1;
}

static const char *const levels[] = { "none", "informational", "low", "medium", "high", "critical" };

static void print_json(const struct toc_rule_sample *s, const char *rule, int64_t got, unsigned gravest, bool passed)
{
	fputs("{\"file\":", stdout);
	toc_show_string(toc_span_str(s->at.file), stdout);
	printf(",\"line\":%u,\"rule\":", s->at.line);
	toc_show_string(toc_span_str(rule), stdout);
	fputs(",\"sample\":", stdout);
	toc_show_string(toc_span_str(s->name), stdout);
	printf(",\"expected\":%lld,\"got\":", (long long)s->expect);
	printf(got < 0 ? "null" : "%lld", (long long)got);
	printf(",\"level\":\"%s\",\"passed\":%s}\n", levels[gravest], passed ? "true" : "false");
}

static bool run_sample(struct toc_loading *l, struct sites *x, const struct toc_rule_sample *s, bool json)
{
	const struct toc_alert_rule *rule = &l->pipeline->generation->rules->alerts[s->rule];
	unsigned gravest = 0;
	int64_t got = count_alerts(l, x, s, &gravest);
	const bool level = !s->level || got <= 0 || s->level == gravest, passed = got == s->expect && level;
	if (json)
		print_json(s, rule->id, got, gravest, passed);
	if (got < 0)
		toc_diag_add(l->diag, TOC_ERROR, s->at, "%s, sample \"%s\": could not be run", rule->title, s->name);
	else if (got != s->expect)
		toc_diag_add(l->diag, TOC_ERROR, s->at, "%s, sample \"%s\": expected %lld alerts, got %lld",
			     rule->title, s->name, (long long)s->expect, (long long)got);
	else if (!level)
		toc_diag_add(l->diag, TOC_ERROR, s->at, "%s, sample \"%s\": expected level %s, got %s", rule->title,
			     s->name, levels[s->level], levels[gravest]);
	return passed;
}

/* A rule that alerts and has no sample that fires is not tested. */
static void warn_untested(struct toc_loading *l, const struct toc_rule_sample *samples, unsigned n)
{
	enum { FIRES = 1, SILENT = 2 };
	const struct toc_ruleset *set = l->pipeline->generation->rules;
	unsigned rules = set->ndetections + set->ncorrelations;
	uint8_t *has = calloc(rules + 1, 1);
	if (!has)
		abort(); /* a command's memory */
	for (unsigned i = 0; i < n; i++)
		has[samples[i].rule] |= samples[i].expect > 0 ? FIRES : SILENT;
	for (unsigned r = 0; r < rules; r++)
		if ((set->alerts[r].alerts || set->alerts[r].observed) && has[r] != (FIRES | SILENT))
			toc_diag_add(l->diag, TOC_WARNING, (struct toc_place){ set->alerts[r].path, 0, 0 },
				     "%s: has no sample that %s", set->alerts[r].title,
				     has[r] & FIRES ? "must not fire" : "fires");
	free(has);
}

int toc_command_test(int argc, char **argv);
int toc_command_test(int argc, char **argv)
{
	bool json = false;
	const struct toc_option extra[] = { { "--json", TOC_OPT_FLAG, &json,
					      "one object a sample, then one a finding" },
					    { NULL, TOC_OPT_FLAG, NULL, NULL } };
	struct toc_loading l = { 0 };
	struct sites sites = { 0 };
	unsigned passed = 0, failed = 0, dormant = 0, n = 0;
	int status = toc_loading_begin(&l, argc, argv, extra);
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
		if (l.pipeline->generation->rules->alerts[samples[i].rule].sleeps)
			dormant++; /* its events are of no kind that exists: there is nothing to run */
		else
			++*(run_sample(&l, &sites, &samples[i], json) ? &passed : &failed);
	forget_site(&sites);
	toc_sampler_free(sites.usual);
	warn_untested(&l, samples, n);
	if (json)
		toc_findings_json(l.diag, stdout);
	else
		toc_diag_print(l.diag, stdout);
	if (dormant)
		fprintf(json ? stderr : stdout, "%u of dormant rules, not run\n", dormant);
	fprintf(json ? stderr : stdout, "%u passed, %u failed\n", passed, failed);
	toc_loading_end(&l);
	return failed ? TOC_EXIT_FINDINGS : TOC_EXIT_OK;
}
