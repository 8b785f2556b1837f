/* mode - rules in observe mode: they alert nobody, and how high their windows get is kept (correlate/peaks.h). */
#include "ruleset/load.h"

static bool observes(struct load *l, const struct toc_yaml *mode)
{
	static const char *const modes[] = { "alert", "observe", NULL };
	for (unsigned i = 0; toc_yaml_str(mode) && modes[i]; i++)
		if (toc_span_is(mode->text, modes[i]))
			return i > 0;
	const char *near = toc_yaml_str(mode) ? toc_nearest(mode->text, modes) : NULL;
	tell(l, mode, (struct finding){ TOC_ERROR, "mode", near, 0, 0 }, "a rule's mode is alert or observe%s%s%s",
	     near ? " (" : "", near ? near : "", near ? "?)" : "");
	return false;
}

static void observe(const struct toc_ruleset *set, uint32_t number, struct toc_alert_rule *words,
		    struct toc_corr_rule *correlations)
{
	words[number].observed = true;
	words[number].held = words[number].held || words[number].alerts;
	words[number].alerts = false;
	if (number >= set->ndetections)
		correlations[number - set->ndetections].observed = true;
}

void modes_apply(struct load *l, const struct toc_ruleset_config *config, const struct toc_ruleset *set,
		 struct toc_alert_rule *words, struct toc_corr_rule *correlations)
{
	const struct doc *docs = l->docs.at;
	for (unsigned i = 0; i < l->docs.n; i++) {
		const struct toc_yaml *mode = toc_yaml_get(toc_yaml_get(docs[i].root, "tocsin"), "mode");
		if (docs[i].kind != DOC_FILTER && (mode ? observes(l, mode) : config->observe) && !config->trial)
			observe(set, docs[i].number, words, correlations);
	}
	const char *const *names = strings_read(l, config->observed, "rules.observe");
	for (unsigned i = 0; names[i]; i++) {
		const struct doc *rule = docs_find(l, names[i]);
		const char *near = rule ? NULL : docs_nearest(l, names[i], DOC_FILTER);
		if (!rule)
			tell(l, strings_node(config->observed, i),
			     (struct finding){ TOC_ERROR, "unknown-rule", near, 0, 0 }, "there is no rule \"%s\"%s%s%s",
			     names[i], near ? " (" : "", near ? near : "", near ? "?)" : "");
		else if (!config->trial)
			observe(set, rule->number, words, correlations);
	}
}
