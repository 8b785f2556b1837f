/* fields - `tocsin fields` and `lists`: what exists, for authors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "app/loading.h"
#include "base/log.h"

int toc_command_fields(int argc, char **argv);
int toc_command_lists(int argc, char **argv);

/* Loads; when that fails the mistakes are printed and the status is set. */
static bool load(struct toc_loading *l, int argc, char **argv, const struct toc_option *extra, int *status)
{
	*status = toc_loading_begin(l, argc, argv, extra);
	if (*status >= 0)
		return false;
	*status = l->pipeline ? TOC_EXIT_OK : TOC_EXIT_USAGE;
	if (!l->pipeline)
		toc_diag_print(l->diag, stderr);
	return l->pipeline != NULL;
}

static bool is_kind(const struct toc_pipeline *p, const char *name)
{
	const struct toc_dictionary *d = p->dictionary;
	if (toc_dictionary_kind(d, toc_intern_find(p->names, toc_span_str(name))))
		return true;
	const char **kinds = toc_dictionary_kinds(d), *near = toc_nearest(toc_span_str(name), kinds);
	toc_error("fields: there is no event kind \"%s\"%s%s%s", name, near ? " (" : "", near ? near : "",
		  near ? "?)" : "");
	free(kinds);
	return false;
}

int toc_command_fields(int argc, char **argv)
{
	bool markdown = false, yaml = false;
	const struct toc_option extra[] = { { "--markdown", TOC_OPT_FLAG, &markdown, "as docs/fields.md" },
					    { "--yaml", TOC_OPT_FLAG, &yaml, "as docs/events.yml" },
					    { NULL, TOC_OPT_FLAG, NULL, NULL } };
	struct toc_loading l = { 0 };
	int status;
	/* the argument is a kind here, not a rule */
	const char *kind = argc > 1 && argv[argc - 1][0] != '-' ? argv[argc - 1] : NULL;
	if (!load(&l, argc - (kind != NULL), argv, extra, &status)) {
		toc_loading_end(&l);
		return status;
	}
	if (markdown)
		toc_dictionary_markdown(l.pipeline->dictionary, stdout);
	else if (yaml)
		toc_dictionary_yaml(l.pipeline->dictionary, stdout);
	else if (!kind || is_kind(l.pipeline, kind))
		toc_dictionary_table(l.pipeline->dictionary, kind, stdout);
	else
		status = TOC_EXIT_USAGE;
	toc_loading_end(&l);
	return status;
}

int toc_command_lists(int argc, char **argv)
{
	struct toc_loading l = { 0 };
	struct toc_list_info info;
	int status;
	if (load(&l, argc, argv, NULL, &status))
		for (unsigned i = 0; toc_ruleset_list(l.pipeline->generation->rules, i, &info); i++)
			printf("%-28s %-14s %6zu entries  %s:%u%s%s\n", info.name, info.type, info.entries,
			       info.at.file, info.at.line, info.owner ? "  owner " : "", info.owner ? info.owner : "");
	toc_loading_end(&l);
	return status;
}
