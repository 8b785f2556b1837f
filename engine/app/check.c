/* check - `tocsin check`: lint configuration and rules, all mistakes in one run. */
#include <stdio.h>

#include "app/command.h"
#include "app/loading.h"

int toc_command_check(int argc, char **argv);
int toc_command_check(int argc, char **argv)
{
	struct toc_loading l = { 0 };
	int status = toc_loading_begin(&l, argc, argv, NULL);
	if (status >= 0)
		return status;
	toc_diag_print(l.diag, stdout);
	unsigned errors = toc_diag_errors(l.diag), warnings = toc_diag_warnings(l.diag);
	printf("%u rules, %u errors, %u warnings\n", l.documents, errors, warnings);
	toc_loading_end(&l);
	return errors ? TOC_EXIT_FINDINGS : TOC_EXIT_OK;
}
