/* loading - configuration and rules for the commands that run nothing. */
#include "app/loading.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "app/command.h"
#include "app/state.h"
#include "deliver/file.h"

enum { OPTIONS = 16 };

bool toc_config_sound(const struct toc_config *config, const struct toc_pipeline_options *options,
		      struct toc_diag *diag)
{
	uint64_t unseen = 0;
	if (toc_diag_errors(diag) == 0)
		return true;
	toc_pipeline_free(toc_pipeline_new(config, options, &toc_outlet_null, &unseen, diag));
	return false;
}

const char *toc_cache_folder(const char *asked, const char *state, char *out, size_t n)
{
	const char *xdg = getenv("XDG_CACHE_HOME");
	int length = 0;
	if (asked)
		length = snprintf(out, n, "%s", asked);
	else if (state)
		length = snprintf(out, n, "%s/cache", state);
	else if (xdg && xdg[0] == '/')
		length = snprintf(out, n, "%s/tocsin", xdg);
	if (length <= 0 || (size_t)length >= n)
		return NULL;
	mkdir(out, 0700); /* where that cannot be, nothing is kept and nothing is lost */
	return out;
}

int toc_loading_begin(struct toc_loading *l, int argc, char **argv, const struct toc_option *extra)
{
	struct toc_option options[OPTIONS] = { { "-c", TOC_OPT_TEXT, &l->config_path, "FILE  tocsin.yml" },
					       { "--config", TOC_OPT_TEXT, &l->config_path, "FILE  the same" },
					       { "--pipeline", TOC_OPT_LIST, &l->pipelines,
						 "FILE  processing pipeline of pySigma's form; repeatable" } };
	unsigned n = 3;
	for (; extra && extra->name && n + 1 < OPTIONS; extra++)
		options[n++] = *extra;
	int status = toc_options_read(argc, argv, options, &l->rules);
	if (status >= 0)
		return status;
	l->diag = toc_diag_new();
	l->config = toc_config_load(l->config_path, toc_data_folder(l->data, sizeof(l->data)), l->diag);
	toc_config_add_pipelines(l->config, l->pipelines.at);
	struct toc_sizes *before = toc_state_read_sizes(l->config);
	const struct toc_pipeline_options o = { .rules = true,
						.rule_paths = l->rules.n ? l->rules.at : NULL,
						.documents = &l->documents,
						.before = before };
	l->pipeline = toc_pipeline_new(l->config, &o, &toc_outlet_null, &l->unseen, l->diag);
	toc_sizes_free(before);
	if (toc_diag_errors(l->diag) == 0)
		return -1;
	toc_pipeline_free(l->pipeline);
	l->pipeline = NULL;
	return -1;
}

void toc_loading_end(struct toc_loading *l)
{
	toc_pipeline_free(l->pipeline);
	toc_config_free(l->config);
	toc_diag_free(l->diag);
}
