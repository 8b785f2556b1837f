/* check - `tocsin check`: lint configuration and rules, all mistakes in one run. */
#include <stdio.h>

#include "app/command.h"
#include "app/findings.h"
#include "app/loading.h"

int toc_command_check(int argc, char **argv);
int toc_command_check(int argc, char **argv)
{
	bool json = false, notes = false, values = false;
	const struct toc_option extra[] = {
		{ "--json", TOC_OPT_FLAG, &json, "one object a finding, for editors" },
		{ "--notes", TOC_OPT_FLAG, &notes, "notes too: what is true and may surprise" },
		{ "--values", TOC_OPT_FLAG, &values,
		  "each value of the configuration with the place that it comes from (not with --json)" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL }
	};
	struct toc_loading l = { 0 };
	int status = toc_loading_begin(&l, argc, argv, extra);
	if (status >= 0)
		return status;
	if (!l.documents && l.rules.n && !toc_diag_errors(l.diag))
		toc_diag_add(l.diag, TOC_WARNING, (struct toc_place){ l.rules.at[0], 0, 0 },
			     "there is no rule here: rules are documents in files whose names end in .yml");
	if (values && !json)
		toc_config_values(l.config, stdout);
	unsigned errors = toc_diag_errors(l.diag), warnings = toc_diag_warnings(l.diag);
	if (json)
		toc_findings_json(l.diag, stdout);
	else
		toc_findings_text(l.diag, notes, stdout);
	fprintf(json ? stderr : stdout, "%u rules, %u errors, %u warnings\n", l.documents, errors, warnings);
	toc_loading_end(&l);
	return errors ? TOC_EXIT_FINDINGS : TOC_EXIT_OK;
}
