/* rules - `tocsin rules`: the rules that are loaded, and what they were compiled to. */
#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/loading.h"
#include "base/log.h"
#include "ruleset/show.h"

/* list | show ID | show --tree, each with --json. */
struct request {
	bool json, tree, show;
	const char *id; /* NULL = all */
};

/* The words in front of the paths; what they are is taken away from argv. */
static void take_words(struct request *r, int *argc, char **argv)
{
	int at = 1;
	while (at < *argc && argv[at][0] == '-' && strcmp(argv[at], "-c") != 0 && strcmp(argv[at], "--config") != 0 &&
	       strcmp(argv[at], "--pipeline") != 0)
		at++;
	int words = 0;
	if (at < *argc && strcmp(argv[at], "list") == 0)
		words = 1;
	if (at < *argc && strcmp(argv[at], "show") == 0) {
		r->show = true;
		words = at + 1 < *argc && argv[at + 1][0] != '-' ? 2 : 1;
		r->id = words == 2 ? argv[at + 1] : NULL;
	}
	memmove(argv + at, argv + at + words, (size_t)(*argc - at - words) * sizeof(*argv));
	*argc -= words;
}

static void print_short(const struct toc_ruleset *set, unsigned i)
{
	static const char *const levels[] = { "?", "informational", "low", "medium", "high", "critical" };
	const struct toc_alert_rule *r = &set->alerts[i];
	printf("%-13s %-11s %s%s\n%26s%s  %s\n", levels[r->severity],
	       i < set->ndetections ? "detection" : "correlation", r->title, r->observed ? " (observes)" : "", "",
	       r->id, r->path);
}

static int print_rules(const struct request *r, const struct toc_ruleset *set)
{
	unsigned found = 0;
	for (unsigned i = 0; i < set->ndetections + set->ncorrelations; i++) {
		if (r->id && !toc_ruleset_is(set, i, r->id))
			continue;
		found++;
		if (r->json)
			toc_ruleset_json(set, i, r->tree || r->show, stdout);
		else if (r->show || r->tree)
			toc_ruleset_text(set, i, stdout);
		else
			print_short(set, i);
	}
	for (unsigned i = 0; !r->id && i < set->nfilters; i++)
		toc_ruleset_exemption(set, i, r->json, stdout);
	if (found || !r->id)
		return TOC_EXIT_OK;
	toc_error("rules: there is no rule with the id or name \"%s\"", r->id);
	return TOC_EXIT_FINDINGS;
}

int toc_command_rules(int argc, char **argv);
int toc_command_rules(int argc, char **argv)
{
	struct request r = { 0 };
	const struct toc_option extra[] = { { "--json", TOC_OPT_FLAG, &r.json, "one object a rule" },
					    { "--tree", TOC_OPT_FLAG, &r.tree, "with the compiled condition" },
					    { NULL, TOC_OPT_FLAG, NULL, NULL } };
	struct toc_loading l = { 0 };
	take_words(&r, &argc, argv);
	int status = toc_loading_begin(&l, argc, argv, extra);
	if (status >= 0)
		return status;
	status = TOC_EXIT_USAGE;
	if (l.pipeline)
		status = print_rules(&r, l.pipeline->generation->rules);
	else
		toc_diag_print(l.diag, stderr);
	toc_loading_end(&l);
	return status;
}
